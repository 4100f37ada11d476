"""A place's figures by the units directly below it: parts that add up to the whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models import Value as Constant

from banyan.figures.counting import Number, aggregates, asked, facts, number
from banyan.figures.parts import Key, by_parts
from banyan.figures.records import with_facts
from banyan.figures.rollup import Reckoning
from banyan.orgs.finding import GSO, nearest_day
from banyan.orgs.models import Placement, Unit, UnitCode, UnitName
from banyan.orgs.placed import ITSELF, WITHIN
from banyan.orgs.places import Area, name_of, spec_on

UNIT, UNPLACED = "unit", "unplaced"
ADDED_UP = ("count", "share", "sum", "distinct")
FIRST = 4


@dataclass(frozen=True)
class Part:
    """One row: a unit below, the unit itself, or what is not placed.

    `here`: whether it stands directly below on the day the figures are told by.
    """

    kind: str
    name: str
    spec: str
    values: Mapping[str, Number]
    opens: Mapping[str, str]
    here: bool = True


@dataclass(frozen=True)
class ByUnit:
    """The rows, and of which indicators."""

    indicators: Sequence[str]
    parts: Sequence[Part]
    by_heirs: bool
    day: date


def by_unit(reckoning: Reckoning, indicators: Sequence[str] | None = None) -> ByUnit | None:
    """Some indicators (by default the first) by the units directly below; None where none stands
    below. Two queries. A group is told by its units; a place of which nothing stands on the
    reading's day by the units of that day that answer for its records."""
    wanted = indicators or [name for name in reckoning.values][:FIRST]
    names = [n for n in wanted if n in reckoning.values and _adds_up(reckoning, n)]
    area = reckoning.place.area(reckoning.reading)
    day = day_told(reckoning, area)
    counted = _counted(reckoning, area, names)
    units = list(units_told(day, area, [unit for unit, _loose in counted if unit]))
    if not units:
        return None
    telling = _Telling(reckoning, names)
    parts = [
        telling.part(UNIT, counted.get((unit.pk, False), {}), spec_told(unit, day), unit)
        for unit in units
    ]
    for kind, spec, loose in ((ITSELF, ITSELF, False), (UNPLACED, WITHIN, True)):
        row = counted.get((None, loose), {})
        if any(row.values()):
            parts.append(telling.part(kind, row, spec))
    if all(part.kind == ITSELF or not any(part.values.values()) for part in parts):
        return None
    return ByUnit(names, parts, area.by_heirs, day)


def day_told(reckoning: Reckoning, area: Area) -> date:
    """The day on which the units of the rows are named: heirs on the reading's, on which they stand;
    the place itself may have ended before it."""
    day = reckoning.reading.day
    return day if area.by_heirs and day is not None else reckoning.day


def _adds_up(reckoning: Reckoning, name: str) -> bool:
    return reckoning.pack.indicator(name).op in ADDED_UP


Counted = dict[Key, dict[str, Any]]


def _counted(reckoning: Reckoning, area: Area, names: Sequence[str]) -> Counted:
    """From the roll-ups what adds up, in one statement with the rest from the records."""
    asked_for = by_parts(reckoning.question, names)
    if asked_for is None or not asked_for.specs:
        return _from_records(_by_part(reckoning, area, names))
    rest = [name for name in names if name not in asked_for.measures]
    rolled, rows = asked_for.read(_by_part(reckoning, area, rest) if rest else None)
    if rolled is None:
        return _from_records(_by_part(reckoning, area, names))
    found = _from_records(rows)
    for key, row in rolled.rows(reckoning.period).items():
        found.setdefault(key, {}).update(rolled.numbers(row))
    return found


def _by_part(reckoning: Reckoning, area: Area, names: Sequence[str]) -> Any:
    pack = reckoning.pack
    specs = [pack.indicator(name) for name in names]
    rows = with_facts(reckoning.question.records, pack, facts(specs)).annotate(
        part=area.part(),
        is_loose=ExpressionWrapper(area.loose(), output_field=BooleanField()),
    )
    made = {key: one for spec in specs for key, one in aggregates(spec).items()}
    return rows.order_by().values("part", "is_loose").annotate(**made)


def _from_records(rows: Iterable[dict[str, Any]]) -> Counted:
    found: Counted = {}
    for row in rows:
        unit, loose = row.pop("part"), row.pop("is_loose")
        found[unit, loose and unit is None] = row
    return found


def units_told(day: date, area: Area, counted: list[int]) -> Any:
    """The units of the rows, by name: those below on the day, and any that records were of."""
    below = Placement.objects.filter(
        parent__in=area.standing, tree=area.tree, valid__contains=day, unit=OuterRef("pk")
    )
    here: Any = Exists(below)
    if area.by_heirs:
        here = Constant(True)
    elif area.grouped:
        here = Q(pk__in=(*area.standing, *area.ended))
    names = UnitName.objects.filter(unit=OuterRef("pk"), language="vi", name=OuterRef("told"))
    codes = UnitCode.objects.filter(unit=OuterRef("pk")).alias(
        unfit=Case(When(valid__contains=day, then=0), default=1),
        foreign=Case(When(scheme=GSO, then=0), default=1),
    )
    codes = codes.order_by("unfit", "foreign", "-valid")
    return (
        Unit.objects.annotate(here=ExpressionWrapper(here, output_field=BooleanField()))
        .filter(Q(pk__in=counted) if area.by_heirs else Q(pk__in=counted) | Q(here=True))
        .annotate(
            told=name_of(OuterRef("pk"), day),
            key=Subquery(names.values("sort_key")[:1]),
            code=Subquery(codes.values("code")[:1]),
            code_valid=Subquery(codes.values("valid")[:1]),
        )
        .order_by(F("key").asc(nulls_last=True), "pk")
    )


def spec_told(unit: Any, day: date) -> str:
    """How a unit of `units_told` is asked for."""
    on = nearest_day(unit.code_valid, day) if unit.code else day
    return spec_on(unit.pk, unit.code, on)


@dataclass(frozen=True)
class _Telling:
    reckoning: Reckoning
    names: Sequence[str]

    def part(self, kind: str, row: Mapping[str, Any], spec: str, unit: Any = None) -> Part:
        """A row with where each of its numbers opens to."""
        pack = self.reckoning.pack
        key = "unplaced" if kind == UNPLACED else "below"
        opens = {
            name: self.reckoning.opens({**asked(pack.indicator(name)), key: spec})
            for name in self.names
        }
        values = {name: number(row.get(f"{name}__value")) for name in self.names}
        name, here = (str(unit.told or ""), bool(unit.here)) if unit is not None else ("", True)
        return Part(kind, name, spec, values, opens, here)
