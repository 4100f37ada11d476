"""The process beside the pages that tells open pages of changes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import connection

from banyan.figures.tickets import Ticket, read_ticket
from banyan.orgs.operations import merge
from banyan.packs.models import Programme
from banyan.site import live
from tests.house import PATIENCE, address
from tests.world import installer

PROGRAMME = 1


def test_a_ticket_opens_for_half_a_minute_and_cannot_be_made_by_others(monkeypatch):
    signed = Ticket(PROGRAMME, "dan-van-kheo", 3).signed()
    assert read_ticket(signed) == Ticket(PROGRAMME, "dan-van-kheo", 3)
    assert read_ticket(signed[:-1] + ("A" if signed[-1] != "A" else "B")) is None
    assert read_ticket("") is None
    monkeypatch.setattr("banyan.figures.tickets.LASTS", -1)
    assert read_ticket(signed) is None


def alone(coroutine: Any) -> Any:
    """Run it in a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_a_change_is_told_once_for_its_programme_and_says_nothing_else(monkeypatch):
    monkeypatch.setattr(live, "watch", live.Watch())
    said = alone(_follow(Ticket(PROGRAMME, "dan-van-kheo"), _twice))
    assert said.count("data:") == 1
    assert '"programme": "dan-van-kheo"' in said
    assert "event" not in said


def test_what_changed_before_the_stream_ran_is_told_to_a_page_that_is_older(monkeypatch):
    monkeypatch.setattr(live, "watch", live.Watch())
    live.watch.tell([PROGRAMME])
    assert "data:" in alone(_follow(Ticket(PROGRAMME, "dan-van-kheo", 600), _told))
    live.watch.changed[PROGRAMME] -= 6_000
    assert "data:" not in alone(_follow(Ticket(PROGRAMME, "dan-van-kheo", 600), _wait))


def test_a_stream_that_is_left_is_forgotten(monkeypatch):
    monkeypatch.setattr(live, "watch", live.Watch())
    alone(_follow(Ticket(PROGRAMME, "dan-van-kheo"), _wait))
    assert live.watch.count == 0


@pytest.mark.parametrize(
    ("path", "query", "status"), [("/live/stream", "", 403), ("/elsewhere", "", 404)]
)
def test_nothing_else_is_answered(monkeypatch, path, query, status):
    monkeypatch.setattr(live, "watch", live.Watch())
    assert alone(_ask(path, query))[0]["status"] == status


def test_more_streams_than_it_serves_are_refused(monkeypatch):
    monkeypatch.setattr(live, "watch", live.Watch())
    monkeypatch.setattr(live, "MOST", 0)
    query = f"ticket={Ticket(PROGRAMME, 'dan-van-kheo').signed()}"
    assert alone(_ask("/live/stream", query))[0]["status"] == 503


def test_a_change_of_records_writes_down_its_programme_and_nothing_else(world):
    programme = world.edition.programme_id
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figures_change")
        cursor.execute("UPDATE initiatives_initiative SET title = title || ' mới'")
        cursor.execute("SELECT programme_id FROM figures_change")
        assert cursor.fetchall() == [(programme,)]


def test_a_change_of_units_is_told_to_every_programme(world):
    programmes = set(Programme.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figures_change")
        merge([world.commune], into=world.sister_commune, on=date(2024, 5, 1), by=installer())
        cursor.execute("SELECT DISTINCT programme_id FROM figures_change")
        assert {row[0] for row in cursor.fetchall()} == programmes != set()


def test_what_commits_late_is_seen_though_others_began_after_it(world, own_database):
    programme = world.edition.programme_id
    change = "UPDATE initiatives_initiative SET title = title || '.' WHERE id = %s"
    ids = (world.initiative.pk, world.other_initiative.pk)
    with (
        psycopg.connect(address(own_database, "app")) as slow,
        psycopg.connect(address(own_database, "app"), autocommit=True) as quick,
    ):
        slow.execute(change, [ids[0]])
        seen = _look(quick, "1:1:")[0]
        quick.execute(change, [ids[1]])
        seen, told = _look(quick, seen)
        assert told == [programme]
        seen, told = _look(quick, seen)
        assert told == []
        quick.execute(live.READ, {"seen": seen})
        slow.commit()
        assert _look(quick, seen)[1] == [programme]


def _look(link: Any, seen: str) -> Any:
    return link.execute(live.NEW, {"seen": seen}).fetchone()


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.01)


async def _twice(sent: list[Any]) -> None:
    live.watch.tell([PROGRAMME, PROGRAMME + 1])
    live.watch.tell([PROGRAMME])
    await _told(sent)
    await _wait(sent)  # nothing else comes


async def _told(sent: list[Any]) -> None:
    await _until(lambda: "data:" in _text(sent))


async def _wait(sent: list[Any]) -> None:
    await asyncio.sleep(live.APART + 0.1)


def _text(sent: list[Any]) -> str:
    return b"".join(one.get("body", b"") for one in sent).decode()


async def _follow(ticket: Ticket, meanwhile: Any) -> str:
    """What a reader of this ticket is sent until he leaves."""
    sent: list[Any] = []
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/live/stream"}
    scope |= {"query_string": f"ticket={ticket.signed()}".encode()}
    running = asyncio.ensure_future(live.application(scope, receive, send))
    await _until(lambda: live.watch.count == 1)
    await meanwhile(sent)
    left.set()
    await running
    return _text(sent)


async def _ask(path: str, query: str) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    await live.application(scope, receive, send)
    return sent
