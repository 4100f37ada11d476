"""Reading the roll-ups: what is rolled up and what is open, in one statement (`folding.py` says why).

A change is seen at every level the instant it is committed, whether it was folded or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from banyan.figures.folding import KINDS, TOLD
from banyan.figures.measures import Measure
from banyan.figures.place import Place, lowest_kind
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry, Tree
from banyan.orgs.readings import Reading
from banyan.packs.schema import Pack

_PROGRAMME = "(SELECT id FROM packs_programme WHERE key = %(programme)s)"
# The day by which a row counts at a top: of its month on the side of *then* (0), else the reading's.
_DAY = "CASE tops.side WHEN 0 THEN {month} ELSE %(day)s::date END"
_STAYS = "({row}.stay IS NULL OR {row}.stay @> {day}) AND a.valid @> {day}"
# Roll-ups are of the units of each month, and of those of the folded day. Another day's figures are
# read from the cells, through the closure of that day.
_TOPS = """
    SELECT t.*, t.side = 0 OR EXISTS (SELECT FROM figures_day WHERE day = %(day)s) AS rolled FROM ({}) AS t
"""
# The units asked for, sure and unsure; and those awaited to report, of which the records as such (the
# measure at 0) are enough, as they are of what is unsure.
_ASKED_FOR = """
    SELECT top, side, kind, sure, sure AS fully
      FROM unnest(%(tops)s::bigint[], %(sides)s::int[], %(tops_kinds)s::int[]) AS t (top, side, kind),
           unnest(ARRAY[true, false]) AS sure
    UNION ALL
    SELECT DISTINCT unit, side, %(lowest_kind)s::int, true, false FROM awaited
"""


def _stays(row: str) -> str:
    return _STAYS.format(row=row, day=_DAY.format(month=f"{row}.month"))


def _found(lines: str) -> str:
    """`found`: rows of numbers (place of the measure, period, top, sure, fully, part, n, said, total), to be
    added up: rolled up, at the units themselves, moved and not rolled up yet, changed and not folded."""
    near = """EXISTS (SELECT FROM orgs_ancestry a JOIN tops ON tops.top = a.ancestor_id
                        WHERE a.unit_id = d.home)"""
    told = TOLD.format(source="figures_delta", which=near, programme=_PROGRAMME)
    cell = "c.part, {0}c.n, {0}c.said, {0}c.total"
    of_cells = """JOIN asked ON asked.id = c.measure_id AND (tops.fully OR asked.place = 0)
          JOIN inside ON inside.base = c.period"""
    return f"""
    asked AS MATERIALIZED (
        SELECT a.place, m.id FROM unnest(%(places)s::int[], %(meanings)s::text[]) AS a (place, meaning)
          JOIN figures_measure m ON m.programme_id = {_PROGRAMME} AND m.meaning = a.meaning AND m.built),
    inside AS MATERIALIZED (SELECT * FROM unnest(%(wide)s::int[], %(base)s::int[]) AS i (wide, base)),
    tops AS MATERIALIZED ({_TOPS.format(_ASKED_FOR)}),
    told AS MATERIALIZED ({told}),
    found (place, wide, top, sure, fully, part, n, said, total) AS (
        SELECT asked.place, r.period, r.ancestor, tops.sure, tops.fully, r.part, r.n, r.said, r.total
          FROM asked JOIN figures_rollup r ON r.measure_id = asked.id AND r.period = ANY(%(wides)s::int[])
          JOIN tops ON tops.top = r.ancestor AND tops.kind = r.kind AND tops.rolled
               AND r.side = tops.side + CASE WHEN tops.sure THEN 0 ELSE 2 END
         WHERE tops.fully OR asked.place = 0
        UNION ALL
        SELECT asked.place, inside.wide, tops.top, true, tops.fully, {cell.format("")}
          FROM tops JOIN figures_cell c ON c.home = tops.top AND tops.rolled AND tops.sure {of_cells}
          JOIN orgs_ancestry a ON a.unit_id = c.home AND a.ancestor_id = c.home AND a.tree = 'state'
               AND a.depth = 0 AND {_stays("c")}
        UNION ALL
        SELECT asked.place, inside.wide, tops.top, tops.sure, tops.fully, {cell.format("a.n * ")}
          FROM tops JOIN figures_moved a ON a.ancestor_id = tops.top AND a.sure = tops.sure AND tops.rolled
          JOIN figures_cell c ON c.home = a.unit_id AND {_stays("c")} {of_cells}
        UNION ALL
        SELECT asked.place, inside.wide, tops.top, tops.sure, tops.fully, {cell.format("")}
          FROM tops JOIN orgs_ancestry a ON a.ancestor_id = tops.top AND a.tree = 'state'
               AND a.sure = tops.sure AND NOT tops.rolled
          JOIN figures_cell c ON c.home = a.unit_id AND {_stays("c")} {of_cells}
        UNION ALL
        SELECT said.place, inside.wide, tops.top, tops.sure, tops.fully, said.part, d.n,
               d.n * (said.number IS NOT NULL)::int, coalesce(d.n * said.number, 0)
          FROM told d JOIN inside ON inside.base = d.period
          JOIN orgs_ancestry a ON a.unit_id = d.home AND a.tree = 'state'
          JOIN tops ON tops.top = a.ancestor_id AND tops.sure = a.sure AND {_stays("d")},
               LATERAL (VALUES {lines}) AS said (place, met, part, number)
         WHERE said.met AND (tops.fully OR said.place = 0))
    """


@dataclass(frozen=True)
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
            for n, place in enumerate(self.places)
            for unit, side, _kind in self.tops([place])
            for period in self.periods
        ]
        return {
            "programme": self.pack.id,
            "places": list(range(len(self.measures))),
            "meanings": [one.meaning for one in self.measures],
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

    def lines(self) -> str:
        """The measures as rows over a change."""
        return ", ".join(one.line(place) for place, one in enumerate(self.measures))


Parts = dict[str, Sum]


@dataclass
class Folded:
    """What the roll-ups say: by measure, unit and period the parts; which measures are kept; by place
    and period how many of the awaited units reported and how many are awaited; in which periods units
    changed, so that the records must say it."""

    kept: set[int] = field(default_factory=set)
    heard: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    unsteady: set[int] = field(default_factory=set)
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


_AWAITED = """
    awaited AS MATERIALIZED (
        SELECT w.place, w.wide, w.side, a.unit_id AS unit
          FROM unnest(%(at)s::int[], %(at_top)s::bigint[], %(at_side)s::int[], %(at_wide)s::int[],
                      %(at_day)s::date[]) AS w (place, top, side, wide, on_day)
          JOIN orgs_ancestry a ON a.ancestor_id = w.top AND a.tree = 'state' AND a.depth IS NOT NULL
               AND a.valid @> w.on_day
          JOIN orgs_unit u ON u.id = a.unit_id AND u.kind = %(lowest)s)
"""
# Units that began, ended or moved within a period: those of its last day answer for others' months.
_UNSTEADY = """
    SELECT DISTINCT e.wide
      FROM unnest(%(wides)s::int[], %(firsts)s::date[], %(afters)s::date[]) AS e (wide, first, after)
      JOIN orgs_placement p ON p.tree = 'state' AND 0 = ANY(%(at_side)s::int[])
           AND (lower(p.valid) > e.first AND lower(p.valid) < e.after
                OR upper(p.valid) > e.first AND upper(p.valid) < e.after)
      JOIN orgs_unit u ON u.id = p.unit_id
     WHERE array_position(%(kinds)s::text[], u.kind::text) <= %(lowest_kind)s::int
           OR EXISTS (SELECT FROM orgs_placement o WHERE o.unit_id = p.unit_id AND o.tree = p.tree
                      AND upper(o.valid) = lower(p.valid))
"""


def read(asked: Asked) -> Folded:
    """Everything asked, one statement."""
    found = Folded()
    sql = f"""
        WITH {_AWAITED}, {_found(asked.lines())},
             heard AS (SELECT top, wide FROM found WHERE sure AND NOT fully GROUP BY 1, 2 HAVING sum(n) > 0)
        SELECT 'number', place, wide, top, sure, part, sum(n), sum(said), sum(total)
          FROM found WHERE fully OR NOT sure GROUP BY 1, 2, 3, 4, 5, 6
        UNION ALL
        SELECT 'kept', place, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM asked
        UNION ALL
        SELECT 'unsteady', NULL, wide, NULL, NULL, NULL, NULL, NULL, NULL FROM ({_UNSTEADY}) AS u
        UNION ALL
        SELECT 'heard', awaited.place, awaited.wide, NULL, NULL, NULL,
               count(DISTINCT heard.top), count(DISTINCT awaited.unit), NULL
          FROM awaited LEFT JOIN heard ON heard.top = awaited.unit AND heard.wide = awaited.wide
         GROUP BY 2, 3
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.values())
        for what, place, wide, top, sure, part, n, said, total in cursor.fetchall():
            if what == "kept":
                found.kept.add(place)
            elif what == "unsteady":
                found.unsteady.add(wide)
            elif what == "heard":
                found.heard[place, wide] = (int(n), int(said))
            else:
                told = found.found.setdefault((place, top, wide, sure), {})
                told[part] = Sum(int(n), int(said), total)
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


def kind_number(kind: str) -> int:
    """How a kind of unit is written in the roll-ups."""
    return KINDS.index(kind) + 1 if kind in KINDS else 0


def code(period: Period) -> int:
    """How a period is written in the roll-ups (SQL: `figures_period`)."""
    add = {"year": 0, "half": 30, "quarter": 20, "month": 0}[period.kind]
    return 100 * period.year + add + (0 if period.kind == "year" else period.number)


def codes_in(period: Period) -> list[int]:
    """The periods that lie within one, itself among them."""
    months = range(period.first.month, period.first.month + len(period.month_ends()))
    found = [100 * period.year + month for month in months]
    found += [100 * period.year + 20 + m // 3 for m in months if m % 3 == 0 and len(months) >= 3]
    found += [100 * period.year + 30 + m // 6 for m in months if m % 6 == 0 and len(months) >= 6]
    return [*found, 100 * period.year] if period.kind == "year" else found
