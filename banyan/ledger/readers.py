"""Readers: what follows an event, after its commit, by a cursor on the sealed positions."""

from collections.abc import Callable

from django.db import transaction

from banyan.ledger.models import Cursor, Event, Position

BATCH = 500
Read = Callable[[Event], None]


class _Reader:
    def __init__(self, read: Read, verbs: frozenset[str]) -> None:
        self.name = f"{read.__module__}.{read.__qualname__}"
        self.read = read
        self.verbs = verbs


READERS: dict[str, _Reader] = {}


def reader(*verbs: str) -> Callable[[Read], Read]:
    """Register a function to be called once for each sealed event with one of these verbs.

    It runs in its own transaction together with the move of its cursor: a killed process repeats
    nothing that was committed and skips nothing.
    """

    def wrap(read: Read) -> Read:
        made = _Reader(read, frozenset(verbs))
        READERS[made.name] = made
        return read

    return wrap


def run_reader(name: str) -> int:
    """Let one reader read what was sealed since; the number of positions passed."""
    it = READERS[name]
    with transaction.atomic():
        cursor, _ = Cursor.objects.select_for_update().get_or_create(reader=name)
        places = list(
            Position.objects.filter(position__gt=cursor.position)
            .select_related("event")
            .order_by("position")[:BATCH]
        )
        for place in places:
            if place.event.verb in it.verbs:
                it.read(place.event)
        if places:
            cursor.position = places[-1].position
            cursor.save(update_fields=["position"])
        return len(places)


def run_all() -> int:
    """Let every reader catch up; the number of positions passed in all."""
    total = 0
    for name in READERS:
        while passed := run_reader(name):
            total += passed
    return total
