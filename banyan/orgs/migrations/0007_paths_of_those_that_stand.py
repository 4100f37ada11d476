"""Only units that stand can go round in a circle: rows of living on need no such index entry.

A reform of the whole country writes 54,000 of them.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations
from django.db.models import Q

EXPRESSIONS = [
    ("unit", django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
    ("ancestor", django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
    ("tree", django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
    ("valid", django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS),
]


class Migration(migrations.Migration):

    dependencies = [("orgs", "0006_units_end_and_live_on")]

    operations = [
        migrations.RemoveConstraint("ancestry", "one_path_at_a_time"),
        migrations.AddConstraint(
            "ancestry",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="one_path_at_a_time",
                expressions=EXPRESSIONS,
                condition=Q(depth__isnull=False),
            ),
        ),
    ]
