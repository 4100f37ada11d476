"""Reading the rows under a heading: which are records, which are not, and what each cell says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from banyan.kernel.cells import (
    Above,
    Choices,
    as_above,
    clean,
    means_as_above,
    read_choice,
    read_count,
    read_date,
    read_flag,
    read_money,
    read_number,
    read_text,
    read_two_flags,
    read_unit,
)
from banyan.kernel.headers import RUNNING, Column, Header
from banyan.kernel.notes import EMPTY, Note, Raw, Read, doubtful, note, shown, with_note
from banyan.kernel.sheets import Place, Sheet, coordinate
from banyan.kernel.text import fold

_TOTAL = re.compile(
    r"(?:tong cong|tong so|tong|cong|cong chung|cong don)(?: toan huyen| toan xa| toan tinh)?"
    r" ?[:.=]? ?(?P<total>[0-9].*)?|cong (?:xa|phuong|thi tran|huyen|x\.|p\.|tt\.?) .*"
)
_CLOSING = re.compile(
    r"noi nhan\b|nguoi (?:lap|tong hop|bao cao|ky)|[tk][/.] ?[mt]\b|(?:tm|kt|tl)\.|xac nhan"
    r"|(?:pho )?(?:truong ban|chu tich|bi thu|thu truong|chanh van phong)\b"
    r"|.{0,60}\bngay .{1,4} thang .{1,4} nam"
)
_LEADING_NUMBER = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{1,9})\b(?![.,/][0-9])")
_COLUMN_NUMBER = re.compile(r"\(?(?:[0-9]{1,2}|[A-Z])\)?(?: ?= ?.+)?")
_AMOUNTS = frozenset({"money", "count", "number"})
_MOST_KNOWN = 5_000  # different writings of a column that are kept; the titles are all different


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the user's own sheet.

    number     as the sheet counts it, from 1
    cells      column id, or group of flags → what was understood
    at, raw    column id → its cell (C9) and what is written there
    running    the running number (TT), if there is one
    set_aside  why the row is no record, else None
    total      for a totals row: the number of records it states, and its cell
    """

    number: int
    cells: Mapping[str, Read[Any]]
    at: Mapping[str, str]
    raw: Mapping[str, str]
    running: int | None = None
    set_aside: Note | None = None
    total: int | None = None
    total_at: str | None = None


@dataclass(frozen=True)
class Context:
    """What is known around the rows: the period's first and last day, the sheet's own date,
    abbreviations explained."""

    within: tuple[date, date] | None = None
    document: date | None = None
    legend: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _State:
    """What reading has come to so far."""

    records: int = 0
    past_totals: bool = False
    last: SheetRow | None = None


class RowReader:
    """Reads the rows of one table; `rows()` goes through it once."""

    def __init__(
        self, sheet: Sheet, wanted: Sequence[Column], header: Header, context: Context
    ) -> None:
        self.sheet, self.header, self.context = sheet, header, context
        self.columns = [column for column in wanted if column.id in header.found]
        self.place = {column: heading.column for column, heading in header.found.items()}
        # Where nothing names a record, its unit does.
        self.titles = [column.id for column in self.columns if column.kind == "title"] or [
            column.id for column in self.columns if column.kind == "unit"
        ]
        self.choices = {c.id: Choices.of(c.choices) for c in self.columns if c.kind == "choice"}
        self.groups: dict[str, list[str]] = {}
        for column in self.columns:
            if column.kind == "flag" and column.group:
                self.groups.setdefault(column.group, []).append(column.id)
        self.names = {c: heading.text for c, heading in header.found.items()}
        self.headings = {c: text.casefold().split(" / ") for c, text in self.names.items()}
        self.known: dict[str, dict[tuple[type, Raw], Read[Any]]] = {
            column.id: {} for column in self.columns
        }
        self.state = _State()
        self.is_plain = not (sheet.covered or sheet.merges or sheet.formulas)
        self.letters = {place: coordinate(0, place).rstrip("1") for place in self.place.values()}

    def rows(self) -> Iterator[SheetRow]:
        """Every row under the heading that holds something."""
        for row in range(self.header.last + 1, len(self.sheet.rows)):
            own = {
                column: value
                for column, value in enumerate(self.sheet.rows[row])
                if value is not None and not (isinstance(value, str) and not value.strip())
            }
            if not own:
                continue
            reason = self._reason(row, own)
            if reason is None:
                self.state.records += 1
                yield self._record(row)
            else:
                self.state.past_totals |= reason.code == "totals_row"
                yield self._aside(row, own, reason)

    # --- is it a record? ----------------------------------------------------------------------

    def _running(self, row: int) -> int | None:
        if RUNNING not in self.place:
            return None
        value = self.sheet.value(row, self.place[RUNNING])
        if isinstance(value, str):
            found = re.fullmatch(r"\(?([0-9]{1,7})[.)]?", clean(value))
            return int(found[1]) if found else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if 0 <= value < 10**7 and value % 1 == 0 else None

    def _title(self, row: int) -> str:
        values = (self.sheet.value(row, self.place[column]) for column in self.titles)
        return next((text for value in values if (text := clean(shown(value)))), "")

    def _reason(self, row: int, own: Mapping[int, Raw]) -> Note | None:
        """Why a row is no record; None when it is one."""
        if not self.state.records and self._are_column_numbers(own):
            return note("column_numbers")
        running = self._running(row)
        if running is None:
            again = self._is_header_again(own)
            return note("header_again") if again else self._reason_without_number(row, own)
        return note("only_a_number", number=str(running)) if len(own) == 1 else None

    def _reason_without_number(self, row: int, own: Mapping[int, Raw]) -> Note | None:
        texts = [clean(value) for value in own.values() if isinstance(value, str)]
        said = " | ".join(clean(shown(value)) for value in own.values())[:200]
        if any(_TOTAL.fullmatch(fold(text)) for text in texts[:3]):
            return note("totals_row", text=said)
        closing = any(_CLOSING.match(fold(text)) for text in texts)
        if self.state.past_totals or (closing and not self._is_filled(own)):
            return note("closing_row", text=said)
        covered_by = self._title_origin(row)
        if covered_by and covered_by[0] > self.header.last:
            return note("row_of_above", cell=coordinate(*covered_by))
        return None if self._title(row) else note("no_title", text=said)

    def _is_filled(self, own: Mapping[int, Raw]) -> bool:
        """Whether a row holds a title and something else that was asked for."""
        filled = {column for column, place in self.place.items() if place in own}
        return bool(filled & set(self.titles)) and len(filled) > 1

    def _title_origin(self, row: int) -> Place | None:
        for column in self.titles:
            origin = self.sheet.covered.get((row, self.place[column]))
            if origin and origin[0] < row:
                return origin
        return None

    def _is_header_again(self, own: Mapping[int, Raw]) -> bool:
        same = 0
        for column, place in self.place.items():
            value = own.get(place)
            if isinstance(value, str) and value.strip().casefold() in self.headings[column]:
                same += 1
        return same >= 2 and 2 * same >= len(own)

    def _are_column_numbers(self, own: Mapping[int, Raw]) -> bool:
        """The line (1) (2) (3) … under a heading, also A B 1 2."""
        signs = [clean(shown(value)) for value in own.values()]
        if len(signs) < 3 or not all(_COLUMN_NUMBER.fullmatch(sign) for sign in signs):
            return False
        numbers = [int(found[0]) for sign in signs if (found := re.search("[0-9]+", sign))]
        return len(numbers) >= 2 and all(b == a + 1 for a, b in pairwise(numbers))

    def _aside(self, row: int, own: Mapping[int, Raw], reason: Note) -> SheetRow:
        cells: dict[str, Read[Any]] = {}
        raw: dict[str, str] = {}
        at: dict[str, str] = {}
        for column, place in self.place.items():
            if place in own:
                raw[column], at[column] = shown(own[place]), coordinate(row, place)
            elif (row, place) in self.sheet.formulas:
                raw[column], at[column] = "", coordinate(row, place)
                cells[column] = doubtful("formula_without_value")
        total, total_at = self._total(row, own) if reason.code == "totals_row" else (None, None)
        running = self._running(row)
        return SheetRow(row + 1, cells, at, raw, running, reason, total, total_at)

    def _total(self, row: int, own: Mapping[int, Raw]) -> tuple[int | None, str | None]:
        """How many records a totals row states: in the title's column, or after its own word."""
        places = [self.place[column] for column in self.titles]
        for place in places:
            found = _LEADING_NUMBER.match(clean(shown(own.get(place))))
            if found:
                return int(re.sub("[.,]", "", found[1])), coordinate(row, place)
        for place, value in own.items():
            word = _TOTAL.fullmatch(fold(value)) if isinstance(value, str) else None
            found = _LEADING_NUMBER.match(word["total"]) if word and word["total"] else None
            if found:
                return int(re.sub("[.,]", "", found[1])), coordinate(row, place)
        return None, None

    # --- what its cells say -------------------------------------------------------------------

    def _record(self, row: int) -> SheetRow:
        cells: dict[str, Read[Any]] = {}
        raw: dict[str, str] = {}
        at: dict[str, str] = {}
        for column in self.columns:
            place = self.place[column.id]
            cell = f"{self.letters[place]}{row + 1}"
            value, read = self._read(column, row, place)
            told = value if type(value) is str else shown(value)
            cells[column.id], at[column.id], raw[column.id] = read, cell, told
        for group, members in self.groups.items():
            read = read_two_flags({m: cells[m] for m in members}, self.names)
            marked = read.value or next((m for m in members if raw[m]), members[0])
            cells[group], at[group] = read, at[marked]
            raw[group] = " | ".join(raw[member] for member in members).strip(" |")
        self.state.last = SheetRow(row + 1, cells, at, raw, self._running(row))
        return self.state.last

    def _above(self, column: str) -> Above | None:
        """What the record above says in a column."""
        last = self.state.last
        return Above(last.cells[column], last.at[column]) if last else None

    def _read(self, column: Column, row: int, place: int) -> tuple[Raw, Read[Any]]:
        """What a cell holds, through its merge, and what that was understood as."""
        if not self.is_plain:
            return self._read_among_merges(column, row, place)
        line = self.sheet.rows[row]
        value = line[place] if place < len(line) else None
        if value is None or value == "":
            return None, self._blank(column)
        known = self.known[column.id].get((type(value), value))
        if known is not None:
            return value, known
        if column.kind != "title" and means_as_above(value):
            return value, as_above(value, self._above(column.id))
        return value, self._understood(column, value)

    def _read_among_merges(self, column: Column, row: int, place: int) -> tuple[Raw, Read[Any]]:
        origin = self.sheet.covered.get((row, place))
        start = origin or (row, place)
        value = self.sheet.value(*start)
        if value is None and start in self.sheet.formulas:
            return None, doubtful("formula_without_value")
        if column.kind in _AMOUNTS and start in self.sheet.merges and value is not None:
            last = self.sheet.merges[start]
            if last[0] > start[0]:
                # One sum over several models: whose it is, nobody but the sender knows.
                first, end = coordinate(*start), coordinate(*last)
                return value, doubtful("merged_amount", first=first, last=end)
        above = self._above(column.id)
        if origin is None:
            if value is None:
                return None, self._blank(column)
            if column.kind != "title" and means_as_above(value):
                return value, as_above(value, above)
            return value, self._understood(column, value)
        if origin[1] != place or origin[0] <= self.header.last or value is None:
            return None, EMPTY
        if column.kind != "title" and means_as_above(value) and above:
            return value, above.read
        read = self._understood(column, value)
        if read.value is None:
            return value, read
        merged = note("merged_down", cell=coordinate(*origin))
        told = with_note(Read(read.value, read.how), merged)
        return value, Read(told.value, told.how, (*told.notes, *read.notes))

    def _blank(self, column: Column) -> Read[Any]:
        above = self._above(column.id) if column.kind == "unit" else None
        if above is None:
            return EMPTY
        name = getattr(above.read.value, "text", "")
        return doubtful("blank_not_merged", above=name, cell=above.cell)

    def _understood(self, column: Column, value: Raw) -> Read[Any]:
        """Registers repeat themselves, so equal cells of a column are read once."""
        known, key = self.known[column.id], (type(value), value)
        read = known.get(key)
        if read is None:
            read = self._read_kind(column, value)
            if len(known) < _MOST_KNOWN:
                known[key] = read
        return read

    def _read_kind(self, column: Column, value: Raw) -> Read[Any]:
        heading = self.names[column.id]
        match column.kind:
            case "unit":
                return read_unit(value)
            case "choice":
                return read_choice(value, self.choices[column.id], legend=self.context.legend)
            case "date":
                return read_date(value, within=self.context.within, document=self.context.document)
            case "money":
                return read_money(value, heading=heading)
            case "count":
                return read_count(value, heading=heading)
            case "number":
                return read_number(value)
            case "flag":
                return read_flag(value)
            case _:
                return read_text(value)
