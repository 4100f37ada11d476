"""A place's roll-ups by the parts it falls into, and by month: what tables by unit and lines are made of.

What is not answered here (`by_parts` says None, or an indicator does not add up) comes from the records.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from banyan.figures import folded
from banyan.figures.coding import code
from banyan.figures.counting import Number
from banyan.figures.folded import Asked, Sum
from banyan.figures.kept import numbers
from banyan.figures.measures import Measure, measure_of
from banyan.figures.parting import statement
from banyan.figures.records import Question
from banyan.kernel.period import Period
from banyan.packs.schema import Indicator

Key = tuple[int | None, bool]
_COLUMNS = ("what", "place", "wide", "unit", "month", "n", "said", "total")
_NAMED = r"%\((\w+)\)s"


@dataclass(frozen=True)
class Parted:
    """What the roll-ups say: by what, period, unit and month the numbers of each measure."""

    of: "ByParts"
    found: Mapping[tuple[str, int | None, int | None, int | None], Mapping[int, Sum]]

    def whole(self, period: Period) -> Mapping[int, Sum]:
        """The place's own numbers in a period."""
        return self.found.get(("whole", code(period), None, None), {})

    def rows(self, period: Period) -> dict[Key, Mapping[int, Sum]]:
        """Those of each part that has records: a unit's, of none below (False), of divided units
        whose records nobody placed (True)."""
        wide = code(period)
        units = {key[2]: row for key, row in self.found.items() if key[:2] == ("part", wide)}
        loose = self.found.get(("loose", wide, None, None), {})
        rest = dict(self.whole(period))
        for row in (*units.values(), loose):
            for place, one in row.items():
                rest[place] = _less(rest.get(place, Sum()), one)
        rows: dict[Key, Mapping[int, Sum]] = {(unit, False): row for unit, row in units.items()}
        rows |= {(None, False): rest, (None, True): loose}
        return {key: row for key, row in rows.items() if row.get(0, Sum()).n}

    @property
    def months(self) -> dict[tuple[int, int], Mapping[int, Sum]]:
        """(year, month) → the place's numbers, of months that have records."""
        return {
            divmod(key[3], 100): row
            for key, row in self.found.items()
            if key[0] == "month" and key[3] is not None and row.get(0, Sum()).n
        }

    @property
    def heard(self) -> dict[Key, int]:
        """How many of the units awaited have records in each part of the period asked for."""
        return {
            (key[2], bool(key[3])): row[0].n for key, row in self.found.items() if key[0] == "heard"
        }

    def values(self, row: Mapping[int, Sum]) -> dict[str, Number]:
        """A row by indicator."""
        counted = self.numbers(row)
        return {spec.id: counted[f"{spec.id}__value"] for spec in self.of.specs}

    def numbers(self, row: Mapping[int, Sum]) -> dict[str, Number]:
        """A row as records would be counted (`counting.aggregates`)."""
        made: dict[str, Number] = {}
        for spec in self.of.specs:
            made |= numbers(spec, row.get(self.of.measures[spec.id], Sum()))
        return made


@dataclass(frozen=True)
class ByParts:
    """Indicators of one place, told by its parts; beside an `earlier` period, and then by month;
    `who_reported`: and how many of the units awaited did."""

    asked: Asked
    specs: Sequence[Indicator]
    measures: Mapping[str, int]
    earlier: Period | None = None
    who_reported: bool = False

    @property
    def sql(self) -> str:
        """The one statement; `values` are its parameters."""
        grouped = self.asked.places[0].group is not None
        return statement(
            self.asked.measures,
            grouped=grouped,
            by_month=self.earlier is not None,
            who_reported=self.who_reported,
        )

    @property
    def values(self) -> dict[str, Any]:
        """The parameters."""
        place, reading, now = self.asked.places[0], self.asked.reading, self.asked.periods[0]
        ends = [end for period in self.asked.periods for end in period.month_ends()]
        return {
            **self.asked.values(),
            "months": [100 * end.year + end.month for end in ends],
            "now": code(now),
            "told_on": reading.day or place.day_then(now),
        }

    def read(self, beside: Any = None) -> tuple["Parted | None", list[dict[str, Any]]]:
        """What is told (None while not all of it is rolled up), and the rows of another question
        `beside` it: one statement, one instant."""
        sql, values = self.sql, self.values
        params = [values[name] for name in re.findall(_NAMED, sql)]
        columns = f"(SELECT json_agg(t)::text FROM ({re.sub(_NAMED, '%s', sql)}) AS t)"
        if beside is not None:
            other, more = beside.query.sql_with_params()
            columns += f", (SELECT json_agg(t)::text FROM ({other}) AS t)"
            params += more
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", params)
            told = [json.loads(one or "[]", parse_float=Decimal) for one in cursor.fetchone()]
        return self.told([row[name] for name in _COLUMNS] for row in told[0]), [*told, []][1]

    def told(self, rows: Iterable[Sequence[Any]]) -> Parted | None:
        """What its rows say."""
        kept = set()
        found: dict[tuple[str, int | None, int | None, int | None], dict[int, Sum]] = {}
        for what, place, wide, unit, month, n, said, total in rows:
            if what == "kept":
                kept.add(place)
                continue
            row = found.setdefault((what, wide, unit, month), {})
            one = Sum(int(n), int(said or 0), Decimal(total or 0))
            row[place or 0] = row.get(place or 0, Sum()) + one
        return Parted(self, found) if kept >= set(range(len(self.asked.measures))) else None


def by_parts(
    at: Question, names: Sequence[str], earlier: Period | None = None, *, who_reported: bool = False
) -> ByParts | None:
    """Those of the indicators that add up; None where a place is not the sum of its parts: one that
    ended before the reading's day, a group that holds something twice, another tree."""
    pack, place, reading = at.pack, at.place, at.reading
    area = place.area(reading)
    if area.by_heirs or not area.standing or not folded.answers(place, reading):
        return None
    of = {name: measure_of(pack, pack.indicator(name)) for name in names}
    measures = list(dict.fromkeys([Measure(), *(one for one in of.values() if one)]))
    periods = [at.period, earlier] if earlier else [at.period]
    asked = Asked(pack, measures, [place], periods, reading, covered=False)
    where = {name: measures.index(one) for name, one in of.items() if one}
    return ByParts(asked, [pack.indicator(name) for name in where], where, earlier, who_reported)


def _less(one: Sum, other: Sum) -> Sum:
    return Sum(one.n - other.n, one.said - other.said, one.total - other.total)
