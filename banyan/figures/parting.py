"""One statement that tells a place's roll-ups by its parts and by month (`parts.py` reads it).

Roll-ups know units and not who stood over them when. What they cannot tell is told by the cells of a few
homes, in the same statement and so of the same instant: of units that stood elsewhere for some of the
period (*then*), of divided units, and the months within a longer period (a half year's round has none of
its own; its cells bear the month, which is as exact as the records and far fewer rows).
"""

from collections.abc import Sequence

from banyan.figures.measures import Measure

_PLACE = """
    p AS MATERIALIZED (SELECT id FROM packs_programme WHERE key = %(programme)s),
    m AS MATERIALIZED (
        SELECT (a.place - 1)::int AS place, m.id
          FROM unnest(%(meanings)s::text[]) WITH ORDINALITY AS a (meaning, place)
          JOIN p ON true
          JOIN figures_measure m ON m.programme_id = p.id AND m.meaning = a.meaning AND m.built),
    i AS MATERIALIZED (SELECT * FROM unnest(%(wide)s::int[], %(base)s::int[]) AS i (wide, base)),
    tops AS MATERIALIZED (
        SELECT * FROM unnest(%(tops)s::bigint[], %(sides)s::int[], %(tops_kinds)s::int[])
                      AS t (unit, side, kind)),
"""
# `part`: which unit of the table a home is of, on which days; `sure` is not where it was divided.
_BELOW = """
    kids AS MATERIALIZED (
        SELECT b.unit_id AS unit, t.side, range_agg(b.valid) AS valid,
               coalesce(array_position(%(kinds)s::text[], u.kind::text), 0) AS kind
          FROM tops t JOIN orgs_placement b ON b.parent_id = t.unit AND b.tree = 'state'
          JOIN orgs_unit u ON u.id = b.unit_id
         WHERE CASE WHEN t.side = 1 THEN b.valid @> %(day)s::date
                    ELSE EXISTS (
                        SELECT FROM unnest(%(firsts)s::date[], %(afters)s::date[]) AS e (first, after)
                         WHERE b.valid && daterange(e.first, e.after)) END
         GROUP BY 1, 2, 4),
    -- Who stood elsewhere as well in a period, read *then*.
    moved AS MATERIALIZED (
        SELECT DISTINCT k.unit, e.wide
          FROM kids k CROSS JOIN unnest(%(wides)s::int[], %(firsts)s::date[], %(afters)s::date[])
                                 AS e (wide, first, after)
          JOIN orgs_placement o ON o.unit_id = k.unit AND o.tree = 'state'
               AND o.valid && daterange(e.first, e.after)
         WHERE k.side = 0 AND (o.parent_id IN (SELECT unit FROM tops)) IS NOT TRUE),
    torn AS MATERIALIZED (
        SELECT unit_id, ancestor_id FROM orgs_ancestry WHERE tree = 'state' AND NOT sure),
    odd AS MATERIALIZED (
        SELECT a.unit_id AS home FROM orgs_ancestry a JOIN moved ON moved.unit = a.ancestor_id
         WHERE a.tree = 'state' AND a.sure
         UNION
        SELECT a.unit_id FROM torn a JOIN kids ON kids.unit = a.ancestor_id),
    part AS MATERIALIZED (
        SELECT o.unit_id AS home, o.ancestor_id AS unit, o.sure, o.valid * k.valid AS valid
          FROM (SELECT unit, side, unnest(valid) AS valid FROM kids) AS k
          JOIN orgs_ancestry o ON o.ancestor_id = k.unit AND o.tree = 'state' AND o.valid && k.valid
         WHERE {whose}),
"""
_MEMBERS = """
    kids AS MATERIALIZED (SELECT unit, side, kind FROM tops),
    moved AS MATERIALIZED (SELECT NULL::bigint AS unit, NULL::int AS wide WHERE false),
    odd AS MATERIALIZED (SELECT NULL::bigint AS home WHERE false),
    part AS MATERIALIZED (
        SELECT o.unit_id AS home, o.ancestor_id AS unit, o.sure, o.valid
          FROM tops t JOIN orgs_ancestry o ON o.ancestor_id = t.unit AND o.tree = 'state' AND o.sure),
"""
_READ = """
    rolled AS MATERIALIZED (
        SELECT f.place, f.wide, f.top, sum(f.n) AS n, sum(f.said) AS said, sum(f.total) AS total
          FROM p, (SELECT array_agg(unit) AS units, array_agg(side) AS sides, array_agg(kind) AS kinds
                     FROM (SELECT unit, side, kind FROM tops
                           UNION SELECT unit, side, kind FROM kids) AS u) AS u,
               figures_read(p.id, %(meanings)s::text[], true, u.units, u.sides, u.kinds, %(day)s::date,
                            %(wides)s::int[], %(wide)s::int[], %(base)s::int[], %(lines)s) AS f
         GROUP BY 1, 2, 3),
    -- What is at each unit itself, folded and open.
    open AS MATERIALIZED (
        SELECT said.place, d.home, d.period, d.month, d.stay, sum(d.n) AS n,
               coalesce(sum(d.n) FILTER (WHERE said.number IS NOT NULL), 0) AS said,
               coalesce(sum(d.n * said.number), 0) AS total
          FROM (SELECT d.home, d.month, d.stay, d.state, d.measures, d.n, figures_period(d.span) AS period,
                       figures_facts(d.facets) AS facts
                  FROM figures_delta d JOIN p ON d.programme_id = p.id) AS d,
               LATERAL (VALUES {lines}) AS said (place, met, part, number)
         WHERE said.met AND d.period IN (SELECT base FROM i) GROUP BY 1, 2, 3, 4, 5)
"""
# Cells of some homes, each with the day by which it is read (`met`: where it counts on that day).
_CELLS = """
    {name} AS MATERIALIZED (
        SELECT c.place, c.home, i.wide, c.month, coalesce(%(day)s::date, c.month) AS day,
               sum(c.n) AS n, sum(c.said) AS said, sum(c.total) AS total
          FROM (SELECT m.place, c.home, c.period, c.month, c.stay, c.n, c.said, c.total
                  FROM {homes} JOIN figures_cell c ON c.home = h.home
                  JOIN m ON m.id = c.measure_id {measures}
                  JOIN (SELECT DISTINCT base FROM i) AS b ON b.base = c.period
                 WHERE {which}
                 UNION ALL
                SELECT c.place, c.home, c.period, c.month, c.stay, c.n, c.said, c.total
                  FROM {homes} JOIN open c ON c.home = h.home {open_measures} WHERE {which}) AS c
          JOIN i ON i.base = c.period
         WHERE c.stay IS NULL OR c.stay @> coalesce(%(day)s::date, c.month)
         GROUP BY 1, 2, 3, 4)
"""
_HELD = """
    held AS MATERIALIZED (
        SELECT a.unit_id AS home, a.valid FROM tops t
          JOIN orgs_ancestry a ON a.ancestor_id = t.unit AND a.tree = 'state' AND a.sure)
"""
_MONTHLY = """
    -- Records of monthly rounds are in the roll-ups of months; where these are all, no cell is read.
    monthly AS MATERIALIZED (
        SELECT f.place, f.wide, sum(f.n) AS n, sum(f.said) AS said, sum(f.total) AS total
          FROM p, (SELECT array_agg(unit) AS units, array_agg(side) AS sides, array_agg(kind) AS kinds
                     FROM tops) AS u,
               figures_read(p.id, %(meanings)s::text[], true, u.units, u.sides, u.kinds, %(day)s::date,
                            %(months)s::int[], %(months)s::int[], %(months)s::int[], %(lines)s) AS f
         GROUP BY 1, 2)
"""
_IS_LONGER = """(c.period %% 100 = 0 OR c.period %% 100 > 20)
                   AND (SELECT sum(r.n) FROM rolled r JOIN tops ON tops.unit = r.top WHERE r.place = 0)
                       IS DISTINCT FROM (SELECT sum(n) FROM monthly WHERE place = 0)"""
_EVERY_HOME = "(SELECT DISTINCT home FROM held) AS h"
_TOLD = """
    SELECT 'kept' AS what, place, NULL::int AS wide, NULL::bigint AS unit, NULL::int AS month,
           NULL::numeric AS n, NULL::numeric AS said, NULL::numeric AS total FROM m
    UNION ALL
    SELECT 'whole', r.place, r.wide, NULL, NULL, sum(r.n), sum(r.said), sum(r.total)
      FROM rolled r JOIN tops t ON t.unit = r.top GROUP BY 1, 2, 3
    UNION ALL
    SELECT 'part', r.place, r.wide, r.top, NULL, r.n, r.said, r.total
      FROM rolled r JOIN kids k ON k.unit = r.top
     WHERE NOT EXISTS (SELECT FROM moved WHERE moved.unit = r.top AND moved.wide = r.wide)
    UNION ALL
    SELECT 'part', t.place, t.wide, x.unit, NULL, sum(t.n), sum(t.said), sum(t.total)
      FROM oddly t JOIN part x ON x.home = t.home AND x.sure AND x.valid @> t.day
      JOIN moved ON moved.unit = x.unit AND moved.wide = t.wide GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'loose', t.place, t.wide, NULL, NULL, sum(t.n), sum(t.said), sum(t.total)
      FROM oddly t
     WHERE EXISTS (SELECT FROM orgs_ancestry a JOIN tops ON tops.unit = a.ancestor_id
                    WHERE a.unit_id = t.home AND a.tree = 'state' AND a.sure AND a.valid @> t.day)
       AND EXISTS (SELECT FROM part x WHERE x.home = t.home AND NOT x.sure AND x.valid @> t.day)
       AND NOT EXISTS (SELECT FROM part x WHERE x.home = t.home AND x.sure AND x.valid @> t.day)
     GROUP BY 1, 2, 3
"""
_MONTHS = """
    UNION ALL
    SELECT 'month', place, NULL, NULL, wide, n, said, total FROM monthly
    UNION ALL
    SELECT 'month', t.place, NULL, NULL,
           (extract(year FROM t.month) * 100 + extract(month FROM t.month))::int,
           sum(t.n), sum(t.said), sum(t.total)
      FROM longer t JOIN held a ON a.home = t.home AND a.valid @> t.day
     GROUP BY t.place, 5
"""
# How many of the units awaited have records in each part.
_HEARD = """
    UNION ALL
    SELECT 'heard', NULL, NULL, t.unit, t.loose::int, count(DISTINCT o.ancestor_id), NULL, NULL
      FROM (SELECT t.home, x.unit, x.unit IS NULL AND EXISTS (
                     SELECT FROM part y
                      WHERE y.home = t.home AND NOT y.sure AND y.valid @> t.day) AS loose
              FROM every t JOIN held a ON a.home = t.home AND a.valid @> t.day
              LEFT JOIN part x ON x.home = t.home AND x.sure AND x.valid @> t.day
             WHERE t.wide = %(now)s AND t.n > 0) AS t
      JOIN orgs_ancestry o ON o.unit_id = t.home AND o.tree = 'state' AND o.sure
           AND o.valid @> %(told_on)s::date
     WHERE o.ancestor_id IN (
           SELECT a.unit_id FROM tops
             JOIN orgs_ancestry a ON a.ancestor_id = tops.unit AND a.tree = 'state'
             JOIN orgs_unit u ON u.id = a.unit_id
            WHERE a.depth IS NOT NULL AND a.valid @> %(told_on)s::date AND u.kind = %(lowest)s)
     GROUP BY 4, 5
"""


def statement(
    measures: Sequence[Measure], *, grouped: bool, by_month: bool, who_reported: bool
) -> str:
    """The statement for measures (the records as such first) of a unit, or of a group by its units."""
    lines = ", ".join(one.line(place) for place, one in enumerate(measures))
    whose = "true" if who_reported else "o.unit_id IN (SELECT home FROM odd)"
    below = _MEMBERS if grouped else _BELOW.format(whose=whose)
    steps, told = [below + _READ.format(lines=lines), _cells("oddly", "odd AS h")], _TOLD
    if by_month or who_reported:
        steps.append(_HELD)
    if by_month:
        steps += [_MONTHLY, _cells("longer", _EVERY_HOME, which=_IS_LONGER)]
        told += _MONTHS
    if who_reported:
        steps.append(_cells("every", _EVERY_HOME, "AND {0}.place = 0"))
        told += _HEARD
    return f"WITH {_PLACE}{', '.join(steps)} {told}"


def _cells(name: str, homes: str, measures: str = "", which: str = "true") -> str:
    return _CELLS.format(
        name=name,
        homes=homes,
        measures=measures.format("m"),
        open_measures=measures.format("c"),
        which=which,
    )
