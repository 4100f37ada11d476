"""A change of a record is told once, to the tally of the register and to the roll-ups of the figures.

The row beside the change goes to `figures_delta` (figures/0003) and bears where and when the record
counts; it takes the place of the register's own table of changes. What changed nothing that is
counted (a title) is not told. A record that somebody placed counts at one unit up to the day of the
placing and at another from it on: one row for each of these stays.
"""

from importlib import import_module

from django.db import migrations

EARLIER = import_module("banyan.initiatives.migrations.0007_tally").FORWARDS

TOLD = """
    e.programme_id, i.span,
    (date_trunc('month', i.counts_on) + interval '1 month' - interval '1 day')::date AS month,
    {home}, i.state,
    CASE WHEN i.synthetic OR i.replicated_from_id IS NOT NULL THEN i.facets
         || CASE WHEN i.synthetic THEN ARRAY['synthetic=yes'] ELSE ARRAY[]::text[] END
         || CASE WHEN i.replicated_from_id IS NOT NULL THEN ARRAY['replicates=yes'] ELSE ARRAY[]::text[] END
         ELSE i.facets END AS facets, i.measures"""
JOINED = """
    JOIN submissions_submission s ON s.id = i.submission_id
    JOIN submissions_round r ON r.id = s.round_id
    JOIN packs_edition e ON e.id = r.edition_id"""
# Placings of a submission as stays: up to the first day at its own unit, then from day to day.
STAYS = """
    LATERAL (SELECT i.unit_id AS home, daterange(NULL, min(p.on)) AS stay FROM {placings} p
              WHERE p.submission_id = i.submission_id HAVING count(*) > 0
             UNION ALL
             SELECT p.unit_id, daterange(p.on, lead(p.on) OVER (ORDER BY p.on)) FROM {placings} p
              WHERE p.submission_id = i.submission_id) AS stays"""
INTO = "INSERT INTO figures_delta (programme_id, span, month, home, stay, state, facets, measures, n)"


def told(rows: str, n: str, where: str = "true") -> str:
    """Tell that these rows came or went, each with its stays as they are."""
    return f"""
        {INTO}
        SELECT {TOLD.format(home="i.unit_id AS home, NULL::daterange AS stay")}, {n} FROM {rows} i {JOINED}
         WHERE {where} AND NOT EXISTS (SELECT FROM submissions_placing p WHERE p.submission_id = i.submission_id);
        IF EXISTS (SELECT FROM submissions_placing) THEN
            {INTO}
            SELECT {TOLD.format(home="stays.home, stays.stay")}, {n} FROM {rows} i {JOINED},
                   {STAYS.format(placings="submissions_placing")} WHERE {where};
        END IF;"""


WITHOUT = "SELECT p.* FROM submissions_placing p WHERE p.id NOT IN (SELECT id FROM come)"
WITH = "SELECT * FROM submissions_placing UNION ALL SELECT * FROM gone"


def placed(touched: str, were: str) -> str:
    """Tell that the records of these placings left the stays they had and took those they have."""
    return "".join(
        f"""
        {INTO}
        SELECT {TOLD.format(home="coalesce(stays.home, i.unit_id) AS home, stays.stay")}, {n}
          FROM initiatives_initiative i {JOINED}
          LEFT JOIN {STAYS.format(placings=placings)} ON true
         WHERE i.submission_id IN (SELECT submission_id FROM {touched});"""
        for n, placings in (("-1", f"({were})"), ("1", "submissions_placing"))
    )


SAID = "unit_id, counts_on, span, state, synthetic, replicated_from_id, facets, measures"
CHANGED = "i.id IN (SELECT id FROM (SELECT id, {said} FROM {rows} EXCEPT ALL SELECT id, {said} FROM {others}) AS other)"
FORWARDS = f"""
CREATE VIEW initiatives_as_changes AS
    SELECT i.id, {TOLD.format(home="i.unit_id AS home, NULL::daterange AS stay")}, 1 AS n
      FROM initiatives_initiative i {JOINED}
     WHERE NOT EXISTS (SELECT FROM submissions_placing p WHERE p.submission_id = i.submission_id)
    UNION ALL
    SELECT i.id, {TOLD.format(home="stays.home, stays.stay")}, 1
      FROM initiatives_initiative i {JOINED}, {STAYS.format(placings="submissions_placing")};

CREATE OR REPLACE FUNCTION initiatives_delta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {told("come", "1")}
    ELSIF TG_OP = 'DELETE' THEN {told("gone", "-1")}
    ELSE
        {told("gone", "-1", CHANGED.format(rows="gone", others="come", said=SAID))}
        {told("come", "1", CHANGED.format(rows="come", others="gone", said=SAID))}
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION initiatives_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What the placings were: those of now without what came, with what went.
    IF TG_OP = 'INSERT' THEN {placed("come", WITHOUT)}
    ELSIF TG_OP = 'DELETE' THEN {placed("gone", WITH)}
    ELSE {placed("come", f"{WITHOUT} UNION ALL SELECT * FROM gone")}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER placed_in AFTER INSERT ON submissions_placing REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_placed();
CREATE TRIGGER placed_on AFTER UPDATE ON submissions_placing
    REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_placed();
CREATE TRIGGER placed_out AFTER DELETE ON submissions_placing REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_placed();

-- The tally is made anew from the same rows.
DELETE FROM initiatives_tally;
INSERT INTO figures_delta (programme_id, span, month, home, stay, state, facets, measures, n)
SELECT programme_id, span, month, home, stay, state, facets, measures, n FROM initiatives_as_changes;
"""
BACKWARDS = (
    """
DROP TRIGGER placed_in ON submissions_placing; DROP TRIGGER placed_on ON submissions_placing;
DROP TRIGGER placed_out ON submissions_placing;
DROP FUNCTION initiatives_placed(); DROP VIEW initiatives_as_changes;
DROP TRIGGER tallied_in ON initiatives_initiative; DROP TRIGGER tallied_on ON initiatives_initiative;
DROP TRIGGER tallied_out ON initiatives_initiative; DROP FUNCTION initiatives_delta();
DELETE FROM initiatives_tally; DELETE FROM figures_delta;
"""
    + EARLIER
)


class Migration(migrations.Migration):
    """One row a change, for the tally and for the figures."""

    dependencies = [
        ("figures", "0003_rollups"),
        ("initiatives", "0011_fewer_indexes"),
        ("submissions", "0011_same_words"),
    ]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.DeleteModel("TallyDelta"),
    ]
