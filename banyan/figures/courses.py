"""How a place's figures went: month by month, beside the same period last year, by unit below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Case, ExpressionWrapper, F, When
from django.db.models.functions import ExtractMonth

from banyan.figures.counting import Number, aggregates, asked, facts, number, with_bases
from banyan.figures.parts import Parted, by_parts
from banyan.figures.place import lowest_kind
from banyan.figures.records import ready, reporting, with_facts
from banyan.figures.rollup import Reckoning, query_of
from banyan.figures.sources import source_of
from banyan.kernel.period import Period
from banyan.orgs.models import Kind
from banyan.packs.schema import ADD_UP, OF_SOME, Indicator

ADD_UP_BY_MONTH = ADD_UP
Row = dict[str, Number]


@dataclass(frozen=True)
class Part:
    """What was counted of one unit below (None: of none), this year and in last year's period."""

    now: Row = field(default_factory=dict)
    before: Row = field(default_factory=dict)
    reported: int = 0


@dataclass(frozen=True)
class Course:
    """The figures of a reckoning as they went; `earlier` is last year's same period.

    `has_earlier`: whether any record of that period is here; without one nothing is compared.
    """

    reckoning: Reckoning
    earlier: Period
    has_earlier: bool
    months: Mapping[tuple[bool, int], Row]
    parts: Mapping[tuple[int | None, bool], Part]

    def before(self, name: str) -> Number | None:
        """Last year's number; None where there is none, or where it does not add up by months."""
        if not self.has_earlier or not self.adds_up(name):
            return None
        rows = (row for (is_earlier, _m), row in self.months.items() if is_earlier)
        return sum((row.get(name, 0) for row in rows), 0)

    def adds_up(self, name: str) -> bool:
        """Whether its months add up to the whole (different registrants do not)."""
        return self.reckoning.pack.indicator(name).op in ADD_UP_BY_MONTH

    def line(self, name: str, until: date) -> list[Number]:
        """From nought at the period's first day, added up at the end of each month begun by then."""
        return self._line(name, self.reckoning.period, until, is_earlier=False)

    def line_before(self, name: str) -> list[Number]:
        """Last year's line, whole; empty where nothing is compared."""
        if not self.has_earlier:
            return []
        return self._line(name, self.earlier, self.earlier.last, is_earlier=True)

    def _line(self, name: str, period: Period, until: date, *, is_earlier: bool) -> list[Number]:
        if not self.adds_up(name) or until < period.first:
            return []
        points: list[Number] = [0]
        for end in period.month_ends():
            if end.replace(day=1) <= until:
                row = self.months.get((is_earlier, end.month), {})
                points.append(points[-1] + row.get(name, 0))
        return points

    def opens_before(self, name: str) -> str:
        """The list of last year's records behind a number."""
        told = self.reckoning
        where = query_of(told.pack, told.place, self.earlier, told.reading)
        conditions = asked(told.pack.indicator(name))
        return source_of(told.pack).opens_to(told.pack, {**where, **conditions})


def course(reckoning: Reckoning, names: Sequence[str]) -> Course:
    """Both years' figures by month and by unit below, in one query: of roll-ups where all of them add
    up and are rolled up, else in one pass over the records.

    Months within the period of a longer round are told by the cells of all units of the place; those
    of monthly rounds, and the units below, by roll-ups alone."""
    told = with_bases(reckoning.pack, names)
    specs = [spec for spec in told if aggregates(spec) and spec.op not in OF_SOME]
    earlier = reckoning.period.a_year_earlier()
    alone = _parts_report(reckoning)
    asked_for = by_parts(
        reckoning.question, [spec.id for spec in specs], earlier, who_reported=not alone
    )
    if asked_for is not None and len(asked_for.specs) == len(specs):
        rolled, _rows = asked_for.read()
        if rolled is not None:
            return _of_rollups(reckoning, earlier, rolled)
    return _course(reckoning, earlier, specs, _from_records(reckoning, earlier, specs))


def _of_rollups(reckoning: Reckoning, earlier: Period, rolled: Parted) -> Course:
    first = reckoning.period.first
    months = {
        (date(year, month, 1) < first, month): rolled.values(row)
        for (year, month), row in rolled.months.items()
    }
    now, before = rolled.rows(reckoning.period), rolled.rows(earlier)
    heard = rolled.heard if rolled.of.who_reported else {key: 1 for key in now if key[0]}
    parts = {
        key: Part(
            rolled.values(now[key]) if key in now else {},
            rolled.values(before[key]) if key in before else {},
            heard.get(key, 0),
        )
        for key in {**now, **before}
    }
    return Course(reckoning, earlier, bool(before), months, parts)


def _from_records(reckoning: Reckoning, earlier: Period, specs: list[Indicator]) -> Any:
    pack, place, period = reckoning.pack, reckoning.place, reckoning.period
    source = source_of(pack)
    both = source.records(pack, period) | source.records(pack, earlier)
    area = place.area(reckoning.reading)
    rows = with_facts(
        ready(both, source, reckoning.reading).filter(area.holds()), pack, facts(specs)
    ).annotate(
        is_earlier=Case(
            When(**{f"{source.counts_on}__lt": period.first}, then=True),
            default=False,
            output_field=BooleanField(),
        ),
        month=ExtractMonth(F(source.counts_on)),
        part=area.part(),
        is_loose=ExpressionWrapper(area.loose(), output_field=BooleanField()),
    )
    made = {key: one for spec in specs for key, one in aggregates(spec).items()}
    # Which units reported and not how many: the same one reports in several months.
    if not _parts_report(reckoning):  # a subquery for every record: spared where the part says it
        awaited = place.asked(pack, period, reckoning.reading)
        rows = rows.annotate(reports_for=reporting(place, period, reckoning.reading, awaited))
        # Without a filter, which would reckon that unit a second time.
        made["heard"] = ArrayAgg("reports_for", distinct=True, default=[])
    return rows.order_by().values("is_earlier", "month", "part", "is_loose").annotate(**made)


def _parts_report(reckoning: Reckoning) -> bool:
    """Whether the units below are those from which reports are awaited: below a district."""
    place = reckoning.place
    return (
        place.group is None
        and place.unit.kind == Kind.DISTRICT
        and lowest_kind(reckoning.pack) == Kind.COMMUNE
    )


def _course(reckoning: Reckoning, earlier: Period, specs: list[Indicator], counted: Any) -> Course:
    names = [spec.id for spec in specs]
    months: dict[tuple[bool, int], Row] = {}
    parts: dict[tuple[int | None, bool], dict[bool, Row]] = {}
    heard: dict[tuple[int | None, bool], set[int]] = {}
    has_earlier = False
    for group in counted:
        is_earlier, part = group["is_earlier"], group["part"]
        key = (part, group["is_loose"] and part is None)
        has_earlier = has_earlier or is_earlier
        row = {name: number(group[f"{name}__value"]) for name in names}
        _add(months.setdefault((is_earlier, group["month"]), {}), row)
        _add(parts.setdefault(key, {}).setdefault(is_earlier, {}), row)
        if not is_earlier:
            heard.setdefault(key, set()).update(unit for unit in group.get("heard", [part]) if unit)
    told = {
        key: Part(by_year.get(False, {}), by_year.get(True, {}), len(heard.get(key, ())))
        for key, by_year in parts.items()
    }
    return Course(reckoning, earlier, has_earlier, months, told)


def _add(into: Row, row: Row) -> None:
    for name, n in row.items():
        into[name] = into.get(name, 0) + n
