import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Programmes and their frozen editions."""

    initial = True

    dependencies = [("orgs", "__first__")]

    operations = [
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, unique=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="programmes", to="orgs.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("content", models.JSONField()),
                ("content_hash", models.CharField(max_length=64)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("installed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="editions", to="packs.programme"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "number"),
                        name="one_edition_a_number",
                        violation_error_message="This edition is installed already.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("programme", "="), ("valid", "&&")],
                        name="one_edition_at_a_time",
                        violation_error_message="Another edition of this programme is valid in that period.",
                    ),
                ],
            },
        ),
    ]
