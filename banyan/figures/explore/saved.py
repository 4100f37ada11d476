"""Questions kept under a name, one's own and shared ones: saved views of the list `explore`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.figures.views import place_asked
from banyan.kernel.errors import Refusal
from banyan.people.models import SavedView
from banyan.people.saved import plain
from banyan.web.page import BanyanRequest
from banyan.web.periods import period_of

LISTING, NO_VIEW = "explore", "none"
GROUND = ("programme", "place", "period", "reading", "as_of")


def kept(request: BanyanRequest) -> Sequence[SavedView]:
    """The questions one may open, by name: one query."""
    found: Sequence[SavedView] = list(
        request.seen(SavedView).of_listing(LISTING).order_by("name", "pk")
    )
    return found


def opened(request: BanyanRequest, views: Sequence[SavedView]) -> HttpResponseBase | None:
    """The address that the kept question asked for, or one's own beginning, stands for."""
    wanted = request.GET.get("view")
    if wanted is None:
        mine = [v for v in views if v.is_default and v.account_id == request.actor.account_id]
        return _way(request, mine[0]) if mine and not request.GET else None
    if wanted == NO_VIEW:
        return None
    view = next((one for one in views if str(one.pk) == wanted), None)
    if view is None:  # beyond reach, dropped, or never there: the same answer
        raise Http404
    return _way(request, view)


def _way(request: BanyanRequest, view: SavedView) -> HttpResponseBase:
    """Where its place lies beyond the reader's reach, the same is asked of his own unit."""
    asked = QueryDict(view.query, mutable=True)
    try:
        place, period = str(asked.get("place", "")), str(asked.get("period", ""))
        if place and period:
            place_asked(place, period_of(period), request)
    except Refusal:
        for key in ("place", "via", "units"):
            asked.pop(key, None)
        text = _("“%(name)s” was kept for a unit beyond your reach; it is shown for your own unit.")
        messages.info(request, text % {"name": view.name})
    asked["saved"] = str(view.pk)
    if request.GET.get("card"):
        asked["card"] = "1"
    return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")


def menu_of(request: BanyanRequest, views: Sequence[SavedView]) -> dict[str, Any]:
    """The menu of kept questions, and what may be done with the one that is open."""
    here = plain(request.GET.urlencode())
    now = next((one for one in views if str(one.pk) == request.GET.get("saved")), None)
    own = now is not None and now.account_id == request.actor.account_id
    return {
        "open": now,
        "own": own,
        "changed": own and now is not None and _settled(now.query) != _settled(here),
        "here": here,
        "report_url": _report_url(request, now),
        "keep_url": f"{reverse('view_new')}?{here}&listing={LISTING}",
        "views": [
            {
                "name": one.name,
                "url": f"{request.path}?view={one.pk}",
                "active": one is now,
                "shared": one.shared_with_id is not None,
                "begins": one.is_default and one.account_id == request.actor.account_id,
            }
            for one in views
        ],
    }


def _report_url(request: BanyanRequest, view: SavedView | None) -> str:
    """Where the open question becomes an annex; nothing for who writes no reports."""
    if view is None or not request.actor.holds("report.write"):
        return ""
    asked = {key: request.GET[key] for key in GROUND if request.GET.get(key)}
    return f"{reverse('report_new')}?{urlencode({**asked, 'annex': view.pk})}"


def _settled(query: str) -> list[tuple[str, str]]:
    given = QueryDict(query)
    return sorted((key, value) for key, values in given.lists() for value in values if value)
