"""Whoever looks at figures is told when they may have changed: here when units did, in all programmes.

One row a statement and programme, read by `site.live` and cleared away when read; it says no
more than that something changed. A NOTIFY here would let one transaction commit at a time:
sixteen writers came to a third of their commits (decision 0014); an unlogged row costs them nothing.
"""

from django.db import migrations

FORWARDS = """
CREATE UNLOGGED TABLE figures_change (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    programme_id bigint NOT NULL
);
CREATE INDEX figures_change_xid ON figures_change (xid);
CREATE FUNCTION figures_units_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figures_change (programme_id) SELECT p.id FROM packs_programme p WHERE EXISTS (SELECT FROM touched);
    RETURN NULL;
END $$;
CREATE TRIGGER changed_in AFTER INSERT ON orgs_ancestry REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_units_changed();
CREATE TRIGGER changed_on AFTER UPDATE ON orgs_ancestry REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_units_changed();
CREATE TRIGGER changed_out AFTER DELETE ON orgs_ancestry REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION figures_units_changed();
"""
BACKWARDS = """
DROP TRIGGER changed_in ON orgs_ancestry;
DROP TRIGGER changed_on ON orgs_ancestry;
DROP TRIGGER changed_out ON orgs_ancestry;
DROP FUNCTION figures_units_changed();
DROP TABLE figures_change;
"""


class Migration(migrations.Migration):
    """Changes of units announce themselves."""

    dependencies = [("figures", "0005_coverage")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
