"""The answer as a table: rows, columns, cells that open to their records, totals that are reckoned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.counting import Number
from banyan.figures.explore.places import Below, Row, day_of, rows_of
from banyan.figures.explore.question import (
    INDICATORS,
    PARTS,
    PERIODS,
    SHARE,
    UNITS,
    Question,
)
from banyan.figures.matrix import Matrix, bound, matrix
from banyan.figures.place import Place
from banyan.figures.rollup import query_of
from banyan.kernel.period import Period
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import ADD_UP, OF_SOME
from banyan.people.actor import Actor

TOTAL = "total"


@dataclass(frozen=True)
class At:
    """Where in the question a number stands."""

    place: Place
    period: Period
    indicator: str
    part: str = ""


@dataclass(frozen=True)
class Cell:
    """A number with its base, where it opens to, and the same of last year."""

    value: Number | None = None
    base: Number | None = None
    opens: str = ""
    before: "Cell | None" = None

    @property
    def percent(self) -> Decimal | None:
        """In percent of its base, unrounded."""
        if self.value is None or not self.base:
            return None
        return Decimal(self.value) * 100 / Decimal(self.base)

    @property
    def change(self) -> Number | None:
        """How much more than last year."""
        if self.before is None or self.before.value is None or self.value is None:
            return None
        return self.value - self.before.value

    def measure(self, by: str) -> Number | None:
        """What it is compared by: its number, or its share where it has a base."""
        return self.percent if by == SHARE and self.base is not None else self.value

    def told(self, by: str) -> str:
        """The same in words."""
        if by == SHARE and self.base is not None:
            return words.percent_text(self.percent)
        return words.number_text(self.value)


@dataclass(frozen=True)
class Head:
    """A row's or a column's name, what it changes of where a number stands, where it leads."""

    key: str
    label: str
    moves: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    short: str = ""
    row: Row | None = None


@dataclass(frozen=True)
class Line:
    """A row; `covered`: how many units have records, of how many."""

    head: Head
    cells: Sequence[Cell]
    total: Cell | None = None
    covered: tuple[int, int] | None = None


@dataclass(frozen=True)
class Pivot:
    """The whole answer."""

    question: Question
    matrix: Matrix
    columns: Sequence[Head]
    lines: Sequence[Line]
    rows: Sequence[Row]
    today: date

    @property
    def whole(self) -> At:
        """Where a number stands that is told apart by nothing."""
        asked = self.question
        return At(asked.place, asked.period, asked.first, asked.part)

    @property
    def name(self) -> str:
        """What the place is called on the day of the figures."""
        asked = self.question
        return asked.place.name_on(day_of(asked.place, asked.period, asked.reading))

    @cached_property
    def covered(self) -> tuple[int, int]:
        """How many units have records in the period, of how many."""
        return self.matrix.coverage(self.question.place, self.question.period)

    @cached_property
    def has_totals(self) -> bool:
        """Whether a total column makes sense: periods of one year, parts, units; not indicators."""
        return _sums(self.question, self.question.columns)

    @property
    def whole_label(self) -> str:
        """What the numbers of the whole are called: a median is no total."""
        ops = {self.question.pack.indicator(name).op for name in self.told}
        return _("All together") if ops <= set(OF_SOME) else _("Total")

    @property
    def told(self) -> Sequence[str]:
        """The indicators that are told: all where they are rows or columns, else the first."""
        asked = self.question
        return asked.indicators if asked.has(INDICATORS) else asked.indicators[:1]

    @property
    def straight(self) -> list[str]:
        """Those that were counted straight from the records."""
        reckoned = self.matrix.told.values()
        return [name for name in self.told if any(one.is_straight(name) for one in reckoned)]

    @cached_property
    def foot(self) -> Line | None:
        """The total of each column: reckoned for the whole, not added up."""
        if not _sums(self.question, self.question.rows):
            return None
        cells = [cell_of(self, moved(self.whole, column)) for column in self.columns]
        total = cell_of(self, self.whole) if self.has_totals else None
        return Line(Head(TOTAL, self.whole_label), cells, total, self.covered)

    @cached_property
    def rest(self) -> Line | None:
        """What the units below do not hold: records of the place itself, or placed with none; less
        than nothing where one of them stood elsewhere for a part of the period."""
        if self.question.rows != UNITS or self.foot is None or not self.lines:
            return None
        columns = list(zip(*(line.cells for line in self.lines), strict=True))
        cells = [
            self._left(whole, cells, column)
            for whole, cells, column in zip(self.foot.cells, columns, self.columns, strict=True)
        ]
        if not any(cell.value for cell in cells):
            return None
        total = None
        if self.foot.total is not None:
            totals = [line.total for line in self.lines if line.total is not None]
            total = self._left(self.foot.total, totals, None)
        fewer = any((cell.value or 0) < 0 for cell in cells)
        label = _("of units above while they stood elsewhere") if fewer else _("in no unit above")
        # The page of figures tells them apart, each with its records.
        url = f"{reverse('figures')}?{urlencode(self._plain)}" if not fewer else ""
        return Line(Head("rest", label, url=url), cells, total)

    @property
    def _plain(self) -> dict[str, str]:
        asked = self.question
        return query_of(asked.pack, asked.place, asked.period, asked.reading)

    def _left(self, whole: Cell, parts: Sequence[Cell], column: Head | None) -> Cell:
        indicator = column.moves.get("indicator") if column else None
        if self.question.pack.indicator(indicator or self.question.first).op not in ADD_UP:
            return Cell()
        left = (whole.value or 0) - sum((cell.value or 0 for cell in parts), 0)
        base = None
        if whole.base is not None:
            base = whole.base - sum((cell.base or 0 for cell in parts), 0)
        return Cell(left, base)

    @cached_property
    def has_earlier(self) -> bool:
        """Whether anything of last year is here; without it nothing is compared."""
        cells = [cell for line in self.lines for cell in (*line.cells, line.total) if cell]
        return any(cell.before and cell.before.value for cell in cells)

    @property
    def shows_coverage(self) -> bool:
        """Whether it says something of the rows: where they await more than their own report."""
        return any(line.covered and line.covered[1] > 1 for line in self.lines)

    @property
    def uneven(self) -> list[str]:
        """Indicators whose total is not the sum of the rows or columns."""
        pack = self.question.pack
        told = (UNITS, PERIODS, PARTS)
        if not any(self.question.has(one) for one in told):
            return []
        return [name for name in self.told if pack.indicator(name).op not in ADD_UP]


def pivot_of(
    asked: Question, actor: Actor, today: date, reckon: Callable[..., Matrix] | None = None
) -> Pivot:
    """Answer a question: the units that are rows, one matrix, the cells. `reckon`: what tells the
    matrix, where it is not the database (`archive.answers`)."""
    rows = []
    if asked.has(UNITS):
        below = Below.of(asked.place, asked.units, asked.period, asked.reading)
        rows = rows_of(below, actor, asked.pack)
    spans = asked.spans if asked.has(PERIODS) else []
    bound(len(rows) + 1, len(spans), len(asked.indicators))
    wanted = [asked.period, *spans]
    if asked.compares:
        wanted += [span.a_year_earlier() for span in wanted]
    # Months are parts of the period asked for; other years' periods stand by themselves.
    within = [asked.period, asked.period.a_year_earlier()] if asked.totals_periods else []
    places = [asked.place, *(row.place for row in rows if row.place != asked.place)]
    reckoned = (reckon or matrix)(
        asked.pack,
        places,
        list({span.key: span for span in wanted}.values()),
        asked.indicators,
        axis=asked.axis or None,
        reading=asked.reading,
        within=within,
    )
    bare = Pivot(asked, reckoned, heads(asked, asked.columns, rows), [], rows, today)
    lines = [_line(bare, head) for head in heads(asked, asked.rows, rows)]
    lines = [line for line in lines if line.head.key != UNCLASSIFIED or _says(line)]
    return _without_nothing(replace(bare, lines=_sorted(bare, lines)))


def _without_nothing(pivot: Pivot) -> Pivot:
    """Without the column of what is not classified where everything is."""
    kept = [
        n
        for n, head in enumerate(pivot.columns)
        if head.key != UNCLASSIFIED or any(line.cells[n].value for line in pivot.lines)
    ]
    if len(kept) == len(pivot.columns):
        return pivot
    lines = [replace(line, cells=[line.cells[n] for n in kept]) for line in pivot.lines]
    return replace(pivot, columns=[pivot.columns[n] for n in kept], lines=lines)


def _says(line: Line) -> bool:
    return any(cell.value for cell in line.cells)


def heads(asked: Question, dimension: str, rows: Sequence[Row]) -> list[Head]:
    """The rows or columns along a dimension."""
    pack, language = asked.pack, words.language_now()
    if dimension == UNITS:
        found = [
            Head(str(row.place.unit.pk), row.name, {"place": row.place}, asked.into(row), row=row)
            for row in rows
        ]
        day = day_of(asked.place, asked.period, asked.reading)
        return found or [Head("self", asked.place.name_on(day), {"place": asked.place})]
    if dimension == PERIODS:
        return [_period_head(span) for span in asked.spans]
    if dimension == INDICATORS:
        return [
            Head(name, label_of(pack, name, language), {"indicator": name})
            for name in asked.indicators
        ]
    parts = (*pack.parts_of(asked.axis), UNCLASSIFIED)
    return [
        Head(part, words.part_label(pack, asked.axis, part, language), {"part": part})
        for part in parts
    ]


def label_of(pack: Any, name: str, language: str) -> str:
    """What an indicator is called where there is little room."""
    short = f"indicators.{name}.short"
    return str(pack.text(short if pack.has_text(short) else f"indicators.{name}.label", language))


def _period_head(span: Period) -> Head:
    label = words.period_text(span)
    if span.kind == "year":
        short = str(span.year)
    elif span.kind == "month":
        short = _("M%(n)s") % {"n": span.number}
    elif span.kind == "quarter":
        short = _("Q%(n)s") % {"n": span.number}
    else:
        short = _("H%(n)s") % {"n": span.number}
    return Head(span.key, label[:1].upper() + label[1:], {"period": span}, short=short)


def moved(at: At, *heads_: Head) -> At:
    """The place of a number under these heads."""
    for head in heads_:
        at = replace(at, **head.moves)
    return at


def cell_of(pivot: Pivot, at: At) -> Cell:
    """A number, and the same of last year where that is asked for."""
    now = _told(pivot, at)
    if not pivot.question.compares:
        return now
    return replace(now, before=_told(pivot, replace(at, period=at.period.a_year_earlier())))


def _told(pivot: Pivot, at: At) -> Cell:
    if at.period.first > pivot.today:
        return Cell()  # it has not begun: that is not a nought
    value = pivot.matrix.value(at.indicator, at.place, at.period)
    if not at.part:
        return Cell(value.value, value.base, value.opens)
    axis = pivot.question.axis
    if at.part not in value.parts.get(axis, {}):
        return Cell()  # this indicator is not told apart along that axis
    return Cell(
        value.parts[axis][at.part],
        value.bases.get(axis, {}).get(at.part),
        value.part_opens.get(axis, {}).get(at.part, ""),
    )


def _sums(asked: Question, dimension: str) -> bool:
    if dimension == PERIODS:
        return asked.totals_periods and len(asked.spans) > 1
    return dimension in (UNITS, PARTS)


def _line(bare: Pivot, head: Head) -> Line:
    at = moved(bare.whole, head)
    cells = [cell_of(bare, moved(at, column)) for column in bare.columns]
    covered = None
    if bare.question.rows in (UNITS, PERIODS) and at.period.first <= bare.today:
        covered = bare.matrix.coverage(at.place, at.period)
    return Line(head, cells, cell_of(bare, at) if bare.has_totals else None, covered)


def _sorted(bare: Pivot, lines: list[Line]) -> list[Line]:
    """By a column, the largest first with a minus before it; else as the rows come."""
    asked = bare.question
    key, down = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    places = {head.key: n for n, head in enumerate(bare.columns)}
    if key == TOTAL and bare.has_totals:
        return _by(lines, lambda line: line.total, asked.by, down)
    if key in places:
        return _by(lines, lambda line: line.cells[places[key]], asked.by, down)
    return lines


def _by(lines: list[Line], cell: Any, by: str, down: bool) -> list[Line]:
    """What has no number comes last either way."""

    def key(line: Line) -> tuple[bool, Decimal]:
        number = cell(line).measure(by)
        return number is None, (-1 if down else 1) * Decimal(number or 0)

    return sorted(lines, key=key)
