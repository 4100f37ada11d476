"""Figures that were stated: kept as they were printed, with their base, reading and source."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from banyan.orgs.models import Group, Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.packs.models import Edition


class Figure(models.Model):
    """indicator × unit (or group) × period = number, as it stood when it was stated.

    Live figures are reckoned from records each time (`rollup.py`). A row here is a figure that
    was put into a report: frozen with its base, its reading and where it came from.
    """

    view_capability = "figure.view"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="figures")
    indicator = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="figures")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="figures")
    period = models.CharField(max_length=10)
    axis = models.CharField(max_length=60, blank=True)
    part = models.CharField(max_length=60, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    base = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    reading = models.CharField(max_length=20, default="then")
    source_kind = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    as_of = models.DateTimeField(db_default=Now())
    synthetic = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "source_kind",
                    "source_id",
                    "indicator",
                    "axis",
                    "part",
                    "unit",
                    "group",
                    "period",
                ],
                name="stated_once_a_source",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(axis="", part="") | ~Q(axis=""), name="a_part_has_an_axis"
            ),
        ]
        indexes = [models.Index(fields=["unit", "period", "indicator"], name="figure_of_unit")]
