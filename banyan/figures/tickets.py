"""Tickets to the stream of changes: who may see a programme's figures gets one, for some seconds.

The process that serves the streams knows neither sessions nor posts; it knows our signature.
"""

from dataclasses import dataclass

from django.core import signing

SALT = "banyan.figures.live"
LASTS = 30  # seconds until it must have been used


@dataclass(frozen=True)
class Ticket:
    """What may be followed: a programme, by its id and its key; and how many seconds ago what the
    page shows was asked for."""

    programme: int
    key: str
    since: int = 0

    def signed(self) -> str:
        """As it stands in an address."""
        return signing.dumps([self.programme, self.key, self.since], salt=SALT)


def read_ticket(said: str) -> Ticket | None:
    """The ticket, when we gave it a moment ago."""
    try:
        programme, key, since = signing.loads(said, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return None
    return Ticket(programme, key, since)
