"""Which units are the rows: those directly below a place, a whole kind below it, those of a group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, When

from banyan.figures.matrix import MOST_PLACES, bound
from banyan.figures.place import Place, lowest_kind
from banyan.figures.units import spec_told
from banyan.kernel.period import Period
from banyan.orgs.finding import GSO
from banyan.orgs.models import Ancestry, Group, Kind, Placement, Unit, UnitCode, UnitName
from banyan.orgs.places import Stretch, name_of, stretches_of
from banyan.orgs.readings import Reading
from banyan.packs.schema import Pack
from banyan.people.actor import Actor

CAPABILITY = "figure.view"
BELOW = "below"
KINDS = (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)
LONGEST_PATH, LONGEST_ID = 6, 18


@dataclass(frozen=True)
class Row:
    """A unit as a row; `ends`: nothing of the programme stands below it."""

    place: Place
    name: str
    kind: str
    ends: bool = False


def day_of(place: Place, period: Period, reading: Reading) -> date:
    """The day on which the rows stand: that by which the figures are told."""
    return place.day_meant(period, reading)


def rows_of(place: Place, day: date, kind: str, actor: Actor, pack: Pack) -> list[Row]:
    """The units by name, three queries; within the actor's reach.

    Raises Refusal (422) where there are more than one question may ask.
    """
    lowest = lowest_kind(pack)
    units = list(_units(place, day, kind, actor)[: MOST_PLACES + 2])
    if len(units) > MOST_PLACES:
        bound(_units(place, day, kind, actor).count() + 1, 1, 1)
    lives = _lives([unit.pk for unit in units], place.tree)
    rows = []
    for unit in units:
        unit.day_name, unit.named_day = unit.told, day
        one = Place(unit, tree=place.tree, spec=spec_told(unit, day))
        # Asked for once for all of them.
        one.__dict__["stretches"] = lives[unit.pk]
        rows.append(Row(one, str(unit.told or ""), unit.kind, unit.kind == lowest))
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


def _units(place: Place, day: date, kind: str, actor: Actor) -> Any:
    if place.group is not None and kind == BELOW:
        wanted = Q(pk__in=place.tops)
    elif kind == BELOW:
        below: Any = Placement.objects.filter(
            parent__in=place.tops, tree=place.tree, valid__contains=day
        )
        wanted = Q(pk__in=below.values("unit"))
    else:
        below = Ancestry.objects.standing().filter(
            ancestor__in=place.tops, tree=place.tree, valid__contains=day, unit__kind=kind
        )
        wanted = Q(pk__in=below.values("unit"))
    names = UnitName.objects.filter(unit=OuterRef("pk"), language="vi", name=OuterRef("told"))
    codes = UnitCode.objects.filter(unit=OuterRef("pk")).alias(
        unfit=Case(When(valid__contains=day, then=0), default=1),
        foreign=Case(When(scheme=GSO, then=0), default=1),
    )
    codes = codes.order_by("unfit", "foreign", "-valid")
    return (
        Unit.objects.filter(wanted, pk__in=actor.reach(CAPABILITY))
        .annotate(
            told=name_of(OuterRef("pk"), day),
            key=Subquery(names.values("sort_key")[:1]),
            code=Subquery(codes.values("code")[:1]),
            code_valid=Subquery(codes.values("valid")[:1]),
        )
        .order_by(F("key").asc(nulls_last=True), "pk")
    )


def _lives(units: Sequence[int], tree: str) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = defaultdict(list)
    for one in stretches_of(units, tree) if units else ():
        found[one.unit].append(one)
    return found


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
