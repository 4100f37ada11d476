"""What an import understood, as JSON for the shell and as plain lines for people."""

from collections.abc import Iterator
from typing import Any

from banyan.imports import notes as import_notes
from banyan.imports.pack_rows import ImportRow
from banyan.imports.told import CellTold
from banyan.initiatives.importing import Reading
from banyan.initiatives.models import Batch


def as_json(reading: Reading, batch: Batch | None) -> dict[str, Any]:
    """Everything that was read, and with a batch what was made of it."""
    order = reading.order
    return {
        "file": order.filename,
        "sha256": order.sha256,
        "sheets": [table.sheet for table in reading.tables],
        "titles": [table.title for table in reading.tables],
        "unit": {"id": reading.unit.pk, "name": reading.places.parent_name},
        "period": reading.period.key,
        "round": reading.round.pk if reading.round else None,
        "dry_run": batch is None,
        "rows": reading.counts(),
        "columns": _columns(reading),
        "cells": [_cell(row, one) for row in reading.rows for one in row.told],
        "not_taken": [_left_out(row) for row in reading.rows if not row.is_taken],
        "totals": [
            {"sheet": t.sheet, "stated": t.stated_total, "read": len(t.records)}
            for t in reading.tables
        ],
        "set_aside": [
            {"sheet": sheet, "line": line, "code": why.code, "text": import_notes.sentence(why)}
            for sheet, line, why in reading.set_aside
        ],
        "notes": [{"code": one.code, "text": import_notes.sentence(one)} for one in reading.notes],
        "registered": batch.things if batch else 0,
        "batch": batch.pk if batch else None,
        "codes": codes_of(batch) if batch else [],
    }


def codes_of(batch: Batch) -> list[str]:
    """The codes of the models of a batch, in the order of the file."""
    rows = batch.rows.order_by("pk").values_list("initiative__code", flat=True)
    return list(rows)


def _columns(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "sheet": table.sheet,
            "heading": heading.text,
            "cell": heading.cell,
            "field": column.lstrip("@"),
            "label": reading.plan.label(column) if column != "#" else "#",
            "how": heading.how,
            "also": "state" if column in reading.plan.shared else None,
        }
        for table in reading.tables
        for column, heading in sorted(table.headings.items(), key=lambda one: one[1].column)
    ]


def _cell(row: ImportRow, told: CellTold) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "cell": told.cell,
        "line": row.line,
        "field": told.column.lstrip("@"),
        "raw": told.raw,
        "read_as": told.read_as,
        "how": told.how,
        "look": told.unclear or told.warns,
        "code": told.notes[0].code if told.notes else "",
        "codes": [note.code for note in told.notes],
        "text": told.text,
        "mend": told.mend,
    }


def _left_out(row: ImportRow) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "line": row.line,
        "title": row.title,
        "outcome": row.outcome,
        "there_already": row.there or None,
        "why": [one.text for one in row.told if one.keeps_out],
    }


def as_lines(reading: Reading, batch: Batch | None) -> Iterator[str]:
    """The same in short, for a terminal: counts, notes, and the cells somebody should look at."""
    counts = reading.counts()
    yield f"{reading.order.filename} · {reading.places.parent_name} · {reading.period.key}"
    yield " · ".join(f"{name} {number}" for name, number in counts.items())
    for one in reading.notes:
        yield f"- {import_notes.sentence(one)}"
    for row in reading.rows:
        for told in row.told:
            if told.unclear or told.warns or told.notes[0].code == "there_already":
                yield f"  {row.sheet}!{told.cell} {told.label}: {told.text} {told.mend}".rstrip()
    if batch is not None:
        codes = codes_of(batch)
        yield f"{batch.things}: {codes[0]} – {codes[-1]} (batch {batch.pk})"
