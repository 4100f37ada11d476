"""What the ledger says somebody did: shown to himself alone."""

from dataclasses import dataclass
from datetime import date, datetime

from banyan.ledger.models import Event
from banyan.ledger.words import said
from banyan.orgs.models import Unit
from banyan.people.models import Account

PER_PAGE = 20


@dataclass(frozen=True)
class Line:
    """One thing done, as `web/_activity.html` shows it."""

    pk: int
    who: str
    said: str
    quote: str
    at: datetime
    url: str = ""


def own_activity(
    account: Account, before: int | None, today: date
) -> tuple[list[Line], int | None]:
    """The newest events of this account before an event's id, and where the next page begins."""
    events = Event.objects.filter(account=account.pk)
    if before is not None:
        events = events.filter(pk__lt=before)
    found = list(events.newest_first()[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    wanted = {event.unit for event in shown if event.unit is not None}
    names = {u.pk: u.name_on(today) for u in Unit.objects.filter(pk__in=wanted).named_on(today)}
    lines = [Line(e.pk, "", said(e.verb), names.get(e.unit or 0, ""), e.at) for e in shown]
    return lines, shown[-1].pk if len(found) > PER_PAGE else None
