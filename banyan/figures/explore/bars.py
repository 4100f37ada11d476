"""Drawings of units beside each other: a ranking, a heat table, and a funnel of shares."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.counting import Number
from banyan.figures.explore.drawing import NARROW, Box, Drawing, Mark, Stroke, Text, fitting
from banyan.figures.explore.pivot import Cell, Head, Line, Pivot, cell_of, label_of, moved
from banyan.figures.explore.question import SHARE

STEPS = 5


def said_of(pivot: Pivot, title: str, lines: Sequence[Line]) -> str:
    """What a drawing says to those who do not see it: how much, and that the table follows."""
    return _("%(n)s rows of “%(title)s”; the table below says the same in numbers.") % {
        "n": words.number_text(len(lines)),
        "title": title,
    }


def ranking(pivot: Pivot, lines: Sequence[Line], title: str, width: float) -> Drawing:
    """A bar for each row by the first column, last year's thinner under it."""
    asked, narrow = pivot.question, width <= NARROW
    at = _first_shown(pivot)
    cells = [line.cells[at] for line in lines]
    earlier = [cell.before for cell in cells if cell.before]
    longest = float(max([1, *(_size(c, asked.by) for c in [*cells, *earlier])]))
    left, right, high = (0.0, 58.0, 46.0) if narrow else (200.0, 96.0, 32.0)
    reach, marks, y = width - left - right, list[Mark](), 4.0
    if asked.by == SHARE and lines:  # first, so that bars and numbers stand upon it
        marks += _whole_line(pivot, at, (left, reach, longest), y + high * len(lines))
    for line, cell in zip(lines, cells, strict=True):
        long = _size(cell, asked.by) / longest * reach
        name, told = line.head.label, cell.told(asked.by)
        said = f"{name}: {_full(cell, asked.by)}"
        text_at = (0.0, y + 14) if narrow else (0.0, y + 15)
        marks.append(
            Text(
                "ink",
                line.head.url,
                x=text_at[0],
                y=text_at[1],
                text=fitting(name, width if narrow else left - 16, 13),
            )
        )
        top = y + (20 if narrow else 2)
        marks.append(Box("leaf", cell.opens, said, x=left, y=top, w=max(long, 1.5), h=16))
        behind = len(told) * 8 + 8.0
        marks.append(Box("paper", x=left + max(long, 1.5) + 4, y=top, w=behind, h=16))
        marks.append(Text("ink", x=left + max(long, 1.5) + 8, y=top + 13, text=told, strong=True))
        if cell.before is not None and pivot.has_earlier:
            before = _size(cell.before, asked.by) / longest * reach
            was = f"{name}, {_('same period last year')}: {_full(cell.before, asked.by)}"
            marks.append(Box("edge", cell.before.opens, was, x=left, y=top + 18, w=before, h=4))
        y += high
    if asked.by == SHARE and lines:
        y += 20
    if pivot.has_earlier and earlier:
        marks.append(Box("edge", x=0, y=y + 8, w=26, h=4))
        text = _("same period last year")
        marks.append(Text("soft", x=34, y=y + 14, text=text, size=12))
        y += 20
    return Drawing(width, y + 4, title, said_of(pivot, title, lines), marks)


def _first_shown(pivot: Pivot) -> int:
    """The column the rows are put in order by, else the first."""
    key = pivot.question.sort.removeprefix("-")
    return next((n for n, head in enumerate(pivot.columns) if head.key == key), 0)


def _whole_line(
    pivot: Pivot, at: int, scale: tuple[float, float, float], bottom: float
) -> list[Mark]:
    """Where the whole stands among its parts: only shares can be compared with it."""
    whole = cell_of(pivot, moved(pivot.whole, pivot.columns[at]))
    if whole.percent is None:
        return []
    left, reach, longest = scale
    x = left + float(whole.percent) / longest * reach
    text = _("the whole: %(share)s") % {"share": words.percent_text(whole.percent)}
    return [
        Stroke("ink", points=[(x, 0), (x, bottom)], width=1, dashed=True),
        Text("soft", x=x, y=bottom + 14, text=text, size=12, anchor="middle"),
    ]


def _size(cell: Cell, by: str) -> float:
    return float(cell.measure(by) or 0)


def _full(cell: Cell, by: str) -> str:
    """A number with its base, in words."""
    if cell.base is None:
        return words.number_text(cell.value)
    numbers = f"{words.number_text(cell.value)}/{words.number_text(cell.base)}"
    return f"{words.percent_text(cell.percent)} ({numbers})"


# Heat -------------------------------------------------------------------------------------------


def step_of(value: Number | None, largest: Number | None) -> int:
    """How dark a cell is: 0 for nothing, 1 to 5 by fifths of the largest."""
    if not value or not largest or value < 0:
        return 0
    return min(int(float(value) * STEPS / float(largest) - 1e-9) + 1, STEPS)


def largest_of(pivot: Pivot) -> Number:
    """The largest number of all rows, also of those on other pages: shades mean the same on all."""
    by = pivot.question.by
    return max((cell.measure(by) or 0 for line in pivot.lines for cell in line.cells), default=0)


def heat(pivot: Pivot, lines: Sequence[Line], title: str, width: float) -> Drawing:
    """The heat table as a file: on a page it is a table."""
    by, largest = pivot.question.by, largest_of(pivot)
    left, high = 200.0, 28.0
    wide = (width - left) / max(len(pivot.columns), 1)
    marks: list[Mark] = [
        Text(
            "soft",
            x=left + wide * (n + 0.5),
            y=16,
            text=fitting(head.short or head.label, wide - 4, 12),
            size=12,
            anchor="middle",
        )
        for n, head in enumerate(pivot.columns)
    ]
    for row, line in enumerate(lines):
        y = 26 + row * high
        label = fitting(line.head.label, left - 16)
        marks.append(Text("ink", x=0, y=y + 18, text=label))
        for n, cell in enumerate(line.cells):
            x, shade = left + wide * n, step_of(cell.measure(by), largest)
            marks.append(Box(f"heat{shade}", x=x + 1, y=y + 1, w=wide - 2, h=high - 2))
            told = cell.told(by)
            marks.append(Text("ink", x=x + wide / 2, y=y + 18, text=told, anchor="middle"))
    return Drawing(width, 30 + high * len(lines), title, said_of(pivot, title, lines), marks)


# Funnel -----------------------------------------------------------------------------------------


def funnel(pivot: Pivot, title: str, width: float) -> Drawing:
    """Each step a share of the one before it; both shares are said, of the former and of the first."""
    narrow = width <= NARROW
    names = pivot.question.indicators
    language = words.language_now()
    steps = [
        (
            label_of(pivot.question.pack, name, language),
            cell_of(pivot, moved(pivot.whole, Head(name, "", {"indicator": name}))),
        )
        for name in names
    ]
    first = float(steps[0][1].value or 0) or 1.0
    left, right = (0.0, 0.0) if narrow else (200.0, 250.0)
    reach, marks, y = width - left - right, list[Mark](), 0.0
    for n, (label, cell) in enumerate(steps):
        if n:
            y = _between(marks, cell, (left, y), steps[n - 1][0])
        long = max(float(cell.value or 0) / first * reach, 2)
        said = f"{label}: {_full(cell, SHARE)}"
        if narrow:
            marks.append(Text("ink", x=0, y=y + 14, text=fitting(label, width - 70), size=13))
            number = words.number_text(cell.value)
            marks.append(
                Text("ink", x=width, y=y + 14, text=number, size=15, strong=True, anchor="end")
            )
            y += 20
        else:
            text = fitting(label, left - 16, 14)
            marks.append(Text("ink", x=0, y=y + 25, text=text, size=14))
            number = words.number_text(cell.value)
            marks.append(
                Text("ink", x=left + long + 10, y=y + 26, text=number, size=17, strong=True)
            )
        marks.append(Box("leaf", cell.opens, said, x=left, y=y, w=long, h=24 if narrow else 38))
        y += 24 if narrow else 38
        if n > 1 and not narrow:
            share = _("%(share)s of the first") % {
                "share": words.percent_text(_percent(cell, steps[0][1]))
            }
            marks.append(Text("soft", x=width, y=y - 14, text=share, size=12, anchor="end"))
    return Drawing(width, y + 8, title, said_of(pivot, title, pivot.lines), marks)


def _between(marks: list[Mark], cell: Cell, at: tuple[float, float], former: str) -> float:
    left, y = at
    text = _("%(share)s of “%(former)s”") % {
        "share": words.percent_text(cell.percent),
        "former": former,
    }
    marks.append(Stroke("edge", points=[(left + 8, y + 4), (left + 8, y + 24)], width=1.5))
    marks.append(Text("soft", x=left + 18, y=y + 19, text=text, size=12.5))
    return y + 28


def _percent(cell: Cell, whole: Cell) -> Decimal | None:
    return Cell(cell.value, whole.value).percent
