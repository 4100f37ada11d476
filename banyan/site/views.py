"""The start page: two doors, the way in, or my work."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.people.activity import own_activity
from banyan.people.models import Role
from banyan.site.demo import PASSWORD, SIGN_INS
from banyan.site.models import Organisation
from banyan.site.setup.local import is_local
from banyan.site.work import cards_of, next_steps
from banyan.web.page import BanyanRequest, door

MOST_LINES, MOST_CARDS = 6, 3


@door
def home(request: BanyanRequest) -> HttpResponseBase:
    """`/`: for the signed-in their work; for others the doors or the way in."""
    if request.user.is_authenticated:
        return _my_work(request) if request.actor.post else redirect("no_post")
    organisation = Organisation.objects.order_by("is_demo").first()
    if organisation is None:
        return _doors(request)
    if organisation.is_demo and is_local(request):
        return render(
            request,
            "site/example.html",
            {
                "title": _("The example"),
                "lead": _(
                    "Enter as one of these made-up people. Only this machine sees this page."
                ),
                "sign_ins": _sign_ins(),
                "password": PASSWORD,
            },
        )
    return render(request, "site/way_in.html", {"title": organisation.name})


def _sign_ins() -> list[dict[str, Any]]:
    """The example's people with their roles and what each does, in words."""
    roles = {
        role.key: str(role) for role in Role.objects.filter(key__in={one.role for one in SIGN_INS})
    }
    return [
        {"name": one.name, "email": one.email, "role": roles.get(one.role, ""), "does": one.does}
        for one in SIGN_INS
    ]


def _doors(request: BanyanRequest) -> HttpResponseBase:
    if not is_local(request):
        return render(request, "site/way_in.html", {"title": "Banyan", "is_empty": True})
    doors = [
        {
            "icon": "review",
            "title": _("Try the example"),
            "text": _(
                "A district, a province and nine mountain districts with 1,264 synthetic models: look"
                " at every page, merge the country, change what you like. Making it takes up to"
                " a minute."
            ),
            "label": _("Make the example"),
            "url": reverse("try_example"),
            "post": True,
        },
        {
            "icon": "building",
            "title": _("Begin our own organisation"),
            "text": _("Its name, its units, and you as the first officer: three steps."),
            "label": _("Begin"),
            "url": reverse("begin"),
            "main": True,
        },
    ]
    context = {"title": _("Welcome to Banyan"), "lead": _("Nothing is here yet."), "doors": doors}
    return render(request, "web/sign.html", context)


def _my_work(request: BanyanRequest) -> HttpResponseBase:
    cards = cards_of(request)
    everything = "all" in request.GET
    shown = cards if everything else cards[:MOST_CARDS]
    rest = cards[len(shown) :]
    late = sum(card.due < request.today for card in rest)
    lines, _older = own_activity(request.actor.account, None, request.today)
    context: dict[str, Any] = {
        "title": _("My work"),
        "lead": f"{request.actor.post_label}, {request.actor.unit_label}",
        "jobs": shown,
        "still": _still(late) if cards else "",
        "rest": len(rest),
        "may_register": request.actor.holds("submission.edit"),
        "lines": lines[:MOST_LINES],
        "steps_next": [] if cards else next_steps(request.actor),
        "empty": {
            "what": _("Nothing waits for you."),
            "mend": _("What is returned or waits for you will stand here."),
        },
    }
    return render(request, "site/home.html", context)


def _still(late: int) -> str:
    """What stands beyond the cards shown, in one sentence."""
    if not late:
        return _("Nothing else is overdue.")
    return ngettext("%(n)s more is overdue.", "%(n)s more are overdue.", late) % {"n": late}
