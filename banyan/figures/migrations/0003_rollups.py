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
-- over an open change (figures/measures.py); NULL: without what is open. Units of a kind are asked at once,
-- as an array that the index reads in one pass.
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
    t record;
BEGIN
    SELECT array_agg(m.id), array_agg((a.place - 1)::int) INTO ids, at
      FROM unnest(asked) WITH ORDINALITY AS a (meaning, place)
      JOIN figures_measure m ON m.programme_id = of_programme AND m.meaning = a.meaning AND m.built;
    FOR t IN SELECT ARRAY[row_side, row_side + t.side]::smallint[] AS sides, t.side, t.kind::smallint AS kind, array_agg(t.top) AS many
               FROM unnest(tops, sides, kinds) AS t (top, side, kind)
              WHERE t.side = 0 OR is_rolled GROUP BY t.side, t.kind LOOP
        RETURN QUERY
            SELECT m.place, r.period, r.ancestor, r.part, r.n::bigint, r.said::bigint, r.total
              FROM figures_rollup r JOIN unnest(ids, at) AS m (id, place) ON m.id = r.measure_id
             WHERE r.measure_id = ANY(ids) AND r.period = ANY(wides) AND r.side = ANY(t.sides)
               AND r.kind = t.kind AND r.ancestor = ANY(t.many);
        CONTINUE WHEN NOT are_sure;
        RETURN QUERY
            SELECT m.place, i.wide, c.home, c.part, c.n::bigint, c.said::bigint, c.total
              FROM figures_cell c JOIN unnest(ids, at) AS m (id, place) ON m.id = c.measure_id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE c.home = ANY(t.many) AND c.measure_id = ANY(ids) AND c.period = ANY(figures_read.base)
               AND (c.stay IS NULL OR c.stay @> CASE t.side WHEN 0 THEN c.month ELSE on_day END)
               AND EXISTS (SELECT FROM orgs_ancestry a WHERE a.unit_id = c.home AND a.ancestor_id = c.home AND a.tree = 'state'
                             AND a.depth = 0 AND a.valid @> CASE t.side WHEN 0 THEN c.month ELSE on_day END);
    END LOOP;
    IF NOT is_rolled THEN
        RETURN QUERY
            SELECT m.place, i.wide, t.top, c.part, c.n::bigint, c.said::bigint, c.total
              FROM unnest(tops, sides) AS t (top, side)
              JOIN orgs_ancestry a ON a.ancestor_id = t.top AND a.tree = 'state' AND a.sure = are_sure AND (a.valid @> on_day) IS TRUE
              JOIN figures_cell c ON c.home = a.unit_id AND c.measure_id = ANY(ids) AND c.period = ANY(figures_read.base)
              JOIN unnest(ids, at) AS m (id, place) ON m.id = c.measure_id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE t.side = 1 AND (c.stay IS NULL OR c.stay @> on_day);
    END IF;
    IF lines IS NOT NULL AND EXISTS (SELECT FROM figures_moved) THEN
        RETURN QUERY
            SELECT m.place, i.wide, t.top, c.part, (v.n * c.n)::bigint, (v.n * c.said)::bigint, v.n * c.total
              FROM unnest(tops, sides) AS t (top, side) JOIN figures_moved v ON v.ancestor_id = t.top AND v.sure = are_sure
              JOIN figures_cell c ON c.home = v.unit_id AND c.measure_id = ANY(ids) AND c.period = ANY(figures_read.base)
              JOIN unnest(ids, at) AS m (id, place) ON m.id = c.measure_id
              JOIN unnest(within, base) AS i (wide, base) ON i.base = c.period
             WHERE (t.side = 0 OR is_rolled)
               AND (c.stay IS NULL OR c.stay @> CASE t.side WHEN 0 THEN c.month ELSE on_day END)
               AND v.valid @> CASE t.side WHEN 0 THEN c.month ELSE on_day END;
    END IF;
    IF lines IS NOT NULL AND EXISTS (SELECT FROM figures_delta d WHERE d.programme_id = of_programme) THEN
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
DROP FUNCTION figures_moves(); DROP FUNCTION figures_read; DROP FUNCTION figures_facts(text[]); DROP FUNCTION figures_periods(integer); DROP FUNCTION figures_period(daterange);
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
