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
DROP FUNCTION figures_moves(); DROP FUNCTION figures_periods(integer); DROP FUNCTION figures_period(daterange);
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
