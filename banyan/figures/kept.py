"""What the roll-ups say of indicators: the numbers in the shape in which records would be counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from banyan.figures import folded
from banyan.figures.counting import Number, aggregates, number
from banyan.figures.folded import Asked, Folded, Sum
from banyan.figures.measures import Measure, measure_of, synthetic
from banyan.figures.place import Place
from banyan.figures.sources import source_of
from banyan.kernel.period import Period
from banyan.orgs.readings import Reading
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Indicator, Pack

Along = Mapping[str, Sequence[Indicator]]


@dataclass(frozen=True)
class Told:
    """The figures of one place and period: `kept` names the indicators that are told."""

    kept: frozenset[str]
    around: Mapping[str, int]
    totals: Mapping[str, Number]
    split: Mapping[str, Mapping[str, Mapping[str, Number]]]

    @property
    def covers(self) -> bool:
        """Whether it says how many units reported."""
        return "reporting" in self.around

    def into(self, totals: dict[str, Any], split: dict[str, dict[str, dict[str, Any]]]) -> None:
        """Put them beside what was counted from records."""
        totals.update(self.around)
        totals.update(self.totals)
        for axis, parts in self.split.items():
            for part, numbers in parts.items():
                split.setdefault(axis, {}).setdefault(part, {}).update(numbers)


@dataclass(frozen=True)
class Kept:
    """The figures of places and periods as the roll-ups have them."""

    asked: Asked
    specs: Sequence[Indicator]
    along: Along
    folded: Folded

    def of(self, place: Place, period: Period) -> Told:
        """Those of one place and period."""
        units = _units(place, self.asked.reading)
        kept = [spec for spec in self.specs if self._is_kept(spec)]
        totals: dict[str, Number] = {}
        split: dict[str, dict[str, dict[str, Number]]] = {axis: {} for axis in self.along}
        for spec in kept:
            if aggregates(spec):
                totals |= _numbers(spec, self.folded.total(self._place(spec), units, period))
        for axis, specs in self.along.items():
            known = set(self.asked.pack.parts_of(axis))
            for spec in (one for one in specs if one in kept and aggregates(one)):
                for part, told in self.folded.parts(self._place(spec, axis), units, period).items():
                    into = split[axis].setdefault(part if part in known else UNCLASSIFIED, {})
                    for key, n in _numbers(spec, told).items():
                        into[key] = into.get(key, 0) + n
        return Told(
            frozenset(spec.id for spec in kept), self._around(place, units, period), totals, split
        )

    def _around(self, place: Place, units: Sequence[int], period: Period) -> dict[str, int]:
        around = {
            "synthetic": self.folded.total(1, units, period).n,
            "unplaced": self.folded.total(0, units, period, sure=False).n,
        }
        if not self.folded.is_steady:
            return around
        where = (self.asked.places.index(place), folded.code(period))
        reporting, expected = self.folded.heard.get(where, (0, 0))
        return {**around, "reporting": reporting, "expected": expected}

    def _place(self, spec: Indicator, axis: str | None = None) -> int:
        measure = measure_of(self.asked.pack, spec, axis)
        return self.asked.measures.index(measure) if measure else -1

    def _is_kept(self, spec: Indicator) -> bool:
        if not aggregates(spec):
            return spec.op == "ratio"
        axes = [axis for axis, specs in self.along.items() if spec in specs]
        return all(self._place(spec, axis) in self.folded.kept for axis in (None, *axes))


def kept(
    pack: Pack,
    specs: Sequence[Indicator],
    along: Along,
    at: tuple[Sequence[Place], Sequence[Period]],
    reading: Reading,
) -> Kept | None:
    """Indicators of places and periods, one statement; None where roll-ups cannot tell: nothing is
    rolled up yet, or a place is not the sum of its units."""
    places, periods = at
    if not all(folded.answers(place, reading) for place in places):
        return None
    wanted = [measure_of(pack, spec) for spec in specs]
    wanted += [measure_of(pack, spec, axis) for axis, of in along.items() for spec in of]
    whole = Measure()
    measures = [whole, synthetic(source_of(pack))]
    measures += [one for one in dict.fromkeys(wanted) if one is not None and one not in measures]
    asked = Asked(pack, measures, places, periods, reading)
    found = folded.read(asked)
    if not {0, 1} <= found.kept:
        return None
    return Kept(asked, specs, along, found)


def _units(place: Place, reading: Reading) -> list[int]:
    area = place.area(reading)
    return [*area.standing, *area.ended]


def _numbers(spec: Indicator, told: Sum) -> dict[str, Number]:
    if spec.op == "sum":
        value = {f"{spec.id}__value": number(told.total)}
        return {**value, f"{spec.id}__missing": told.n - told.said}
    return {f"{spec.id}__value": told.n}
