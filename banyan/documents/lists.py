"""The list of documents."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.documents.models import Document
from banyan.orgs.placed import Placed
from banyan.orgs.places import month_end
from banyan.web.listing import Column, Filter, Link


class DocumentList(Placed):
    """Documents within reach and clearance, newest first; *then* under the tree of their month."""

    name = "documents"
    of = Document
    title = _("Documents")
    order = "-made"
    needs = "document.view"

    def prepare(self, rows: Any) -> Any:
        """Join what is shown."""
        return self.with_unit(rows.select_related("blob"))

    def own_day(self) -> Any:
        """The end of the month it was stored in."""
        return month_end("made_at")

    def filters_of(self) -> Sequence[Filter]:
        """The place."""
        return self.place_filters()

    def columns_of(self) -> Sequence[Column]:
        """Title, unit, access, size, day."""
        return [
            Column("title", _("Title"), lambda d: d.title, order="title"),
            Column("unit", _("Unit"), self.unit_of, kind="soft", sub=self.unit_before),
            Column("level", _("Access"), lambda d: str(d.get_level_display()), kind="chip"),
            Column("size", _("Size (kB)"), lambda d: -(-d.blob.size // 1000), kind="number"),
            Column("made", _("Stored"), lambda d: d.made_at.date(), kind="date", order="made_at"),
        ]

    def actions_of(self) -> list[Link]:
        """Upload, where the post allows it."""
        if not self.actor.holds("document.keep"):
            return []
        return [Link(_("Upload a document"), reverse("document_keep"), main=True)]
