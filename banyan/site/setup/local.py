"""Doors that open only on the machine itself: nobody from outside begins an organisation here."""

import functools
import ipaddress
from typing import ParamSpec, cast

from django.conf import settings
from django.http import HttpResponseBase
from django.http.request import split_domain_port
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.web.page import BanyanRequest, View, door

P = ParamSpec("P")
# A proxy on this machine speaks for clients elsewhere: whatever bears one of these is from afar.
FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def is_local(request: BanyanRequest) -> bool:
    """Whether the client sits at this machine: by its address, past no proxy, under a local name."""
    if any(request.META.get(name) for name in FORWARDED):
        return False
    host = split_domain_port(request.get_host())[0]
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and host in settings.LOOPBACK


def local_door(view: View[P]) -> View[P]:
    """A page without sign-in, open on the machine itself only; a Refusal (403) to all others."""

    @functools.wraps(view)
    def opened(request: BanyanRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_local(request):
            raise Refusal(
                _("This can be done only on the machine that Banyan runs on."),
                _("Whoever begins the organisation holds every right in it."),
                _("Open http://127.0.0.1:%(port)s there.") % {"port": settings.PORT},
                status=403,
            )
        return view(request, *args, **kwargs)

    return door(cast(View[P], opened))
