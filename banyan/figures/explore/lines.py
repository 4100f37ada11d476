"""Drawings over time: lines on one scale, and the same small for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures import words
from banyan.figures.explore.bars import said_of
from banyan.figures.explore.drawing import (
    NARROW,
    SERIES,
    Dot,
    Drawing,
    Mark,
    Stroke,
    Text,
    fitting,
)
from banyan.figures.explore.pivot import Cell, Head, Line, Pivot
from banyan.figures.explore.question import SHARE

PANELS = 24
TICKS = 4
Row = Sequence[Cell]


def lines(pivot: Pivot, title: str, width: float) -> Drawing:
    """A line for each column over the periods of the rows; last year's is dashed."""
    asked, narrow = pivot.question, width <= NARROW
    named = list(enumerate(pivot.columns))
    # A line along nought says nothing that the table does not.
    told = [one for one in named if any(line.cells[one[0]].value for line in pivot.lines)] or named
    shown = [head for _n, head in told][: len(SERIES)]
    series = [[line.cells[n] for line in pivot.lines] for n, _head in told][: len(SERIES)]
    top = _scale(series, asked.by)
    legend = 20.0 * len(shown) if narrow else 0.0
    frame = _Frame(
        left=40.0 if narrow else 56.0,
        right=width - (10.0 if narrow else 210.0),
        top=14 + legend,
        bottom=(220.0 if narrow else 330.0) + legend,
        most=top,
        steps=max(len(pivot.lines) - 1, 1),
    )
    marks = [*_grid(frame, asked.by), *_months(frame, [line.head for line in pivot.lines])]
    ends: list[tuple[float, str, str]] = []
    for n, (head, cells) in enumerate(zip(shown, series, strict=True)):
        marks += _course(frame, cells, SERIES[n], asked.by)
        at = next((c for c in reversed(cells) if c.measure(asked.by) is not None), Cell())
        ends.append((frame.y(at, asked.by), head.label, SERIES[n]))
    marks += _named(ends, frame, narrow)
    marks += before_said(pivot, frame.left, frame.bottom + 44)
    said = said_of(pivot, title, pivot.lines)
    left_out = len(pivot.columns) - len(shown)
    if left_out > 0:
        said += " " + ngettext(
            "%(n)s more column stands in the table alone.",
            "%(n)s more columns stand in the table alone.",
            left_out,
        ) % {"n": words.number_text(left_out)}
    deep = frame.bottom + (52 if asked.compares else 30)
    return Drawing(width, deep, title, said, marks)


def before_said(pivot: Pivot, x: float, y: float) -> list[Mark]:
    """What a dashed line is."""
    if not pivot.question.compares or not pivot.has_earlier:
        return []
    return [
        Stroke("edge", points=[(x, y - 4), (x + 26, y - 4)], width=1.5, dashed=True),
        Text("soft", x=x + 34, y=y, text=_("same period last year"), size=12),
    ]


@dataclass(frozen=True)
class _Frame:
    """Where the axes are; `most`: the number at the top, `steps`: how many periods after the first."""

    left: float
    right: float
    top: float
    bottom: float
    most: float
    steps: int

    def x(self, step: int) -> float:
        """Where a period stands."""
        return self.left + (self.right - self.left) * step / self.steps

    def y(self, cell: Cell, by: str) -> float:
        """How high a number stands."""
        return self.high(float(cell.measure(by) or 0))

    def high(self, number: float) -> float:
        """The same of a number."""
        return self.bottom - (self.bottom - self.top) * number / self.most


def _scale(series: Sequence[Row], by: str) -> float:
    """The end of the scale: a round number not below the largest, with or without last year."""
    cells = [cell for row in series for cell in row]
    cells += [cell.before for cell in cells if cell.before]
    largest = max((float(cell.measure(by) or 0) for cell in cells), default=0.0)
    if largest <= TICKS:
        return float(TICKS)
    step = 10 ** floor(log10(largest / TICKS))
    for times in (1, 2, 2.5, 5, 10):
        if step * times * TICKS >= largest:
            return float(step * times * TICKS)
    return float(ceil(largest))


def _grid(frame: _Frame, by: str) -> list[Mark]:
    marks: list[Mark] = []
    for n in range(TICKS + 1):
        number = frame.most * n / TICKS
        y = frame.high(number)
        told = int(number) if number == int(number) else round(number, 1)
        text = f"{told} %" if by == SHARE else words.number_text(told)  # type: ignore[arg-type]
        marks.append(Stroke("line", points=[(frame.left, y), (frame.right, y)]))
        marks.append(Text("soft", x=frame.left - 8, y=y + 4, text=str(text), size=12, anchor="end"))
    return marks


def _months(frame: _Frame, heads: Sequence[Head]) -> list[Mark]:
    room = (frame.right - frame.left) / max(len(heads), 1)
    every = max(ceil(34 / room), 1)
    return [
        Text(
            "soft",
            x=frame.x(n),
            y=frame.bottom + 20,
            text=head.short or head.label,
            size=12,
            anchor="middle",
        )
        for n, head in enumerate(heads)
        if n % every == 0
    ]


def _course(frame: _Frame, cells: Row, tone: str, by: str) -> list[Mark]:
    marks: list[Mark] = []
    before = [
        (frame.x(n), frame.y(cell.before, by))
        for n, cell in enumerate(cells)
        if cell.before is not None and cell.before.measure(by) is not None
    ]
    if len(before) > 1 and any(cell.before and cell.before.value for cell in cells):
        marks.append(Stroke(tone, points=before, width=1.5, dashed=True))
    now = [
        (frame.x(n), frame.y(cell, by), cell)
        for n, cell in enumerate(cells)
        if cell.measure(by) is not None
    ]
    if len(now) > 1:
        marks.append(Stroke(tone, points=[(x, y) for x, y, _cell in now], width=2.5))
    marks += [Dot(tone, cell.opens, cell.told(by), x=x, y=y, r=4.5) for x, y, cell in now]
    return marks


def _named(ends: list[tuple[float, str, str]], frame: _Frame, narrow: bool) -> list[Mark]:
    """What each line is: at its end where there is room, so that no colour must be remembered."""
    marks: list[Mark] = []
    if narrow:
        for n, (_y, label, tone) in enumerate(ends):
            marks.append(Stroke(tone, points=[(0, 10 + 20 * n), (18, 10 + 20 * n)], width=3))
            marks.append(Text("ink", x=26, y=14 + 20 * n, text=fitting(label, 310), size=13))
        return marks
    places: list[float] = []
    for y, _label, _tone in sorted(ends):
        places.append(max(y + 4, (places[-1] if places else -100.0) + 17))
    over = max(places[-1] - frame.bottom, 0.0) if places else 0.0
    for at, (_y, label, tone) in zip((one - over for one in places), sorted(ends), strict=True):
        marks.append(
            Text(tone, x=frame.right + 14, y=at, text=fitting(label, 192), size=13, strong=True)
        )
    return marks


# Small multiples --------------------------------------------------------------------------------


def multiples(pivot: Pivot, rows: Sequence[Line], title: str, width: float) -> Drawing:
    """A small line for each row, all on one scale; last year's is dashed."""
    asked, narrow = pivot.question, width <= NARROW
    shown, across = rows[:PANELS], 2 if narrow else 4
    gap, high = 20.0, 118.0
    wide = (width - gap * (across - 1)) / across
    top = _scale([line.cells for line in pivot.lines], asked.by)
    marks: list[Mark] = []
    for n, line in enumerate(shown):
        x, y = (wide + gap) * (n % across), high * (n // across)
        frame = _Frame(
            left=x + 5,
            right=x + wide - 5,
            top=y + 36,
            bottom=y + 88,
            most=top,
            steps=max(len(line.cells) - 1, 1),
        )
        marks += _panel(pivot, line, frame, (x, y, wide))
    deep = high * ceil(len(shown) / across) if shown else 10
    if asked.compares:
        marks += before_said(pivot, 0, deep + 10)
        deep += 20
    said = said_of(pivot, title, shown)
    scale = _("All on one scale from 0 to %(top)s.") % {"top": words.number_text(int(top))}
    return Drawing(width, deep, title, f"{scale} {said}", marks)


def _panel(pivot: Pivot, line: Line, frame: _Frame, at: tuple[float, float, float]) -> list[Mark]:
    (x, y, wide), by = at, pivot.question.by
    last = next((c for c in reversed(line.cells) if c.measure(by) is not None), Cell())
    whole = line.total or last
    number = whole.told(by)
    room = wide - 12 - len(number) * 9
    marks: list[Mark] = [
        Stroke("line", points=[(x, frame.bottom), (x + wide, frame.bottom)]),
        Text("ink", line.head.url, x=x, y=y + 18, text=fitting(line.head.label, room), size=13),
        Text(
            "ink",
            whole.opens,
            x=x + wide,
            y=y + 18,
            text=number,
            size=14,
            strong=True,
            anchor="end",
        ),
    ]
    for mark in _course(frame, line.cells, "leaf", by):
        if not isinstance(mark, Dot):
            marks.append(mark)
    if last.measure(by) is not None:
        n = max(k for k, c in enumerate(line.cells) if c.measure(by) is not None)
        marks.append(Dot("leaf", x=frame.x(n), y=frame.y(last, by), r=3.5))
    heads = pivot.columns
    for head, place, anchor in ((heads[0], x, "start"), (heads[-1], x + wide, "end")):
        text = head.short or head.label
        marks.append(Text("soft", x=place, y=frame.bottom + 15, text=text, size=11, anchor=anchor))
    return marks
