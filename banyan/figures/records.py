"""Figures reckoned from the records themselves, by plain SQL: what the roll-ups do not add up, what
they have not taken in yet, and the yardstick they are held against. What each indicator means is said
in `packs/reckon.py`."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
)
from django.db.models import Value as Constant
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce

from banyan.figures import folded
from banyan.figures.counting import aggregates, facts
from banyan.figures.folded import Asked
from banyan.figures.place import Place
from banyan.figures.sources import Source, source_of
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry
from banyan.orgs.places import HOME_NOW, HOME_THEN, dated, month_end
from banyan.orgs.readings import Reading
from banyan.packs.models import Programme
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Indicator, Pack

Parts = dict[str, dict[str, dict[str, Any]]]


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


def perhaps_at(source: Source, pack: Pack, place: Place, span: Period, reading: Reading) -> Any:
    """Records of divided units that may belong to the place and are not placed."""
    rows = ready(source.records(pack, span), source, reading)
    return rows.filter(place.area(reading).perhaps())


class Beside(Subquery):
    """One number beside the totals, asked in the same query; there also where no record is."""

    contains_aggregate = True


def counted(rows: Any, what: str) -> Any:
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


@dataclass(frozen=True)
class Question:
    """Which records are asked for; `counted`: of the period's only those that count in a part of it,
    by their own day (a half year's round has no months of its own)."""

    pack: Pack
    place: Place
    period: Period
    reading: Reading
    counted: Period | None = None

    @property
    def records(self) -> Any:
        """Those that belong to the place."""
        source = source_of(self.pack)
        return self._part(records_at(source, self.pack, self.place, self.period, self.reading))

    @property
    def perhaps(self) -> Any:
        """Those of divided units that only perhaps do."""
        source = source_of(self.pack)
        return self._part(perhaps_at(source, self.pack, self.place, self.period, self.reading))

    @property
    def in_time(self) -> Any:
        """Those of the programme in its time, wherever they are."""
        return self._part(source_of(self.pack).records(self.pack, self.period))

    def _part(self, rows: Any) -> Any:
        if self.counted is None:
            return rows
        day = source_of(self.pack).counts_on
        return rows.filter(**{f"{day}__gte": self.counted.first, f"{day}__lt": self.counted.after})

    @property
    def awaited(self) -> Any:
        """The units that are to report: closure rows."""
        return self.place.asked(self.pack, self.period, self.reading)

    @property
    def loose(self) -> Any:
        """Those that belong to none of the units below. Only units that were once divided have any:
        these are found first, for a country has few of them."""
        area, source = self.place.area(self.reading), source_of(self.pack)
        rows = self.records
        if not area.by_heirs and not area.grouped:
            torn = Ancestry.objects.filter(tree=self.place.tree, sure=False).values("unit")
            rows = rows.filter(Q(**{f"{source.unit}__in": torn}) | source.elsewhere())
        return rows.filter(area.loose())


Along = Mapping[str, Sequence[Indicator]]


@dataclass(frozen=True)
class Counting:
    """What is counted from the records of a question, in one query: indicators, told apart by axes
    (`along`), and what a page wants to know beside them."""

    question: Question
    specs: Sequence[Indicator]
    along: Along
    beside: Mapping[str, Any]

    def all(self) -> dict[str, Any]:
        """Everything: for what is not rolled up."""
        source, area = (
            source_of(self.question.pack),
            self.question.place.area(self.question.reading),
        )
        rows = self._rows.annotate(
            is_loose=ExpressionWrapper(area.loose(), output_field=BooleanField())
        )
        return self._counted(
            self._heard(rows),
            synthetic=Count("pk", filter=Q(**{source.synthetic: True})),
            **self._who_reported(),
            loose=Count("pk", filter=Q(is_loose=True)),
            unplaced=Beside(counted(self.question.perhaps, "pk")),
        )

    def rest(self, rolled: Asked | None = None) -> dict[str, Any]:
        """What roll-ups do not say: indicators that do not add up, records in no part. And what they do
        say (`rolled`, as text for `folded.parsed`)."""
        loose = counted(self.question.loose, "pk")
        if not self.specs:
            asked = {f"beside_{name}": Subquery(one) for name, one in self.beside.items()}
            told = {"rolled": rolled_up(rolled, RawSQL)} if rolled else {}
            row = Programme.objects.filter(key=self.question.pack.id)
            return dict(row.order_by().values(loose=Subquery(loose), **told, **asked)[0])
        around: dict[str, Any] = {"rolled": rolled_up(rolled, _Aside)} if rolled else {}
        return self._counted(self._rows, loose=Beside(loose), **around)

    @property
    def _rows(self) -> Any:
        return with_facts(self.question.records, self.question.pack, facts(self.specs, self.along))

    def _heard(self, rows: Any) -> Any:
        asked = self.question
        return rows.annotate(
            reports_for=reporting(asked.place, asked.period, asked.reading, asked.awaited)
        )

    def _who_reported(self) -> dict[str, Any]:
        return {
            "reporting": Count("reports_for", distinct=True),
            "expected": Beside(counted(self.question.awaited, "unit")),
        }

    def _counted(self, rows: Any, **around: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        if self.along:
            known = {axis: self.question.pack.parts_of(axis) for axis in self.along}
            parts["split"] = split(self._rows, self.specs, known)
        return dict(
            rows.aggregate(
                **{key: made for spec in self.specs for key, made in aggregates(spec).items()},
                **around,
                **parts,
                **{f"beside_{name}": Beside(asked) for name, asked in self.beside.items()},
                **source_of(self.question.pack).counts(),
            )
        )

    def parts(self, told: Mapping[str, Any]) -> Parts:
        """axis → part → what was counted, out of what was told."""
        return self.parted(json.loads(told.get("split") or "[]", parse_float=Decimal))

    def parted(self, rows: Iterable[Mapping[str, Any]]) -> Parts:
        """The same out of rows with their `axis` and the place of their part in it (`at`)."""
        found: Parts = {axis: {} for axis in self.along}
        keys = {
            axis: [key for spec in of for key in aggregates(spec)]
            for axis, of in self.along.items()
        }
        for row in rows:
            axis, at = row["axis"], row["at"]
            part = UNCLASSIFIED if at is None else self.question.pack.parts_of(axis)[at - 1]
            found[axis][part] = {key: row[key] for key in keys[axis]}
        return found


class _Aside(RawSQL):
    """Something told beside totals, in the same query, that is none of them."""

    contains_aggregate = True
    empty_result_set_value = None


def rolled_up(asked: Asked, expression: type[RawSQL]) -> RawSQL:
    """The statement of the roll-ups as one text: what it tells comes with another query's answer."""
    values = asked.values()
    sql = folded.statement(asked)
    plain = re.sub(r"%\(\w+\)s", "%s", sql)
    params = [values[name] for name in re.findall(r"%\((\w+)\)s", sql)]
    return expression(f"(SELECT json_agg(t)::text FROM ({plain}) AS t)", params, TextField())


def split(rows: Any, specs: Sequence[Indicator], known: Mapping[str, Sequence[str]]) -> _Aside:
    """What the axes tell apart of records with their facts, each a branch of a union, as text beside
    the totals: no other query. `known`: the parts of each axis, told by their places from 1 on; nothing
    said, and anything the axis does not know, is one part: no two medians make one."""
    made = {key: one for spec in specs for key, one in aggregates(spec).items()}
    branches = [
        rows.order_by()
        .annotate(axis=Constant(axis), at=part_at(f"fact_{axis}", parts))
        .values("axis", "at")
        .annotate(**made)
        .values("axis", "at", *made)
        for axis, parts in known.items()
    ]
    sql, params = branches[0].union(*branches[1:], all=True).query.sql_with_params()
    return _Aside(f"(SELECT json_agg(branch)::text FROM ({sql}) AS branch)", params, TextField())


def part_at(fact: str, parts: Sequence[str]) -> Func:
    """At which place among the parts a fact stands; NULL for none of them."""
    words = Constant(list(parts), output_field=ArrayField(TextField()))
    return Func(
        words,
        Cast(F(fact), TextField()),
        function="array_position",
        output_field=IntegerField(),
    )
