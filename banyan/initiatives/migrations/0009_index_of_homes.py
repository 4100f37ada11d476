"""Tiles count models by unit and month: from an index alone, not from rows of a kilobyte."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0008_consent_to_publish")]

    operations = [
        migrations.AddIndex(
            "initiative",
            models.Index(
                fields=["unit", "counts_on"], include=["submission"], name="initiative_homes"
            ),
        ),
    ]
