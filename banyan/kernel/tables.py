"""A register in a workbook: its table, read row by row, with everything set aside and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from banyan.kernel.cells import clean, date_in_sentence, money_unit, period_in_title
from banyan.kernel.headers import RUNNING, Column, Header, Heading, Kind, find_header
from banyan.kernel.notes import Note, note
from banyan.kernel.rows import Context, RowReader, SheetRow
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, Workbook, coordinate
from banyan.kernel.text import fold

__all__ = ["RUNNING", "Column", "Found", "Kind", "SheetRow", "Table", "find_table", "find_tables"]

_LEGEND = re.compile(r"([^\s:=;,]{1,12})\s*[:=]\s*([^;:=]{1,60})")
_UNIT_LINE = re.compile(r"(?:don vi(?: tinh)?|dvt)\s*:?\s*(.+)")
_MOST_NOTES = 50


@dataclass(frozen=True)
class Table:
    """One table of a sheet, read.

    headings     wanted column id (and "#", the running number) → where it was found
    missing      wanted columns that the sheet does not have
    unused       headings nobody asked for: told, so that nothing is dropped in silence
    above        every text above the heading, title among them
    title        the longest of these, the document's own
    document     the day the sheet bears ("ngày 14 tháng 6 năm 2024"), above or below the table
    period       the period its title names (2024H1)
    legend       abbreviations the workbook explains
    rows         records and rows set aside, in order; blank rows are left out
    stated_total what the totals row says, if it says a number of records
    """

    sheet: str
    headings: Mapping[str, Heading]
    missing: tuple[str, ...]
    unused: tuple[Heading, ...]
    above: tuple[str, ...]
    title: str
    document: date | None
    period: str | None
    legend: Mapping[str, str]
    rows: tuple[SheetRow, ...]
    notes: tuple[Note, ...]
    stated_total: int | None

    @property
    def records(self) -> tuple[SheetRow, ...]:
        """The rows that are records."""
        return tuple(row for row in self.rows if row.set_aside is None)

    @property
    def set_aside(self) -> tuple[SheetRow, ...]:
        """The rows that are not, each with its reason."""
        return tuple(row for row in self.rows if row.set_aside is not None)


@dataclass(frozen=True)
class Found:
    """The tables of a workbook, and why other sheets were set aside."""

    tables: tuple[Table, ...]
    set_aside: tuple[Note, ...]


def find_tables(
    workbook: Workbook, wanted: Sequence[Column], *, within: tuple[date, date] | None = None
) -> Found:
    """Every table with the wanted columns. Raises UnreadableWorkbook when there is none.

    `within` is the first and last day of the period, both included. Sheets that only explain
    abbreviations lend their legend to the tables; hidden sheets are never read.
    """
    aside: list[Note] = []
    headed: list[tuple[Sheet, Header]] = []
    legend: dict[str, str] = {}
    for sheet in workbook.sheets:
        header = find_header(sheet, wanted) if sheet.visible else None
        if header:
            headed.append((sheet, header))
            continue
        reason = _reason(sheet)
        aside.append(note(reason, sheet=sheet.name))
        if reason == "sheet_of_notes":
            legend |= legend_of(sheet)
    if not headed:
        names = "; ".join(sheet.name for sheet in workbook.sheets)
        raise UnreadableWorkbook(note("no_table", sheets=names))
    tables = [_read_table(sheet, wanted, header, within, legend) for sheet, header in headed]
    return Found(tuple(tables), tuple(aside))


def find_table(
    sheet: Sheet,
    wanted: Sequence[Column],
    *,
    within: tuple[date, date] | None = None,
    legend: Mapping[str, str] | None = None,
) -> Table:
    """The table of one sheet. Raises UnreadableWorkbook when it has none."""
    header = find_header(sheet, wanted)
    if header is None:
        raise UnreadableWorkbook(note("no_table", sheets=sheet.name))
    return _read_table(sheet, wanted, header, within, legend or {})


def _reason(sheet: Sheet) -> str:
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


def _texts(sheet: Sheet, rows: range) -> list[str]:
    return [
        text
        for row in rows
        for value in sheet.rows[row]
        if isinstance(value, str) and (text := clean(value))
    ]


def _with_unit(header: Header, above: Sequence[str], wanted: Sequence[Column]) -> Header:
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


def _read_table(
    sheet: Sheet,
    wanted: Sequence[Column],
    header: Header,
    within: tuple[date, date] | None,
    legend: Mapping[str, str],
) -> Table:
    above = _texts(sheet, range(header.first))
    below = _texts(sheet, range(max(header.last + 1, len(sheet.rows) - 15), len(sheet.rows)))
    document = next((day for text in above + below if (day := date_in_sentence(text))), None)
    titles = [text for text in above if not date_in_sentence(text)]
    title = max(titles, key=len, default="")
    header = _with_unit(header, above, wanted)
    reader = RowReader(sheet, wanted, header, Context(within, document, legend))
    rows = tuple(reader.rows())
    stated, differs = _stated_total(rows)
    notes = (*header.notes, *_running_notes(rows, header), *differs)
    return Table(
        sheet=sheet.name,
        headings=header.found,
        missing=header.missing,
        unused=header.unused,
        above=tuple(above),
        title=title,
        document=document,
        period=period_in_title(title),
        legend=dict(legend),
        rows=rows,
        notes=notes,
        stated_total=stated,
    )


def _stated_total(rows: Sequence[SheetRow]) -> tuple[int | None, list[Note]]:
    """The number of records the last totals row states, and a note if another number was read."""
    count = since = 0
    stated: int | None = None
    differs: list[Note] = []
    for row in rows:
        if row.set_aside is None:
            count, since = count + 1, since + 1
        elif row.set_aside.code == "totals_row":
            if row.total is not None:
                stated = row.total
                if stated not in (count, since):
                    told = {"stated": str(stated), "read": str(count), "cell": row.total_at or ""}
                    differs.append(note("total_differs", **told))
            since = 0
    return stated, differs


def _running_notes(rows: Sequence[SheetRow], header: Header) -> list[Note]:
    """Gaps and repeats of the running number; beginning again at 1 (per commune) is usual."""
    if RUNNING not in header.found:
        return []
    notes: list[Note] = []
    before: int | None = None
    column = header.found[RUNNING].column
    for row in rows:
        if row.set_aside is not None or row.running is None:
            continue
        if before is not None and row.running not in (before + 1, 1):
            cell, expected = coordinate(row.number - 1, column), str(before + 1)
            notes.append(
                note("running_number", expected=expected, found=str(row.running), cell=cell)
            )
        before = row.running
    return notes[:_MOST_NOTES]
