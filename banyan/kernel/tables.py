"""What stands around the rows of a table: legends, the unit of money, stated totals, running numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from banyan.kernel.cells import clean, money_unit
from banyan.kernel.headers import Column, Header, Heading
from banyan.kernel.notes import Note, note
from banyan.kernel.rows import SheetRow
from banyan.kernel.sheets import Sheet, coordinate
from banyan.kernel.text import fold

_LEGEND = re.compile(r"([^\s:=;,]{1,12})\s*[:=]\s*([^;:=]{1,60})")
_UNIT_LINE = re.compile(r"(?:don vi(?: tinh)?|dvt)\s*:?\s*(.+)")
_MOST_NOTES = 50


def reason_of(sheet: Sheet) -> str:
    """Why a sheet is no table: the code of a note."""
    if not sheet.visible:
        return "sheet_hidden"
    filled = sum(value not in (None, "") for row in sheet.rows for value in row)
    if not filled:
        return "sheet_empty"
    return "sheet_of_notes" if filled <= 60 and legend_of(sheet) else "sheet_without_table"


def legend_of(sheet: Sheet) -> dict[str, str]:
    """Abbreviations a sheet explains: "HT: hoàn thành; TH: thực hiện"."""
    found: dict[str, str] = {}
    for row in sheet.rows[:60]:
        for value in row:
            if isinstance(value, str):
                for item in re.split(r"[;\n]", value):
                    if match := _LEGEND.fullmatch(clean(item)):
                        found[match[1]] = match[2].strip()
    return found


def with_unit(header: Header, above: Sequence[str], wanted: Sequence[Column]) -> Header:
    """Money headings that name no unit take the one of a line "Đơn vị tính: triệu đồng"."""
    lines = (_UNIT_LINE.fullmatch(fold(text)) for text in above)
    line = next((match[1] for match in lines if match), None)
    if line is None or money_unit(line) is None:
        return header
    found = dict(header.found)
    for column in wanted:
        heading = found.get(column.id)
        if heading and column.kind == "money" and money_unit(heading.text) is None:
            found[column.id] = replace(heading, text=f"{heading.text} ({line})")
    return replace(header, found=found)


@dataclass
class Told:
    """What the rows of one table tell beside their records: totals, gaps of the running number.

    `stated` is the number of records the last totals row states, `stated_at` its cell.
    """

    stated: int | None = None
    stated_at: str = ""
    notes: list[Note] = field(default_factory=list)
    _count: int = 0
    _since: int = 0
    _running: int | None = None
    _gaps: int = 0

    def take(self, row: SheetRow, running: Heading | None) -> None:
        """One more row, in order."""
        if row.set_aside is None:
            self._count, self._since = self._count + 1, self._since + 1
            if running is not None and row.running is not None:
                self._number(row, row.running, running.column)
        elif row.set_aside.code == "totals_row":
            self._total(row)

    def _total(self, row: SheetRow) -> None:
        if row.total is not None:
            self.stated, self.stated_at = row.total, row.total_at or ""
            if row.total not in (self._count, self._since):
                told = {"stated": str(row.total), "read": str(self._count)}
                self.notes.append(note("total_differs", **told, cell=self.stated_at))
        self._since = 0

    def _number(self, row: SheetRow, found: int, column: int) -> None:
        """Gaps and repeats are told; beginning again at 1 (per commune) is usual."""
        before, self._running = self._running, found
        if before is None or found in (before + 1, 1) or self._gaps == _MOST_NOTES:
            return
        self._gaps += 1
        cell = coordinate(row.number - 1, column)
        told = {"expected": str(before + 1), "found": str(found)}
        self.notes.append(note("running_number", **told, cell=cell))
