"""Pages for what no view answers: an unknown address, a refused sending, a fault of our own."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from banyan.web.act import wants_json


def _say(request: HttpRequest, status: HTTPStatus, words: dict[str, str]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(words, status=status)
    if not hasattr(request, "actor"):  # refused before anybody knew who asks
        return HttpResponse(render_to_string("web/message.html", words), status=status)
    return render(request, "web/message.html", words, status=status)


def unreadable(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: too large, or not addressed to this machine."""
    words = {
        "what": _("This request cannot be read."),
        "why": _("It is torn, too large, or came under a name this machine does not bear."),
        "mend": _("Open the page again from the start page, and send less at once."),
    }
    return _say(request, HTTPStatus.BAD_REQUEST, words)


def shut(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403 without a Refusal."""
    words = {
        "what": _("You may not do this here."),
        "why": "",
        "mend": _("Switch to another of your posts, or ask the officer above you."),
    }
    return _say(request, HTTPStatus.FORBIDDEN, words)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form bears no secret of this session, or an old one; nothing was changed."""
    words = {
        "what": _("This form is no longer valid; nothing was changed."),
        "why": _("It was opened before you signed in or out, or came from another site."),
        "mend": _("Go back, load the page again, and send it once more."),
    }
    return _say(request, HTTPStatus.FORBIDDEN, words)


def unknown(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: no such page, or none for this post. The answer does not tell which."""
    words = {
        "what": _("There is no such page."),
        "why": _("The address is wrong, or what it names lies outside the reach of your post."),
        "mend": _("Go back to the start page, or switch to another of your posts."),
    }
    return _say(request, HTTPStatus.NOT_FOUND, words)


def broken(request: HttpRequest) -> HttpResponse:
    """500: asks the database nothing, for it may be what is broken."""
    words = {
        "what": _("Something went wrong here."),
        "why": _("The fault is ours, not yours. Nothing was half done; it is in the log."),
        "mend": _(
            "Try again in a minute. If it happens again, tell who runs Banyan, with the hour."
        ),
    }
    if wants_json(request):
        return JsonResponse(words, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    said = render_to_string("web/message.html", words)
    return HttpResponse(said, status=HTTPStatus.INTERNAL_SERVER_ERROR)
