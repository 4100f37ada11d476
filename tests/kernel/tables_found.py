"""A workbook read as it was proposed, whole: what tests of the reader look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from banyan.kernel.headers import Column
from banyan.kernel.layouts import Layout, OpenTable, Proposal, open_tables, propose
from banyan.kernel.notes import Note
from banyan.kernel.rows import SheetRow
from banyan.kernel.sheets import Workbook


@dataclass(frozen=True)
class Table:
    """One table with all its rows."""

    opened: OpenTable
    rows: tuple[SheetRow, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opened, name)

    @property
    def records(self) -> list[SheetRow]:
        return [row for row in self.rows if row.set_aside is None]

    @property
    def set_aside(self) -> list[SheetRow]:
        return [row for row in self.rows if row.set_aside is not None]


@dataclass(frozen=True)
class Found:
    """The tables of a workbook, and why other sheets were set aside."""

    tables: list[Table]
    set_aside: list[Note]


def layout_of(sheet: Proposal) -> Layout:
    """A sheet laid out as it was proposed."""
    meant = {
        seen.meant: seen.place for seen in sheet.columns if seen.meant and seen.how != "values"
    }
    return Layout(sheet.first, sheet.last, meant)


def find_tables(
    book: Workbook, wanted: Sequence[Column], *, within: tuple[date, date] | None = None
) -> Found:
    """Every sheet that is proposed, read to its end."""
    sheets = {sheet.sheet: sheet for sheet in propose(book, wanted)}
    layouts = {name: layout_of(sheet) for name, sheet in sheets.items() if sheet.use}
    tables = []
    for opened in open_tables(book, wanted, layouts, within=within):
        rows = tuple(opened.rows())
        missing = tuple(c.id for c in wanted if c.id not in opened.headings)
        unknown = (n.params["heading"] for n in opened.before if n.code == "heading_unknown")
        tables.append(Table(opened, rows, missing, tuple(unknown)))
    return Found(tables, [sheet.why for sheet in sheets.values() if sheet.why])
