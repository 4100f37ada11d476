import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Every order and every filter of the register walks an index."""

    dependencies = [("initiatives", "0005_register_rows")]

    operations = [
        migrations.RemoveIndex("initiative", "initiative_search"),
        migrations.AddIndex(
            "initiative",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="initiative_words"),
        ),
        migrations.AddIndex(
            "initiative",
            django.contrib.postgres.indexes.GinIndex(fields=["facets"], name="initiative_facets"),
        ),
        migrations.AddIndex(
            "initiative", models.Index(fields=["state", "code"], name="initiative_state")
        ),
        migrations.AddIndex(
            "initiative", models.Index(fields=["counts_on", "id"], name="initiative_counts_on")
        ),
        migrations.AddIndex(
            "initiative", models.Index(fields=["folded", "id"], name="initiative_title")
        ),
    ]
