"""Roll-ups: what a change does to the figures is one row beside it; a folder adds it up (docs/decisions/0015).

Four tables, all derived, none with a model: they are written and read by the statements of
`figures/folding.py` and `figures/folded.py` alone.

- figures_delta: a record came (n = 1) or went (n = -1), at the unit where it counts (`home`), on the
  days of `stay` (NULL: always). Written by the database in the transaction of the change.
- figures_moved: a row of the closure came or went. As above.
- figures_cell: what was folded, at the units themselves: measure × home × base period × month × part.
- figures_rollup: the same at every unit above, by period and `side` (figures/folding.py says which).
- figures_measure: what is added up (`meaning`, figures/measures.py); `built`: its cells are there.
- figures_day: the day that the roll-ups of *now* were made for.
"""

from django.db import migrations

FORWARDS = """
CREATE TABLE figures_measure (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id bigint NOT NULL REFERENCES packs_programme (id) ON DELETE CASCADE,
    meaning text NOT NULL,
    whole boolean NOT NULL,
    built boolean NOT NULL DEFAULT false,
    UNIQUE (programme_id, meaning));

CREATE TABLE figures_delta (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id bigint NOT NULL,
    span daterange,
    month date,
    home bigint NOT NULL,
    stay daterange,
    state text NOT NULL,
    facets text[] NOT NULL,
    measures jsonb NOT NULL,
    n integer NOT NULL);

CREATE TABLE figures_moved (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id bigint NOT NULL,
    ancestor_id bigint NOT NULL,
    sure boolean NOT NULL,
    valid daterange NOT NULL,
    n smallint NOT NULL);

CREATE TABLE figures_cell (
    measure_id integer NOT NULL,
    period integer NOT NULL,
    n integer NOT NULL,
    said integer NOT NULL,
    home bigint NOT NULL,
    month date,
    total numeric NOT NULL,
    part text COLLATE "C" NOT NULL,
    stay daterange);
CREATE UNIQUE INDEX figures_cell_once ON figures_cell (home, measure_id, period, month, part, stay)
    NULLS NOT DISTINCT;

CREATE TABLE figures_rollup (
    measure_id integer NOT NULL,
    period integer NOT NULL,
    side smallint NOT NULL,
    kind smallint NOT NULL,
    n integer NOT NULL,
    said integer NOT NULL,
    ancestor bigint NOT NULL,
    total numeric NOT NULL,
    part text COLLATE "C" NOT NULL,
    PRIMARY KEY (measure_id, period, side, kind, ancestor, part));

CREATE TABLE figures_day (day date NOT NULL);
CREATE UNIQUE INDEX figures_one_day ON figures_day ((true));

-- 2024-05 is 202405, a quarter 202421 to 202424, a half 202431 or 202432, a year 202400; NULL for
-- what is no period.
CREATE FUNCTION figures_period(span daterange) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE (extract(year FROM upper(span)) - extract(year FROM lower(span))) * 12
                + extract(month FROM upper(span)) - extract(month FROM lower(span))
           WHEN 1 THEN 100 * extract(year FROM lower(span)) + extract(month FROM lower(span))
           WHEN 3 THEN 100 * extract(year FROM lower(span)) + 20 + extract(quarter FROM lower(span))
           WHEN 6 THEN 100 * extract(year FROM lower(span)) + 31 + (extract(month FROM lower(span)) > 6)::int
           WHEN 12 THEN 100 * extract(year FROM lower(span)) END::integer
$$;

-- Answers `name=value` as one object.
CREATE FUNCTION figures_facts(facets text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_object_agg(split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)) FROM unnest(facets) AS one
$$;

-- The periods that hold a period, itself among them.
CREATE FUNCTION figures_periods(code integer) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN code % 100 BETWEEN 1 AND 12 THEN
                ARRAY[code, code / 100 * 100 + 20 + (code % 100 + 2) / 3,
                      code / 100 * 100 + 30 + (code % 100 + 5) / 6, code / 100 * 100]
                WHEN code % 100 BETWEEN 21 AND 24 THEN
                ARRAY[code, code / 100 * 100 + 30 + (code % 100 - 20 + 1) / 2, code / 100 * 100]
                WHEN code % 100 > 30 THEN ARRAY[code, code / 100 * 100]
                ELSE ARRAY[code] END
$$;

-- Numbers of the measures `asked` (their places in the list are told) at units `tops` in the periods `wides`.
-- `sides` 0: by the units of each month; 1: by those of `on_day`; `within`, `base`: which periods lie in
-- which. STABLE: all of it sees the instant of the statement that calls it. `lines`: the measures as rows
-- over an open change (figures/measures.py).
CREATE FUNCTION figures_read(of_programme bigint, asked text[], are_sure boolean, tops bigint[], sides int[], kinds int[],
                             on_day date, wides int[], within int[], base int[], lines text)
RETURNS TABLE (place int, wide int, top bigint, part text, n bigint, said bigint, total numeric)
LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
DECLARE
    ids int[];
    at int[];
    -- Roll-ups are of the folded day; another day's figures are read from the cells, by its closure.
    is_rolled boolean := on_day IS NULL OR EXISTS (SELECT FROM figures_day f WHERE f.day = on_day);
    row_side smallint := CASE WHEN are_sure THEN 0 ELSE 2 END;
BEGIN
    SELECT array_agg(m.id), array_agg((a.place - 1)::int) INTO ids, at
      FROM unnest(asked) WITH ORDINALITY AS a (meaning, place)
      JOIN figures_measure m ON m.programme_id = of_programme AND m.meaning = a.meaning AND m.built;
    RETURN QUERY
        SELECT m.place, r.period, r.ancestor, r.part, r.n::bigint, r.said::bigint, r.total
          FROM unnest(ids, at) AS m (id, place) CROSS JOIN unnest(wides) AS w (wide)
          CROSS JOIN unnest(tops, sides, kinds) AS t (top, side, kind) CROSS JOIN generate_series(0, t.side) AS s (side)
          JOIN figures_rollup r ON r.measure_id = m.id AND r.period = w.wide AND r.side = s.side + row_side
               AND r.kind = t.kind AND r.ancestor = t.top
         WHERE t.side = 0 OR is_rolled;
    IF are_sure THEN
        RETURN QUERY
            SELECT m.place, i.wide, t.top, c.part, c.n::bigint, c.said::bigint, c.total
              FROM unnest(tops, sides) AS t (top, side) CROSS JOIN unnest(ids, at) AS m (id, place)
              JOIN figures_cell c ON c.home = t.top AND c.measure_id = m.id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE (t.side = 0 OR is_rolled)
               AND (c.stay IS NULL OR c.stay @> CASE t.side WHEN 0 THEN c.month ELSE on_day END)
               AND EXISTS (SELECT FROM orgs_ancestry a WHERE a.unit_id = t.top AND a.ancestor_id = t.top AND a.tree = 'state'
                             AND a.depth = 0 AND a.valid @> CASE t.side WHEN 0 THEN c.month ELSE on_day END);
    END IF;
    IF EXISTS (SELECT FROM figures_moved) THEN
        RETURN QUERY
            SELECT m.place, i.wide, t.top, c.part, (v.n * c.n)::bigint, (v.n * c.said)::bigint, v.n * c.total
              FROM unnest(tops, sides) AS t (top, side) JOIN figures_moved v ON v.ancestor_id = t.top AND v.sure = are_sure
              JOIN figures_cell c ON c.home = v.unit_id JOIN unnest(ids, at) AS m (id, place) ON m.id = c.measure_id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE (t.side = 0 OR is_rolled)
               AND (c.stay IS NULL OR c.stay @> CASE t.side WHEN 0 THEN c.month ELSE on_day END)
               AND v.valid @> CASE t.side WHEN 0 THEN c.month ELSE on_day END;
    END IF;
    IF NOT is_rolled THEN
        RETURN QUERY
            SELECT m.place, i.wide, t.top, c.part, c.n::bigint, c.said::bigint, c.total
              FROM unnest(tops, sides) AS t (top, side)
              JOIN orgs_ancestry a ON a.ancestor_id = t.top AND a.tree = 'state' AND a.sure = are_sure AND a.valid @> on_day
              CROSS JOIN unnest(ids, at) AS m (id, place)
              JOIN figures_cell c ON c.home = a.unit_id AND c.measure_id = m.id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE t.side = 1 AND (c.stay IS NULL OR c.stay @> on_day);
    END IF;
    IF EXISTS (SELECT FROM figures_delta d WHERE d.programme_id = of_programme) THEN
        RETURN QUERY EXECUTE format($open$
            WITH d AS MATERIALIZED (
                SELECT i.wide, t.top, d.state, d.measures, d.n, figures_facts(d.facets) AS facts
                  FROM figures_delta d JOIN unnest($5, $6) AS i (wide, base) ON i.base = figures_period(d.span)
                  JOIN orgs_ancestry a ON a.unit_id = d.home AND a.tree = 'state' AND a.sure = $7
                  JOIN unnest($2, $3) AS t (top, side) ON t.top = a.ancestor_id
                 WHERE d.programme_id = $1
                   AND (d.stay IS NULL OR d.stay @> CASE t.side WHEN 0 THEN d.month ELSE $4 END)
                   AND a.valid @> CASE t.side WHEN 0 THEN d.month ELSE $4 END)
            SELECT said.place, d.wide, d.top, said.part, sum(d.n)::bigint,
                   coalesce(sum(d.n) FILTER (WHERE said.number IS NOT NULL), 0)::bigint, coalesce(sum(d.n * said.number), 0)
              FROM d, LATERAL (VALUES %s) AS said (place, met, part, number)
             WHERE said.met GROUP BY 1, 2, 3, 4 $open$, lines)
        USING of_programme, tops, sides, on_day, within, base, are_sure;
    END IF;
END $$;

-- How many of the units awaited (of a kind, under tops, on days) have records, of how many. A record is
-- of the unit that stands over it on that day: where units began, ended or moved within the period that
-- may be another one than stood over it in its month, and the cells are asked instead of the roll-ups.
CREATE FUNCTION figures_heard(of_programme bigint, all_of_them text, lowest text, lowest_kind int, kinds text[], at int[], at_tops bigint[],
                              at_sides int[], at_wides int[], at_days date[], on_day date, wides int[], firsts date[], afters date[],
                              within int[], base int[], lines text)
RETURNS TABLE (place int, wide int, reported bigint, awaited bigint) LANGUAGE plpgsql STABLE ROWS 20 AS $$
#variable_conflict use_column
DECLARE
    units bigint[];
    unit_sides int[];
    -- Placements are looked through once for all periods.
    earliest date := (SELECT min(f.first) FROM unnest(firsts) AS f (first));
    latest date := (SELECT max(f.after) FROM unnest(afters) AS f (after));
    whole_id int := (SELECT m.id FROM figures_measure m WHERE m.programme_id = of_programme AND m.meaning = all_of_them AND m.built);
BEGIN
    IF EXISTS (
        WITH changed AS MATERIALIZED (
            SELECT p.unit_id, p.tree, p.valid FROM orgs_placement p
             WHERE p.tree = 'state' AND 0 = ANY(at_sides)
               AND (lower(p.valid) > earliest AND lower(p.valid) < latest OR upper(p.valid) > earliest AND upper(p.valid) < latest))
        SELECT FROM unnest(firsts, afters) AS e (first, after)
          JOIN changed p ON lower(p.valid) > e.first AND lower(p.valid) < e.after
                         OR upper(p.valid) > e.first AND upper(p.valid) < e.after
          JOIN orgs_unit u ON u.id = p.unit_id
         WHERE (array_position(kinds, u.kind::text) <= lowest_kind
                OR EXISTS (SELECT FROM orgs_placement o WHERE o.unit_id = p.unit_id AND o.tree = p.tree
                             AND upper(o.valid) = lower(p.valid)))) THEN
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
    SELECT coalesce(array_agg(w.unit_id), '{}'), coalesce(array_agg(w.side), '{}') INTO units, unit_sides FROM (
        SELECT DISTINCT a.unit_id, w.side FROM unnest(at_tops, at_sides, at_days) AS w (top, side, day)
          JOIN orgs_ancestry a ON a.ancestor_id = w.top AND a.tree = 'state' AND a.depth IS NOT NULL AND a.valid @> w.day
          JOIN orgs_unit u ON u.id = a.unit_id AND u.kind = lowest) AS w;
    RETURN QUERY
        WITH heard AS MATERIALIZED (
            SELECT r.top, r.wide FROM figures_read(of_programme, ARRAY[all_of_them], true, units, unit_sides,
                   array_fill(lowest_kind, ARRAY[cardinality(units)]), on_day, wides, within, base, lines) AS r
             GROUP BY 1, 2 HAVING sum(r.n) > 0)
        SELECT w.place, w.wide, count(DISTINCT heard.top), count(DISTINCT a.unit_id)
          FROM unnest(at, at_tops, at_wides, at_days) AS w (place, top, wide, day)
          JOIN orgs_ancestry a ON a.ancestor_id = w.top AND a.tree = 'state' AND a.depth IS NOT NULL AND a.valid @> w.day
          JOIN orgs_unit u ON u.id = a.unit_id AND u.kind = lowest
          LEFT JOIN heard ON heard.top = a.unit_id AND heard.wide = w.wide
         GROUP BY 1, 2;
END $$;

CREATE FUNCTION figures_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO figures_moved (unit_id, ancestor_id, sure, valid, n)
        SELECT unit_id, ancestor_id, sure, valid, -1 FROM gone WHERE tree = 'state' AND depth IS DISTINCT FROM 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO figures_moved (unit_id, ancestor_id, sure, valid, n)
        SELECT unit_id, ancestor_id, sure, valid, 1 FROM come WHERE tree = 'state' AND depth IS DISTINCT FROM 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_in AFTER INSERT ON orgs_ancestry REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION figures_moves();
CREATE TRIGGER moves_on AFTER UPDATE ON orgs_ancestry REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION figures_moves();
CREATE TRIGGER moves_out AFTER DELETE ON orgs_ancestry REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION figures_moves();
"""
BACKWARDS = """
DROP TRIGGER moves_in ON orgs_ancestry; DROP TRIGGER moves_on ON orgs_ancestry; DROP TRIGGER moves_out ON orgs_ancestry;
DROP FUNCTION figures_moves(); DROP FUNCTION figures_heard; DROP FUNCTION figures_read; DROP FUNCTION figures_facts(text[]); DROP FUNCTION figures_periods(integer); DROP FUNCTION figures_period(daterange);
DROP TABLE figures_measure, figures_delta, figures_moved, figures_cell, figures_rollup, figures_day;
"""


class Migration(migrations.Migration):
    """Figures that are added up beforehand."""

    dependencies = [
        ("figures", "0002_reading_of_a_day"),
        ("orgs", "0008_ended_by"),
        ("packs", "0002_editions_never_change"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
