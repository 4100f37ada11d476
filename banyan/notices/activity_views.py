"""The page of what happened at a unit."""

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import record
from banyan.notices.unit_activity import KINDS, Asked, kinds_open_to, lines_of, place_of
from banyan.web.page import BanyanRequest, number_asked, page


@page("unit.view")
def unit_activity(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """`/units/812/activity?below=1&kind=records&on=2024-06-20`: newest first.

    That it showed people is written in the ledger.
    """
    place = place_of(pk, request.actor)
    if place is None:
        raise Refusal(
            _("What happened at this unit is not open to your present post."),
            _("It is open to the unit itself and to those above it."),
            _("Switch to another of your posts, or ask the unit."),
            status=403,
        )
    asked = _asked(request)
    lines, older = lines_of(place, asked, request.actor)
    if any(line.personal for line in lines):
        record("activity.read", place.unit, by=request.actor)
    context = {
        "crumbs": [{"label": place.name, "url": reverse("unit", args=[pk])}],
        "unit": place,
        "asked": asked,
        "lines": lines,
        "chips": _chips(request, asked),
        "switch": [
            {"label": label, "url": _url(request, below=below), "on": asked.below == bool(below)}
            for label, below in ((_("At this unit"), ""), (_("And below it"), "1"))
        ],
        "keep": {key: value for key, value in request.GET.items() if key in ("kind", "below")},
        "every_day": _url(request, on="") if asked.on else "",
        "next_url": _url(request, before=str(older)) if older else "",
        "first_url": _url(request) if asked.before else "",
    }
    return render(request, "notices/unit_activity.html", context)


def _asked(request: BanyanRequest) -> Asked:
    kind = request.GET.get("kind", "")
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = None
    return Asked(
        below=request.GET.get("below") == "1",
        kind=kind if kind in kinds_open_to(request.actor) else "",
        on=on,
        before=number_asked(request, "before"),
    )


def _chips(request: BanyanRequest, asked: Asked) -> list[dict[str, Any]]:
    kinds = [("", _("Everything"))] + [
        (kind, KINDS[kind][0]) for kind in kinds_open_to(request.actor)
    ]
    return [
        {"label": label, "url": _url(request, kind=kind), "active": kind == asked.kind}
        for kind, label in kinds
    ]


def _url(request: BanyanRequest, **changes: str) -> str:
    """This page with some of the question changed, from its beginning."""
    known = {key: request.GET.get(key, "") for key in ("below", "kind", "on")}
    query = {key: value for key, value in {**known, **changes}.items() if value}
    return f"{request.path}?{urlencode(query)}" if query else request.path
