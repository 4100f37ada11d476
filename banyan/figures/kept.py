"""What the roll-ups say of indicators: the numbers in the shape in which records would be counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from banyan.figures import folded
from banyan.figures.coding import code
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
    """The figures of one place and period, and the indicators that are told."""

    specs: frozenset[Indicator]
    around: Mapping[str, int]
    totals: Mapping[str, Number]
    split: Mapping[str, Mapping[str, Mapping[str, Number]]]

    def into(self, totals: dict[str, Any], split: dict[str, dict[str, dict[str, Any]]]) -> None:
        """Put them beside what was counted from records."""
        totals.update(self.around)
        totals.update(self.totals)
        for axis, parts in self.split.items():
            for part, numbers in parts.items():
                split.setdefault(axis, {}).setdefault(part, {}).update(numbers)


@dataclass(frozen=True)
class Kept:
    """The figures of places and periods as the roll-ups have them.

    `measures`: where the measure of an indicator, of an indicator along an axis, was asked for.
    """

    asked: Asked
    specs: Sequence[Indicator]
    along: Along
    measures: Mapping[tuple[str, str], int]
    folded: Folded

    def of(self, n: int, period: Period) -> Told:
        """Those of the n-th place in a period."""
        units = self._units[n]
        totals: dict[str, Number] = {}
        split: dict[str, dict[str, dict[str, Number]]] = {axis: {} for axis in self.along}
        for spec in self._told:
            totals |= numbers(spec, self.folded.total(self.measures[spec.id, ""], units, period))
        for axis, specs in self.along.items():
            known = self.asked.pack.parts_of(axis)
            for spec in (one for one in specs if one in self._told):
                place = self.measures[spec.id, axis]
                for part, told in self.folded.parts(place, units, period).items():
                    into = split[axis].setdefault(part if part in known else UNCLASSIFIED, {})
                    for key, one in numbers(spec, told).items():
                        into[key] = into.get(key, 0) + one
        told_of = frozenset(spec for spec in self.specs if spec.op == "ratio" or spec in self._told)
        return Told(told_of, self._around(n, period), totals, split)

    def _around(self, n: int, period: Period) -> dict[str, int]:
        units = self._units[n]
        around = {
            "synthetic": self.folded.total(1, units, period).n,
            "unplaced": self.folded.total(0, units, period, sure=False).n,
        }
        reporting, expected = self.folded.heard.get((n, code(period)), (0, 0))
        return {**around, "reporting": reporting, "expected": expected}

    @cached_property
    def _units(self) -> list[list[int]]:
        areas = [place.area(self.asked.reading) for place in self.asked.places]
        return [[*area.standing, *area.ended] for area in areas]

    @cached_property
    def _told(self) -> list[Indicator]:
        """The indicators that are added up here with all their parts."""
        return [spec for spec in self.specs if aggregates(spec) and self._is_told(spec)]

    def _is_told(self, spec: Indicator) -> bool:
        axes = ["", *(axis for axis, specs in self.along.items() if spec in specs)]
        return all(self.measures.get((spec.id, axis)) in self.folded.kept for axis in axes)


@dataclass(frozen=True)
class Wish:
    """Indicators of places and periods, put as the roll-ups are asked."""

    asked: Asked
    specs: Sequence[Indicator]
    along: Along
    measures: Mapping[tuple[str, str], int]

    @property
    def hopeless(self) -> list[Indicator]:
        """Those that do not add up."""
        return [
            spec
            for spec in self.specs
            if spec.op != "ratio"
            and not all(
                (spec.id, axis) in self.measures
                for axis in ("", *(a for a, of in self.along.items() if spec in of))
            )
        ]

    def granted(self, folded: Folded) -> Kept | None:
        """What was told; None while nothing is rolled up."""
        if not {0, 1} <= folded.kept:
            return None
        return Kept(self.asked, self.specs, self.along, self.measures, folded)


def wish(
    pack: Pack,
    specs: Sequence[Indicator],
    along: Along,
    at: tuple[Sequence[Place], Sequence[Period]],
    reading: Reading,
) -> Wish | None:
    """None where roll-ups cannot tell: a place is not the sum of its units."""
    places, periods = at
    if not all(folded.answers(place, reading) for place in places):
        return None
    asked_for = {(spec.id, ""): measure_of(pack, spec) for spec in specs}
    asked_for |= {
        (spec.id, axis): measure_of(pack, spec, axis) for axis, of in along.items() for spec in of
    }
    always = (Measure(), synthetic(source_of(pack)))
    measures = list(dict.fromkeys((*always, *(one for one in asked_for.values() if one))))
    where = {key: measures.index(one) for key, one in asked_for.items() if one}
    return Wish(Asked(pack, measures, places, periods, reading), specs, along, where)


def numbers(spec: Indicator, told: Sum) -> dict[str, Number]:
    """A sum of records as these would be counted (`counting.aggregates`)."""
    if spec.op == "sum":
        value = {f"{spec.id}__value": number(told.total)}
        return {**value, f"{spec.id}__missing": told.n - told.said}
    return {f"{spec.id}__value": told.n}
