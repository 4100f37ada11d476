"""Records of many places counted at once, each place by itself: one statement a period, however many
places. What is counted of one place alone is in `records.py`; tests hold the two against each other."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Count,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from banyan.figures.counting import aggregates, facts
from banyan.figures.place import Place, lowest_kind
from banyan.figures.records import Counting, Parts, Question, ready, with_facts
from banyan.figures.sources import source_of
from banyan.figures.writing import part_at
from banyan.orgs.models import Ancestry
from banyan.orgs.places import HOME_NOW, HOME_THEN, OWN_DAY
from banyan.packs.schema import Indicator

Counted = tuple[dict[str, Any], Parts]
Way = tuple[str, date]


def apart(place: Place, others: Sequence[Place]) -> bool:
    """Whether a place can be counted among these: a unit, in the tree of the first."""
    return place.group is None and place.tree == others[0].tree


@dataclass(frozen=True)
class Many:
    """Indicators of units, told apart along one axis or none; `question` is that of the first of them."""

    question: Question
    places: Sequence[Place]
    specs: Sequence[Indicator]
    along: Mapping[str, Sequence[Indicator]]

    def told(self, *, all_of_it: bool) -> list[Counted]:
        """Of each place; not `all_of_it`: the indicators alone, for what is not rolled up."""
        if all_of_it:
            return self._all()
        if not self.specs:
            return [({"loose": 0}, {}) for _place in self.places]
        return self._told(*self._asked(self._main(around=False), self._split()))

    def _all(self) -> list[Counted]:
        """Everything `records.Counting.all` tells, but for what is loose."""
        main, split, unsure, awaited = self._asked(
            self._main(around=True), self._split(), self._unsure(), self._awaited()
        )
        made = self._told(main, split)
        asked = {(row["ancestor"], row["unit"]) for row in awaited}
        perhaps = {row["top"]: row["n"] for row in unsure}
        by_top = {row["top"]: row for row in main}
        for place, (counted, _parts) in zip(self.places, made, strict=True):
            pk = place.unit.pk
            heard = by_top.get(pk, {}).get(self._heard_as(place)) or []
            counted |= {
                "expected": sum(top == pk for top, _unit in asked),
                "reporting": len({unit for unit in heard if (pk, unit) in asked}),
                "unplaced": perhaps.get(pk, 0),
            }
        return made

    def _told(self, main: list[Any], split: list[Any]) -> list[Counted]:
        nothing: dict[str, Any] = dict.fromkeys(self._sums)
        nothing |= dict.fromkeys(("loose", "synthetic", *source_of(self.question.pack).counts()), 0)
        by_top = {row["top"]: row for row in main}
        apart: dict[int, list[Any]] = {}
        for row in split:
            apart.setdefault(row["top"], []).append({**row, "axis": next(iter(self.along))})
        counting = Counting(self.question, self.specs, self.along, {})
        return [
            ({**nothing, **by_top.get(pk, {})}, counting.parted(apart.get(pk, [])))
            for pk in (place.unit.pk for place in self.places)
        ]

    # Questions ----------------------------------------------------------------------------------

    @cached_property
    def _sums(self) -> dict[str, Any]:
        source = source_of(self.question.pack)
        marks = {**source.counts(), "synthetic": Q(**{source.synthetic: True})}
        around = {name: Count("pk", filter=met) for name, met in marks.items()}
        return {**self._made(self.specs), **around}

    @staticmethod
    def _made(specs: Iterable[Indicator]) -> dict[str, Any]:
        return {key: one for spec in specs for key, one in aggregates(spec).items()}

    def _rows(self, *, sure: bool = True) -> Any:
        """A row for every record and place that holds it (or, not `sure`, may hold it)."""
        rows = ready(self.question.in_time, source_of(self.question.pack), self.question.reading)
        return rows.annotate(top=self._over(sure))

    def _over(self, sure: bool) -> Func:
        day = self.question.reading.day
        areas = [place.area(self.question.reading) for place in self.places]
        standing = [unit for area in areas for unit in area.standing]
        ended = [unit for area in areas for unit in area.ended]
        ways = []
        if day is not None and standing:
            ways.append(self._units(HOME_NOW, day, standing, sure))
        then = standing if day is None else ended
        if then or not ways:
            ways.append(self._units(HOME_THEN, OuterRef(OWN_DAY), then, sure))
        both = Func(*ways, function="array_cat") if len(ways) > 1 else ways[0]
        return Func(both, function="unnest", output_field=BigIntegerField())

    def _units(self, home: str, day: Any, tops: list[int], sure: bool) -> ArraySubquery:
        over = Ancestry.objects.filter(
            unit=OuterRef(home), tree=self.places[0].tree, sure=sure, valid__contains=day
        )
        return ArraySubquery(over.filter(ancestor__among=tops).distinct().values("ancestor"))

    def _main(self, *, around: bool) -> Any:
        rows, made = with_facts(self._rows(), self.question.pack, facts(self.specs)), self._sums
        if around:
            for n, (home, day) in enumerate(self._ways):
                rows = rows.annotate(**{f"of_{n}": self._reporting(home, day)})
                made = {**made, f"heard_{n}": ArrayAgg(f"of_{n}", distinct=True, default=[])}
        return rows.order_by().values("top").annotate(**made)

    def _split(self) -> Any:
        for axis, specs in self.along.items():
            rows = with_facts(self._rows(), self.question.pack, facts(specs, [axis]))
            parts = self.question.pack.parts_of(axis)
            told = rows.order_by().annotate(at=part_at(f"fact_{axis}", parts))
            return told.values("top", "at").annotate(**self._made(specs))
        return None

    def _unsure(self) -> Any:
        return self._rows(sure=False).order_by().values("top").annotate(n=Count("pk"))

    # Who reported -------------------------------------------------------------------------------

    def _way(self, place: Place) -> Way:
        day = self.question.reading.day
        if day is not None and place.area(self.question.reading).standing:
            return HOME_NOW, day
        return HOME_THEN, place.day_then(self.question.period)

    @cached_property
    def _ways(self) -> list[Way]:
        return list(dict.fromkeys(map(self._way, self.places)))

    def _heard_as(self, place: Place) -> str:
        return f"heard_{self._ways.index(self._way(place))}"

    def _reporting(self, home: str, day: date) -> Subquery:
        held = Ancestry.objects.filter(
            unit=OuterRef(home), tree=self.places[0].tree, sure=True, valid__contains=day
        )
        lowest = lowest_kind(self.question.pack)
        return Subquery(held.filter(ancestor__kind=lowest).values("ancestor")[:1])

    def _awaited(self) -> Any:
        held = [
            Q(ancestor__among=[p.unit.pk for p in self.places if self._way(p) == way])
            & Q(valid__contains=way[1])
            for way in self._ways
        ]
        rows = Ancestry.objects.standing().filter(
            reduce(or_, held), tree=self.places[0].tree, unit__kind=lowest_kind(self.question.pack)
        )
        return rows.values("ancestor", "unit")

    @staticmethod
    def _asked(*questions: QuerySet[Any] | None) -> list[list[Any]]:
        """The rows of several questions, of one instant."""
        columns: list[str] = []
        params: list[Any] = []
        for one in questions:
            if one is None:
                columns.append("NULL")
                continue
            sql, more = one.query.sql_with_params()
            columns.append(f"(SELECT json_agg(t)::text FROM ({sql}) AS t)")
            params += more
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", params)
            return [json.loads(one or "[]", parse_float=Decimal) for one in cursor.fetchone()]
