"""The answer as files: a workbook, CSV, JSON; each with what was asked, as of when, how complete."""

import csv
import io
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from banyan.figures.counting import Number
from banyan.figures.explore import asking, showing
from banyan.figures.explore.pivot import Cell, Line, Pivot
from banyan.figures.rollup import RECORDS, ROLLED_UP
from banyan.figures.words import CENT
from banyan.kernel.text import fold
from banyan.web.sheet import harmless

Value = str | Number | None


def grid(pivot: Pivot) -> tuple[list[str], list[list[Value]]]:
    """Headings and rows: of each column its number, and its base and last year's where it has them."""
    asked = pivot.question
    heads = [head.label for head in pivot.columns]
    heads += [pivot.whole_label] if pivot.has_totals else []
    every = [*pivot.lines, *([pivot.rest] if pivot.rest else [])]
    every += [pivot.foot] if pivot.foot else []
    columns = [_cells(line, pivot) for line in every]
    with_base = [any(row[n].base is not None for row in columns) for n in range(len(heads))]
    compares = asked.compares and pivot.has_earlier
    headings = [asking.dimension_words()[asked.rows]]
    for n, head in enumerate(heads):
        headings += [head, *([_("%(name)s: base") % {"name": head}] if with_base[n] else [])]
        headings += [_("%(name)s: share (%%)") % {"name": head}] if with_base[n] else []
        headings += [_("%(name)s: last year") % {"name": head}] if compares else []
    if pivot.shows_coverage:
        headings += [_("Units with records"), _("Units expected")]
    rows = []
    for line, cells in zip(every, columns, strict=True):
        row: list[Value] = [line.head.label]
        for n, cell in enumerate(cells):
            row += [cell.value, *([cell.base, _share(cell)] if with_base[n] else [])]
            row += [cell.before.value if cell.before else None] if compares else []
        if pivot.shows_coverage:
            row += list(line.covered or (None, None))
        rows.append(row)
    return headings, rows


def _cells(line: Line, pivot: Pivot) -> list[Cell]:
    return [*line.cells, *([line.total or Cell()] if pivot.has_totals else [])]


def _share(cell: Cell) -> Decimal | None:
    return None if cell.percent is None else cell.percent.quantize(CENT, ROUND_HALF_UP)


def said(pivot: Pivot) -> Iterator[tuple[str, str]]:
    """What goes with the numbers wherever they go."""
    yield from showing.asked_words(pivot)
    foot = (*showing.foot_words(pivot), showing.straight_words(pivot))
    for text in filter(None, (*foot, pivot.question.reading.sentence)):
        yield _("Note"), text
    for note in showing.notes_of(pivot):
        yield _("Note"), note["text"]


def workbook(pivot: Pivot) -> bytes:
    """One sheet: the title, what was asked, the table; nothing in it is a formula."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Explore")[:31])
    bold, head = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
    )
    number, total = (
        book.add_format({"num_format": "#,##0.##"}),
        book.add_format({"num_format": "#,##0.##", "bold": True, "top": 1}),
    )
    sheet.write_string(0, 0, f"{pivot.name}: {showing.title_of(pivot)}", bold)
    at = 1
    for label, text in said(pivot):
        sheet.write_string(at, 0, label)
        sheet.write_string(at, 1, text)
        at += 1
    headings, rows = grid(pivot)
    at += 1
    for n, text in enumerate(headings):
        sheet.write_string(at, n, text, head)
    sheet.freeze_panes(at + 1, 1)
    for down, row in enumerate(rows, at + 1):
        style = total if pivot.foot and down == at + len(rows) else number
        for n, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(down, n, value, style)
            elif value is not None:
                sheet.write_number(down, n, float(value), style)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, max(len(headings) - 1, 1), 14)
    book.close()
    return held.getvalue()


def comma_separated(pivot: Pivot) -> bytes:
    """The table first, for programs; what was asked below it, for people."""
    held = io.StringIO()
    writer = csv.writer(held)
    headings, rows = grid(pivot)
    writer.writerow([harmless(text) for text in headings])
    for row in rows:
        writer.writerow(["" if value is None else harmless(value) for value in row])
    writer.writerow([])
    for line in said(pivot):
        writer.writerow([harmless(text) for text in line])
    return ("\ufeff" + held.getvalue()).encode()


def as_json(pivot: Pivot) -> dict[str, Any]:
    """The answer for the API."""
    asked = pivot.question
    reporting, expected = pivot.covered

    def one(cell: Cell) -> dict[str, Any]:
        told: dict[str, Any] = {"value": _plain(cell.value), "records": cell.opens}
        if cell.base is not None:
            told |= {"base": _plain(cell.base), "percent": _plain(_share(cell))}
        if cell.before is not None:
            told["last_year"] = _plain(cell.before.value)
        return told

    def row(line: Line) -> dict[str, Any]:
        keys = [head.key for head in pivot.columns]
        cells = {key: one(cell) for key, cell in zip(keys, line.cells, strict=True)}
        if line.total is not None:
            cells["total"] = one(line.total)
        return {"key": line.head.key, "label": line.head.label, "cells": cells}

    return {
        "programme": asked.pack.id,
        "place": {"asked": asked.place.label, "name": pivot.name},
        "period": asked.period.key,
        "reading": asked.reading.key,
        "as_of": pivot.matrix.as_of.isoformat(),
        "completeness": {"reporting": reporting, "expected": expected},
        "synthetic": pivot.matrix.synthetic,
        "sources": {name: RECORDS if name in pivot.straight else ROLLED_UP for name in pivot.told},
        "rows": {"are": asked.rows, "lines": [row(line) for line in pivot.lines]},
        "columns": {
            "are": asked.columns,
            "heads": [{"key": head.key, "label": head.label} for head in pivot.columns],
        },
        "rest": row(pivot.rest) if pivot.rest else None,
        "total": row(pivot.foot) if pivot.foot else None,
        "notes": [text for _label, text in said(pivot)],
    }


def _plain(number: Number | None) -> object:
    return number if number is None or isinstance(number, int) else str(number)


def name_of(pivot: Pivot) -> str:
    """What a file is called."""
    return f"kham-pha-{fold(pivot.name).replace(' ', '-')}-{pivot.question.period.key}"
