"""Who reported, counted beforehand: at every unit above, how many of the units awaited have records.

"142 of 160 communes" is no sum of what communes have, so that it cannot be folded like a roll-up. But it
changes by one where a unit has its first record, or none any more, and that is seen before changes are
folded (`figures_steps`): so the folder moves it along, and a reader moves it by what is open. Where units
moved, or another day came, it is counted anew; where nothing is kept a reader counts for itself
(`figures_heard`, migration 0005). So whatever is missing here is slower and never wrong.
"""

from datetime import date
from typing import Any

from banyan.figures.coding import KINDS, codes_in, kind_number, period_of

AT_ONCE = 2
_WHOLE = """
    SELECT id, meaning, awaited FROM figures_measure
     WHERE programme_id = %s AND whole AND built AND awaited IS NOT NULL
"""
_TOUCHED = """
    SELECT DISTINCT unnest(figures_periods(figures_period(span))) FROM figures_delta
     WHERE programme_id = %s AND id <= %s
"""
# Each row is looked up by its key: how many there are is not known to a plan before the table is analysed.
_STEP = """
    WITH steps AS MATERIALIZED (
        SELECT s.wide, s.side, a.ancestor_id AS top, sum(s.step) AS step
          FROM figures_steps(%(programme)s, %(meaning)s, %(kind)s, %(kind_number)s, %(last)s, %(day)s::date,
                             %(wides)s::int[], %(within)s::int[], %(base)s::int[]) AS s
          JOIN unnest(%(wides)s::int[], %(lasts)s::date[]) AS l (wide, last) ON l.wide = s.wide
          JOIN orgs_ancestry a ON a.unit_id = s.unit AND a.tree = 'state' AND a.depth > 0
               AND a.valid @> CASE s.side WHEN 0 THEN l.last ELSE %(day)s::date END
         GROUP BY 1, 2, 3),
         found AS MATERIALIZED (
        SELECT c.at, s.step
          FROM steps s CROSS JOIN LATERAL (
               SELECT c.ctid AS at FROM figures_coverage c
                WHERE c.measure_id = %(measure)s AND c.period = s.wide AND c.side = s.side
                  AND c.kind = %(kind)s AND c.top = s.top OFFSET 0) AS c)
    UPDATE figures_coverage c SET reported = c.reported + found.step FROM found WHERE c.ctid = found.at
"""
_MARK = """
    INSERT INTO figures_uncovered
    SELECT %(measure)s, wide FROM unnest(%(wides)s::int[]) AS wide
     WHERE NOT EXISTS (SELECT FROM figures_coverage c WHERE c.measure_id = %(measure)s AND c.period = wide)
    ON CONFLICT DO NOTHING
"""
_MARK_ALL = """
    INSERT INTO figures_uncovered SELECT DISTINCT measure_id, period FROM {table} {which}
    ON CONFLICT DO NOTHING
"""
_TAKE = """
    DELETE FROM figures_uncovered u USING figures_measure m
     WHERE m.id = u.measure_id AND (u.measure_id, u.period) IN
           (SELECT measure_id, period FROM figures_uncovered ORDER BY period DESC, 1 LIMIT %s)
    RETURNING m.id, m.programme_id, m.meaning, m.awaited, u.period
"""
_COVER = """
    INSERT INTO figures_coverage (measure_id, period, side, kind, top, day, reported, awaited)
    WITH lowest AS MATERIALIZED (SELECT id FROM orgs_unit WHERE kind = %(kind)s),
         units AS (SELECT array_agg(id) AS ids, count(*)::int AS n FROM lowest),
         heard AS MATERIALIZED (
        SELECT r.top
          FROM units u, figures_read(%(programme)s, ARRAY[%(meaning)s], true, u.ids,
                                     array_fill(%(side)s, ARRAY[u.n]),
                                     array_fill(%(kind_number)s, ARRAY[u.n]),
                                     %(day)s::date, %(wides)s::int[], %(within)s::int[], %(base)s::int[],
                                     NULL) AS r
         GROUP BY 1 HAVING sum(r.n) > 0)
    SELECT %(measure)s, %(period)s, %(side)s, %(kind)s, a.ancestor_id, %(day)s::date, count(h.top), count(*)
      FROM lowest l
      JOIN orgs_ancestry a ON a.unit_id = l.id AND a.tree = 'state' AND a.depth > 0
           AND a.valid @> %(day)s::date
      LEFT JOIN heard h ON h.top = l.id
     GROUP BY a.ancestor_id
"""


def step(cursor: Any, programme: int, last: int, day: date) -> None:
    """Before the changes up to `last` are folded: what they make of who reported."""
    cursor.execute(_WHOLE, [programme])
    found = cursor.fetchone()
    if found is None:
        return
    measure, meaning, kind = found
    cursor.execute(_TOUCHED, [programme, last])
    wides = [wide for (wide,) in cursor.fetchall() if wide is not None]
    if not wides:
        return
    values = _asked(wides) | {"programme": programme, "last": last, "day": day}
    values |= {"measure": measure, "meaning": meaning, "kind": kind}
    cursor.execute(_STEP, {**values, "kind_number": kind_number(kind)})
    cursor.execute(_MARK, values)


def uncover(cursor: Any) -> None:
    """Units moved, or it is another day: everything is counted anew."""
    cursor.execute(_MARK_ALL.format(table="figures_coverage", which=""))
    cursor.execute("DELETE FROM figures_coverage")


def await_of(cursor: Any, programme: int, kind: str | None) -> None:
    """From units of which kind a programme awaits records, as its newest edition says."""
    cursor.execute(
        "UPDATE figures_measure SET awaited = %s WHERE programme_id = %s AND whole AND built"
        " AND awaited IS DISTINCT FROM %s RETURNING id",
        [kind, programme, kind],
    )
    for (measure,) in cursor.fetchall():
        cursor.execute("DELETE FROM figures_coverage WHERE measure_id = %s", [measure])
        which = "WHERE measure_id = %s"
        cursor.execute(_MARK_ALL.format(table="figures_rollup", which=which), [measure])


def cover(cursor: Any, day: date, most: int = AT_ONCE) -> int:
    """Count some of what is marked, the latest periods first; how many. Of what is folded: call it
    where that is this snapshot's own."""
    cursor.execute(_TAKE, [most])
    taken = cursor.fetchall()
    for measure, programme, meaning, kind, code in taken:
        cursor.execute(
            "DELETE FROM figures_coverage WHERE measure_id = %s AND period = %s", [measure, code]
        )
        if kind is None:
            continue
        period = period_of(code)
        values = _asked([code]) | {"programme": programme, "meaning": meaning, "measure": measure}
        values |= {"kind": kind, "kind_number": kind_number(kind), "period": code}
        cursor.execute(
            "SELECT figures_changed(ARRAY[%s::date], ARRAY[%s::date], %s, %s)",
            [period.first, period.after, KINDS, kind_number(kind)],
        )
        (changed,) = cursor.fetchone()
        for side, on in ((1, day), *(() if changed else ((0, period.last),))):
            cursor.execute(_COVER, {**values, "side": side, "day": on})
    return len(taken)


def _asked(wides: list[int]) -> dict[str, list[Any]]:
    inside = [(wide, base) for wide in wides for base in codes_in(period_of(wide))]
    return {
        "wides": wides,
        "lasts": [period_of(wide).last for wide in wides],
        "within": [wide for wide, _base in inside],
        "base": [base for _wide, base in inside],
    }
