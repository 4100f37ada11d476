"""How each sheet of a workbook is laid out: proposed from what stands there, changed by people.

`propose` says for every sheet whether it is a table of the wanted kind, where its heading stands,
and what each column seems to mean: by its heading, by what it meant last time, or (to be checked)
by its values. `open_tables` then reads sheets as they were laid out, row by row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from banyan.kernel.cells import (
    Choices,
    clean,
    date_in_sentence,
    period_in_title,
    read_choice,
    read_date,
    read_flag,
    read_money,
    read_unit_name,
)
from banyan.kernel.headers import (
    MOST_COLUMNS,
    RUNNING,
    Column,
    Header,
    Heading,
    find_header,
    heading_path,
)
from banyan.kernel.marks import is_ours
from banyan.kernel.notes import Note, Raw, note, shown
from banyan.kernel.rows import Context, RowReader, SheetRow
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, Workbook, coordinate
from banyan.kernel.tables import Told, legend_of, reason_of, with_unit
from banyan.kernel.text import fold

How = Literal["heading", "values", "remembered", ""]
_MONEY = re.compile(r"\b(?:dong|trieu|ty|tr|vnd|d)\b")
SAMPLED, SAMPLES, LONGEST_SAMPLE = 200, 3, 40
ALIKE, ALIKE_DATES = 0.6, 0.8
"""Share of the first values that must read as a kind before a column is suggested for it."""


@dataclass(frozen=True)
class Seen:
    """A column of a sheet: where, its heading, some values, what it is taken for and why."""

    place: int
    letter: str
    heading: str
    samples: tuple[str, ...]
    meant: str
    how: How


@dataclass(frozen=True)
class Proposal:
    """One sheet: whether it is to be read, else why not; its heading lines (from 0); its columns.

    `rows` is how many rows stand below the heading, records or not.
    """

    sheet: str
    use: bool
    why: Note | None
    first: int
    last: int
    columns: tuple[Seen, ...]
    rows: int


@dataclass(frozen=True)
class Layout:
    """How a sheet is read: heading lines from 0, both included; column id → place from 0."""

    first: int
    last: int
    columns: Mapping[str, int]


# --- proposing ----------------------------------------------------------------------------------


def propose(
    workbook: Workbook, wanted: Sequence[Column], known: Mapping[str, str] | None = None
) -> tuple[Proposal, ...]:
    """Every sheet of a workbook, with what its columns seem to mean.

    `known` is what headings meant last time: folded heading → column id. Raises UnreadableWorkbook
    when no sheet has anything that could be a table.
    """
    sheets = [sheet for sheet in workbook.sheets if not is_ours(sheet)]
    made = tuple(_proposal(sheet, wanted, known or {}) for sheet in sheets)
    if not any(one.columns for one in made):
        raise UnreadableWorkbook(note("no_table", sheets="; ".join(one.sheet for one in made)))
    return made


def _proposal(sheet: Sheet, wanted: Sequence[Column], known: Mapping[str, str]) -> Proposal:
    remembered = [_with_remembered(column, known) for column in wanted]
    header = find_header(sheet, remembered)
    if header is None:
        lines = _first_wide_line(sheet)
        header = Header(lines, lines, {})
    use = bool(header.found) and sheet.visible
    reason = None if use else note(reason_of(sheet), sheet=sheet.name)
    columns = _columns(sheet, header, wanted, known) if use or _could_be(sheet, reason) else ()
    return Proposal(
        sheet.name,
        use,
        reason,
        header.first,
        header.last,
        columns,
        max(len(sheet.rows) - header.last - 1, 0),
    )


def _with_remembered(column: Column, known: Mapping[str, str]) -> Column:
    """A wanted column that is also known by the headings it had last time."""
    own = [heading for heading, meant in known.items() if meant == column.id]
    if not own:
        return column
    return Column(column.id, (*column.headings, *own), column.kind, column.group, column.choices)


def _could_be(sheet: Sheet, reason: Note | None) -> bool:
    """Whether somebody may want to lay the sheet out by hand: it holds rows of several columns."""
    told = reason is not None and reason.code in ("sheet_without_table", "sheet_hidden")
    return told and sheet.columns > 1 and len(sheet.rows) > 1


def _first_wide_line(sheet: Sheet) -> int:
    """The first line with the most texts: the likeliest heading where none was recognised."""
    counted = [
        sum(isinstance(value, str) and bool(value.strip()) for value in row)
        for row in sheet.rows[:30]
    ]
    return counted.index(max(counted)) if counted else 0


def _columns(
    sheet: Sheet, header: Header, wanted: Sequence[Column], known: Mapping[str, str]
) -> tuple[Seen, ...]:
    """Every column that has a heading or values; those nobody knows are looked at by their values."""
    taken = {heading.column: id for id, heading in header.found.items()}
    headings = {heading.column: heading.text for heading in header.found.values()}
    headings |= {heading.column: heading.text for heading in header.unused}
    lines = range(header.first, header.last + 1)
    missing = [c for c in wanted if c.id not in header.found and c.id != RUNNING]
    seen: list[Seen] = []
    for place in range(min(sheet.columns, MOST_COLUMNS)):
        values = _values(sheet, header.last + 1, place)
        text = headings.get(place) or " / ".join(heading_path(sheet, lines, place))
        if not values and not text:
            continue
        meant, how = taken.get(place, ""), "heading"
        if meant and known.get(fold(clean(text))) == meant and not _says(wanted, meant, text):
            how = "remembered"
        if not meant:
            meant, how = _by_values(values, missing)
            missing = [column for column in missing if column.id != meant]
        shown_samples = tuple(dict.fromkeys(clean(shown(v))[:LONGEST_SAMPLE] for v in values))
        letter = coordinate(0, place).rstrip("1")
        seen.append(Seen(place, letter, text, shown_samples[:SAMPLES], meant, how))  # type: ignore[arg-type]
    return tuple(seen)


def _says(wanted: Sequence[Column], meant: str, text: str) -> bool:
    """Whether the pack itself knows the heading."""
    own = next((column for column in wanted if column.id == meant), None)
    return own is not None and fold(clean(text)) in {fold(heading) for heading in own.headings}


def _values(sheet: Sheet, first: int, place: int) -> list[Raw]:
    found: list[Raw] = []
    for row in sheet.rows[first : first + 2 * SAMPLED]:
        value = row[place] if place < len(row) else None
        if value not in (None, "") and len(found) < SAMPLED:
            found.append(value)
    return found


def _by_values(values: list[Raw], missing: Sequence[Column]) -> tuple[str, How]:
    """A wanted column whose values look like these; nothing where two do, or for plain text."""
    fitting = [column.id for column in missing if _fits(values, column)]
    return (fitting[0], "values") if len(fitting) == 1 else ("", "")


def _fits(values: list[Raw], column: Column) -> bool:
    if len(values) < SAMPLES or column.group:
        return False
    if column.kind == "choice":
        choices = Choices.of(column.choices)
        read = sum(read_choice(value, choices).value is not None for value in values)
        return read >= ALIKE * len(values)
    if column.kind == "date":
        # A bare number or year may be anything.
        days = [value for value in values if not isinstance(value, int | float)]
        read = sum(read_date(value).value is not None for value in days)
        return read >= ALIKE_DATES * len(values)
    if column.kind == "flag":
        marked = [value for value in values if read_flag(value).value]
        return len(marked) == len(values)
    texts = [value for value in values if isinstance(value, str)]
    if column.kind == "unit":
        # Only names that say what they are: xã, phường, TT.; a bare name may be anything.
        return sum(read_unit_name(text).kind is not None for text in texts) >= ALIKE * len(values)
    if column.kind == "money":
        named = [text for text in texts if _MONEY.search(fold(text))]
        read = sum(read_money(text).value is not None for text in named)
        return read >= ALIKE * len(values)
    return False


# --- reading ------------------------------------------------------------------------------------


@dataclass
class OpenTable:
    """One sheet, read as it was laid out; `rows()` goes through it once, `told` grows meanwhile."""

    sheet: str
    headings: Mapping[str, Heading]
    title: str
    document: date | None
    period: str | None
    legend: Mapping[str, str]
    reader: RowReader
    told: Told = field(default_factory=Told)
    before: tuple[Note, ...] = ()

    def rows(self) -> Iterator[SheetRow]:
        """Records, and rows set aside with their reason; blank rows are left out."""
        running = self.headings.get(RUNNING)
        for row in self.reader.rows():
            self.told.take(row, running)
            yield row

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be known of the table; whole once its rows were read."""
        return (*self.before, *self.told.notes)

    @property
    def stated_total(self) -> int | None:
        """What the totals row says, if it says a number of records."""
        return self.told.stated

    @property
    def total_at(self) -> str:
        """Where it says so."""
        return self.told.stated_at


def open_tables(
    workbook: Workbook,
    wanted: Sequence[Column],
    layouts: Mapping[str, Layout],
    *,
    within: tuple[date, date] | None = None,
) -> list[OpenTable]:
    """The sheets that are laid out, in the workbook's order; the others lend what they explain."""
    legend: dict[str, str] = {}
    for sheet in workbook.sheets:
        if sheet.name not in layouts and sheet.visible:
            legend |= legend_of(sheet)
    return [
        _open(sheet, wanted, layouts[sheet.name], within, legend)
        for sheet in workbook.sheets
        if sheet.name in layouts
    ]


def _open(
    sheet: Sheet,
    wanted: Sequence[Column],
    layout: Layout,
    within: tuple[date, date] | None,
    legend: Mapping[str, str],
) -> OpenTable:
    lines = range(layout.first, layout.last + 1)
    found = {
        column: Heading(
            place,
            coordinate(layout.last, place),
            " / ".join(heading_path(sheet, lines, place)),
        )
        for column, place in layout.columns.items()
    }
    above = _texts(sheet, range(min(layout.first, len(sheet.rows))))
    below = _texts(sheet, range(max(layout.last + 1, len(sheet.rows) - 15), len(sheet.rows)))
    document = next((day for text in above + below if (day := date_in_sentence(text))), None)
    titles = [text for text in above if not date_in_sentence(text)]
    title = max(titles, key=len, default="")
    header = Header(layout.first, layout.last, found)
    header = with_unit(header, above, wanted)
    reader = RowReader(sheet, wanted, header, Context(within, document, legend))
    return OpenTable(
        sheet.name,
        header.found,
        title,
        document,
        period_in_title(title),
        dict(legend),
        reader,
        before=(*sheet.notes, *_unread(sheet, layout)),
    )


def _unread(sheet: Sheet, layout: Layout) -> tuple[Note, ...]:
    """Headings nobody asked for: told, so that nothing is dropped in silence."""
    lines, found, used = range(layout.first, layout.last + 1), [], {}
    if sheet.columns > MOST_COLUMNS:
        found.append(note("columns_beyond", sheet=sheet.name, limit=str(MOST_COLUMNS)))
    for place in layout.columns.values():
        used[" / ".join(heading_path(sheet, lines, place))] = coordinate(layout.last, place)
    for place in sorted(
        set(range(min(sheet.columns, MOST_COLUMNS))) - set(layout.columns.values())
    ):
        text = " / ".join(heading_path(sheet, lines, place))
        cell = coordinate(layout.last, place)
        if text in used:
            found.append(note("heading_twice", heading=text, cell=cell, used=used[text]))
        elif text:
            found.append(note("heading_unknown", heading=text, cell=cell))
    return tuple(found)


def _texts(sheet: Sheet, rows: range) -> list[str]:
    return [
        text
        for row in rows
        for value in sheet.rows[row]
        if isinstance(value, str) and (text := clean(value))
    ]
