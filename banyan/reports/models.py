"""Reports that were made: for whom, of which period, and the file that came out."""

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from banyan.documents.models import Document
from banyan.orgs.models import Group, Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.packs.models import Edition


class Report(models.Model):
    """One report as it was made; its figures are frozen beside it (figures.Figure)."""

    view_capability = "figure.view"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="reports")
    template = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="reports")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="reports")
    period = models.CharField(max_length=10)
    reading = models.CharField(max_length=20, default="then")
    language = models.CharField(max_length=5, default="vi")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="reports")
    synthetic = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("report", args=[self.pk])
