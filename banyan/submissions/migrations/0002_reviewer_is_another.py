from django.db import migrations

# Two different people, enforced where imports, pages and SQL all pass.
FORWARDS = """
CREATE FUNCTION submissions_reviewer_is_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'review' AND NEW.reviewer_id = (
        SELECT submitted_by_id FROM submissions_submission WHERE id = NEW.submission_id)
    THEN
        RAISE EXCEPTION 'A submission is not reviewed by whoever submitted it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviewer_is_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reviewer_is_another BEFORE INSERT OR UPDATE ON submissions_review
    FOR EACH ROW EXECUTE FUNCTION submissions_reviewer_is_another();
"""
BACKWARDS = """
DROP TRIGGER reviewer_is_another ON submissions_review;
DROP FUNCTION submissions_reviewer_is_another();
"""


class Migration(migrations.Migration):
    """Self-review is refused by the database."""

    dependencies = [("submissions", "0001_rounds_and_submissions")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
