from django.db import migrations

# The one change allowed is to end `valid` earlier or later when a successor begins: never its first day.
FORWARDS = """
CREATE FUNCTION packs_edition_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid) AND NOT isempty(NEW.valid)
        AND (NEW.id, NEW.programme_id, NEW.number, NEW.content, NEW.content_hash, NEW.installed_at)
          = (OLD.id, OLD.programme_id, OLD.number, OLD.content, OLD.content_hash, OLD.installed_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'An edition is never changed, only succeeded (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER edition_is_frozen BEFORE UPDATE OR DELETE ON packs_edition
    FOR EACH ROW EXECUTE FUNCTION packs_edition_is_frozen();
CREATE TRIGGER editions_stay BEFORE TRUNCATE ON packs_edition
    FOR EACH STATEMENT EXECUTE FUNCTION packs_edition_is_frozen();
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'banyan_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON packs_edition FROM banyan_app;
        GRANT UPDATE (valid) ON packs_edition TO banyan_app;
    END IF;
END $$;
"""
BACKWARDS = """
DROP TRIGGER editions_stay ON packs_edition;
DROP TRIGGER edition_is_frozen ON packs_edition;
DROP FUNCTION packs_edition_is_frozen();
"""


class Migration(migrations.Migration):
    """Editions are frozen by the database itself."""

    dependencies = [("packs", "0001_programmes_and_editions")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
