"""What a decision does to a dated row is written down by the database itself.

The triggers fire once a statement and do nothing unless the setting `banyan.reorganisation` names
the decision that is being carried out in this transaction.
"""

from django.db import migrations

TABLES = (
    "orgs_unit",
    "orgs_unitname",
    "orgs_unitcode",
    "orgs_placement",
    "orgs_succession",
    "orgs_covers",
    "people_post",
    "people_membership",
)
FUNCTION = """
CREATE FUNCTION reorganisations_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    by_decision bigint := nullif(current_setting('banyan.reorganisation', true), '')::bigint;
BEGIN
    IF by_decision IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO reorganisations_effect (reorganisation_id, of_table, of_row, before, after)
        SELECT by_decision, TG_TABLE_NAME, n.id, NULL, to_jsonb(n) FROM new_rows n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO reorganisations_effect (reorganisation_id, of_table, of_row, before, after)
        SELECT by_decision, TG_TABLE_NAME, o.id, to_jsonb(o), NULL FROM old_rows o;
    ELSE
        INSERT INTO reorganisations_effect (reorganisation_id, of_table, of_row, before, after)
        SELECT by_decision, TG_TABLE_NAME, n.id, to_jsonb(o), to_jsonb(n)
          FROM new_rows n JOIN old_rows o USING (id);
    END IF;
    RETURN NULL;
END $$;
"""
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def triggers() -> str:
    """One for each table and way of writing."""
    return "\n".join(
        f"CREATE TRIGGER keep_{verb.lower()} AFTER {verb} ON {table} REFERENCING {rows}"
        " FOR EACH STATEMENT EXECUTE FUNCTION reorganisations_keep();"
        for table in TABLES
        for verb, rows in ROWS.items()
    )


def backwards() -> str:
    """Without them."""
    drops = [f"DROP TRIGGER keep_{verb.lower()} ON {table};" for table in TABLES for verb in ROWS]
    return "\n".join([*drops, "DROP FUNCTION reorganisations_keep();"])


class Migration(migrations.Migration):

    dependencies = [
        ("reorganisations", "0001_decisions"),
        ("orgs", "0006_units_end_and_live_on"),
        ("people", "0002_search_and_codes"),
    ]

    operations = [migrations.RunSQL(FUNCTION + triggers(), backwards())]
