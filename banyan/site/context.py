"""What the frame of every page needs: who one is, as what one acts, where one can go."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from banyan.notices.models import Notice
from banyan.people.actor import Actor
from banyan.people.models import Account
from banyan.site.models import Organisation

# Address name, what it is called, drawing, the capability that opens it (None: every signed-in).
MENU = (
    ("home", pgettext_lazy("menu", "My work"), "home", None),
    ("situation", pgettext_lazy("menu", "Situation"), "situation", "figure.view"),
    ("desk", pgettext_lazy("menu", "Review"), "review", "submission.review"),
    ("initiatives", pgettext_lazy("menu", "Register"), "register", "submission.view"),
    ("figures", pgettext_lazy("menu", "Figures"), "figures", "figure.view"),
    ("explore", pgettext_lazy("menu", "Explore"), "filter", "figure.view"),
    ("reports", pgettext_lazy("menu", "Reports"), "report", "figure.view"),
    ("rounds", pgettext_lazy("menu", "Rounds"), "calendar", "submission.view"),
    ("imports", pgettext_lazy("menu", "Imports"), "upload", "submission.import"),
    ("units", pgettext_lazy("menu", "Units"), "units", None),
    ("reorganisations", pgettext_lazy("menu", "Changes of units"), "merge", "unit.reorganise"),
    ("people", pgettext_lazy("menu", "People"), "people", "person.view"),
    ("documents", pgettext_lazy("menu", "Documents"), "document", "document.view"),
    ("programmes", pgettext_lazy("menu", "Programmes"), "info", "pack.install"),
)


@dataclass(frozen=True)
class HeldPost:
    """A post to switch to, as `web/_posts.html` shows it."""

    pk: int
    unit_label: str
    label: str
    current: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """`me, actor, own_posts, nav, demo, unread, today` for `web/base.html`."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:  # an error before the actor was known
        return {}
    demo = Organisation.objects.filter(is_demo=True)
    about: dict[str, Any] = {"me": actor.account, "today": actor.today}
    if actor.account is None:
        return about | {"demo": demo.exists()}
    # One question for both: the frame is paid for by every page.
    notices = (
        Notice.objects.filter(account=OuterRef("pk"), read_at=None).order_by().values("account")
    )
    unread = Coalesce(Subquery(notices.annotate(n=Count("pk")).values("n")), 0)
    asked = Account.objects.filter(pk=actor.account.pk).values(unread=unread, demo=Exists(demo))
    return (
        about
        | asked.get()
        | {
            "actor": actor if actor.post else None,
            "own_posts": _posts(actor),
            "nav": _menu(request, actor),
        }
    )


def _posts(actor: Actor) -> list[HeldPost]:
    return [
        HeldPost(post.pk, post.unit.name_on(actor.today), post.label, post.pk == actor.post_id)
        for post in actor.posts
    ]


def _menu(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    items = []
    for name, label, icon, capability in MENU:
        if actor.post is None or (capability and not actor.holds(capability)):
            continue
        url = reverse(name)
        active = request.path == url if name == "home" else request.path.startswith(url)
        items.append({"label": label, "url": url, "icon": icon, "active": active})
    return items
