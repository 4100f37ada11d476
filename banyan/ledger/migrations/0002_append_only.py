from django.db import migrations

# Trigger and grants both: the trigger stops the owner's slip of the hand, the grants stop the app.
FORWARDS = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_position
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger_position
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'banyan_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON ledger_event, ledger_seal, ledger_position
            FROM banyan_app;
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_era FROM banyan_app;
    END IF;
END $$;
"""
BACKWARDS = """
DROP TRIGGER append_only ON ledger_event; DROP TRIGGER append_only_whole ON ledger_event;
DROP TRIGGER append_only ON ledger_seal; DROP TRIGGER append_only_whole ON ledger_seal;
DROP TRIGGER append_only ON ledger_position; DROP TRIGGER append_only_whole ON ledger_position;
DROP FUNCTION ledger_is_append_only();
"""


class Migration(migrations.Migration):
    """Nobody changes what the ledger holds."""

    dependencies = [("ledger", "0001_events_seals_receipts")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
