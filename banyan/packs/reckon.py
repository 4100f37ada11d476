"""What an indicator means, in plain Python over rows: the yardstick for the figures' SQL.

A row is the answers of one record together with its facts: `state`, `registrant` (an id or name;
None when not named), `unit`. Used by `packs check` on the cases of tests.toml and by tests that
compare the database's figures with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from banyan.packs.schema import Indicator, Pack

Row = Mapping[str, Any]
Number = int | Decimal

# Facts every record has, beside the answers of its form.
FACTS = ("state", "registrant", "unit")
# Facts that are yes or no: whether it was built after another record; whether others were after it.
YES_NO_FACTS = ("replicates", "taken_over")
UNCLASSIFIED = "unclassified"


@dataclass(frozen=True)
class Reckoned:
    """One indicator over some rows.

    `value` the number (the numerator of a share or ratio; None: nothing to show), `base` the
    denominator, `parts` axis → part → number with every part of the axis and `unclassified` (None
    where no row of the part says what a least, greatest, middle or latest number is of),
    `missing` how many rows lack what is counted or added, `rows` the places of the rows behind it.
    """

    value: Number | None
    base: Number | None = None
    parts: Mapping[str, Mapping[str, Number | None]] = field(default_factory=dict)
    missing: int = 0
    rows: tuple[int, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """Value per base in percent, unrounded; None without a base."""
        if self.base is None or not self.base or self.value is None:
            return None
        return Decimal(self.value) * 100 / Decimal(self.base)


def satisfies(row: Row, indicator: Indicator) -> bool:
    """Whether a row meets every condition. An unticked box is 'no', so it meets `false`."""
    return all(
        row.get(each.fact) in each.values or (row.get(each.fact) is None and False in each.values)
        for each in indicator.where
    )


def part_of(row: Row, axis: str, pack: Pack) -> str:
    """Which part of an axis a row falls in; `unclassified` when it says nothing the axis knows."""
    value = row.get(axis)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return value if value in pack.parts_of(axis) else UNCLASSIFIED


def reckon(pack: Pack, indicator: str, rows: Sequence[Row]) -> Reckoned:
    """The indicator over the rows, with its parts along every axis."""
    spec = pack.indicator(indicator)
    if spec.op == "ratio":
        return _ratio(pack, spec, rows)
    places = [place for place, row in enumerate(rows) if satisfies(row, spec)]
    behind = [rows[place] for place in places]
    parts = {axis: _parts(pack, spec, axis, behind) for axis in spec.by}
    base = reckon(pack, spec.of, rows).value if spec.op == "share" and spec.of else None
    return Reckoned(_value(spec, behind), base, parts, _missing(spec, behind), tuple(places))


def _ratio(pack: Pack, spec: Indicator, rows: Sequence[Row]) -> Reckoned:
    assert spec.of is not None
    assert spec.over is not None
    above, below = reckon(pack, spec.of, rows), reckon(pack, spec.over, rows)
    return Reckoned(above.value, below.value, rows=above.rows)


def _parts(pack: Pack, spec: Indicator, axis: str, behind: list[Row]) -> dict[str, Number | None]:
    split: dict[str, list[Row]] = {part: [] for part in (*pack.parts_of(axis), UNCLASSIFIED)}
    for row in behind:
        split[part_of(row, axis, pack)].append(row)
    return {part: _value(spec, inside) for part, inside in split.items()}


def _value(spec: Indicator, behind: list[Row]) -> Number | None:
    if spec.op in ("count", "share"):
        return len(behind)
    said = [row for row in behind if row.get(spec.of or "") not in (None, "")]
    values = [row[spec.of or ""] for row in said]
    if spec.op == "distinct":
        return len(set(values))
    if spec.op == "sum":
        return sum((_number(value) for value in values), 0)
    if spec.op != "latest":
        return _of_some(spec.op, sorted(_number(value) for value in values))
    dated = [row for row in said if row.get(spec.on or "") not in (None, "")]
    if not dated:
        return None
    return _number(max(dated, key=lambda row: str(row[spec.on or ""]))[spec.of or ""])


def _of_some(op: str, values: list[Number]) -> Number | None:
    if not values:
        return None
    if op == "median":
        twice = Decimal(values[(len(values) - 1) // 2]) + Decimal(values[len(values) // 2])
        return int(twice) // 2 if twice % 2 == 0 else twice / 2
    return values[0] if op == "min" else values[-1]


def _missing(spec: Indicator, behind: list[Row]) -> int:
    if spec.op in ("count", "share"):
        return 0
    return sum(row.get(spec.of or "") in (None, "") for row in behind)


def _number(value: Any) -> Number:
    return value if isinstance(value, int) else Decimal(str(value))
