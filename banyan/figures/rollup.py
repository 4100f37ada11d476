"""Figures reckoned live from records by plain SQL: the interface that live roll-ups will keep.

`read(...)` answers any set of indicators for a unit or a group in one query and one more per axis.
What each indicator means is said in `packs/reckon.py`; a test compares the two.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from django.db.models import (
    Value as Constant,
)
from django.utils import timezone

from banyan.figures.sources import Source, source_of
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry, Group, Tree, Unit
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Indicator, Pack

Number = int | Decimal


@dataclass(frozen=True)
class Place:
    """Where figures are asked for: one unit with all below it, or the units of a group.

    `spec` is how it was asked for (`020@2024-06-30`), so that addresses can say it again.
    """

    unit: Unit
    group: Group | None = None
    tree: str = Tree.STATE
    spec: str = ""

    @property
    def label(self) -> str:
        """The key of the group, or what was asked for: `CODE@DATE`."""
        return self.group.key if self.group else self.spec

    def name_on(self, day: date) -> str:
        """What the place is called on a day."""
        return self.group.name if self.group else self.unit.name_on(day)

    @property
    def tops(self) -> list[int]:
        """The units whose subtrees together are the place."""
        if self.group is None:
            return [self.unit.pk]
        return list(self.group.units.values_list("pk", flat=True))


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
    """Figures of one place and period at one instant, by indicator."""

    pack: Pack
    place: Place
    period: Period
    reading: str
    as_of: datetime
    values: Mapping[str, Value]
    expected: int
    reporting: int
    synthetic: bool
    notes: Sequence[str]

    def __getitem__(self, indicator: str) -> Value:
        return self.values[indicator]


def _month_end(day: str) -> Any:
    """The last day of the month of a date column: *then* reads the tree on it."""
    template = (
        "(date_trunc('month', %(expressions)s) + interval '1 month' - interval '1 day')::date"
    )
    return ExpressionWrapper(Func(F(day), template=template), output_field=DateField())


def standing_below(records: Any, source: Source, tops: Any, tree: str) -> Any:
    """Of these records, those that stood *then* under any of the units (ids or a subquery).

    Then: for each record the tree on the last day of the month it counts from (design.md §4).
    """
    below = Ancestry.objects.filter(
        unit=OuterRef(source.unit),
        ancestor__in=tops,
        tree=tree,
        valid__contains=OuterRef("month_end"),
    )
    return records.annotate(month_end=_month_end(source.counts_on)).filter(Exists(below))


def records_at(source: Source, pack: Pack, place: Place, period: Period) -> Any:
    """The programme's records in the period that stood under the place *then*."""
    return standing_below(source.records(pack, period), source, place.tops, place.tree)


def _condition(spec: Indicator) -> Q:
    wanted = Q()
    for each in spec.where:
        name = f"fact_{each.fact}"
        words = [("yes" if v else "no") if isinstance(v, bool) else v for v in each.values]
        one = Q(**{f"{name}__in": words})
        if False in each.values:
            one |= Q(**{f"{name}__isnull": True})
        wanted &= one
    return wanted


def _aggregates(spec: Indicator) -> dict[str, Any]:
    met = _condition(spec)
    if spec.op in ("count", "share"):
        return {f"{spec.id}__value": Count("pk", filter=met)}
    fact = f"fact_{spec.of}"
    lacking = Count("pk", filter=met & Q(**{f"{fact}__isnull": True}))
    if spec.op == "distinct":
        value: Any = Count(fact, filter=met, distinct=True)
    elif spec.op == "sum":
        value = Sum(fact, filter=met)
    else:
        return {}
    return {f"{spec.id}__value": value, f"{spec.id}__missing": lacking}


def _facts(specs: Iterable[Indicator], axes: Iterable[str]) -> set[str]:
    named = set(axes)
    for spec in specs:
        named |= {each.fact for each in spec.where}
        if spec.op in ("distinct", "sum", "latest") and spec.of:
            named.add(spec.of)
        if spec.op == "latest" and spec.on:
            named.add(spec.on)
    return named


def _number(value: Any) -> Number:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value or 0


def _latest(records: Any, spec: Indicator) -> Number | None:
    fact, day = f"fact_{spec.of}", f"fact_{spec.on}"
    said = records.filter(_condition(spec)).exclude(**{fact: None}).exclude(**{day: None})
    found = said.order_by(f"-{day}", "-pk").values_list(fact, flat=True).first()
    return None if found is None else _number(found)


def read(
    pack: Pack,
    place: Place,
    period: Period,
    indicators: Sequence[str] | None = None,
    *,
    axes: bool = True,
) -> Reckoning:
    """Reckon indicators (by default all of the pack) of a place in a period, *then*.

    One query for all totals, one per axis asked by any of them; nothing is stored.
    """
    source = source_of(pack)
    specs = _with_bases(pack, indicators or list(pack.indicators))
    wanted_axes = sorted({axis for spec in specs for axis in spec.by}) if axes else []
    facts = {f"fact_{name}": source.fact(pack, name) for name in sorted(_facts(specs, wanted_axes))}
    records = records_at(source, pack, place, period).annotate(**facts)
    aggregates = {key: made for spec in specs for key, made in _aggregates(spec).items()}
    expected = _expected(pack, place, period)
    totals = records.aggregate(
        **aggregates,
        synthetic_records=Count("pk", filter=Q(**{source.synthetic: True})),
        reporting_units=Count(source.unit, distinct=True),
        # One number beside the records, the same for each: asked in the same query.
        expected_units=Max(Subquery(expected)),
        **source.counts(),
    )
    split = {axis: _split(pack, records, specs, axis) for axis in wanted_axes}
    context = {"programme": pack.id, "period": period.key, "place": place.label}

    def opens(where: dict[str, str]) -> str:
        return source.opens_to(pack, {**context, **where})

    values = {spec.id: _value(pack, spec, records, totals, split, opens) for spec in specs}
    return Reckoning(
        pack=pack,
        place=place,
        period=period,
        reading="then",
        as_of=timezone.now(),
        values={name: _with_base(pack, values, name) for name in values},
        expected=_known(totals["expected_units"], expected),
        reporting=totals["reporting_units"],
        synthetic=totals["synthetic_records"] > 0,
        notes=source.notes(totals),
    )


def _with_bases(pack: Pack, names: Sequence[str]) -> list[Indicator]:
    wanted = list(names)
    for name in names:
        spec = pack.indicator(name)
        wanted += [
            one
            for one in (spec.of, spec.over)
            if one is not None and one in pack.indicators and one not in wanted
        ]
    return [pack.indicator(str(name)) for name in dict.fromkeys(wanted)]


def _split(
    pack: Pack, records: Any, specs: list[Indicator], axis: str
) -> dict[str, dict[str, Any]]:
    along = {
        key: made
        for spec in specs
        if axis in spec.by or _is_base_of(spec, specs, axis)
        for key, made in _aggregates(spec).items()
    }
    known = set(pack.parts_of(axis))
    found: dict[str, dict[str, Any]] = {}
    for row in records.order_by().values(f"fact_{axis}").annotate(**along):
        part = row.pop(f"fact_{axis}")
        # Nothing said, and anything the axis does not know, is one part: 'unclassified'.
        into = found.setdefault(part if part in known else UNCLASSIFIED, {})
        for key, number in row.items():
            into[key] = _number(into.get(key)) + _number(number)
    return found


def _is_base_of(spec: Indicator, specs: list[Indicator], axis: str) -> bool:
    return any(one.op == "share" and one.of == spec.id and axis in one.by for one in specs)


def _value(
    pack: Pack,
    spec: Indicator,
    records: Any,
    totals: Mapping[str, Any],
    split: Mapping[str, Mapping[str, Mapping[str, Any]]],
    opens_to: Callable[[dict[str, str]], str],
) -> Value:
    key = f"{spec.id}__value"
    number = _latest(records, spec) if spec.op == "latest" else _number(totals.get(key))
    asked = _asked(spec)
    parts, opens = {}, {}
    for axis, by_part in split.items():
        if axis in spec.by or any(key in row for row in by_part.values()):
            names = (*pack.parts_of(axis), UNCLASSIFIED)
            parts[axis] = {part: _number(by_part.get(part, {}).get(key)) for part in names}
            opens[axis] = {
                part: opens_to({**asked, axis: "none" if part == UNCLASSIFIED else part})
                for part in names
            }
    return Value(
        indicator=spec.id,
        value=number,
        missing=int(totals.get(f"{spec.id}__missing") or 0),
        parts=parts,
        opens=opens_to(asked),
        part_opens=opens,
    )


def _asked(spec: Indicator) -> dict[str, str]:
    """The conditions of an indicator as filters of the list its number opens to."""
    words = {
        each.fact: ",".join(
            ("yes" if v else "no") if isinstance(v, bool) else str(v) for v in each.values
        )
        for each in spec.where
    }
    if spec.op == "distinct" and spec.of:
        words["distinct"] = spec.of
    return words


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


def _expected(pack: Pack, place: Place, period: Period) -> Any:
    """How many units of the pack's lowest asked kind stood under the place at the period's end."""
    lowest = next(kind for kind in ("commune", "district", "province") if kind in pack.unit_kinds)
    below = Ancestry.objects.standing().filter(
        ancestor__in=place.tops, tree=place.tree, valid__contains=period.last, unit__kind=lowest
    )
    counted = below.order_by().annotate(one=Constant(1)).values("one")
    return counted.annotate(n=Count("unit", distinct=True)).values("n")


def _known(found: int | None, counted: Any) -> int:
    """Without records nothing stood beside them: then it is asked apart."""
    return int(found if found is not None else next(iter(counted.values_list("n", flat=True)), 0))
