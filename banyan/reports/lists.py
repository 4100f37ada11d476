"""Reports that were made."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from banyan.reports.models import Report
from banyan.web.listing import Column, Listing


class ReportList(Listing):
    """Reports within reach, newest first."""

    name = "reports"
    of = Report
    title = _("Reports")
    order = "-made"
    needs = "figure.view"

    def prepare(self, rows: Any) -> Any:
        """Join what is shown."""
        joined = rows.select_related("document", "unit", "edition__programme", "group")
        return joined.prefetch_related("unit__names")

    def columns_of(self) -> Sequence[Column]:
        """Title, unit, period, day."""
        today = self.request.today
        return [
            Column("title", _("Title"), lambda r: r.document.title),
            Column(
                "unit",
                _("Unit or group"),
                lambda r: r.group.name if r.group else r.unit.name_on(today),
            ),
            Column("period", _("Period"), lambda r: r.period, order="period"),
            Column("made", _("Made"), lambda r: r.made_at.date(), kind="date", order="made_at"),
        ]
