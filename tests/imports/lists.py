"""Workbooks with lists of units, codes and people, as offices make them."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter


def book(
    head: Sequence[str], *rows: Sequence[Any], title: str = "DANH SÁCH", merged: int = -1
) -> bytes:
    """A sheet with a title, one heading line and these rows; `merged`: the column in which equal
    neighbours are one merged cell."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"})
    sheet = made.add_worksheet("Danh sách")
    sheet.write(0, 0, title)
    for number, row in enumerate([head, *rows], 2):
        for place, value in enumerate(row):
            if value not in (None, "") and not (place == merged and number > 2):
                sheet.write(number, place, value)
    if merged >= 0:
        _merge(sheet, [row[merged] for row in rows], merged)
    made.close()
    return out.getvalue()


def _merge(sheet: Any, values: Sequence[Any], place: int) -> None:
    first = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[first]:
            if at - first > 1:
                sheet.merge_range(first + 3, place, at + 2, place, values[first])
            else:
                sheet.write(first + 3, place, values[first])
            first = at
