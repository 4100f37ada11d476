"""The page of the situation, and the same as one page of Word."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from banyan.analytics.paper import word_page
from banyan.analytics.showing import context_of
from banyan.analytics.situation import Situation, reckon
from banyan.figures.views import ASKED, CAPABILITY, UNREADABLE, ask_again, asked_by
from banyan.kernel.documents_layout import shipped_layout
from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold
from banyan.people.models import SavedView
from banyan.people.saved import PINS
from banyan.web.page import BanyanRequest, page, render_part

TEMPLATE = "analytics/situation.html"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _asked(request: BanyanRequest) -> Situation:
    asked = asked_by(request)
    return reckon(asked, request.actor, request.today)


@page(CAPABILITY)
def show(request: BanyanRequest) -> HttpResponseBase:
    """`/situation/?programme=dan-van-kheo&place=020@2024-06-30&period=2024H1&reading=now`."""
    try:
        told = _asked(request)
    except Refusal as no:
        if no.status not in UNREADABLE:
            raise
        return ask_again(request, no, TEMPLATE, _("Situation"))
    return render(request, TEMPLATE, context_of(request, told))


@page(CAPABILITY)
def pinned(request: BanyanRequest) -> HttpResponseBase:
    """Questions pinned by oneself or by those who shared them: asked for when they come into sight,
    so that the situation waits for none of them."""
    views = request.seen(SavedView).of_listing("explore").pinned().order_by("name", "pk")
    context = {"pinned": list(views[: 2 * PINS])}
    return render_part(request, "analytics/pinned.html", "analytics/_pinned.html", context)


@page(CAPABILITY)
def word(request: BanyanRequest) -> HttpResponseBase:
    """The same question answered as a Word file of one page, in the same order."""
    context = context_of(request, _asked(request))
    host = f"{request.scheme}://{request.get_host()}"
    answer = HttpResponse(word_page(context, shipped_layout(), host), content_type=WORD)
    name = fold(context["figures"]["title"]).replace(" ", "-")
    answer["Content-Disposition"] = (
        f'attachment; filename="tinh-hinh-{name}-{context["period"]}.docx"'
    )
    return answer


show.parameters = word.parameters = ASKED  # type: ignore[attr-defined]
