"""A staged line is written once, read once and forgotten: packing its texts took as long as writing it.

What is up to a page long stays in its row, unpacked.
"""

from django.db import migrations

FORWARDS = "ALTER TABLE imports_stagedline SET (toast_tuple_target = 8160)"
BACKWARDS = "ALTER TABLE imports_stagedline RESET (toast_tuple_target)"


class Migration(migrations.Migration):
    """Staged lines are not packed."""

    dependencies = [("imports", "0002_fewer_indexes")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
