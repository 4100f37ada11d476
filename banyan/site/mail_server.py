"""The mail server, from one address: `smtp://user:password@host:587/?from=banyan@example.org&tls=1`.

`smtp` with `tls=1` begins plainly and turns to TLS (STARTTLS, usual on port 587); `smtps` speaks TLS
from the first byte (port 465). User and password may be missing; signs in them are written as in
any address (`%40` for @).
"""

import os
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

VARIABLE = "BANYAN_MAIL_URL"
PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587
EXAMPLE = "smtp://user:password@mail.example.org:587/?from=banyan@example.org&tls=1"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. No host: there is none; `fault` says why, when one was named."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    sender: str = ""
    starttls: bool = False
    tls: bool = False
    fault: str = ""


def from_environment() -> MailServer:
    """The server that the environment names; none where it names none or is not understood."""
    return parse(os.environ.get(VARIABLE, "").strip())


def parse(address: str) -> MailServer:
    """An address as a server. What cannot be read gives no server and says why, never the password."""
    if not address:
        return MailServer()
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return MailServer(fault="the port is not a number")
    asked = parse_qs(parts.query)
    sender = asked.get("from", [""])[0].strip()
    if parts.scheme not in PORTS:
        return MailServer(fault="it begins neither with smtp:// nor with smtps://")
    if not parts.hostname:
        return MailServer(fault="it names no host")
    if "@" not in sender or any(sign in sender for sign in "\r\n"):
        return MailServer(fault="it does not say from= whom mails come")
    starttls = parts.scheme == "smtp" and asked.get("tls", ["0"])[0] in ("1", "true", "yes")
    return MailServer(
        host=parts.hostname,
        port=port or (STARTTLS_PORT if starttls else PORTS[parts.scheme]),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
        starttls=starttls,
        tls=parts.scheme == "smtps",
    )
