"""Indicators as SQL: what is counted, under which condition, and the list that shows it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, Max, Min, Q, Sum

from banyan.packs.schema import OF_A_FACT, OF_SOME, Indicator, Pack

Number = int | Decimal


class _LowerMiddle(Aggregate):
    """The middle one in order, of an even number the lower of the two in the middle."""

    template = "percentile_disc(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "LowerMiddle"


class _UpperMiddle(_LowerMiddle):
    """The same from the other end."""

    template = "percentile_disc(0.5) WITHIN GROUP (ORDER BY %(expressions)s DESC)"
    name = "UpperMiddle"


def median(fact: str, met: Q) -> Any:
    """The middle number, of an even number of records the mean of the two in the middle. From both
    ends, because `percentile_cont` reckons with floating point: amounts of money are to be exact."""
    return (_LowerMiddle(fact, filter=met) + _UpperMiddle(fact, filter=met)) * Decimal("0.5")


def condition(spec: Indicator) -> Q:
    """The records an indicator counts; facts stand beside the records as `fact_NAME`."""
    wanted = Q()
    for each in spec.where:
        name = f"fact_{each.fact}"
        words = [("yes" if v else "no") if isinstance(v, bool) else v for v in each.values]
        one = Q(**{f"{name}__in": words})
        if False in each.values:
            one |= Q(**{f"{name}__isnull": True})
        wanted &= one
    return wanted


def aggregates(spec: Indicator) -> dict[str, Any]:
    """`NAME__value` and `NAME__missing` over records; nothing for what is reckoned otherwise."""
    met = condition(spec)
    if spec.op in ("count", "share"):
        return {f"{spec.id}__value": Count("pk", filter=met)}
    fact = f"fact_{spec.of}"
    lacking = Count("pk", filter=met & Q(**{f"{fact}__isnull": True}))
    if spec.op == "distinct":
        value: Any = Count(fact, filter=met, distinct=True)
    elif spec.op == "sum":
        value = Sum(fact, filter=met)
    elif spec.op in ("min", "max"):
        value = (Min if spec.op == "min" else Max)(fact, filter=met)
    elif spec.op == "median":
        value = median(fact, met)
    else:
        return {}
    return {f"{spec.id}__value": value, f"{spec.id}__missing": lacking}


def facts(specs: Iterable[Indicator], axes: Iterable[str] = ()) -> set[str]:
    """The facts that these indicators and axes need beside the records."""
    named = set(axes)
    for spec in specs:
        named |= {each.fact for each in spec.where}
        if spec.op in OF_A_FACT and spec.of:
            named.add(spec.of)
        if spec.op == "latest" and spec.on:
            named.add(spec.on)
    return named


def number(value: Any) -> Number:
    """A sum or a count; nothing is nought."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value or 0


def value_of(spec: Indicator, value: Any) -> Number | None:
    """The same; but what is of some records is none where none of them says one."""
    if value is None and spec.op in OF_SOME:
        return None
    if isinstance(value, Decimal) and value != value.to_integral_value():
        return value.normalize()  # 7.5 and not 7.50000
    return number(value)


def latest(records: Any, spec: Indicator) -> Number | None:
    """The value of the newest record that says one."""
    fact, day = f"fact_{spec.of}", f"fact_{spec.on}"
    said = records.filter(condition(spec)).exclude(**{fact: None}).exclude(**{day: None})
    found = said.order_by(f"-{day}", "-pk").values_list(fact, flat=True).first()
    return None if found is None else number(found)


def asked(spec: Indicator) -> dict[str, str]:
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


def axes_of(specs: Sequence[Indicator]) -> dict[str, list[Indicator]]:
    """axis → the indicators told apart by it: its own, and what those are shares of."""
    axes = sorted({axis for spec in specs for axis in spec.by})
    return {
        axis: [one for one in specs if axis in one.by or _is_base_of(one, specs, axis)]
        for axis in axes
    }


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


def _is_base_of(spec: Indicator, specs: Sequence[Indicator], axis: str) -> bool:
    return any(one.op == "share" and one.of == spec.id and axis in one.by for one in specs)
