"""Writing one event: its row, and the hash of its own canonical form."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import models
from django.utils import timezone

from banyan.ledger.models import Event

UNIT = "orgs.unit"  # by name: units stand above the ledger


class Doer(Protocol):
    """What an event keeps of whoever acts."""

    @property
    def account_id(self) -> int | None:
        """The account's id, or None for set-up."""

    @property
    def post_id(self) -> int | None:
        """The id of the post it acts in."""


def _told(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, bool | int | str | date | datetime | Decimal | None):
        return value if isinstance(value, bool | int | None) else str(value)
    raise TypeError(f"An event does not tell a {type(value).__name__}")


def record(
    verb: str, thing: models.Model | None, *, by: Doer, unit: Any = None, **tells: Any
) -> Event:
    """Insert one event. Called by `@operation`, and by pages that show sensitive data."""
    where = unit if unit is not None else getattr(thing, "unit", thing)
    # A thing that stands at no unit (a role) is recorded without one.
    standing = where if where is not None and where._meta.label_lower == UNIT else None
    event = Event(
        at=timezone.now(),
        verb=verb,
        account=by.account_id,
        post=by.post_id,
        unit=getattr(standing, "pk", None),
        thing_kind=thing._meta.label_lower if thing is not None else "",
        thing_id=thing.pk if thing is not None else None,
        things=tells.pop("things", 1),
        tells={name: _told(value) for name, value in tells.items()},
    )
    event.hash = event.own_hash()
    event.save(force_insert=True)
    return event
