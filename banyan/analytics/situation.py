"""How things stand at a place in a period: figures, how they went, the units below, what waits.

Four queries: the totals; both years by month and unit; the units below; what waits for a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from banyan.analytics.children import Child, children_of
from banyan.analytics.decisions import Decision, decisions_of
from banyan.figures.courses import Course, course
from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, Value, read
from banyan.figures.views import CAPABILITY, Asked
from banyan.figures.words import language_now
from banyan.orgs.models import Placement, UnitCode
from banyan.orgs.places import name_of
from banyan.packs.schema import Pack
from banyan.packs.slots import FigureSlot, parse, slots_in
from banyan.packs.texts import SITUATION
from banyan.people.actor import Actor

STRIP = 4


@dataclass(frozen=True)
class Situation:
    """What was reckoned, by whom it was asked, on which day."""

    reckoning: Reckoning
    course: Course
    children: Sequence[Child]
    decisions: Sequence[Decision]
    today: date

    @property
    def headline(self) -> list[Value]:
        """The four figures."""
        return [self.reckoning[name] for name in headline_of(self.reckoning.pack)]

    @property
    def day(self) -> date:
        """Until when it is told: today, or the last day of a period that is over."""
        return min(self.today, self.reckoning.period.last)

    @property
    def has_begun(self) -> bool:
        """Whether the period has begun."""
        return self.today >= self.reckoning.period.first

    @property
    def is_early(self) -> bool:
        """Whether months of the period are still to come: last year's number is then of more."""
        last = self.reckoning.period.last
        return self.today < last.replace(day=1)


def reckon(asked: Asked, actor: Actor, today: date) -> Situation:
    """Reckon what the page tells."""
    pack = asked.edition.pack
    names = [*headline_of(pack), *_said(pack), *pack.to_decide]
    figures = read(
        pack,
        asked.place,
        asked.period,
        list(dict.fromkeys(names)),
        axes=_has_parts(pack),
        beside={
            "above": above(asked.place, asked.place.day_meant(asked.period, asked.reading), actor)
        },
        reading=asked.reading,
    )
    went = course(figures, headline_of(pack))
    return Situation(
        reckoning=figures,
        course=went,
        children=children_of(went, headline_of(pack), today),
        decisions=decisions_of(figures, actor, today),
        today=today,
    )


def above(place: Place, day: date, actor: Actor) -> Any:
    """The unit directly above on the day, where the actor reaches it: {id, name, code}."""
    codes = UnitCode.objects.filter(unit=OuterRef("parent_id"), valid__contains=day)
    told = JSONObject(
        id="parent_id",
        name=name_of(OuterRef("parent_id"), day),
        code=Subquery(codes.order_by("scheme").values("code")[:1]),
    )
    up = Placement.objects.filter(
        unit=place.unit, tree=place.tree, valid__contains=day, parent__in=actor.reach(CAPABILITY)
    )
    return up.order_by().values(told=told)[:1] if place.group is None else up.none().values("pk")


def headline_of(pack: Pack) -> list[str]:
    """The indicators that tell how things stand: the pack's headline, else its first four."""
    return list(pack.headline or list(pack.indicators)[:STRIP])


def clauses_of(pack: Pack) -> list[str]:
    """The clauses of the sentence, where the pack has words for them."""
    return [pack.text(key, language_now()) for key in SITUATION if pack.has_text(key)]


def _slots(pack: Pack) -> list[FigureSlot]:
    found = [parse(slot, pack) for text in clauses_of(pack) for slot in slots_in(text)]
    return [slot for slot in found if isinstance(slot, FigureSlot)]


def _said(pack: Pack) -> list[str]:
    return [slot.indicator for slot in _slots(pack)]


def _has_parts(pack: Pack) -> bool:
    return any(slot.axis for slot in _slots(pack))
