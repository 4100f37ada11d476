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
"""
_MEMBERS = """
    kids AS MATERIALIZED (SELECT unit, side, kind, '{(,)}'::datemultirange AS valid FROM tops),
    moved AS MATERIALIZED (SELECT NULL::bigint AS unit, NULL::int AS wide WHERE false),
    odd AS MATERIALIZED (SELECT NULL::bigint AS home WHERE false),
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
# Cells of some homes that the place holds on the day by which they are read (where they count on it). The
# closure is asked by its index, once for each: of these tables the planner knows no size.
_CELLS = """
    {name} AS MATERIALIZED (
        SELECT t.* {part}
          FROM (SELECT m.place, c.home, i.wide, c.month, coalesce(%(day)s::date, c.month) AS day,
                       sum(c.n) AS n, sum(c.said) AS said, sum(c.total) AS total
                  FROM (SELECT c.measure_id, c.home, c.period, c.month, c.stay, c.n, c.said, c.total
                          FROM {homes} JOIN figures_cell c ON c.home = h.home
                               AND c.measure_id = ANY(ARRAY(SELECT id FROM m WHERE {measures}))
                               AND c.period = ANY(ARRAY(SELECT base FROM i WHERE {bases}))
                         UNION ALL
                        SELECT m.id, c.home, c.period, c.month, c.stay, c.n, c.said, c.total
                          FROM open c JOIN m ON m.place = c.place
                         WHERE {measures} AND c.home IN (SELECT h.home FROM {homes})
                           AND c.period IN (SELECT base FROM i WHERE {bases})) AS c
                  JOIN m ON m.id = c.measure_id JOIN i ON i.base = c.period
                 WHERE c.stay IS NULL OR c.stay @> coalesce(%(day)s::date, c.month)
                 GROUP BY 1, 2, 3, 4) AS t
         WHERE EXISTS (
               SELECT FROM orgs_ancestry a
                WHERE a.unit_id = t.home AND a.ancestor_id = ANY(ARRAY(SELECT unit FROM tops))
                  AND a.tree = 'state' AND a.sure AND a.valid @> t.day))
"""
# The unit of the table, and whether the home is divided among several.
_PART = """,
               (SELECT k.unit FROM (
                    SELECT o.ancestor_id FROM orgs_ancestry o WHERE o.unit_id = t.home
                       AND o.tree = 'state' AND o.sure AND o.valid @> t.day OFFSET 0) AS o
                  JOIN kids k ON k.unit = o.ancestor_id AND k.valid @> t.day LIMIT 1) AS unit,
               EXISTS (SELECT FROM (
                    SELECT o.ancestor_id FROM orgs_ancestry o WHERE o.unit_id = t.home
                       AND o.tree = 'state' AND NOT o.sure AND o.valid @> t.day OFFSET 0) AS o
                  JOIN kids k ON k.unit = o.ancestor_id AND k.valid @> t.day) AS torn"""
_HOMES = """(SELECT DISTINCT a.unit_id AS home FROM tops
                            JOIN orgs_ancestry a ON a.ancestor_id = tops.unit AND a.tree = 'state'
                                 AND a.sure) AS h"""
# Records of monthly rounds are in the roll-ups of months; where these are all, no cell is read.
_MONTHLY = """
    monthly AS MATERIALIZED (
        SELECT f.place, f.wide, sum(f.n) AS n, sum(f.said) AS said, sum(f.total) AS total
          FROM p, (SELECT array_agg(unit) AS units, array_agg(side) AS sides, array_agg(kind) AS kinds
                     FROM tops) AS u,
               figures_read(p.id, %(meanings)s::text[], true, u.units, u.sides, u.kinds, %(day)s::date,
                            %(months)s::int[], %(months)s::int[], %(months)s::int[], %(lines)s) AS f
         GROUP BY 1, 2)
"""
_LONGER = """(base %% 100 = 0 OR base %% 100 > 20)
                   AND (SELECT sum(r.n) FROM rolled r JOIN tops ON tops.unit = r.top WHERE r.place = 0)
                       IS DISTINCT FROM (SELECT sum(n) FROM monthly WHERE place = 0)"""
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
    SELECT 'part', t.place, t.wide, t.unit, NULL, sum(t.n), sum(t.said), sum(t.total)
      FROM oddly t JOIN moved ON moved.unit = t.unit AND moved.wide = t.wide GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'loose', t.place, t.wide, NULL, NULL, sum(t.n), sum(t.said), sum(t.total)
      FROM oddly t WHERE t.unit IS NULL AND t.torn GROUP BY 1, 2, 3
"""
_MONTHS = """
    UNION ALL
    SELECT 'month', place, NULL, NULL, wide, n, said, total FROM monthly
    UNION ALL
    SELECT 'month', t.place, NULL, NULL,
           (extract(year FROM t.month) * 100 + extract(month FROM t.month))::int,
           sum(t.n), sum(t.said), sum(t.total)
      FROM longer t GROUP BY t.place, 5
"""
# How many of the units awaited have records in each part.
_HEARD = """
    UNION ALL
    SELECT 'heard', NULL, NULL, t.unit, t.loose, count(DISTINCT t.awaited), NULL, NULL
      FROM (SELECT t.unit, (t.unit IS NULL AND t.torn)::int AS loose,
                   (SELECT o.ancestor_id FROM orgs_ancestry o
                      JOIN orgs_unit u ON u.id = o.ancestor_id AND u.kind = %(lowest)s
                      JOIN orgs_ancestry a ON a.unit_id = o.ancestor_id AND a.tree = 'state'
                           AND a.ancestor_id = ANY(ARRAY(SELECT unit FROM tops))
                           AND a.depth IS NOT NULL AND a.valid @> %(told_on)s::date
                     WHERE o.unit_id = t.home AND o.tree = 'state' AND o.sure
                       AND o.valid @> %(told_on)s::date LIMIT 1) AS awaited
              FROM (SELECT DISTINCT home, unit, torn FROM every WHERE wide = %(now)s AND n > 0) AS t) AS t
     GROUP BY 4, 5
"""


def statement(
    measures: Sequence[Measure], *, grouped: bool, by_month: bool, who_reported: bool
) -> str:
    """The statement for measures (the records as such first) of a unit, or of a group by its units."""
    lines = ", ".join(one.line(place) for place, one in enumerate(measures))
    below = (_MEMBERS if grouped else _BELOW) + _READ.format(lines=lines)
    steps, told = [below, _cells("oddly", "odd AS h", part=_PART)], _TOLD
    if by_month:
        steps += [_MONTHLY, _cells("longer", _HOMES, bases=_LONGER)]
        told += _MONTHS
    if who_reported:
        steps.append(_cells("every", _HOMES, part=_PART, measures="m.place = 0"))
        told += _HEARD
    return f"WITH {_PLACE}{', '.join(steps)} {told}"


def _cells(name: str, homes: str, **which: str) -> str:
    """`which`: of which measures and base periods, and whether with their `part`."""
    every = {"part": "", "measures": "true", "bases": "true"}
    return _CELLS.format(name=name, homes=homes, **{**every, **which})
