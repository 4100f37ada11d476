"""The list of documents."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.documents.models import Document
from banyan.web.listing import Column, Link, Listing


class DocumentList(Listing):
    """Documents within reach and clearance, newest first."""

    name = "documents"
    of = Document
    title = _("Documents")
    order = "-made"
    needs = "document.view"

    def prepare(self, rows: object) -> object:
        """Join what is shown."""
        return rows.select_related("unit", "blob").prefetch_related("unit__names")  # type: ignore[attr-defined]

    def columns_of(self) -> Sequence[Column]:
        """Title, unit, access, size, day."""
        today = self.request.today
        return [
            Column("title", _("Title"), lambda d: d.title, order="title"),
            Column("unit", _("Unit"), lambda d: d.unit.name_on(today), kind="soft"),
            Column("level", _("Access"), lambda d: str(d.get_level_display()), kind="chip"),
            Column("size", _("Size (kB)"), lambda d: -(-d.blob.size // 1000), kind="number"),
            Column("made", _("Stored"), lambda d: d.made_at.date(), kind="date", order="made_at"),
        ]

    def actions_of(self) -> list[Link]:
        """Upload, where the post allows it."""
        if not self.actor.holds("document.keep"):
            return []
        return [Link(_("Upload a document"), reverse("document_keep"), main=True)]
