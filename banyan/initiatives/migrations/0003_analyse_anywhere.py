"""Statistics at once after a great batch: until autovacuum came, the first figures of nine districts
took 44 seconds. As `orgs_analyse` of orgs/0005: it runs as its owner and takes no argument.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION initiatives_analyse() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE submissions_submission, submissions_answer, initiatives_initiative,
        initiatives_registrant;
END $$;
REVOKE ALL ON FUNCTION initiatives_analyse() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'banyan_app') THEN
        GRANT EXECUTE ON FUNCTION initiatives_analyse() TO banyan_app;
    END IF;
END $$;
"""
BACKWARDS = "DROP FUNCTION initiatives_analyse();"


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0002_links"),
        ("submissions", "0003_placing"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
