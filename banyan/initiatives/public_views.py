"""Doors: recognised models that their owners published, for anybody; a photo; and how one publishes."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from banyan.documents import store
from banyan.initiatives import public
from banyan.initiatives.consent_forms import UnpublishForm, publish_form, publish_start
from banyan.initiatives.public import Asked, Gone
from banyan.initiatives.views import EDIT, one
from banyan.web.act import act
from banyan.web.page import BanyanRequest, door, number_asked

FRESH = 60  # seconds for which a copy of a public page may be shown
LONGEST_WORDS = 100
YEARS = range(1900, 2201)

publish = act(publish_form, one, EDIT, initial=publish_start)
unpublish = act(UnpublishForm, one, EDIT)


def _page(
    request: BanyanRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page without anything of the reader's own, so that copies of it may be kept for a minute."""
    other = "en" if (get_language() or "vi")[:2] == "vi" else "vi"
    query = request.GET.copy()
    query["language"] = other
    context |= {"other": other, "other_url": f"{request.path}?{query.urlencode()}"}
    answer = render(request, template, context, status=status)
    shared = not request.user.is_authenticated and status == HTTPStatus.OK
    answer["Cache-Control"] = f"public, max-age={FRESH}" if shared else "private, no-cache"
    return answer


def _language(request: HttpRequest) -> Any:
    """The language of the address (`?language=en`), else the reader's."""
    asked = request.GET.get("language")
    return translation.override(asked if asked in dict(settings.LANGUAGES) else get_language())


@door
@require_safe
def listing(request: BanyanRequest) -> HttpResponseBase:
    """`/p/?q=…&field=…&place=…&year=…`: published models, the newest first."""
    with _language(request):
        year = number_asked(request, "year")
        asked = Asked(
            words=request.GET.get("q", "").strip()[:LONGEST_WORDS],
            field=request.GET.get("field", "")[:60],
            place=request.GET.get("place", "").strip()[:LONGEST_WORDS],
            year=year if year in YEARS else None,
            after=number_asked(request, "after"),
        )
        models, total, following = public.found(asked)
        query = request.GET.copy()
        query["after"] = str(following)
        context = {
            "models": models,
            "total": total,
            "asked": asked,
            "fields": public.fields_asked((get_language() or "vi")[:2]),
            "next_url": f"{request.path}?{query.urlencode()}" if following else "",
        }
        return _page(request, "initiatives/public_list.html", context)


@door
@require_safe
def model(request: BanyanRequest, code: str) -> HttpResponseBase:
    """`/p/MH-2024-0173`: one published model. Taken back: 410. Never published: 404 like any other."""
    with _language(request):
        try:
            found = public.one_by(code)
        except Gone:
            return _page(request, "initiatives/public_gone.html", {"code": code}, HTTPStatus.GONE)
        context = {
            "model": public.page_of(found, request.today),
            "path": found.get_absolute_url(),
            "address": settings.BANYAN_URL + found.get_absolute_url(),
            "site": settings.BANYAN_URL,
        }
        return _page(request, "initiatives/public_model.html", context)


@door
@require_safe
def photo(request: BanyanRequest, code: str, place: int) -> HttpResponseBase:
    """A photo of a published model; the consent is asked for each time."""
    found = public.photo_of(code, place)
    if found is None:
        raise Http404
    try:
        answer = FileResponse(store.open_blob(found.blob_id), content_type=found.media_type)
    except FileNotFoundError:
        raise Http404 from None
    answer["Content-Disposition"] = "inline"  # its own name may name a person
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = f"public, max-age={FRESH}"
    return answer
