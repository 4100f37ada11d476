"""A staged line is written once, marked once, read and forgotten.

Packing its texts took as long as writing it: what is up to a page long stays in its row, unpacked.
Vacuum went through 300 megabytes of a great file again and again while its lines were marked, for
space that only the next file needs: it waits until as much is dead as is alive.
"""

from django.db import migrations

FORWARDS = """
ALTER TABLE imports_stagedline SET (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 1,
    autovacuum_vacuum_insert_scale_factor = 1)
"""
BACKWARDS = """
ALTER TABLE imports_stagedline RESET (toast_tuple_target, autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor)
"""


class Migration(migrations.Migration):
    """Staged lines are not packed, and rarely vacuumed."""

    dependencies = [("imports", "0002_fewer_indexes")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
