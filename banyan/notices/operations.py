"""What somebody chooses for himself: which notices come, how often by mail, and a calendar's address.

One's own reading is no event of the ledger; an address that opens without signing in is.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from banyan.ledger.operation import record
from banyan.notices.kinds import KINDS
from banyan.notices.models import Calendar, Digest, Notice, Switch


def switches_of(account: int) -> dict[str, tuple[bool, bool]]:
    """Kind → whether it comes to the inbox, and whether the mail digest counts it."""
    usual = {key: (True, kind.mail) for key, kind in KINDS.items()}
    rows = Switch.objects.filter(account=account, kind__in=KINDS)
    return usual | {row.kind: (row.inbox, row.mail) for row in rows if not KINDS[row.kind].must}


@transaction.atomic
def choose(account: int, wanted: Mapping[str, tuple[bool, bool]]) -> None:
    """Keep the switches of an account; a kind that must come stays as it is."""
    Switch.objects.bulk_create(
        [
            Switch(account_id=account, kind=kind, inbox=inbox, mail=inbox and mail)
            for kind, (inbox, mail) in wanted.items()
            if kind in KINDS and not KINDS[kind].must
        ],
        update_conflicts=True,
        unique_fields=["account", "kind"],
        update_fields=["inbox", "mail"],
    )


def choose_rhythm(account: int, rhythm: str, next_at: datetime | None) -> None:
    """How often a digest comes; beginning with what is new from now on."""
    newest = Notice.objects.filter(account=account).aggregate(newest=Max("pk"))["newest"] or 0
    digest, _made = Digest.objects.get_or_create(account_id=account)
    if digest.rhythm == rhythm:
        return
    digest.rhythm, digest.next_at, digest.tries, digest.told = rhythm, next_at, 0, newest
    digest.save()


def rhythm_of(account: int) -> str:
    """How often a digest comes now."""
    known = Digest.objects.filter(account=account).values_list("rhythm", flat=True).first()
    return known or Digest.Rhythm.NEVER


def stop_mail(account: int) -> None:
    """No digest any more. Repeating it changes nothing."""
    never = Digest.Rhythm.NEVER
    Digest.objects.filter(account=account).update(rhythm=never, next_at=None, tries=0)


def hashed(secret: str) -> str:
    """What is kept of a calendar's address."""
    return hashlib.sha256(secret.encode()).hexdigest()


def calendar_made(account: int) -> datetime | None:
    """When the calendar's present address was made; None where there is none."""
    return Calendar.objects.filter(account=account).values_list("made_at", flat=True).first()


@transaction.atomic
def open_calendar(by: Any) -> str:
    """A new secret address for the account's calendar, told this once; an older one is dead."""
    secret = secrets.token_urlsafe(32)
    kept = {"address_hash": hashed(secret), "made_at": Now()}
    Calendar.objects.update_or_create(account_id=by.account_id, defaults=kept)
    record("calendar.opened", None, by=by)
    return secret


@transaction.atomic
def shut_calendar(by: Any) -> None:
    """Take the calendar's address back; whoever still asks there finds nothing."""
    kept = Calendar.objects.filter(account=by.account_id)
    if kept.exists():
        kept.delete()
        record("calendar.shut", None, by=by)
