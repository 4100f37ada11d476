"""Pages: every one says which capability it needs; rows come only from within the actor's reach."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal

Model = TypeVar("Model", bound=models.Model)
P = ParamSpec("P")
LONGEST_NUMBER = 18  # what a bigint holds in any case


class BanyanRequest(HttpRequest):
    """What the middleware adds to a request."""

    actor: Any
    today: date

    def seen(self, model: type[Model]) -> Any:
        """The rows of a model the actor may see: the only way pages get rows."""
        return model._default_manager.visible_to(self.actor)  # type: ignore[attr-defined]


View = Callable[Concatenate[BanyanRequest, P], HttpResponseBase]
PAGES: dict[str, str | None] = {}
DOORS: set[str] = set()


def _name(view: Callable[..., Any]) -> str:
    return f"{view.__module__}.{view.__qualname__}"


def door(view: View[P]) -> View[P]:
    """A page open to strangers. The list of doors is asserted by a test."""
    DOORS.add(_name(view))
    view.opens = True  # type: ignore[attr-defined]
    return view


def page(capability: str | None) -> Callable[[View[P]], View[P]]:
    """A page for who is signed in and, where a capability is named, holds it in the present post."""

    def wrap(view: View[P]) -> View[P]:
        PAGES[_name(view)] = capability

        @functools.wraps(view)
        def shown(request: BanyanRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _shut_to_nobody(request)
            if capability is not None and not request.actor.holds(capability):
                raise no_entry(capability)
            return view(request, *args, **kwargs)

        shown.needs = capability  # type: ignore[attr-defined]
        return cast(View[P], shown)

    return wrap


def _shut_to_nobody(request: HttpRequest) -> HttpResponseBase:
    """To the door; who sends JSON (a queue, a program) is told so, for a redirect tells it nothing."""
    if request.content_type != "application/json":
        return redirect_to_login(request.get_full_path())
    said = Refusal(_("You are not signed in."), "", _("Sign in, then send it again."), status=401)
    return JsonResponse({"code": "signed_out", **said.as_dict()}, status=said.status)


def no_entry(capability: str) -> Refusal:
    """What one hears whose present post does not open a page."""
    return Refusal(
        _("This page is not open to your present post."),
        _("It needs the right “%(right)s”.") % {"right": capability},
        _("Switch to another of your posts, or ask the officer above you."),
        status=403,
    )


def get_seen(request: BanyanRequest, model: type[Model], **wanted: Any) -> Model:
    """One row within reach, or 404: what lies outside does not exist for this actor."""
    found = request.seen(model).filter(**wanted).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def number_asked(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address (`?round=12`); None for anything else."""
    said = request.GET.get(name, "")
    return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else None


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The part for htmx, the whole page otherwise: one URL, scripts on or off."""
    wants_part = request.headers.get("HX-Request") == "true" and not request.headers.get(
        "HX-Boosted"
    )
    answer = render(request, part if wants_part else template, context, status=status)
    # Else "back" shows the part alone: a browser's cache takes it for the page of that address.
    patch_vary_headers(answer, ["HX-Request", "HX-Boosted"])
    return answer
