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

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    OuterRef,
    Q,
    Subquery,
    TextField,
)
from django.db.models import Value as Constant
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from banyan.figures import folded
from banyan.figures.counting import aggregates, facts
from banyan.figures.folded import Asked
from banyan.figures.place import Place
from banyan.figures.sources import Source, source_of
from banyan.figures.writing import Axis, told
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
        asked = self.question
        source, area = source_of(asked.pack), asked.place.area(asked.reading)
        rows = self._rows.annotate(
            is_synthetic=_met(Q(**{source.synthetic: True})),
            is_loose=_met(area.loose()),
            reports_for=reporting(asked.place, asked.period, asked.reading, asked.awaited),
        )
        return self._counted(
            rows,
            {
                "synthetic": "count(*) FILTER (WHERE is_synthetic)",
                "loose": "count(*) FILTER (WHERE is_loose)",
                "reporting": "count(DISTINCT reports_for)",
            },
            expected=Subquery(counted(asked.awaited, "unit")),
            unplaced=Subquery(counted(asked.perhaps, "pk")),
        )

    def rest(self, rolled: Asked | None = None) -> dict[str, Any]:
        """What roll-ups do not say: indicators that do not add up, records in no part. And what they do
        say (`rolled`, as text for `folded.parsed`)."""
        around: dict[str, Any] = {"rolled": rolled_up(rolled)} if rolled else {}
        around["loose"] = Subquery(counted(self.question.loose, "pk"))
        return self._counted(self._rows if self.specs else None, {}, **around)

    @property
    def _rows(self) -> Any:
        return with_facts(self.question.records, self.question.pack, facts(self.specs, self.along))

    @property
    def _axes(self) -> list[Axis]:
        parts_of = self.question.pack.parts_of
        return [Axis(axis, tuple(parts_of(axis)), tuple(of)) for axis, of in self.along.items()]

    def _counted(self, rows: Any, also: Mapping[str, str], **around: Any) -> dict[str, Any]:
        """One row: of the records (None: nothing is asked of them), what is told around them, and
        what the page wants to know beside."""
        pack = self.question.pack
        if rows is not None:
            marks = source_of(pack).counts()
            rows = rows.annotate(**{f"is_{name}": _met(met) for name, met in marks.items()})
            also = {**also, **{name: f"count(*) FILTER (WHERE is_{name})" for name in marks}}
            around["told"] = told(rows, self.specs, self._axes, also)
        around |= {f"beside_{name}": Subquery(asked) for name, asked in self.beside.items()}
        programme = Programme.objects.filter(key=pack.id).order_by()
        row: dict[str, Any] = dict(programme.values(**around)[0])
        numbers: dict[str, Any] = json.loads(row.pop("told", "{}"), parse_float=Decimal)
        return row | numbers

    def parts(self, found: Mapping[str, Any]) -> Parts:
        """axis → part → what was counted, out of what was told."""
        return self.parted(found.get("split") or ())

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


def _met(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def rolled_up(asked: Asked) -> RawSQL:
    """The statement of the roll-ups as one text: what it tells comes with another query's answer."""
    values = asked.values()
    sql = folded.statement(asked)
    plain = re.sub(r"%\(\w+\)s", "%s", sql)
    params = [values[name] for name in re.findall(r"%\((\w+)\)s", sql)]
    return RawSQL(f"(SELECT json_agg(t)::text FROM ({plain}) AS t)", params, TextField())
