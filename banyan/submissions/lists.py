"""Rounds: what was asked when, by whom, of how many."""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    Count,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Subquery,
)
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.orgs.placed import Placed
from banyan.submissions.expecting import askings, sent_in, title_of
from banyan.submissions.models import Expectation, Round, Submission
from banyan.submissions.rounds import OPEN
from banyan.web.listing import Column, Filter, Link

REVIEW = "submission.review"
LAST_DAY = ExpressionWrapper(
    Func(F("span"), template="(upper(%(expressions)s) - 1)"), output_field=DateField()
)


class RoundList(Placed):
    """Rounds within reach, newest first; *then* each under the tree at the end of its period."""

    name = "rounds"
    of = Round
    title = gettext_lazy("Rounds")
    order = "-due"
    needs = "submission.view"

    def prepare(self, rows: Any) -> Any:
        """Join, and count who was asked and who has answered, within reach."""
        expected = self.request.seen(Expectation).filter(round=OuterRef("pk")).order_by()
        sent = Submission.objects.filter(sent_in(askings()), round=OuterRef("pk"))
        answered = sent.order_by().values("round")
        return self.with_unit(
            rows.select_related("edition__programme").defer("edition__content")
        ).annotate(
            asked=Subquery(expected.values("round").annotate(n=Count("pk")).values("n")),
            answered=Subquery(answered.annotate(n=Count("unit", distinct=True)).values("n")),
        )

    def own_day(self) -> Any:
        """The last day of its period."""
        return LAST_DAY

    def filters_of(self) -> Sequence[Filter]:
        """The place."""
        return self.place_filters()

    def columns_of(self) -> Sequence[Column]:
        """What is asked, who opened it, period, due, asked, answered."""
        return [
            Column("round", _("Round"), title_of, sub=lambda r: r.edition.title),
            Column("unit", _("Opened by"), self.unit_of, kind="soft", sub=self.unit_before),
            Column("period", _("Period"), lambda r: r.period, order="period"),
            Column("due", _("Due"), lambda r: r.due, kind="date", order="due"),
            Column("asked", _("Units asked"), lambda r: r.asked or 0, kind="number"),
            Column("answered", _("Units with records"), lambda r: r.answered or 0, kind="number"),
            Column("state", _("How it stands"), _round_state, kind="chip"),
        ]

    def actions_of(self) -> list[Link]:
        """What one's own units are asked; open one, where the post allows it."""
        links = [Link(_("Asked of single units"), reverse("expectations"))]
        if self.actor.holds(OPEN):
            links.append(Link(_("Open a round"), reverse("round_open"), main=True))
        if self.actor.holds("submission.import"):
            links.append(Link(_("Import answers"), reverse("import_new", args=["answers"])))
        return links

    def respond(self) -> HttpResponseBase:
        """Who neither opens nor receives goes on to what is asked of his own unit."""
        receives = self.actor.holds(OPEN) or self.actor.holds(REVIEW)
        if receives or self.request.GET.get("as"):
            return super().respond()
        return redirect("expectations")


def _round_state(round: Any) -> str:
    return _("round closed") if round.closed_on else ""
