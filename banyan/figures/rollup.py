"""Figures reckoned live from records by plain SQL: the interface that live roll-ups will keep.

`read(...)` answers any set of indicators for a unit or a group in two queries.
What each indicator means is said in `packs/reckon.py`; a test compares the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models import (
    Value as Constant,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from banyan.figures.counting import Number, aggregates, asked, facts, latest, number
from banyan.figures.place import Place
from banyan.figures.sources import Source, source_of
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry
from banyan.orgs.places import HOME_NOW, HOME_THEN, dated, month_end
from banyan.orgs.readings import DEFAULT, Reading
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Indicator, Pack


@dataclass(frozen=True)
class Value:
    """One indicator's number, its base where it has one, its parts, and where it opens to.

    `missing`: records behind it that do not say what is added up or told apart.
    `parts`: axis → part → number; every part the axis knows, and `unclassified`.
    """

    indicator: str
    value: Number | None
    base: Number | None = None
    missing: int = 0
    parts: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    bases: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    opens: str = ""
    part_opens: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def percent(self) -> Decimal | None:
        """Value per base in percent, unrounded; None without a base."""
        if self.base is None or not self.base or self.value is None:
            return None
        return Decimal(self.value) * 100 / Decimal(self.base)


@dataclass(frozen=True)
class Reckoning:
    """Figures of one place and period under one reading at one instant, by indicator.

    `unplaced`: records of divided units that may belong here; they are not counted.
    `loose`: records that are counted here, but with none of the units below.
    `beside`: what else was asked in the same query.
    """

    pack: Pack
    place: Place
    period: Period
    reading: Reading
    as_of: datetime
    values: Mapping[str, Value]
    expected: int
    reporting: int
    synthetic: bool
    notes: Sequence[str]
    unplaced: int = 0
    loose: int = 0
    beside: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, indicator: str) -> Value:
        return self.values[indicator]

    @property
    def day(self) -> date:
        """The day whose units the figures are told by."""
        return self.place.day_meant(self.period, self.reading)

    @property
    def name(self) -> str:
        """What the place is called on that day."""
        return self.place.name_on(self.day)

    @property
    def query(self) -> dict[str, str]:
        """What was asked, for addresses."""
        return query_of(self.pack, self.place, self.period, self.reading)

    def opens(self, where: Mapping[str, str]) -> str:
        """The address of these records among the figures'."""
        return source_of(self.pack).opens_to(self.pack, {**self.query, **where})


class How(TypedDict, total=False):
    """How to read: with the parts along axes (as a rule yes), under which reading (*then*); and
    what a page wants to know of something else in the same query (a subquery with one value)."""

    axes: bool
    reading: Reading
    beside: Mapping[str, Any]


def query_of(pack: Pack, place: Place, period: Period, reading: Reading) -> dict[str, str]:
    """A question as an address asks it."""
    asked_for = {"programme": pack.id, "period": period.key, "place": place.label}
    return asked_for | reading.query


def ready(records: Any, source: Source, reading: Reading) -> Any:
    """Records made ready for `Area`: when they count, and at which unit (design.md §4)."""
    return dated(records, month_end(source.counts_on), source.home, reading)


def records_at(source: Source, pack: Pack, place: Place, span: Period, reading: Reading) -> Any:
    """The programme's records in the period that belong to the place under the reading."""
    rows = ready(source.records(pack, span), source, reading)
    return rows.filter(place.area(reading).holds())


def with_facts(records: Any, pack: Pack, names: set[str]) -> Any:
    """Records with these facts beside them."""
    source = source_of(pack)
    return records.annotate(**{f"fact_{name}": source.fact(pack, name) for name in sorted(names)})


def read(
    pack: Pack,
    place: Place,
    period: Period,
    indicators: Sequence[str] | None = None,
    **how: Unpack[How],
) -> Reckoning:
    """Reckon indicators (by default all of the pack) of a place in a period under a reading.

    A query for totals, one for all axes, one for the place; nothing is stored.
    """
    source, reading = source_of(pack), how.get("reading", DEFAULT)
    beside = how.get("beside", {})
    specs = with_bases(pack, indicators or list(pack.indicators))
    axes = sorted({axis for spec in specs for axis in spec.by}) if how.get("axes", True) else []
    records = records_at(source, pack, place, period, reading)
    records = with_facts(records, pack, facts(specs, axes))
    awaited = place.asked(pack, period, reading)
    totals = records.annotate(
        reports_for=reporting(place, period, reading, awaited),
        is_loose=ExpressionWrapper(place.area(reading).loose(), output_field=BooleanField()),
    ).aggregate(
        **{key: made for spec in specs for key, made in aggregates(spec).items()},
        synthetic_records=Count("pk", filter=Q(**{source.synthetic: True})),
        reporting_units=Count("reports_for", distinct=True),
        loose_records=Count("pk", filter=Q(is_loose=True)),
        expected_units=Beside(_counted(awaited, "unit")),
        **{f"beside_{name}": Beside(asked_for) for name, asked_for in beside.items()},
        unplaced_records=Beside(_counted(perhaps_at(source, pack, place, period, reading), "pk")),
        **source.counts(),
    )
    split = _split(pack, records, specs, axes)
    telling = _Telling(pack, records, totals, split, query_of(pack, place, period, reading))
    values = {spec.id: telling.value(spec) for spec in specs}
    return Reckoning(
        pack=pack,
        place=place,
        period=period,
        reading=reading,
        as_of=timezone.now(),
        values={name: _with_base(pack, values, name) for name in values},
        expected=totals["expected_units"] or 0,
        reporting=totals["reporting_units"],
        synthetic=totals["synthetic_records"] > 0,
        notes=source.notes(totals),
        unplaced=totals["unplaced_records"] or 0,
        loose=totals["loose_records"],
        beside={name: totals[f"beside_{name}"] for name in beside},
    )


def perhaps_at(source: Source, pack: Pack, place: Place, span: Period, reading: Reading) -> Any:
    """Records of divided units that may belong to the place and are not placed."""
    rows = ready(source.records(pack, span), source, reading)
    return rows.filter(place.area(reading).perhaps())


def with_bases(pack: Pack, names: Sequence[str]) -> list[Indicator]:
    """These indicators and those they are shares or ratios of, to the last."""
    wanted = list(dict.fromkeys(names))
    for name in wanted:  # grows while it is walked: the base of a share may be a share
        spec = pack.indicator(name)
        wanted += [
            one
            for one in (spec.of, spec.over)
            if one is not None and one in pack.indicators and one not in wanted
        ]
    return [pack.indicator(name) for name in wanted]


Parts = dict[str, dict[str, dict[str, Any]]]


def _split(pack: Pack, records: Any, specs: list[Indicator], axes: Sequence[str]) -> Parts:
    """axis → part → what was counted: all axes in one query, each a branch of a union."""
    made = {key: one for spec in specs for key, one in aggregates(spec).items()}
    along = {
        axis: [
            key
            for spec in specs
            if axis in spec.by or _is_base_of(spec, specs, axis)
            for key in aggregates(spec)
        ]
        for axis in axes
    }
    branches = [
        records.order_by()
        .annotate(axis=Constant(axis), told=Cast(F(f"fact_{axis}"), CharField()))
        .values("axis", "told")
        .annotate(**made)
        .values_list("axis", "told", *made)
        for axis in axes
    ]
    found: Parts = {axis: {} for axis in axes}
    if not branches:
        return found
    known = {axis: set(pack.parts_of(axis)) for axis in axes}
    for axis, part, *numbers in branches[0].union(*branches[1:], all=True):
        # Nothing said, and anything the axis does not know, is one part: 'unclassified'.
        into = found[axis].setdefault(part if part in known[axis] else UNCLASSIFIED, {})
        for key, n in zip(made, numbers, strict=True):
            if key in along[axis]:
                into[key] = number(into.get(key)) + number(n)
    return found


class Beside(Subquery):
    """One number beside the totals, asked in the same query; there also where no record is."""

    contains_aggregate = True


def _is_base_of(spec: Indicator, specs: list[Indicator], axis: str) -> bool:
    return any(one.op == "share" and one.of == spec.id and axis in one.by for one in specs)


@dataclass(frozen=True)
class _Telling:
    """What the queries said, from which each indicator's value is told."""

    pack: Pack
    records: Any
    totals: Mapping[str, Any]
    split: Mapping[str, Mapping[str, Mapping[str, Any]]]
    query: Mapping[str, str]

    def opens_to(self, where: Mapping[str, str]) -> str:
        """The list of these records among the question's."""
        return source_of(self.pack).opens_to(self.pack, {**self.query, **where})

    def value(self, spec: Indicator) -> Value:
        """One indicator's value with its parts."""
        key, conditions = f"{spec.id}__value", asked(spec)
        parts, opens = {}, {}
        for axis, by_part in self.split.items():
            if axis in spec.by or any(key in row for row in by_part.values()):
                names = (*self.pack.parts_of(axis), UNCLASSIFIED)
                parts[axis] = {part: number(by_part.get(part, {}).get(key)) for part in names}
                opens[axis] = {
                    part: self.opens_to(
                        {**conditions, axis: "none" if part == UNCLASSIFIED else part}
                    )
                    for part in names
                }
        newest = latest(self.records, spec) if spec.op == "latest" else None
        return Value(
            indicator=spec.id,
            value=newest if spec.op == "latest" else number(self.totals.get(key)),
            missing=int(self.totals.get(f"{spec.id}__missing") or 0),
            parts=parts,
            opens=self.opens_to(conditions),
            part_opens=opens,
        )


def _with_base(pack: Pack, values: Mapping[str, Value], name: str) -> Value:
    spec, value = pack.indicator(name), values[name]
    below = spec.of if spec.op == "share" else spec.over if spec.op == "ratio" else None
    if below is None:
        return value
    base = values[below]
    above = values[str(spec.of)].value if spec.op == "ratio" else value.value
    return Value(
        indicator=name,
        value=above,
        base=base.value,
        missing=value.missing,
        parts=value.parts,
        bases=base.parts,
        opens=value.opens,
        part_opens=value.part_opens,
    )


def _counted(rows: Any, what: str) -> Any:
    """How many different ones there are, as a subquery; NULL for none."""
    counted = rows.order_by().annotate(one=Constant(1)).values("one")
    return counted.annotate(n=Count(what, distinct=True)).values("n")


def reporting(place: Place, period: Period, reading: Reading, awaited: Any) -> Any:
    """Which of the awaited units a record is of, by the day the figures are told by."""
    area = place.area(reading)

    def one(home: str, day: date) -> Subquery:
        held = Ancestry.objects.filter(
            unit=OuterRef(home), tree=place.tree, sure=True, valid__contains=day
        )
        return Subquery(held.filter(ancestor__in=awaited.values("unit")).values("ancestor")[:1])

    ways = []
    if reading.day is not None and area.standing:
        ways.append(one(HOME_NOW, reading.day))
    if reading.day is None or area.ended:
        ways.append(one(HOME_THEN, place.day_then(period)))
    return Coalesce(*ways) if len(ways) > 1 else ways[0]
