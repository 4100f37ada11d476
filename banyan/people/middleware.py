"""Puts the actor, the day and the scoped rows on every request."""

import functools
from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from banyan.people.actor import Actor, posts_of
from banyan.people.models import Account
from banyan.web.page import BanyanRequest

POST_KEY = "post"
# Signing out and one's own account depend on no post.
FREE = ("/accounts/", "/me/", "/posts/switch", "/language/")


def today() -> date:
    """The day of this installation: BANYAN_TODAY where set (demo, tests), else the real one."""
    fixed = settings.BANYAN_TODAY
    return date.fromisoformat(fixed) if fixed else timezone.localdate()


def actor_of(request: HttpRequest, day: date) -> Actor:
    """The signed-in account in the post chosen in this session, else in its first of today."""
    account = request.user if isinstance(request.user, Account) else None
    if account is None:
        return Actor(None, None, day)
    held = posts_of(account, day)
    chosen = request.session.get(POST_KEY)
    post = next((one for one in held if one.pk == chosen), held[0] if held else None)
    actor = Actor(account, post, day)
    actor.posts = held
    return actor


def lost_post(request: HttpRequest, actor: Actor) -> bool:
    """Whether the post this session acted in has ended since its last page.

    The session then acts in the first of the posts left, and remembers it; what was sent with the
    old post in mind must not happen in the name of another.
    """
    before = request.session.get(POST_KEY) if actor.account else None
    if before == actor.post_id:
        return False
    if actor.account is not None:
        request.session[POST_KEY] = actor.post_id
    return before is not None


class ActorMiddleware:
    """`request.actor`, `request.today`, `request.seen(Model)`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: BanyanRequest) -> HttpResponseBase:
        """Set them; the account's language wins over the browser's."""
        request.today = today()
        request.actor = actor_of(request, request.today)
        request.seen = functools.partial(BanyanRequest.seen, request)  # type: ignore[method-assign]
        if request.actor.account and "django_language" not in request.COOKIES:
            translation.activate(request.actor.account.language)
            request.LANGUAGE_CODE = translation.get_language()
        lost = lost_post(request, request.actor)
        if lost and request.method not in ("GET", "HEAD") and not request.path.startswith(FREE):
            return self._post_ended(request)
        return self.get_response(request)

    def _post_ended(self, request: BanyanRequest) -> HttpResponseBase:
        context = {
            "what": _("The post you acted in has ended."),
            "why": _("It ended while your page was open; nothing was changed."),
            "mend": _("Look at the top of the page which post you act in now, then do it again."),
        }
        if request.content_type == "application/json":
            return JsonResponse({"code": "post", **context}, status=409)
        return render(request, "web/message.html", context, status=409)
