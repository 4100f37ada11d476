"""The units that a decision ended, each with its hand-over package."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from banyan.documents.models import Document
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Unit, UnitName
from banyan.orgs.operations import REORGANISE
from banyan.reorganisations import handover
from banyan.reorganisations.handover_zip import streamed
from banyan.reorganisations.models import Reorganisation
from banyan.submissions.models import Submission
from banyan.submissions.placing_rules import Heirs, heirs_of, listed
from banyan.web import sheet
from banyan.web.listing import Cell, Column, Listing, Row
from banyan.web.page import BanyanRequest, get_seen, no_entry, page

RECORDS = Submission.view_capability


@dataclass(frozen=True)
class Fetched(Cell):
    """A cell that leads to a file."""

    url: str = ""


class EndedUnits(Listing):
    """The units that a decision ended: who took over, what they leave behind, the package."""

    of = Unit
    order = "-records"
    template = "reorganisations/handovers.html"
    searches = True

    def __init__(self, request: BanyanRequest, decision: Reorganisation) -> None:
        super().__init__(request)
        self.decision = decision
        self.name = f"handover-{decision.pk}"  # type: ignore[misc]  # of a file of this list
        self.title = _("Hand-over of units that ended")  # type: ignore[misc]

    def lead(self) -> str:
        """By which decision."""
        day = self.decision.on.strftime("%d/%m/%Y")
        return _("By decision %(number)s, in force from %(day)s.") % {
            "number": self.decision.number,
            "day": day,
        }

    def prepare(self, rows: Any) -> Any:
        """Within reach, with names of the eve and what hangs on them."""
        ended = handover.ended_units(self.decision).values("pk")
        rows = rows.filter(pk__in=ended).filter(pk__in=self.actor.reach(REORGANISE))
        return (
            rows.named_on(self.decision.on - timedelta(days=1))
            .order_by()
            .annotate(
                key=Coalesce(F("day_key"), Value("")),
                records=_counted(self.request.seen(Submission)),
                files=_counted(self.request.seen(Document)),
            )
        )

    def search_in(self, rows: Any, text: str) -> Any:
        """By name, accents or not."""
        words = fold(same_tone(nfc(text)))
        named = UnitName.objects.filter(unit=OuterRef("pk"), folded__contains=words)
        return rows.filter(Exists(named))

    @cached_property
    def heirs(self) -> Heirs:
        """Who took over from the units of this page; in a file, from all of them."""
        in_file = self.request.GET.get("as") in sheet.FILES
        rows = self.rows_all if in_file else self.page_rows
        return heirs_of([row.pk for row in rows], self.decision.on)

    def columns_of(self) -> Sequence[Column]:
        """Unit, kind, successors, records, documents."""
        return [
            Column("unit", _("Unit"), lambda u: u.day_name or str(u), order="key"),
            Column("kind", _("Kind"), lambda u: str(u.get_kind_display()), kind="soft"),
            Column("to", _("Taken over by"), self._successors),
            Column("records", _("Records"), lambda u: u.records, kind="number", order="records"),
            Column("files", _("Documents"), lambda u: u.files, kind="number", order="files"),
            Column("package", _("Package"), lambda u: _("Download")),
        ]

    def _successors(self, unit: Unit) -> str:
        return listed(self.heirs[unit.pk]) or _("nobody, or no source says who")

    def row_url(self, row: Any) -> str:
        """The unit as it was on its last day."""
        eve = self.decision.on - timedelta(days=1)
        return f"{reverse('unit', args=[row.pk])}?on={eve.isoformat()}"

    def shown(self, row: Any) -> Row:
        """With the package behind the last cell."""
        plain = super().shown(row)
        *cells, last = plain.cells
        url = reverse("handover", args=[self.decision.pk, row.pk])
        return Row(plain.url, [*cells, Fetched(last.text, last.kind, last.label, url=url)], row.pk)

    @property
    def crumbs(self) -> list[dict[str, str]]:
        """Back to the decision."""
        return [{"label": self.decision.number, "url": self.decision.get_absolute_url()}]


def _counted(rows: Any) -> Any:
    of_unit = rows.filter(unit=OuterRef("pk")).order_by().values("unit")
    return Coalesce(
        Subquery(of_unit.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField()
    )


@page(REORGANISE)
def packages(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """The decision's ended units."""
    return EndedUnits(request, get_seen(request, Reorganisation, pk=pk)).respond()


@page(REORGANISE)
def package(request: BanyanRequest, pk: int, unit: int) -> HttpResponseBase:
    """One unit's package, as a zip that is written while it is sent."""
    if not request.actor.holds(RECORDS):  # a package without its records would belie its minutes
        raise no_entry(RECORDS)
    decision = get_seen(request, Reorganisation, pk=pk)
    ended = handover.ended_units(decision).prefetch_related("names", "codes").filter(pk=unit)
    found = ended.first()
    if found is None:
        raise Http404
    made = handover.Package(found, decision, request.actor)
    handover.make(made, decision=decision, by=request.actor)
    answer = StreamingHttpResponse(streamed(made.entries()), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
