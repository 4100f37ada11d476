"""Pages of rounds."""

from django.db.models import Count
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.submissions.forms import OpenRoundForm
from banyan.submissions.models import Expectation, Round, Submission
from banyan.web.act import act
from banyan.web.page import BanyanRequest, get_seen, page

open_round = act(OpenRoundForm, lambda request: request.actor.unit, "round.open")


@page("submission.view")
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """A round: what is asked by when, who has records and who has none."""
    found = get_seen(request, Round, pk=pk)
    span = found.covers
    counts = dict(
        request.seen(Submission)
        .filter(round=found)
        .values_list("unit")
        .annotate(n=Count("pk"))
        .values_list("unit", "n")
    )
    expected = (
        request.seen(Expectation)
        .filter(round=found)
        .select_related("unit")
        .prefetch_related("unit__names")
    )
    lowest = [e for e in expected if e.unit.kind in ("commune", "village", "cell")] or list(
        expected
    )
    rows = sorted(
        (
            {"unit": e.unit.name_on(span.last), "n": counts.get(e.unit_id, 0), "pk": e.unit_id}
            for e in lowest
        ),
        key=lambda row: (row["n"] > 0, str(row["unit"])),
    )
    late = request.today > found.due
    record = {
        "crumbs": [{"label": _("Rounds"), "url": reverse("rounds")}],
        "code": found.period,
        "title": f"{found.edition.title} · {found.period}",
        "chips": [{"text": _("past its due date"), "tone": "amber"}] if late else [],
        "lead": _("%(answered)s of %(asked)s units have records.")
        % {"answered": sum(1 for row in rows if row["n"]), "asked": len(rows)},
        "sections": [
            {
                "facts": [
                    {"label": _("Opened by"), "value": found.unit.name_on(span.last)},
                    {"label": _("Due"), "value": found.due.strftime("%d/%m/%Y")},
                ]
            }
        ],
    }
    return render(
        request, "submissions/round.html", {"record": record, "rows": rows, "round": found}
    )
