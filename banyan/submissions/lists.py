"""Rounds, and who is expected in one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, DateField, ExpressionWrapper, F, Func, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.orgs.placed import Placed
from banyan.submissions.models import Expectation, Round, Submission
from banyan.web.listing import Column, Filter, Link


class RoundList(Placed):
    """Rounds within reach, newest first; *then* each under the tree at the end of its period."""

    name = "rounds"
    of = Round
    title = _("Rounds")
    order = "-due"
    needs = "submission.view"

    def prepare(self, rows: Any) -> Any:
        """Join, and count who was asked and who has answered."""
        asked = Expectation.objects.filter(round=OuterRef("pk")).values("round")
        answered = Submission.objects.filter(round=OuterRef("pk")).values("round")
        return self.with_unit(rows.select_related("edition__programme")).annotate(
            asked=Subquery(asked.annotate(n=Count("pk")).values("n")),
            answered=Subquery(answered.annotate(n=Count("unit", distinct=True)).values("n")),
        )

    def own_day(self) -> Any:
        """The last day of its period."""
        last = Func(F("span"), template="(upper(%(expressions)s) - 1)")
        return ExpressionWrapper(last, output_field=DateField())

    def filters_of(self) -> Sequence[Filter]:
        """The place."""
        return self.place_filters()

    def columns_of(self) -> Sequence[Column]:
        """Programme, unit, period, due, asked, answered."""
        return [
            Column("programme", _("Programme"), lambda r: r.edition.title, sub=lambda r: r.period),
            Column("unit", _("Unit"), self.unit_of, kind="soft", sub=self.unit_before),
            Column("period", _("Period"), lambda r: r.period, order="period"),
            Column("due", _("Due"), lambda r: r.due, kind="date", order="due"),
            Column("asked", _("Units asked"), lambda r: r.asked or 0, kind="number"),
            Column("answered", _("Units with records"), lambda r: r.answered or 0, kind="number"),
        ]

    def actions_of(self) -> list[Link]:
        """Open one, where the post allows it."""
        if not self.actor.holds("round.open"):
            return []
        return [Link(_("Open a round"), reverse("round_open"), main=True)]
