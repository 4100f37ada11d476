"""Pages of alerts: one's own list, a form for each kind, and what is done with one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyan.analytics.alert_wording import rows_of
from banyan.analytics.forms import FORMS, AlertForm, packs_now
from banyan.analytics.models import Alert
from banyan.analytics.operations import drop_alert, pause_alert, resume_alert
from banyan.figures.views import CAPABILITY
from banyan.web.act import act
from banyan.web.page import BanyanRequest, get_seen, page

DONE = {
    "pause": (pause_alert, _("The alert is paused.")),
    "resume": (resume_alert, _("The alert is on again.")),
    "drop": (drop_alert, _("The alert is deleted.")),
}


@page(None)
def alerts(request: BanyanRequest) -> HttpResponseBase:
    """One's own alerts, the newest first; also those whose figures one may no longer see."""
    found = request.seen(Alert).order_by("-pk")
    context = {
        "rows": rows_of(found, packs_now(), request.today),
        "kinds": [
            {"url": reverse("alert_new", args=[kind]), "label": form.title}
            for kind, form in FORMS.items()
        ]
        if request.actor.holds(CAPABILITY)
        else [],
    }
    return render(request, "analytics/alerts.html", context)


@require_POST
@page(None)
def change(request: BanyanRequest, pk: int, what: str) -> HttpResponseBase:
    """Pause, resume or delete one's own."""
    if what not in DONE:
        raise Http404
    run, said = DONE[what]
    run(get_seen(request, Alert, pk=pk), by=request.actor)
    messages.success(request, str(said))
    return HttpResponseRedirect(reverse("alerts"), status=303)


def _form_of(request: BanyanRequest, _unit: Any) -> type[AlertForm]:
    return FORMS[str(request.resolver_match.kwargs["kind"])]  # type: ignore[union-attr]


def _own_unit(request: BanyanRequest, kind: str) -> Any:
    if kind not in FORMS:
        raise Http404
    return request.actor.unit


make = act(_form_of, _own_unit, CAPABILITY)
