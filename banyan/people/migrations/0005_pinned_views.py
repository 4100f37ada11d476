"""Questions on figures may stand on the page of the situation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_phone_numbers")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="is_pinned",
            field=models.BooleanField(default=False),
        ),
    ]
