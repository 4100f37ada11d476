"""Streams of changes (`/live/stream`): a process of its own beside the pages, run by `banyan up`.

Pages are served by threads, and a stream would hold one for as long as it is open (decision 0014).
What is sent says only that figures of a programme changed, and when: no number, unit or name.
"""

import asyncio
import json
import logging
import os
import resource
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import psycopg

from banyan.site import home

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
# Django's settings sign tickets; its apps are not loaded.
from banyan.figures.tickets import Ticket, read_ticket

PATH = "/live/stream"
MOST = 1_000  # streams at a time
LOOK, IDLE, APART, BEAT, LIFE, PATIENCE = 0.1, 1.0, 0.3, 20.0, 120.0, 2.0  # seconds
SWEEP = 300  # looks between two sweeps of what was read
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    # A page without a proxy before it stands on another port. The ticket alone opens the stream.
    (b"access-control-allow-origin", b"*"),
]
NEW = """
SELECT pg_current_snapshot()::text, ARRAY(
    SELECT DISTINCT programme_id FROM figures_change
     WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
       AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot))
"""
READ = "DELETE FROM figures_change WHERE pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)"
log = logging.getLogger(__name__)
Message = dict[str, Any]


class Watch:
    """Looks for changes, ten times a second while anybody follows, and wakes who does."""

    def __init__(self) -> None:
        self.readers: dict[int, set[asyncio.Event]] = defaultdict(set)
        self.changed: dict[int, float] = {}
        self.begun = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, once."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look_for_ever())

    @property
    def count(self) -> int:
        """How many follow."""
        return sum(map(len, self.readers.values()))

    def age(self, programme: int) -> float:
        """Seconds since its last change, as far as this process can know."""
        return time.monotonic() - self.changed.get(programme, self.begun)

    def tell(self, programmes: list[int]) -> None:
        """Wake who follows these."""
        for programme in programmes:
            self.changed[programme] = time.monotonic()
            for waiting in self.readers.get(programme, ()):
                waiting.set()

    async def _look_for_ever(self) -> None:
        while True:
            try:
                address = home.database_url(home.role_in_use())
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as link:
                    # A dump brings rows of another server's transactions: nothing is older news.
                    await link.execute("DELETE FROM figures_change")
                    self.tell(list(self.readers))  # what happened meanwhile is not known
                    await self._look_while_connected(link)
            except (psycopg.Error, OSError):
                log.warning("The database does not answer; trying again.")
                await asyncio.sleep(PATIENCE)

    async def _look_while_connected(self, link: psycopg.AsyncConnection[Any]) -> None:
        first = await (await link.execute("SELECT pg_current_snapshot()::text")).fetchone()
        seen, looks = (first or [""])[0], 0
        while True:
            await asyncio.sleep(LOOK if self.count else IDLE)
            row = await (await link.execute(NEW, {"seen": seen})).fetchone()
            seen, programmes = row or (seen, [])
            self.tell(programmes)
            looks += 1
            if looks % SWEEP == 0:
                await link.execute(READ, {"seen": seen})


watch = Watch()


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """One request: a stream, or a refusal without words."""
    if scope["type"] == "lifespan":
        return await _live(receive, send)
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    ticket = read_ticket(asked.get("ticket", [""])[0])
    if scope["path"] != PATH or scope["method"] != "GET":
        return await _refuse(send, 404)
    if ticket is None:
        return await _refuse(send, 403)
    if watch.count >= MOST:
        return await _refuse(send, 503)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    stream = asyncio.ensure_future(_stream(ticket, send))
    gone = asyncio.ensure_future(_gone(receive))
    await asyncio.wait({stream, gone}, timeout=LIFE, return_when=asyncio.FIRST_COMPLETED)
    for task in (stream, gone):
        task.cancel()
    with suppress(Exception):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _live(
    receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """From the process's start to its end: what was read is swept also while nobody follows."""
    await receive()
    watch.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _refuse(send: Callable[[Message], Awaitable[None]], status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": HEADERS[1:]})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Callable[[], Awaitable[Message]]) -> None:
    """Until the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stream(ticket: Ticket, send: Callable[[Message], Awaitable[None]]) -> None:
    """Each change, and a beat where nothing happens."""
    changed = asyncio.Event()
    watch.readers[ticket.programme].add(changed)

    async def put(text: str) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    try:
        await put(": \n\n")
        if watch.age(ticket.programme) <= ticket.since:  # it changed before anybody listened
            changed.set()
        while True:
            try:
                await asyncio.wait_for(changed.wait(), BEAT)
            except TimeoutError:
                await put(": \n\n")
                continue
            changed.clear()
            told = {
                "programme": ticket.key,
                "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
            await put(f"data: {json.dumps(told)}\n\n")
            await asyncio.sleep(APART)
    finally:
        watch.readers[ticket.programme].discard(changed)


def allow_many() -> None:
    """As many open files as streams need; many systems allow 1,024 at first."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST * 2
    resource.setrlimit(
        resource.RLIMIT_NOFILE,
        (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard),
    )


allow_many()
