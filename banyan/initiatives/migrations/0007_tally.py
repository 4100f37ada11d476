import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

# One row a record that changed, minus and plus; whoever folds them expands them. Statement by
# statement: an import of five thousand is one INSERT more.
FORWARDS = """
CREATE FUNCTION initiatives_delta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO initiatives_tallydelta (span, state, facets, measures, n)
        SELECT span, state, facets, measures, -count(*) FROM gone GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO initiatives_tallydelta (span, state, facets, measures, n)
        SELECT span, state, facets, measures, count(*) FROM come GROUP BY 1, 2, 3, 4;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tallied_in AFTER INSERT ON initiatives_initiative REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_delta();
CREATE TRIGGER tallied_on AFTER UPDATE ON initiatives_initiative
    REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_delta();
CREATE TRIGGER tallied_out AFTER DELETE ON initiatives_initiative REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_delta();
INSERT INTO initiatives_tallydelta (span, state, facets, measures, n)
SELECT span, state, facets, measures, count(*) FROM initiatives_initiative GROUP BY 1, 2, 3, 4;
"""
BACKWARDS = """
DROP TRIGGER tallied_in ON initiatives_initiative;
DROP TRIGGER tallied_on ON initiatives_initiative;
DROP TRIGGER tallied_out ON initiatives_initiative;
DROP FUNCTION initiatives_delta();
"""


class Migration(migrations.Migration):
    """Counts and sums of the whole register without counting it."""

    dependencies = [("initiatives", "0006_register_indexes")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("span", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("state", models.CharField(max_length=40)),
                ("facet", models.TextField()),
                ("measure", models.CharField(max_length=60)),
                ("n", models.BigIntegerField()),
                ("total", models.DecimalField(decimal_places=4, max_digits=30)),
            ],
        ),
        migrations.CreateModel(
            name="TallyDelta",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("span", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("state", models.CharField(max_length=40)),
                (
                    "facets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("measures", models.JSONField()),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            "tally",
            models.UniqueConstraint(
                fields=("facet", "measure", "state", "span"), name="tallied_once"
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
