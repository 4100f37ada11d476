"""What an import understood, as JSON for the shell and as plain lines for people."""

from collections.abc import Iterator
from typing import Any

from banyan.imports import notes as words
from banyan.imports.models import Import, StagedLine
from banyan.imports.reading import made
from banyan.imports.target import Target
from banyan.imports.told import CellTold
from banyan.kernel.headers import RUNNING
from banyan.kernel.notes import Note


def as_json(one: Import, *, dry_run: bool) -> dict[str, Any]:
    """Everything that was read, and what became of it."""
    target, found = made(one), one.found
    lines = list(one.lines.order_by("place"))
    return {
        "file": one.filename,
        "sha256": one.document.blob_id,
        "target": one.target,
        "options": one.options,
        "sheets": [sheet["sheet"] for sheet in found.get("sheets", []) if sheet["use"]],
        "titles": found.get("titles", []),
        "unit": {"id": one.unit_id, "name": one.unit.name_on(one.on)},
        "dry_run": dry_run,
        "state": one.state,
        "said": one.said,
        "rows": one.counts,
        "columns": _columns(one, target),
        "cells": [_cell(line, told) for line in lines for told in line.told],
        "changes": [_change(line) for line in lines if line.outcome == "changed"],
        "not_taken": [_left_out(line) for line in lines if line.outcome in ("same", "wrong")],
        "totals": found.get("totals", []),
        "values": found.get("values", []),
        "set_aside": [
            {**one, "text": words.sentence(Note(one["code"], one["params"]))}
            for one in found.get("aside", [])
        ],
        "notes": [
            {"code": one["code"], "text": words.sentence(Note(one["code"], one["params"]))}
            for one in [*found.get("notes", []), *_unread(one)]
        ],
        "taken": one.counts.get("taken", 0),
        "import": None if dry_run else one.pk,
        "codes": target.names(
            [line.thing for line in lines if line.became == "taken" and line.thing]
        ),
    }


def _unread(one: Import) -> list[dict[str, Any]]:
    return [sheet["why"] for sheet in one.found.get("sheets", []) if sheet["why"]]


def _columns(one: Import, target: Target) -> list[dict[str, Any]]:
    return [
        {
            "sheet": sheet["sheet"],
            "heading": seen["heading"],
            "column": seen["letter"],
            "field": seen["meant"].lstrip("@"),
            "label": target.label(seen["meant"]),
            "how": seen["how"],
        }
        for sheet in one.found.get("sheets", [])
        if sheet["use"]
        for seen in sheet["columns"]
        if seen["meant"] not in ("", RUNNING)
    ]


def _cell(line: StagedLine, stored: dict[str, Any]) -> dict[str, Any]:
    told = CellTold.of(stored)
    return {
        "sheet": line.sheet,
        "cell": told.cell,
        "line": line.number,
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


def _change(line: StagedLine) -> dict[str, Any]:
    now = {column: line.shown.get(column, "") for column in line.before}
    return {"sheet": line.sheet, "line": line.number, "before": line.before, "after": now}


def _left_out(line: StagedLine) -> dict[str, Any]:
    told = [CellTold.of(one) for one in line.told]
    return {
        "sheet": line.sheet,
        "line": line.number,
        "title": line.title,
        "outcome": line.outcome,
        "why": [one.text for one in told if one.keeps_out],
    }


def as_lines(one: Import) -> Iterator[str]:
    """The same in short, for a terminal: counts, notes, and the cells somebody should look at."""
    told = as_json(one, dry_run=False)
    yield " · ".join([told["file"], *one.found.get("about", [])])
    yield " · ".join(f"{name} {number}" for name, number in told["rows"].items() if number)
    for note in told["notes"]:
        yield f"- {note['text']}"
    for cell in told["cells"]:
        if cell["look"]:
            place = f"{cell['sheet']}!{cell['cell']}"
            yield f"  {place} {cell['text']} {cell['mend']}".rstrip()
    if told["said"]:
        yield " ".join(filter(None, told["said"].values()))
    if told["codes"]:
        codes = told["codes"]
        yield f"{told['taken']}: {codes[0]} – {codes[-1]} (import {one.pk})"
