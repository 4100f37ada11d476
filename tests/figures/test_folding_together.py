"""Sixteen writers, a tree that changes and a folder that is killed: the figures are right all the same."""

import random
import threading
import time
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection

from banyan.figures import folding
from banyan.figures.rollup import read
from banyan.figures.verifying import verify
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.orgs.operations import move
from banyan.submissions import operations as submissions
from tests.figures.changes import PERIOD
from tests.figures.test_folding import READINGS, agree, count
from tests.house import PATIENCE
from tests.threads import together
from tests.world import ANSWERS, installer

WRITERS, EACH = 16, 6


def write(world: Any, n: int) -> int:
    """One writer: registers, corrects, moves on, gives up; how many records it left."""
    chance, left = random.Random(n), 0
    who, where = (world.lan, world.commune) if n % 2 else (world.hoa, world.other_commune)
    for k in range(EACH):
        by = world.actor(who)
        answers = {**ANSWERS, "title": f"Người ghi {n} lần {k}", "resources_money": n * 1000 + k}
        one = operations.register(where, round=world.round, answers=answers, by=by)
        act = chance.randrange(4)
        if act == 1:
            submissions.move(one.submission, move="begin", by=by)
        elif act == 2:
            changed = {**answers, "field": "economy", "beneficiary_households": k}
            operations.amend(one, answers=changed, version=one.submission.version, by=by)
        elif act == 3:
            Initiative.objects.filter(pk=one.pk).delete()
            left -= 1
        left += 1
    return left


def fold_and_die(seed: int, died: threading.Event, over: threading.Event) -> int:
    """A folder whose connection is cut off under it, first at once and then now and again; how often."""
    chance, deaths = random.Random(seed), 0
    while not over.is_set():
        try:
            if died.is_set():
                folding.fold(at_once=chance.choice((1, 7, 100)))
            if not died.is_set() or chance.random() < 0.3:
                with folding.one_snapshot() as cursor:
                    cursor.execute("SELECT pg_try_advisory_xact_lock(7305114, 1)")
                    if cursor.fetchone()[0] and folding.fold_now(cursor, 5):
                        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        except DatabaseError:
            deaths += 1
            died.set()
            with suppress(DatabaseError):
                connection.close()
        time.sleep(0.01)
    return deaths


def reorganise(world: Any, died: threading.Event) -> int:
    """Moves a commune from district to district while all that goes on; how often. The last time once a
    folder has died, however slow the machine is."""
    districts = [world.other_district, world.district]
    days = [date(2024, 2, 1), date(2024, 3, 15), date(2024, 4, 1), date(2024, 6, 10)]
    for n, day in enumerate(days):
        if day == days[-1]:
            assert died.wait(PATIENCE / 2), "no folder died: the test would prove nothing"
        move(world.sister_commune, parent=districts[n % 2], on=day, by=installer())
        time.sleep(0.2)
    return len(days)


def test_sixteen_writers_a_moving_tree_and_a_dying_folder_lose_and_double_nothing(
    own_database, world, monkeypatch
):
    folding.fold_all()
    before = Initiative.objects.count()
    died, over = threading.Event(), threading.Event()

    def writing(n: int) -> Any:
        return lambda: write(world, n)

    def all_writers() -> list[Any]:
        try:
            return together([*map(writing, range(WRITERS)), lambda: reorganise(world, died)])
        finally:
            over.set()

    said, deaths, other = together(
        [all_writers, *(lambda n=n: fold_and_die(n, died, over) for n in (1, 2))]
    )
    assert [one for one in (*said, deaths, other) if isinstance(one, Exception)] == []
    assert Initiative.objects.count() == before + sum(said[:WRITERS])
    known = agree(world, monkeypatch)
    folding.fold_all()
    assert count("figures_delta") == count("figures_moved") == 0
    agree(world, monkeypatch, known=known)
    assert verify(repair=False).wrong == []


@pytest.mark.django_db
def test_a_reader_never_waits_and_sees_whole_changes_only(own_database, world):
    """While one thread folds and others write, a number only ever grows by whole commits."""
    folding.fold_all()
    over, enough = threading.Event(), threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not over.is_set():
            told = read(world.edition.pack, _place(world), PERIOD, ["models"], reading=READINGS[0])
            seen.append(int(told["models"].value or 0))
            if len(seen) > 3:
                enough.set()

    def work() -> None:
        try:
            for n in range(20):
                assert n != 10 or enough.wait(PATIENCE / 2), "nobody looked while numbers grew"
                answers = {**ANSWERS, "title": f"Lần {n}"}
                operations.register(
                    world.commune, round=world.round, answers=answers, by=world.actor(world.lan)
                )
                folding.fold()
        finally:
            over.set()

    assert [one for one in together([look, work]) if one is not None] == []
    assert seen == sorted(seen)


def _place(world: Any) -> Any:
    from banyan.figures.place import Place

    return Place(world.district)
