"""Kept questions as annexes of a report: asked of its unit and period, printed as a table, frozen."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from banyan.figures import words
from banyan.figures.explore import files, showing
from banyan.figures.explore.pivot import At, Cell, Pivot, moved, pivot_of
from banyan.figures.explore.question import Ground, question
from banyan.figures.models import Figure
from banyan.figures.rollup import Reckoning
from banyan.packs.schema import Pack
from banyan.people.actor import Actor
from banyan.people.models import SavedView
from banyan.reports import party_report as party

# What says that a figure was printed in an annex of the report of this number.
FROZEN = "reports.annex"
MOST_UPRIGHT = 6


def fitting(views: Sequence[SavedView], pack: Pack) -> list[SavedView]:
    """Those of the report's programme."""
    return [one for one in views if QueryDict(one.query).get("programme", pack.id) == pack.id]


def answered(view: SavedView, reckoning: Reckoning, actor: Actor) -> Pivot:
    """The question asked of the report's own unit, period and reading, within the actor's reach."""
    pack = reckoning.pack
    ground = Ground(pack, reckoning.place, reckoning.period, reckoning.reading)
    usual = list(pack.headline or list(pack.indicators)[:4])
    return pivot_of(question(ground, QueryDict(view.query), usual), actor, actor.today)


def annex(view: SavedView, pivot: Pivot) -> party.Annex:
    """The table as it is printed, with of when it is and how complete."""
    headings, rows = files.grid(pivot)
    printed = tuple(tuple(_printed(value) for value in row) for row in rows)
    table = party.Table(
        caption=f"{showing.title_of(pivot)}, {words.period_text(pivot.question.period)}",
        headers=tuple(headings),
        rows=printed,
        numeric=frozenset(range(1, len(headings))),
        note=_noted(pivot),
        total_rows=1 if pivot.foot else 0,
    )
    return party.Annex(view.name, (table,), landscape=len(headings) > MOST_UPRIGHT)


def _noted(pivot: Pivot) -> str:
    foot = filter(None, [*showing.foot_words(pivot), showing.straight_words(pivot)])
    told = [*foot, *(note["text"] for note in showing.notes_of(pivot))]
    return ". ".join(text.rstrip(".") for text in told) + "."


def _printed(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else words.number_text(value)


def frozen(pivot: Pivot, like: Figure) -> Iterator[Figure]:
    """Every number of the table as a stated figure; `like` says of which report, since when."""
    asked = pivot.question
    for line in [*pivot.lines, *([pivot.foot] if pivot.foot else [])]:
        at = moved(pivot.whole, line.head)
        for head, cell in zip(pivot.columns, line.cells, strict=True):
            yield _figure(moved(at, head), cell, like, asked.axis)
        if line.total is not None:
            yield _figure(at, line.total, like, asked.axis)


def _figure(at: At, cell: Cell, like: Figure, axis: str) -> Figure:
    return Figure(
        edition=like.edition,
        indicator=at.indicator,
        unit=at.place.group.unit if at.place.group else at.place.unit,
        group=at.place.group,
        period=at.period.key,
        axis=axis if at.part else "",
        part=at.part,
        value=None if cell.value is None else Decimal(str(cell.value)),
        base=None if cell.base is None else Decimal(str(cell.base)),
        reading=like.reading,
        source_kind=FROZEN,
        source_id=like.source_id,
        as_of=like.as_of,
        synthetic=like.synthetic,
    )
