"""Sealing and verifying: positions without gaps, a chain of hashes, and the finger on an altered row."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction

from banyan.ledger.models import GENESIS, Event, Position, Seal

# Any fixed number: the advisory lock that makes the sealer single.
LOCK = 7_305_112
BATCH = 2_000
CHANNEL = "banyan_ledger"

# Below pg_snapshot_xmin nothing can still commit, so (era, xid, id) can only grow from one batch
# to the next; an event of an older era was committed before the restore that began this one.
_READY = """
    SELECT e.id, e.hash FROM ledger_event e
     WHERE (e.era, e.xid, e.id) > (%s, %s::text::xid8, %s)
       AND (e.era < ledger_current_era() OR e.xid < pg_snapshot_xmin(pg_current_snapshot()))
     ORDER BY e.era, e.xid, e.id LIMIT %s
"""


def link(previous: str, hashes: list[str]) -> str:
    """seal = sha256(previous ‖ hashes), all hexadecimal text."""
    return hashlib.sha256((previous + "".join(hashes)).encode()).hexdigest()


def seal_once(limit: int = BATCH) -> int:
    """Seal what has been committed; the number of events sealed (0 also when another sealer works)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT p.position, e.era, e.xid::text, e.id FROM ledger_position p"
            " JOIN ledger_event e ON e.id = p.event_id ORDER BY p.position DESC LIMIT 1"
        )
        position, era, xid, last_id = cursor.fetchone() or (0, 0, "0", 0)
        cursor.execute(_READY, [era, xid, last_id, limit])
        ready = cursor.fetchall()
        if not ready:
            return 0
        head = Seal.objects.order_by("-id").values_list("seal", flat=True).first() or GENESIS
        made = Seal.objects.create(
            previous=head,
            seal=link(head, [row[1] for row in ready]),
            first=position + 1,
            last=position + len(ready),
        )
        Position.objects.bulk_create(
            Position(position=position + n, event_id=row[0], seal=made)
            for n, row in enumerate(ready, 1)
        )
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(made.last)])
        return len(ready)


def seal_all() -> int:
    """Seal until nothing committed is left; the number sealed."""
    total = 0
    while sealed := seal_once():
        total += sealed
    return total


@dataclass
class Verdict:
    """What a verification found. `problems` names each altered, missing or misplaced row."""

    events: int = 0
    sealed: int = 0
    head: str = GENESIS
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row and seal is as it was written."""
        return not self.problems


def _places() -> Iterator[Position]:
    return Position.objects.select_related("event").order_by("position").iterator(chunk_size=2_000)


def verify() -> Verdict:
    """Recompute every row and every seal. Reads the whole ledger once, in order."""
    verdict = Verdict(events=Event.objects.count())
    places = _places()
    expected = 1
    for seal in Seal.objects.order_by("id").iterator(chunk_size=500):
        batch = list(islice(places, seal.last - seal.first + 1))
        if seal.previous != verdict.head:
            verdict.problems.append(f"Seal {seal.pk} does not follow the seal before it.")
        if [p.position for p in batch] != list(
            range(seal.first, seal.last + 1)
        ) or seal.first != expected:
            verdict.problems.append(
                f"Seal {seal.pk}: positions {seal.first}–{seal.last} are not whole."
            )
        for place in batch:
            if place.event.own_hash() != place.event.hash:
                verdict.problems.append(
                    f"Event {place.event_id} (position {place.position}, {place.event.verb}) was altered."
                )
        if link(seal.previous, [p.event.hash for p in batch]) != seal.seal:
            verdict.problems.append(
                f"Seal {seal.pk} does not match its events {seal.first}–{seal.last}."
            )
        verdict.head, expected = seal.seal, seal.last + 1
        verdict.sealed += len(batch)
    for event in Event.objects.filter(place=None).iterator(chunk_size=2_000):
        if event.own_hash() != event.hash:
            verdict.problems.append(f"Event {event.pk} (not yet sealed, {event.verb}) was altered.")
    return verdict
