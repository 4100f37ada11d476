"""Reading a workbook that an office sends: .xlsx, .xls, .ods, or .csv.

Values are as stored (a formula by its stored result), but old encodings are put into Unicode;
merges and formulas by place. Anything else, and anything that could hurt the reader, is refused
with `UnreadableWorkbook` and its note.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from banyan.kernel.compound import OLE
from banyan.kernel.formats import check_ods, is_ods, refuse_ole, refuse_others
from banyan.kernel.hidden import spans
from banyan.kernel.notes import Note, Raw, note
from banyan.kernel.old_book import tidied
from banyan.kernel.old_encodings import modern, text_of
from banyan.kernel.workbook_parts import (
    Extent,
    Room,
    UnreadableWorkbook,
    coordinate,
    open_parts,
)

__all__ = ["Cell", "Sheet", "UnreadableWorkbook", "Workbook", "coordinate", "read_workbook"]

MOST_COVERED = 1_000_000
"""Cells of a sheet that may lie in merges."""
SHORT, MOST_KEPT = 60, 20_000
"""Characters of a text that is likely to come again; different ones remembered at once."""

Place = tuple[int, int]
"""Row and column of a cell, counted from 0."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value, its name (C9), the first cell of the merge it lies in, if any."""

    value: Raw
    coordinate: str
    merged_from: str | None = None
    formula_without_value: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet. Rows and columns count from 0 and may be shorter than `columns`.

    covered   cells hidden under a merge → the merge's first cell
    merges    a merge's first cell → its last
    formulas  cells that hold a formula
    notes     what was done to the sheet as a whole
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    visible: bool = True
    covered: Mapping[Place, Place] = field(default_factory=dict)
    merges: Mapping[Place, Place] = field(default_factory=dict)
    formulas: frozenset[Place] = frozenset()
    notes: tuple[Note, ...] = ()

    @cached_property
    def columns(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    def value(self, row: int, column: int) -> Raw:
        """What is stored in this very cell; None for a blank, and under a merge."""
        if not 0 <= row < len(self.rows) or not 0 <= column < len(self.rows[row]):
            return None
        stored = self.rows[row][column]
        return None if stored == "" else stored

    def cell(self, row: int, column: int) -> Cell:
        """The cell with the value of the merge it lies in, and where that comes from."""
        origin = self.covered.get((row, column))
        value = self.value(*(origin or (row, column)))
        empty_formula = value is None and (origin or (row, column)) in self.formulas
        start = coordinate(*origin) if origin else None
        return Cell(value, coordinate(row, column), start, empty_formula)


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file, in its order."""

    sheets: tuple[Sheet, ...]


def read_workbook(
    source: str | PathLike[str] | bytes,
    *,
    limit_rows: int = 200_000,
    limit_cells: int = 5_000_000,
    limit_bytes: int = 50_000_000,
    only_new: bool = False,
) -> Workbook:
    """Read a file by path or content. Raises UnreadableWorkbook, and OSError for a bad path.

    `limit_rows` and `limit_cells` are per sheet, cells counting the rectangle to the last value;
    all sheets together may span twice as many; `limit_bytes` is the size of the file as sent.
    `only_new` refuses .xls and .ods: a process that serves others opens what is sent today alone.
    """
    data = source if isinstance(source, bytes) else _content(Path(source), limit_bytes)
    if len(data) > limit_bytes:
        raise UnreadableWorkbook(note("too_large", size=str(len(data)), limit=str(limit_bytes)))
    refuse_others(data)
    limits = (limit_rows, limit_cells)
    if data.startswith(b"PK"):
        if is_ods(data):
            _refuse_old(only_new)
            check_ods(data, limits)
            return Workbook(modern(_sheets(data, {}))[0])
        return _read_xlsx(data, limit_rows, limit_cells)
    if data.startswith(OLE):
        refuse_ole(data)
        _refuse_old(only_new)
        return Workbook(modern(_sheets(tidied(data, limits), {}))[0])
    return _read_csv(data, limit_rows, limit_cells)


def _refuse_old(only_new: bool) -> None:
    if only_new:
        raise UnreadableWorkbook(note("old_format"))


def _content(path: Path, limit: int) -> bytes:
    # One byte more than allowed is enough to refuse a file of any size.
    with path.open("rb") as file:
        return file.read(limit + 1)


def _read_xlsx(data: bytes, limit_rows: int, limit_cells: int) -> Workbook:
    parts = open_parts(data, (limit_rows, limit_cells))
    return Workbook(modern(_sheets(parts.packed, parts.extents))[0])


def _sheets(data: bytes, extents: Mapping[str, Extent]) -> list[Sheet]:
    """Every sheet that holds cells; a sheet that is a chart holds none."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [
                _sheet(book.get_sheet_by_index(place), extents.get(about.name, Extent()),
                       about.visible == SheetVisibleEnum.Visible)
                for place, about in enumerate(book.sheets_metadata)
                if about.typ == SheetTypeEnum.WorkSheet
            ]  # fmt: skip
    except UnreadableWorkbook:
        raise
    except PasswordError as reason:
        raise UnreadableWorkbook(note("encrypted")) from reason
    except (CalamineError, ValueError, OSError) as reason:
        raise UnreadableWorkbook(note("damaged")) from reason
    except BaseException as reason:
        # A panic in the Rust library arrives as a BaseException of its own module.
        if type(reason).__module__ != "pyo3_runtime":
            raise
        raise UnreadableWorkbook(note("damaged")) from reason


def _sheet(read: CalamineSheet, extent: Extent, visible: bool) -> Sheet:
    rows = _sound(read.iter_rows(), read.start[1] if read.start else 0)
    height, width = len(rows), max((len(row) for row in rows), default=0)
    covered: dict[Place, Place] = {}
    merges: dict[Place, Place] = {}
    visited = 0
    for first, last in read.merged_cell_ranges or ():
        last = (min(last[0], height - 1), min(last[1], width - 1))
        if first[0] > last[0] or first[1] > last[1] or first in covered:
            continue
        merges[first] = last
        visited += (last[0] - first[0] + 1) * (last[1] - first[1] + 1)
        if visited > MOST_COVERED:
            told = {"sheet": read.name, "cells": str(visited), "limit": str(MOST_COVERED)}
            raise UnreadableWorkbook(note("too_many_merged", **told))
        for row in range(first[0], last[0] + 1):
            for column in range(first[1], last[1] + 1):
                # Merges never overlap in a sound file; where they do, the first one holds.
                if (row, column) != first:
                    covered.setdefault((row, column), first)
    formulas, hidden = frozenset(extent.formulas), _hidden(read.name, extent)
    return Sheet(_without_nul(read.name), rows, visible, covered, merges, formulas, hidden)


def _sound(lines: Iterable[Sequence[Any]], before: int) -> list[list[Raw]]:
    """Rows without what no database takes: the sign NUL, and numbers that are none.

    `before`: columns before the first that holds something, which the library leaves out. A sheet
    repeats its short texts: each is kept once, a third of the memory of a great one.
    """
    kept: dict[str, str] = {}
    rows: list[list[Raw]] = []
    for line in lines:
        row: list[Raw] = [""] * before
        for value in line:
            if isinstance(value, str):
                text = _without_nul(value)
                row.append(kept.setdefault(text, text) if len(text) <= SHORT else text)
            elif isinstance(value, float) and not math.isfinite(value):
                row.append("#NUM!")
            else:
                row.append(value)
        rows.append(row)
        if len(kept) > MOST_KEPT:
            kept.clear()
    return rows


def _without_nul(text: str) -> str:
    return text.replace("\0", "") if "\0" in text else text


def _hidden(name: str, extent: Extent) -> tuple[Note, ...]:
    """Rows and columns that nobody sees are read all the same, and said."""
    told = []
    if extent.hidden_rows:
        told.append(note("hidden_rows", sheet=name, rows=spans(extent.hidden_rows)))
    if extent.hidden_columns:
        letters = "; ".join(coordinate(0, at - 1).rstrip("1") for at in extent.hidden_columns)
        told.append(note("hidden_columns", sheet=name, columns=letters))
    return tuple(told)


def _read_csv(data: bytes, limit_rows: int, limit_cells: int) -> Workbook:
    text = _without_nul(_decoded(data))
    delimiter = _delimiter(text)
    if (cells := text.count(delimiter)) > limit_cells:
        # Before a line is cut into millions of cells.
        rows_told = text.count("\n") if text.count("\n") > limit_rows else 1
        Room((limit_rows, limit_cells)).take("csv", rows_told, cells)
    try:
        rows: list[list[Raw]] = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            Room((limit_rows, limit_cells)).take("csv", len(rows), 1)
    except csv.Error as reason:
        raise UnreadableWorkbook(note("damaged")) from reason
    Room((limit_rows, limit_cells)).take("csv", 1, sum(map(len, rows)))
    return Workbook(modern([Sheet("csv", rows)])[0])


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as reason:
        old = None if b"\0" in data else text_of(data)
        if old is None:
            code = "not_a_workbook" if b"\0" in data else "csv_encoding"
            raise UnreadableWorkbook(note(code)) from reason
        text = old
    if not text.strip() or any(ord(ch) < 32 and ch not in "\t\r\n" for ch in text[:100_000]):
        raise UnreadableWorkbook(note("not_a_workbook"))
    return text


def _delimiter(text: str) -> str:
    """The sign that splits most of the first lines: a comma, a semicolon or a tab."""
    head = text[:20_000]
    best = max(",;\t", key=head.count)
    if not head.count(best):
        raise UnreadableWorkbook(note("not_a_workbook"))
    return best
