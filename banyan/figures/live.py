"""Where a page of figures hears that they changed; what it then shows it asks for itself."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect

from banyan.figures.tickets import Ticket
from banyan.figures.views import CAPABILITY, edition_asked
from banyan.web.page import BanyanRequest, number_asked, page

STREAM = "/live/stream"


@page(CAPABILITY)
def follow(request: BanyanRequest) -> HttpResponseBase:
    """`/live?programme=dan-van-kheo`: leads to the stream, which lasts two minutes; the page then
    comes here again, so that lost rights end it."""
    if not settings.BANYAN_LIVE_PORT:
        return HttpResponse(status=204)  # which tells a browser to stop asking
    programme = edition_asked(request.GET.get("programme", "")).programme
    ticket = Ticket(programme.pk, programme.key, number_asked(request, "since") or 0)
    query = urlencode({"ticket": ticket.signed()})
    answer = HttpResponseRedirect(f"{_origin(request)}{STREAM}?{query}")
    answer["Cache-Control"] = "no-store"
    return answer


follow.parameters = {  # type: ignore[attr-defined]
    "programme": "The key of a programme.",
    "since": "How many seconds ago what is shown was asked for.",
}


def _origin(request: BanyanRequest) -> str:
    """Of the streams: another port where no proxy stands before us, else our own address."""
    name, _colon, port = request.get_host().rpartition(":")
    if port != settings.PORT or request.is_secure():
        return ""
    return f"http://{name}:{settings.BANYAN_LIVE_PORT}"
