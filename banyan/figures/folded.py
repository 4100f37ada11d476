"""Reading the roll-ups: what is rolled up and what is open, in one statement (`folding.py` says why).

A change is seen at every level the instant it is committed, whether it was folded or not.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from banyan.figures.coding import KINDS, code, codes_in, kind_number
from banyan.figures.measures import Measure
from banyan.figures.place import Place, lowest_kind
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry, Tree
from banyan.orgs.readings import Reading
from banyan.packs.schema import Pack

# The functions are of migrations 0003 and 0005: their plans are kept, and what is not there (nothing
# open, nothing moved) is not asked for. Called in one statement they see one instant.
# Numbers of many units come as arrays: a fifth of the time that as many rows take on their way.
_READ = """
    WITH p AS (SELECT id FROM packs_programme WHERE key = %(programme)s)
    SELECT what, place, wide, part, array_agg(top) AS tops, array_agg(n) AS n, array_agg(said) AS said,
           array_agg(total) AS total
      FROM (SELECT 'sure' AS what, f.place, f.wide, f.top, f.part, sum(f.n)::bigint AS n,
                   sum(f.said)::bigint AS said, sum(f.total) AS total
              FROM p, figures_read(p.id, %(meanings)s::text[], true, %(tops)s::bigint[], %(sides)s::int[],
                                   %(tops_kinds)s::int[], %(day)s::date, %(wides)s::int[], %(wide)s::int[],
                                   %(base)s::int[], %(lines)s) AS f
             GROUP BY 2, 3, 4, 5
            UNION ALL
            SELECT 'unsure', f.place, f.wide, f.top, f.part, sum(f.n)::bigint, sum(f.said)::bigint,
                   sum(f.total)
              FROM p, figures_read(p.id, %(whole)s::text[], false, %(tops)s::bigint[], %(sides)s::int[],
                                   %(tops_kinds)s::int[], %(day)s::date, %(wides)s::int[], %(wide)s::int[],
                                   %(base)s::int[], %(whole_line)s) AS f
             GROUP BY 2, 3, 4, 5) AS told
     GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'kept', (a.place - 1)::int, NULL, NULL, NULL, NULL, NULL, NULL
      FROM p, unnest(%(meanings)s::text[]) WITH ORDINALITY AS a (meaning, place)
      JOIN figures_measure m ON m.meaning = a.meaning AND m.built WHERE m.programme_id = p.id
"""
_HEARD = """
    UNION ALL
    SELECT 'heard', h.place, h.wide, NULL, NULL, ARRAY[sum(h.reported)::bigint],
           ARRAY[sum(h.awaited)::bigint], NULL
      FROM p, figures_heard(p.id, (%(whole)s::text[])[1], %(lowest)s, %(lowest_kind)s, %(kinds)s::text[],
                            %(at)s::int[], %(at_top)s::bigint[], %(at_side)s::int[], %(at_wide)s::int[],
                            %(at_day)s::date[], %(day)s::date, %(wides)s::int[], %(firsts)s::date[],
                            %(afters)s::date[], %(wide)s::int[], %(base)s::int[], %(whole_line)s) AS h
     GROUP BY 2, 3
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many records, how many of them state the number, and its sum."""

    n: int = 0
    said: int = 0
    total: Decimal = Decimal(0)

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.n + other.n, self.said + other.said, self.total + other.total)


_AT = ("at", "at_top", "at_side", "at_wide", "at_day")


@dataclass(frozen=True)
class Asked:
    """What is asked of the roll-ups: which measures (the records as such first), where, when, how."""

    pack: Pack
    measures: Sequence[Measure]
    places: Sequence[Place]
    periods: Sequence[Period]
    reading: Reading
    covered: bool = True  # whether who reported is asked for as well

    def tops(self, places: Sequence[Place]) -> list[tuple[int, int, str]]:
        """(unit, side, kind) of every unit of the places: a unit that ended before the reading's day
        keeps what stood under it then."""
        tops = {}
        for place in places:
            area = place.area(self.reading)
            kinds = {unit.pk: str(unit.kind) for unit in place.units}
            for unit in area.standing:
                tops[unit] = (unit, 0 if self.reading.day is None else 1, kinds[unit])
            for unit in area.ended:
                tops[unit] = (unit, 0, kinds[unit])
        return list(tops.values())

    def values(self) -> dict[str, Any]:
        """The parameters of a statement."""
        inside = [(code(wide), base) for wide in self.periods for base in codes_in(wide)]
        tops, lowest = self.tops(self.places), lowest_kind(self.pack)
        at = [
            (n, unit, side, code(period), self.reading.day if side else place.day_then(period))
            for n, place in enumerate(self.places if self.covered else ())
            for unit, side, _kind in self.tops([place])
            for period in self.periods
        ]
        return {
            "programme": self.pack.id,
            "meanings": [one.meaning for one in self.measures],
            "lines": self._lines(self.measures),
            "whole": [self.measures[0].meaning],
            "whole_line": self._lines(self.measures[:1]),
            "wide": [wide for wide, _base in inside],
            "base": [base for _wide, base in inside],
            "wides": [code(period) for period in self.periods],
            "firsts": [period.first for period in self.periods],
            "afters": [period.after for period in self.periods],
            "day": self.reading.day,
            "tops": [unit for unit, _side, _kind in tops],
            "sides": [side for _unit, side, _kind in tops],
            "tops_kinds": [kind_number(kind) for _unit, _side, kind in tops],
            "lowest": lowest,
            "lowest_kind": kind_number(lowest),
            "kinds": KINDS,
            **{name: [row[n] for row in at] for n, name in enumerate(_AT)},
        }

    @staticmethod
    def _lines(measures: Sequence[Measure]) -> str:
        # A parameter, and no longer part of a statement whose own %s stand doubled.
        return ", ".join(one.line(place) for place, one in enumerate(measures)).replace("%%", "%")


Parts = dict[str, Sum]
_COLUMNS = ("what", "place", "wide", "part", "tops", "n", "said", "total")


@dataclass
class Folded:
    """What the roll-ups say: by measure, unit and period the parts; which measures are kept; by place
    and period how many of the awaited units reported and how many are awaited."""

    kept: set[int] = field(default_factory=set)
    heard: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    found: dict[tuple[int, int, int, bool], Parts] = field(default_factory=dict)

    def parts(
        self, measure: int, units: Sequence[int], period: Period, *, sure: bool = True
    ) -> Mapping[str, Sum]:
        """Part → numbers of some units together."""
        added: Parts = {}
        for unit in units:
            for part, one in self.found.get((measure, unit, code(period), sure), {}).items():
                added[part] = added.get(part, Sum()) + one
        return added

    def total(
        self, measure: int, units: Sequence[int], period: Period, *, sure: bool = True
    ) -> Sum:
        """All parts together."""
        return sum(self.parts(measure, units, period, sure=sure).values(), Sum())


def statement(asked: Asked) -> str:
    """The one statement; `asked.values()` are its parameters."""
    return _READ + (_HEARD if asked.covered else "")


def read(asked: Asked) -> Folded:
    """Everything asked, one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement(asked), asked.values())
        return _folded(cursor.fetchall())


def parsed(rows: str | None) -> Folded:
    """The same out of text."""
    told = json.loads(rows or "[]", parse_float=Decimal)
    return _folded([[row[name] for name in _COLUMNS] for row in told])


def _folded(rows: Iterable[Sequence[Any]]) -> Folded:
    found = Folded()
    for what, place, wide, part, tops, n, said, total in rows:
        if what == "kept":
            found.kept.add(place)
        elif what == "heard":
            found.heard[place, wide] = (n[0], said[0])
        else:
            for top, *told in zip(tops, n, said, map(Decimal, total), strict=True):
                found.found.setdefault((place, top, wide, what == "sure"), {})[part] = Sum(*told)
    return found


def answers(place: Place, reading: Reading) -> bool:
    """Whether a place's roll-ups add up to it: one unit, or units of a group that hold nothing twice."""
    if place.tree != Tree.STATE:
        return False
    if place.group is None:
        return True
    area = place.area(reading)
    if area.standing and area.ended:
        return False
    within = Ancestry.objects.filter(
        unit__in=place.tops, ancestor__in=place.tops, tree=Tree.STATE, sure=True
    )
    return not within.exclude(depth=0).exists()
