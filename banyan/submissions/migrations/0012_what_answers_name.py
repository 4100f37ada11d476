"""Units, persons and files that answers name are looked for once a statement, as their submission is.

Nearly all typed answers name none of them; three keys that are empty still cost an import of five
thousand records a fifth of a second of checking nothing. The promise is that of a key: what an answer
names is there, held while the answer is written, and does not go while an answer names it.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

EARLIER = import_module("banyan.submissions.migrations.0009_answers_belong_by_statement").FORWARDS
BELONG = EARLIER[EARLIER.index("CREATE FUNCTION") : EARLIER.index("CREATE TRIGGER")]
NAMED = {"unit": "orgs_unit", "person": "people_person", "document": "documents_document"}


def held(name: str, table: str) -> str:
    """Hold the rows that answers name, and refuse where one is not there."""
    return f"""
    SELECT count(*), count(t.id) INTO wanted, held
      FROM (SELECT DISTINCT {name}_id AS id FROM come WHERE {name}_id IS NOT NULL) AS c
      LEFT JOIN LATERAL (SELECT id FROM {table} WHERE id = c.id FOR KEY SHARE) AS t ON true;
    IF held < wanted THEN
        RAISE foreign_key_violation USING TABLE = 'submissions_answer', CONSTRAINT = 'answers_name_{name}',
            MESSAGE = 'an answer that names a {name} which is not there';
    END IF;"""


def stays(name: str, table: str) -> str:
    """Refuse, when all is done, that a row is gone which an answer names."""
    return f"""
CREATE FUNCTION submissions_{name}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM submissions_answer WHERE {name}_id = OLD.id)
       AND NOT EXISTS (SELECT FROM {table} WHERE id = OLD.id) THEN
        RAISE foreign_key_violation USING TABLE = '{table}', CONSTRAINT = 'answers_name_{name}',
            MESSAGE = 'an answer names this {name}';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER answers_name_{name} AFTER DELETE OR UPDATE OF id ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION submissions_{name}_stays();
"""


FORWARDS = BELONG.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "\n    RETURN NULL;", "".join(held(*one) for one in NAMED.items()) + "\n    RETURN NULL;"
) + "".join(stays(*one) for one in NAMED.items())
BACKWARDS = BELONG.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + "".join(
    f"""
DROP TRIGGER answers_name_{name} ON {table}; DROP FUNCTION submissions_{name}_stays();"""
    for name, table in NAMED.items()
)


def key(name: str, to: str) -> migrations.AlterField:
    """A key that is kept by the statement."""
    return migrations.AlterField(
        "answer",
        name,
        models.ForeignKey(
            to,
            on_delete=django.db.models.deletion.PROTECT,
            null=True,
            related_name="+",
            db_index=False,
            db_constraint=False,
        ),
    )


class Migration(migrations.Migration):
    """The other keys of answers are kept by the statement too."""

    dependencies = [
        ("documents", "0003_uploads"),
        ("orgs", "0008_ended_by"),
        ("people", "0005_pinned_views"),
        ("submissions", "0011_same_words"),
    ]

    operations = [
        key("unit", "orgs.unit"),
        key("person", "people.person"),
        key("document", "documents.document"),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
