"""Which units are the rows: those directly below a place, a whole kind below it, those of a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import BooleanField, Case, ExpressionWrapper, F, OuterRef, Q, Subquery, When

from banyan.figures.matrix import MOST_PLACES, bound
from banyan.figures.place import Place, lowest_kind
from banyan.figures.units import spec_told
from banyan.kernel.period import Period
from banyan.orgs.finding import GSO
from banyan.orgs.models import Ancestry, Group, Kind, Placement, Unit, UnitCode, UnitName
from banyan.orgs.places import Stretch, name_of
from banyan.orgs.readings import Reading
from banyan.packs.schema import Pack
from banyan.people.actor import Actor

CAPABILITY = "figure.view"
BELOW = "below"
KINDS = (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)
LONGEST_PATH, LONGEST_ID = 6, 18


@dataclass(frozen=True)
class Row:
    """A unit as a row; `ends`: nothing of the programme stands below it; `here`: whether it stands
    below on the day the figures are told by."""

    place: Place
    name: str
    kind: str
    ends: bool = False
    here: bool = True


def day_of(place: Place, period: Period, reading: Reading) -> date:
    """The day on which the rows stand: that by which the figures are told."""
    return place.day_meant(period, reading)


@dataclass(frozen=True)
class Below:
    """Which units: of which kind below which place, on which day or, read *then*, in which days."""

    place: Place
    kind: str
    day: date
    days: DateRange | None = None

    @classmethod
    def of(cls, place: Place, kind: str, period: Period, reading: Reading) -> "Below":
        """Read *then*, a record counts under a unit that stood on its month's last day, also where
        that one is gone on the period's last day: it is a row too."""
        days = None if reading.day else DateRange(period.first, period.after)
        return cls(place, kind, day_of(place, period, reading), days)

    def standing(self, rows: Any) -> Any:
        """Rows with days of validity, of these days."""
        if self.days is None:
            return rows.filter(valid__contains=self.day)
        return rows.filter(valid__overlap=self.days)


def rows_of(below: Below, actor: Actor, pack: Pack) -> list[Row]:
    """The units by name, one query; within the actor's reach.

    Raises Refusal (422) where there are more than one question may ask.
    """
    lowest, place, day = lowest_kind(pack), below.place, below.day
    units = list(_units(below, actor)[: MOST_PLACES + 2])
    if len(units) > MOST_PLACES:
        bound(_units(below, actor).count() + 1, 1, 1)
    rows = []
    for unit in units:
        unit.day_name, unit.named_day = unit.told, day
        one = Place(unit, tree=place.tree, spec=spec_told(unit, day))
        # Asked for once for all of them.
        one.__dict__["stretches"] = [
            Stretch(unit.pk, days.lower, days.upper) for days in unit.lives
        ]
        ends, here = unit.kind == lowest, bool(unit.here)
        rows.append(Row(one, str(unit.told or ""), unit.kind, ends, here))
    return rows


def kinds_below(place: Place) -> list[str]:
    """The kinds one may ask for below a place."""
    if place.group is not None:
        return [BELOW, Kind.COMMUNE]
    known = list(KINDS)
    height = known.index(Kind(place.unit.kind)) + 1 if place.unit.kind in known else 0
    if place.unit.kind not in (*known, Kind.COUNTRY):
        return [BELOW]
    return [BELOW, *known[height + 1 :]] if height < len(known) else [BELOW]


def _units(below: Below, actor: Actor) -> Any:
    place, day, kind = below.place, below.day, below.kind
    if place.group is not None and kind == BELOW:
        wanted = here = Q(pk__in=place.tops)
    elif kind == BELOW:
        lying: Any = Placement.objects.filter(parent__in=place.tops, tree=place.tree)
        wanted = Q(pk__in=below.standing(lying).values("unit"))
        here = Q(pk__in=lying.filter(valid__contains=day).values("unit"))
    else:
        lying = Ancestry.objects.standing().filter(
            ancestor__in=place.tops, tree=place.tree, unit__kind=kind
        )
        wanted = Q(pk__in=below.standing(lying).values("unit"))
        here = Q(pk__in=lying.filter(valid__contains=day).values("unit"))
    lives = Placement.objects.filter(unit=OuterRef("pk"), tree=place.tree).order_by("valid")
    names = UnitName.objects.filter(unit=OuterRef("pk"), language="vi", name=OuterRef("told"))
    codes = UnitCode.objects.filter(unit=OuterRef("pk")).alias(
        unfit=Case(When(valid__contains=day, then=0), default=1),
        foreign=Case(When(scheme=GSO, then=0), default=1),
    )
    codes = codes.order_by("unfit", "foreign", "-valid")
    return (
        Unit.objects.filter(wanted, pk__in=actor.reach(CAPABILITY))
        .annotate(
            lives=ArraySubquery(lives.values("valid")),
            here=ExpressionWrapper(here, output_field=BooleanField()),
            told=name_of(OuterRef("pk"), day),
            key=Subquery(names.values("sort_key")[:1]),
            code=Subquery(codes.values("code")[:1]),
            code_valid=Subquery(codes.values("valid")[:1]),
        )
        .order_by(F("key").asc(nulls_last=True), "pk")
    )


def path_of(via: Sequence[str], place: Place, day: date, actor: Actor) -> list[Row]:
    """The units and the group one came through, in their order, each with its place in `via`. What
    does not lead to the place or lies beyond reach is left out. A query, one more for a group."""
    over = Ancestry.objects.filter(unit__in=place.tops, tree=place.tree, valid__contains=day)
    ids = [int(one) for one in via if one.isdecimal() and len(one) < LONGEST_ID]
    known: dict[str, Row] = {}
    if ids:
        codes = UnitCode.objects.filter(unit=OuterRef("pk"), valid__contains=day).order_by(
            Case(When(scheme=GSO, then=0), default=1)
        )
        found: Any = Unit.objects.filter(
            Q(pk__in=over.values("ancestor")), Q(pk__in=actor.reach(CAPABILITY)), pk__in=ids
        ).annotate(
            told=name_of(OuterRef("pk"), day),
            code=Subquery(codes.values("code")[:1]),
            code_valid=Subquery(codes.values("valid")[:1]),
        )
        for unit in found:
            where = Place(unit, tree=place.tree, spec=spec_told(unit, day))
            known[str(unit.pk)] = Row(where, str(unit.told or ""), unit.kind)
    keys = [one for one in via if not one.isdecimal()]
    if keys:
        groups = Group.objects.visible_to(actor).filter(
            key__in=keys, units__in=over.values("ancestor")
        )
        for group in groups.select_related("unit").distinct():
            known[group.key] = Row(Place(group.unit, group, place.tree), group.name, "group")
    return [known[one] for one in via if one in known]
