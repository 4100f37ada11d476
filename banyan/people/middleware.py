"""Puts the actor, the day and the scoped rows on every request."""

import functools
from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from banyan.people.actor import Actor, posts_of
from banyan.people.models import Account
from banyan.web.page import BanyanRequest

POST_KEY = "post"


def today() -> date:
    """The day of this installation: BANYAN_TODAY where set (demo, tests), else the real one."""
    fixed = settings.BANYAN_TODAY
    return date.fromisoformat(fixed) if fixed else timezone.localdate()


def actor_of(request: HttpRequest, day: date) -> Actor:
    """The signed-in account in the post chosen in this session, else in its first of today."""
    account = request.user if isinstance(request.user, Account) else None
    if account is None:
        return Actor(None, None, day)
    held = list(posts_of(account, day))
    chosen = request.session.get(POST_KEY)
    post = next((one for one in held if one.pk == chosen), held[0] if held else None)
    actor = Actor(account, post, day)
    actor.posts = held
    return actor


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
        return self.get_response(request)
