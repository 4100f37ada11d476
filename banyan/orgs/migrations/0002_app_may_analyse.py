from django.db import migrations

# Taking over a whole tree is followed at once by questions about it; waiting for autovacuum's
# statistics would make the first minute slow. The right exists from PostgreSQL 17 on; without it
# ANALYZE only warns.
FORWARDS = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000
       AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'banyan_app')
    THEN
        GRANT MAINTAIN ON orgs_unit, orgs_unitname, orgs_unitcode, orgs_placement, orgs_ancestry
            TO banyan_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """The app may refresh statistics of the tree's tables."""

    dependencies = [("orgs", "0001_units_in_time")]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
