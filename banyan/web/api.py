"""The API: every listing and every form, described by OpenAPI, ending in the same code as the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
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


def build() -> NinjaAPI:
    """The API over everything registered so far; call once all lists are imported."""
    api = NinjaAPI(
        title="Banyan",
        version="1",
        description="What the pages show and do. Sign in as on the pages; a POST to a page's own"
        " address with a JSON body runs the same form (header Idempotency-Key makes it repeatable).",
        auth=django_auth,
    )
    answers: Any = {200: Page, 401: Said, 403: Said, 404: Said}
    for listing in Listing.all.values():
        api.get(f"/{listing.name}", response=answers, tags=["lists"])(_lister(listing))
    return api
