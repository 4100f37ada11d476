"""Typed answers belong to a submission: asked once a statement instead of once a row.

An import of five thousand records writes seventy thousand of them; a foreign key's check row by row
took longer than writing them. The promise is the same: no answer without its submission, also when
one is deleted while the other is written; and with a submission its answers go.
"""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION submissions_answers_belong() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    held bigint;
BEGIN
    -- Row by row of the few submissions, by their key: held until the end, as a foreign key holds them.
    SELECT count(*), count(s.id) INTO wanted, held
      FROM (SELECT DISTINCT submission_id FROM come) AS c
      LEFT JOIN LATERAL (SELECT id FROM submissions_submission WHERE id = c.submission_id FOR KEY SHARE) AS s ON true;
    IF held < wanted THEN
        RAISE foreign_key_violation USING TABLE = 'submissions_answer', CONSTRAINT = 'answers_belong',
            MESSAGE = 'an answer of a submission that is not there';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_belong AFTER INSERT ON submissions_answer REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION submissions_answers_belong();
CREATE TRIGGER answers_still_belong AFTER UPDATE ON submissions_answer REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION submissions_answers_belong();

CREATE FUNCTION submissions_answers_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Planned each time: for one row and for five thousand the best ways differ.
    EXECUTE 'DELETE FROM submissions_answer WHERE submission_id IN (SELECT id FROM gone)';
    RETURN NULL;
END $$;
CREATE TRIGGER answers_go AFTER DELETE ON submissions_submission REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION submissions_answers_go();
"""
BACKWARDS = """
DROP TRIGGER answers_go ON submissions_submission;
DROP TRIGGER answers_still_belong ON submissions_answer;
DROP TRIGGER answers_belong ON submissions_answer;
DROP FUNCTION submissions_answers_go(); DROP FUNCTION submissions_answers_belong();
"""


class Migration(migrations.Migration):
    """The key of answers is kept by the statement."""

    dependencies = [("submissions", "0008_indexes_of_answers_hold_answers")]

    operations = [
        migrations.AlterField(
            "answer",
            "submission",
            models.ForeignKey(
                "submissions.submission",
                on_delete=models.CASCADE,
                related_name="typed",
                db_index=False,
                db_constraint=False,
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
