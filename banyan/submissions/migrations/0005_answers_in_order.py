from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Lists sorted by a number walk its index, as those sorted by a choice or a day do."""

    dependencies = [("submissions", "0004_steps_sendings_remarks")]

    operations = [
        migrations.AddIndex(
            "answer",
            models.Index(
                fields=["field", "number", "submission"],
                condition=Q(number__isnull=False),
                name="answer_number",
            ),
        ),
    ]
