"""Template words of signing in (``{% load people %}``)."""

import ipaddress
from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def passkeys_work(context: dict[str, Any]) -> bool:
    """Whether a browser can make passkeys for this address: a name it must be, not a number.

    Web Authentication, §5.1.3: the relying party's id is a domain; an IP address is none.
    """
    host = context["request"].get_host().rsplit(":", 1)[0].strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


@register.simple_tag(takes_context=True)
def named_address(context: dict[str, Any]) -> str:
    """The same page under the name `localhost`, where passkeys work; empty from afar."""
    request = context["request"]
    host, _colon, port = request.get_host().rpartition(":")
    if (host or port).strip("[]") not in ("127.0.0.1", "::1"):
        return ""
    return f"{request.scheme}://localhost{':' + port if host else ''}{request.path}"
