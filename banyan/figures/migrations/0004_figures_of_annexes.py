"""An annex states one indicator of many units and periods."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("figures", "0003_rollups")]

    operations = [
        migrations.RemoveConstraint(model_name="figure", name="stated_once_a_source"),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.UniqueConstraint(
                fields=(
                    "source_kind",
                    "source_id",
                    "indicator",
                    "axis",
                    "part",
                    "unit",
                    "group",
                    "period",
                ),
                name="stated_once_a_source",
                nulls_distinct=False,
            ),
        ),
    ]
