"""Statistics at once, also before PostgreSQL 17, where only a table's owner may ask for them.

Without them the first questions about a tree just taken over run for minutes (on 15: 266 s for the
communes of one district). The function runs as its owner and takes no argument.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION orgs_analyse() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE orgs_unit, orgs_unitname, orgs_unitcode, orgs_placement, orgs_ancestry;
END $$;
REVOKE ALL ON FUNCTION orgs_analyse() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'banyan_app') THEN
        GRANT EXECUTE ON FUNCTION orgs_analyse() TO banyan_app;
    END IF;
END $$;
"""
BACKWARDS = "DROP FUNCTION orgs_analyse();"


class Migration(migrations.Migration):

    dependencies = [("orgs", "0004_below_by_btree")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
