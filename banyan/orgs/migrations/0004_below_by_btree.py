"""An index that answers `ancestor = 78`: GiST knows only bigint = bigint, a literal is an int4."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orgs", "0003_ancestry_is_derived")]

    operations = [
        migrations.RemoveIndex(model_name="ancestry", name="ancestry_down"),
        migrations.AddIndex(
            model_name="ancestry",
            index=models.Index(fields=["ancestor", "tree", "unit"], name="ancestry_below"),
        ),
    ]
