"""Reading from a streaming replica, without anybody missing what he just wrote.

`BANYAN_REPLICA_URL` names one (docs/scaling.md). Pages are then read there while three things hold:
it has replayed what this person wrote last (a cookie bears the position in the log), it is no more
than a second behind what all wrote, and it answers. Else the primary is read. Whatever writes, and
what follows a write within a request or a transaction, goes to the primary alone.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

PRIMARY, REPLICA = "default", "replica"
COOKIE, COOKIE_AGE = "banyan_seen", 3600
READS = frozenset({"GET", "HEAD"})
FRESH = (
    0.5  # seconds between two looks at the primary's log: nothing read is older than two of them
)
REST = 5.0  # seconds for which a replica that did not answer is left alone
_POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")


def position(text: str | None) -> int:
    """A place in the log (`16/B374D848`) as a number; 0 for what is none."""
    found = _POSITION.fullmatch(text or "")
    return int(found[1], 16) << 32 | int(found[2], 16) if found else 0


@dataclass
class _Way:
    """One request on its way. `by_replica`: its reads may go there until it writes."""

    by_replica: bool
    wrote: bool = False


_way: ContextVar[_Way | None] = ContextVar("way", default=None)


class ReadsItsOwnWrites:
    """The router: reads of a request to the replica, all else to the primary."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        """Outside a request (worker, commands, imports) always the primary."""
        way = _way.get()
        if way is None or not way.by_replica or way.wrote:
            return PRIMARY
        return PRIMARY if connections[PRIMARY].in_atomic_block else REPLICA

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        """The primary; what is read afterwards must see it."""
        way = _way.get()
        if way is not None:
            way.wrote = True
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        """Both hold the same rows."""
        return True

    def allow_migrate(self, db: str, *_which: Any, **_hints: Any) -> bool:
        """A replica is changed by its primary alone."""
        return db == PRIMARY


class Replica:
    """What this process knows of the replica."""

    def __init__(self) -> None:
        self.left_until = 0.0
        self.looked = 0.0
        self.floors = (0, 0)  # the primary's log at the last look but one, and at the last
        self.replayed = 0

    def may_serve(self, wanted: int) -> bool:
        """Whether it has replayed this position, and all that is a second old."""
        now = time.monotonic()
        if now < self.left_until:
            return False
        if now - self.looked >= FRESH:
            self.floors, self.looked = (self.floors[1], written()), now
        needed = max(wanted, self.floors[0])
        if needed > self.replayed:
            try:
                self.replayed = _asked(REPLICA, "SELECT pg_last_wal_replay_lsn()")
            except DatabaseError:
                self.leave()
                return False
        return 0 < needed <= self.replayed

    def leave(self) -> None:
        """Ask it nothing for a while."""
        self.left_until, self.replayed = time.monotonic() + REST, 0
        connections[REPLICA].close()

    def answers(self) -> bool:
        """Whether it is there at all."""
        try:
            _asked(REPLICA, "SELECT pg_last_wal_replay_lsn()")
        except (OperationalError, InterfaceError):
            return False
        return True


def written() -> int:
    """Up to where the primary has written its log."""
    return _asked(PRIMARY, "SELECT pg_current_wal_lsn()")


def _asked(name: str, question: str) -> int:
    with connections[name].cursor() as cursor:
        cursor.execute(question)
        return position(cursor.fetchone()[0])


class ReplicaMiddleware:
    """Decides for each request; stands before everything that reads."""

    replica = Replica()

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, by the replica where it may; write down up to where somebody wrote."""
        reads, seen = request.method in READS, position(request.COOKIES.get(COOKIE))
        # A page that was told of a change asks for what the replica may not have yet.
        way = _Way(reads and "Banyan-Live" not in request.headers and self.replica.may_serve(seen))
        answer = self._answer(request, way)
        if answer.status_code >= 500 and way.by_replica and not self.replica.answers():
            # It died under the page. Nothing was changed by a page that only reads: once more.
            self.replica.leave()
            way = _Way(by_replica=False)
            answer = self._answer(request, way)
        if way.wrote or not reads:
            high, low = divmod(written(), 1 << 32)
            answer.set_cookie(
                COOKIE,
                f"{high:X}/{low:X}",
                max_age=COOKIE_AGE,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return answer

    def _answer(self, request: HttpRequest, way: _Way) -> HttpResponseBase:
        token = _way.set(way)
        try:
            answer = self.get_response(request)
        finally:
            _way.reset(token)
        if isinstance(answer, StreamingHttpResponse) and not answer.is_async:
            parts: Any = answer.streaming_content
            answer.streaming_content = _along(way, parts)
        return answer


def _along(way: _Way, parts: Iterable[Any]) -> Iterator[Any]:
    """What is read while it is sent goes the same way."""
    _way.set(way)
    try:
        yield from parts
    finally:
        _way.set(None)
