"""The list of decisions on units."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from banyan.orgs import reform, shipped
from banyan.orgs.models import Kind
from banyan.orgs.operations import REORGANISE
from banyan.reorganisations.models import Change, Reorganisation, State
from banyan.web.listing import Column, Filter, Link, Listing

TONES = {State.DRAFT: "amber", State.APPLIED: "leaf", State.CLOSED: ""}


class ReorganisationList(Listing):
    """Decisions within reach, the newest first."""

    name = "reorganisations"
    of = Reorganisation
    title = gettext_lazy("Decisions on units")
    order = "-on"
    needs = REORGANISE
    searches = True

    def lead(self) -> str:
        """What they are."""
        return _(
            "Mergers, divisions and every other change of units, each looked at before it is carried"
            " out, and undone as long as it is not closed."
        )

    def columns_of(self) -> Sequence[Column]:
        """Number, title, in force from, state, how many changes."""
        columns = [
            Column(
                "number",
                pgettext("decision", "Number"),
                lambda r: r.number,
                "title",
                "number",
                sub=lambda r: r.title,
            ),
            Column("on", _("In force from"), lambda r: r.on, "date", "on"),
            Column("changes", _("Changes"), lambda r: r.n, "number", "n"),
            Column(
                "state",
                _("State"),
                lambda r: str(r.get_state_display()),
                "chip",
                "state",
                tone=lambda r: TONES.get(r.state, ""),
            ),
        ]
        if self.request.GET.get("as"):
            columns.insert(1, Column("title", pgettext("decision", "About"), lambda r: r.title))
            # What a program names when it carries out what it looked at.
            columns.append(
                Column("seen", _("Looked at"), lambda r: (r.preview or {}).get("at", ""))
            )
        return columns

    def filters_of(self) -> Sequence[Filter]:
        """The state."""
        field = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *State.choices])
        return [Filter("state", field, lambda rows, value: rows.filter(state=value))]

    def prepare(self, rows: Any) -> Any:
        """How many changes each has."""
        counted = self.request.seen(Change).filter(reorganisation=OuterRef("pk")).order_by()
        number = counted.values("reorganisation").annotate(n=Count("pk")).values("n")
        return rows.annotate(n=Coalesce(Subquery(number, output_field=IntegerField()), 0))

    def search_in(self, rows: Any, text: str) -> Any:
        """By number or title."""
        return rows.filter(Q(number__icontains=text) | Q(title__icontains=text))

    def actions_of(self) -> list[Link]:
        """Begin one; for a post over the whole shipped tree the reform, while it is not here yet."""
        new = Link(_("New decision"), reverse("reorganisation_new"), main=True)
        return (
            [Link(_("Prepare the reform of 1 July 2025"), reverse("reorganisation_reform")), new]
            if (self._lacks_the_reform())
            else [new]
        )

    def _lacks_the_reform(self) -> bool:
        unit = self.actor.unit
        if unit is None or unit.kind != Kind.COUNTRY or not shipped.is_shipped(unit):
            return False
        about = reform.facts()
        same = self.request.seen(Reorganisation).filter(number=about["number"], on=about["day"])
        return not same.exists()

    def empty(self) -> dict[str, Any]:
        """What is said when there is none."""
        if self.is_narrowed:
            return super().empty()
        return {
            "what": _("No decision on units yet."),
            "mend": _(
                "Begin one, add its changes by hand or from a workbook, and look at its effects."
            ),
            "url": reverse("reorganisation_new"),
            "label": _("New decision"),
        }
