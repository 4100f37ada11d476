"""The units below, those that need attention first: units are put in order, never people.

The rule, said on the page: units that have not reported or registered; then units where some are
late; then the lowest share that is complete; last those that no round asks and that have nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from django.db.models import Count, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from banyan.figures.counting import Number, asked
from banyan.figures.courses import Course, Part
from banyan.figures.place import lowest_kind
from banyan.figures.sources import source_of
from banyan.figures.units import UNIT, UNPLACED, day_told, spec_told, units_told
from banyan.orgs.models import Ancestry
from banyan.orgs.placed import ITSELF, WITHIN
from banyan.packs.schema import Pack
from banyan.submissions.models import Expectation, Round


class Attention(IntEnum):
    """Why a unit stands where it stands; the lowest first."""

    NOTHING = 0
    LATE = 1
    COMPLETION = 2
    UNASKED = 3
    NO_UNIT = 4


@dataclass(frozen=True)
class Child:
    """A row: a unit below, the place itself, or what is not placed.

    `before`: last year's numbers; None where nothing is compared. `awaited`: how many units at or
    below it are to report, `reported` how many of them have; `due`: by when.
    """

    kind: str
    name: str
    spec: str
    numbers: Mapping[str, Number]
    before: Mapping[str, Number] | None
    opens: Mapping[str, str]
    awaited: int = 0
    reported: int = 0
    due: date | None = None
    here: bool = True
    attention: Attention = Attention.NO_UNIT

    @property
    def is_silent(self) -> bool:
        """Whether a report is awaited and none has come."""
        return self.awaited > 0 and self.reported == 0

    @property
    def missing(self) -> int:
        """How many units at or below it have not reported."""
        return max(self.awaited - self.reported, 0)


def main_and_share(pack: Pack, names: Sequence[str]) -> tuple[str, str | None]:
    """The indicator a unit is to have at all, and the first share among them: what is complete."""
    shares = (name for name in names if pack.indicator(name).op == "share")
    return names[0], next(shares, None)


def children_of(course: Course, names: Sequence[str], today: date) -> list[Child]:
    """The rows in the order of attention; one query. None where no unit stands below."""
    told, made = course.reckoning, _Making(course, names, today)
    area = told.place.area(told.reading)
    day = day_told(told, area)
    counted = [unit for unit, _loose in course.parts if unit is not None]
    rows = [
        made.unit(unit, day) for unit in _annotated(course, units_told(day, area, counted), day)
    ]
    if not rows:
        return []
    rows.sort(key=made.order)
    for kind, spec, loose in ((ITSELF, ITSELF, False), (UNPLACED, WITHIN, True)):
        part = course.parts.get((None, loose), Part())
        if any(part.now.values()):
            rows.append(made.row(kind, spec, part))
    return rows


def _annotated(course: Course, units: Any, day: date) -> Any:
    """With how many units at or below each are to report, and by when."""
    told = course.reckoning
    below = Ancestry.objects.standing().filter(
        ancestor=OuterRef("pk"),
        tree=told.place.tree,
        valid__contains=day,
        unit__kind=lowest_kind(told.pack),
    )
    awaited = below.order_by().values("ancestor").annotate(n=Count("unit", distinct=True))
    registers = [
        f.id for f in told.pack.forms.values() if f.purpose == source_of(told.pack).purpose
    ]
    rounds = Round.objects.filter(
        edition__programme__key=told.pack.id,
        form__in=registers,
        span__contained_by=(told.period.first, told.period.after),
    )
    at_or_below = Ancestry.objects.filter(
        ancestor=OuterRef(OuterRef("pk")), tree=told.place.tree, valid__contains=day
    )
    expected = Expectation.objects.filter(round__in=rounds).order_by()
    # Only where it is not asked itself; the same for all: any column that is one stands for them.
    below_it = expected.filter(unit__in=at_or_below.values("unit")).annotate(one=Value(1))
    due = Coalesce(
        Subquery(
            expected.filter(unit=OuterRef("pk"))
            .values("unit")
            .annotate(n=Min("round__due"))
            .values("n")
        ),
        Subquery(below_it.values("one").annotate(n=Min("round__due")).values("n")),
    )
    return units.annotate(awaited=Coalesce(Subquery(awaited.values("n")), 0), due=due)


@dataclass(frozen=True)
class _Making:
    course: Course
    names: Sequence[str]
    today: date

    def unit(self, unit: Any, day: date) -> Child:
        """A unit below."""
        part = self.course.parts.get((unit.pk, False), Part())
        about = {
            "name": str(unit.told or ""),
            "awaited": unit.awaited,
            "reported": part.reported,
            "due": unit.due,
            "here": bool(unit.here),
        }
        return self.row(UNIT, spec_told(unit, day), part, about)

    def row(
        self, kind: str, spec: str, part: Part, about: Mapping[str, Any] | None = None
    ) -> Child:
        """A row with where each of its numbers opens to."""
        told = self.course.reckoning
        key = "unplaced" if kind == UNPLACED else "below"
        main, share = main_and_share(told.pack, self.names)
        shown = [name for name in (main, share) if name]
        opens = {
            name: told.opens({**asked(told.pack.indicator(name)), key: spec}) for name in shown
        }
        before = part.before if self.course.has_earlier else None
        made = {"name": "", **(about or {})}
        if kind == UNIT:
            made["attention"] = self._attention(made, part.now.get(main, 0))
        return Child(kind=kind, spec=spec, numbers=part.now, before=before, opens=opens, **made)

    def _attention(self, about: Mapping[str, Any], registered: Number) -> Attention:
        missing = max(about["awaited"] - about["reported"], 0)
        if about["due"] is None and not about["reported"]:
            return Attention.UNASKED
        if not registered or (about["awaited"] and not about["reported"]):
            return Attention.NOTHING
        if missing and about["due"] and about["due"] < self.today:
            return Attention.LATE
        return Attention.COMPLETION

    def order(self, child: Child) -> tuple[int, float]:
        """Attention first, then the lowest completion; units_told has sorted by name."""
        main, share = main_and_share(self.course.reckoning.pack, self.names)
        whole = child.numbers.get(main, 0)
        if share is None or not whole:
            return child.attention, float(whole)
        return child.attention, float(child.numbers.get(share, 0)) / float(whole)
