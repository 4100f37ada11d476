"""Who reported, counted beforehand at every unit above: `figures/coverage.py` keeps it, `figures_heard` reads it.

- figures_coverage: of the units of a kind below `top` on `day` so many have records in `period`, of so
  many from which records are awaited. `side` as in figures_rollup. Not there where units changed within
  the period on that side: then it is counted when asked.
- figures_uncovered: what is to be counted there, or anew.
"""

from django.db import migrations

FORWARDS = """
ALTER TABLE figures_measure ADD COLUMN awaited text;

CREATE TABLE figures_coverage (
    measure_id integer NOT NULL REFERENCES figures_measure (id) ON DELETE CASCADE,
    period integer NOT NULL,
    reported integer NOT NULL,
    awaited integer NOT NULL,
    day date NOT NULL,
    top bigint NOT NULL,
    side smallint NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (measure_id, period, side, kind, top));

CREATE TABLE figures_uncovered (
    measure_id integer NOT NULL REFERENCES figures_measure (id) ON DELETE CASCADE,
    period integer NOT NULL,
    PRIMARY KEY (measure_id, period));

CREATE INDEX figures_began ON orgs_placement (lower(valid)) WHERE tree = 'state';
CREATE INDEX figures_ended ON orgs_placement (upper(valid)) WHERE tree = 'state';

-- Whether a unit of a kind up to `lowest_kind` began, ended or moved within a period: then a record is of
-- the unit that stands over it on the period's day, which may be another one than in the record's month.
-- One look at placements for all periods.
CREATE FUNCTION figures_changed(firsts date[], afters date[], kinds text[], lowest_kind int) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        WITH span AS MATERIALIZED (
            SELECT (SELECT min(f.first) FROM unnest(firsts) AS f (first)) AS first,
                   (SELECT max(f.after) FROM unnest(afters) AS f (after)) AS after),
             changed AS MATERIALIZED (
            SELECT p.unit_id, p.tree, p.valid FROM orgs_placement p
             WHERE p.tree = 'state' AND lower(p.valid) > (SELECT s.first FROM span s) AND lower(p.valid) < (SELECT s.after FROM span s)
            UNION ALL
            SELECT p.unit_id, p.tree, p.valid FROM orgs_placement p
             WHERE p.tree = 'state' AND upper(p.valid) > (SELECT s.first FROM span s) AND upper(p.valid) < (SELECT s.after FROM span s))
        SELECT FROM unnest(firsts, afters) AS e (first, after)
          JOIN changed p ON lower(p.valid) > e.first AND lower(p.valid) < e.after
                         OR upper(p.valid) > e.first AND upper(p.valid) < e.after
          JOIN orgs_unit u ON u.id = p.unit_id
         WHERE array_position(kinds, u.kind::text) <= lowest_kind
            OR EXISTS (SELECT FROM orgs_placement o WHERE o.unit_id = p.unit_id AND o.tree = p.tree
                         AND upper(o.valid) = lower(p.valid)))
$$;

-- Units that have records at last, or have none any more, with the open changes up to an id (NULL: all).
CREATE FUNCTION figures_steps(of_programme bigint, all_of_them text, lowest text, lowest_kind int, up_to bigint, on_day date,
                              wides int[], within int[], base int[])
RETURNS TABLE (unit bigint, wide int, side int, step int) LANGUAGE plpgsql STABLE ROWS 20 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM figures_delta d WHERE d.programme_id = of_programme) THEN RETURN; END IF;
    RETURN QUERY
        WITH open AS MATERIALIZED (
            SELECT u.id AS unit, i.wide, s.side, sum(d.n) AS n
              FROM figures_delta d JOIN unnest(within, base) AS i (wide, base) ON i.base = figures_period(d.span)
             CROSS JOIN (VALUES (0), (1)) AS s (side)
              JOIN orgs_ancestry a ON a.unit_id = d.home AND a.tree = 'state' AND a.sure
                   AND a.valid @> CASE s.side WHEN 0 THEN d.month ELSE on_day END
              JOIN orgs_unit u ON u.id = a.ancestor_id AND u.kind = lowest
             WHERE d.programme_id = of_programme AND (up_to IS NULL OR d.id <= up_to)
               AND (d.stay IS NULL OR d.stay @> CASE s.side WHEN 0 THEN d.month ELSE on_day END)
             GROUP BY 1, 2, 3 HAVING sum(d.n) <> 0),
             kept AS MATERIALIZED (
            SELECT t.side, r.top, r.wide, sum(r.n) AS n
              FROM (SELECT o.side, array_agg(DISTINCT o.unit) AS units FROM open o GROUP BY 1) AS t
             CROSS JOIN LATERAL figures_read(of_programme, ARRAY[all_of_them], true, t.units, array_fill(t.side, ARRAY[cardinality(t.units)]),
                   array_fill(lowest_kind, ARRAY[cardinality(t.units)]), on_day, wides, within, base, NULL) AS r
             GROUP BY 1, 2, 3)
        SELECT o.unit, o.wide, o.side, (o.n + coalesce(k.n, 0) > 0)::int - (coalesce(k.n, 0) > 0)::int
          FROM open o LEFT JOIN kept k ON k.side = o.side AND k.top = o.unit AND k.wide = o.wide
         WHERE (o.n + coalesce(k.n, 0) > 0) <> (coalesce(k.n, 0) > 0);
END $$;

-- How many of the units awaited (of a kind, under tops, on days) have records, of how many: what is kept
-- with what is open; and counted where nothing is kept. Its plans depend on how much lies below.
CREATE FUNCTION figures_heard(of_programme bigint, all_of_them text, lowest text, lowest_kind int, kinds text[], at int[], at_tops bigint[],
                              at_sides int[], at_wides int[], at_days date[], on_day date, wides int[], firsts date[], afters date[],
                              within int[], base int[], lines text)
RETURNS TABLE (place int, wide int, reported bigint, awaited bigint) LANGUAGE plpgsql STABLE ROWS 20
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    earliest date;
    latest date;
    whole_id int := (SELECT m.id FROM figures_measure m WHERE m.programme_id = of_programme AND m.meaning = all_of_them AND m.built);
BEGIN
    IF NOT EXISTS (SELECT FROM figures_moved) THEN
        RETURN QUERY
            WITH steps AS MATERIALIZED (
                SELECT a.ancestor_id AS top, s.wide, s.side, a.valid, s.step
                  FROM figures_steps(of_programme, all_of_them, lowest, lowest_kind, NULL, on_day, wides, within, base) AS s
                  JOIN orgs_ancestry a ON a.unit_id = s.unit AND a.tree = 'state' AND a.depth IS NOT NULL)
            SELECT w.place, w.wide, c.reported + coalesce((
                       SELECT sum(s.step) FROM steps s WHERE s.top = w.top AND s.wide = w.wide AND s.side = w.side AND s.valid @> w.day), 0),
                   c.awaited::bigint
              FROM unnest(at, at_tops, at_sides, at_wides, at_days) AS w (place, top, side, wide, day)
              JOIN figures_coverage c ON c.measure_id = whole_id AND c.period = w.wide AND c.side = w.side AND c.kind = lowest
                   AND c.top = w.top AND c.day = w.day;
        SELECT array_agg(w.place), array_agg(w.top), array_agg(w.side), array_agg(w.wide), array_agg(w.day)
          INTO at, at_tops, at_sides, at_wides, at_days
          FROM unnest(at, at_tops, at_sides, at_wides, at_days) AS w (place, top, side, wide, day)
         WHERE NOT EXISTS (SELECT FROM figures_coverage c WHERE c.measure_id = whole_id AND c.period = w.wide AND c.side = w.side
                             AND c.kind = lowest AND c.top = w.top AND c.day = w.day);
        IF at IS NULL THEN RETURN; END IF;
        SELECT array_agg(i.wide), array_agg(i.base) INTO within, base FROM unnest(within, base) AS i (wide, base) WHERE i.wide = ANY(at_wides);
        SELECT array_agg(e.wide), array_agg(e.first), array_agg(e.after) INTO wides, firsts, afters
          FROM unnest(wides, firsts, afters) AS e (wide, first, after) WHERE e.wide = ANY(at_wides);
    END IF;
    earliest := (SELECT min(w.day) FROM unnest(at_days) AS w (day));
    latest := (SELECT max(w.day) FROM unnest(at_days) AS w (day));
    IF 0 = ANY(at_sides) AND figures_changed(firsts, afters, kinds, lowest_kind) THEN
        RETURN QUERY
            WITH w AS MATERIALIZED (SELECT * FROM unnest(at, at_tops, at_sides, at_wides, at_days) AS w (place, top, side, wide, day)),
                 told AS (
                SELECT c.home, c.period, c.month, c.stay, c.n FROM figures_cell c WHERE c.measure_id = whole_id
                UNION ALL
                SELECT d.home, figures_period(d.span), d.month, d.stay, d.n FROM figures_delta d WHERE d.programme_id = of_programme),
                 heard AS MATERIALIZED (
                SELECT w.place, w.wide, o.ancestor_id AS unit
                  FROM w JOIN orgs_ancestry a ON a.ancestor_id = w.top AND a.tree = 'state' AND a.sure
                  JOIN told c ON c.home = a.unit_id AND a.valid @> CASE w.side WHEN 0 THEN c.month ELSE on_day END
                       AND (c.stay IS NULL OR c.stay @> CASE w.side WHEN 0 THEN c.month ELSE on_day END)
                  JOIN unnest(within, base) AS i (wide, base) ON i.wide = w.wide AND i.base = c.period
                  JOIN orgs_ancestry o ON o.unit_id = c.home AND o.tree = 'state' AND o.sure AND o.valid @> w.day
                  JOIN orgs_unit u ON u.id = o.ancestor_id AND u.kind = lowest
                 GROUP BY 1, 2, 3 HAVING sum(c.n) > 0)
            SELECT w.place, w.wide, count(DISTINCT heard.unit), count(DISTINCT a.unit_id)
              FROM w JOIN orgs_ancestry a ON a.ancestor_id = w.top AND a.tree = 'state' AND a.depth IS NOT NULL AND a.valid @> w.day
              JOIN orgs_unit u ON u.id = a.unit_id AND u.kind = lowest
              LEFT JOIN heard ON heard.place = w.place AND heard.wide = w.wide AND heard.unit = a.unit_id
             GROUP BY 1, 2;
        RETURN;
    END IF;
    RETURN QUERY
        WITH tops AS (SELECT DISTINCT w.top, w.side FROM unnest(at_tops, at_sides) AS w (top, side)),
             below AS MATERIALIZED (
            SELECT a.ancestor_id AS top, t.side, a.unit_id AS unit, a.valid
              FROM tops t JOIN orgs_ancestry a ON a.ancestor_id = t.top AND a.tree = 'state' AND a.depth IS NOT NULL
                   AND (a.valid && daterange(earliest, latest, '[]')) IS TRUE
              JOIN orgs_unit u ON u.id = a.unit_id AND u.kind = lowest),
             heard AS MATERIALIZED (
            SELECT t.side, r.top, r.wide FROM (SELECT b.side, array_agg(DISTINCT b.unit) AS units FROM below b GROUP BY 1) AS t
             CROSS JOIN LATERAL figures_read(of_programme, ARRAY[all_of_them], true, t.units, array_fill(t.side, ARRAY[cardinality(t.units)]),
                   array_fill(lowest_kind, ARRAY[cardinality(t.units)]), on_day, wides, within, base, lines) AS r
             GROUP BY 1, 2, 3 HAVING sum(r.n) > 0)
        SELECT w.place, w.wide, count(DISTINCT heard.top), count(DISTINCT b.unit)
          FROM unnest(at, at_tops, at_sides, at_wides, at_days) AS w (place, top, side, wide, day)
          JOIN below b ON b.top = w.top AND b.side = w.side AND b.valid @> w.day
          LEFT JOIN heard ON heard.side = w.side AND heard.top = b.unit AND heard.wide = w.wide
         GROUP BY 1, 2;
END $$;
"""
BACKWARDS = """
DROP FUNCTION figures_heard; DROP FUNCTION figures_steps; DROP FUNCTION figures_changed;
DROP INDEX figures_began; DROP INDEX figures_ended;
DROP TABLE figures_coverage, figures_uncovered;
ALTER TABLE figures_measure DROP COLUMN awaited;
"""


class Migration(migrations.Migration):
    """Completeness that is counted beforehand."""

    dependencies = [("figures", "0004_figures_of_annexes")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
