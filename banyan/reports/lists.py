"""Reports that were made."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from banyan.orgs.placed import Placed, reading_word
from banyan.orgs.places import month_end
from banyan.reports.models import Report
from banyan.web.listing import Column, Filter


class ReportList(Placed):
    """Reports within reach, newest first; *then* under the tree of the month they were made in."""

    name = "reports"
    of = Report
    title = _("Reports")
    order = "-made"
    needs = "figure.view"

    def prepare(self, rows: Any) -> Any:
        """Join what is shown."""
        return self.with_unit(rows.select_related("document", "edition__programme", "group"))

    def own_day(self) -> Any:
        """The end of the month it was made in."""
        return month_end("made_at")

    def filters_of(self) -> Sequence[Filter]:
        """The place."""
        return self.place_filters()

    def columns_of(self) -> Sequence[Column]:
        """Title, unit, period, reading, day."""
        return [
            Column("title", _("Title"), lambda r: r.document.title),
            Column(
                "unit",
                _("Unit or group"),
                lambda r: r.group.name if r.group else self.unit_of(r),
                sub=lambda r: "" if r.group else self.unit_before(r),
            ),
            Column("period", _("Period"), lambda r: r.period, order="period"),
            Column("reading", _("By the units"), lambda r: reading_word(r.reading), kind="soft"),
            Column("made", _("Made"), lambda r: r.made_at.date(), kind="date", order="made_at"),
        ]
