"""Rows and columns of a sheet of .xlsx that nobody sees: hidden by hand, or by a filter."""

import re

MOST_SPANS = 20
# The first of its kind in a tag, and to the end of that: never tried again from another.
_HIDDEN = rb"""\b(?>[^<>]*?\bhidden=["'](?:1|true)["'])[^<>]*+>"""
_ROW = re.compile(rb"<(?:\w+:)?row" + _HIDDEN)
_COLUMN = re.compile(rb"<(?:\w+:)?col" + _HIDDEN)
_NUMBER = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_FIRST = re.compile(rb"""\bmin=["']([0-9]{1,5})["']""")
_LAST = re.compile(rb"""\bmax=["']([0-9]{1,5})["']""")


def hidden_in(content: bytes, rows: int, columns: int) -> tuple[list[int], list[int]]:
    """Which rows and columns of a sheet's XML nobody sees, counted from 1, within its extent."""
    if b"hidden=" not in content:
        return [], []
    numbers = (_NUMBER.search(found[0]) for found in _ROW.finditer(content))
    unseen = [int(row[1]) for row in numbers if row and int(row[1]) <= rows]
    places: list[int] = []
    for found in _COLUMN.finditer(content[: content.find(b"sheetData")]):
        first, last = _FIRST.search(found[0]), _LAST.search(found[0])
        if first and last:
            places += range(int(first[1]), min(int(last[1]), columns) + 1)
    return unseen, places


def spans(numbers: list[int]) -> str:
    """Numbers in order, neighbours as a span: "5–9; 12"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    return "; ".join(told[:MOST_SPANS]) + ("; …" if len(told) > MOST_SPANS else "")
