"""Whoever looks at figures is told when models of their programme change.

The rows, and why they are rows, are of figures/0006.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION figures_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figures_change (programme_id)
    SELECT DISTINCT e.programme_id
      FROM touched t
      JOIN submissions_submission s ON s.id = t.submission_id
      JOIN submissions_round r ON r.id = s.round_id
      JOIN packs_edition e ON e.id = r.edition_id;
    RETURN NULL;
END $$;
CREATE TRIGGER announced_in AFTER INSERT ON initiatives_initiative REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_announce();
CREATE TRIGGER announced_on AFTER UPDATE ON initiatives_initiative REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_announce();
CREATE TRIGGER announced_out AFTER DELETE ON initiatives_initiative REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_announce();
"""
BACKWARDS = """
DROP TRIGGER announced_in ON initiatives_initiative;
DROP TRIGGER announced_on ON initiatives_initiative;
DROP TRIGGER announced_out ON initiatives_initiative;
DROP FUNCTION figures_announce();
"""


class Migration(migrations.Migration):
    """Changes of models announce themselves."""

    dependencies = [
        ("initiatives", "0013_many_rows_derived_at_once"),
        ("figures", "0006_changes"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
