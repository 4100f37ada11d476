"""The API: every listing and every form, described by OpenAPI, ending in the same code as the pages."""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from banyan.web.listing import Listing


class Page(Schema):
    """One page of a list: how many rows in all, these rows, and where the next ones are."""

    total: int
    rows: list[dict[str, Any]]
    next: str | None = None


class Said(Schema):
    """An answer in words: what happened, why, how to mend it."""

    what: str
    why: str = ""
    mend: str = ""


def _lister(listing: type[Listing]) -> Any:
    def rows(request: HttpRequest) -> HttpResponseBase:
        query = request.GET.copy()
        query["as"] = "json"
        request.GET = query  # type: ignore[assignment]
        answer: HttpResponseBase = listing.view()(request)
        return answer

    rows.__name__ = f"list_{listing.name}"
    rows.__doc__ = f"{listing.title} – the filters are those of the page; `after` from `next`."
    return rows


def _described(parameters: dict[str, str]) -> dict[str, Any]:
    """What an address may ask, as OpenAPI names it."""
    asked = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": said,
        }
        for name, said in parameters.items()
    ]
    return {"parameters": asked} if asked else {}


def _pages(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(address, view) of every page that answers in JSON and says what it may be asked."""
    for one in patterns:
        address = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _pages(one.url_patterns, address)
        elif isinstance(one, URLPattern) and hasattr(one.callback, "parameters"):
            yield address, one.callback


def _teller(address: str, view: Any) -> Any:
    def told(request: HttpRequest) -> HttpResponseBase:
        query = request.GET.copy()
        query["as"] = "json"
        request.GET = query  # type: ignore[assignment]
        answer: HttpResponseBase = view(request)
        return answer

    told.__name__ = "get_" + re.sub(r"\W+", "_", address).strip("_")
    told.__doc__ = view.__doc__
    return told


class Done(Schema):
    """What a form made or changed: its id and the address of its page."""

    id: int
    url: str


class Wrong(Schema):
    """What is wrong with the fields: field → messages."""

    errors: dict[str, list[dict[str, Any]]]


_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_KINDS: dict[str, type] = {"int": int}


def _forms(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(address, view) of every page that runs a form."""
    for one in patterns:
        address = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _forms(one.url_patterns, address)
        elif isinstance(one, URLPattern) and hasattr(one.callback, "form_class"):
            yield address, one.callback


def _body(form_class: Any) -> dict[str, Any]:
    """The JSON schema of a form's body. Forms of packs differ by edition: any object."""
    if not isinstance(form_class, type) or not issubclass(form_class, forms.Form):
        return {"type": "object", "description": "The fields of the form of the pack's edition."}
    fields = {
        name: {"type": "string", "description": str(field.label or name)}
        for name, field in form_class.base_fields.items()
    }
    required = [name for name, field in form_class.base_fields.items() if field.required]
    return {"type": "object", "properties": fields, **({"required": required} if required else {})}


def _runner(address: str, view: Any) -> Any:
    def run(request: HttpRequest, **asked: Any) -> HttpResponseBase:
        answer: HttpResponseBase = view(request, **asked)
        return answer

    found = _PARAMETER.findall(address)
    kind, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("request", kind, annotation=HttpRequest)]
    parameters += [
        inspect.Parameter(name, keyword, annotation=_KINDS.get(converter, str))
        for converter, name in found
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__ = "post_" + re.sub(r"\W+", "_", address).strip("_")
    run.__doc__ = getattr(view.form_class, "__doc__", None) or "A form of a pack."
    return run


def build(patterns: Iterable[Any]) -> NinjaAPI:
    """The API over every list, and every form among these addresses."""
    api = NinjaAPI(
        title="Banyan",
        version="1",
        description="What the pages show and do. Sign in as on the pages. A POST runs the same form"
        " as the page of that address; the header Idempotency-Key makes it repeatable.",
        auth=django_auth,
        docs_url=None,  # the viewer would come from a foreign host
    )
    answers: Any = {200: Page, 401: Said, 403: Said, 404: Said}
    for listing in Listing.all.values():
        extra = _described(listing.parameters)
        route = api.get(
            f"/{listing.name}", response=answers, tags=["lists"], openapi_extra=extra or None
        )
        route(_lister(listing))
    told: Any = {200: dict[str, Any], 401: Said, 403: Said, 404: Said}
    for address, view in _pages(patterns):
        extra = _described(view.parameters)
        path = "/" + address.rstrip("/")
        api.get(path, response=told, tags=["pages"], openapi_extra=extra)(_teller(address, view))
    said: Any = {201: Done, 400: Said, 401: Said, 403: Said, 404: Said, 409: Said, 422: Wrong}
    for address, view in _forms(patterns):
        body = {"content": {"application/json": {"schema": _body(view.form_class)}}}
        path = "/" + _PARAMETER.sub(r"{\2}", address)
        extra = {"requestBody": body, **_described(getattr(view, "asks", {}))}
        api.post(path, response=said, tags=["forms"], openapi_extra=extra)(_runner(address, view))
    return api
