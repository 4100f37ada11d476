"""A great file is taken in by two hands: as by one, and whole when the process is killed."""

import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from banyan.imports import carrying, hands
from banyan.imports.models import StagedLine
from banyan.initiatives.models import Batch, Initiative
from banyan.ledger.models import Event
from tests.faults.site import Site, installed
from tests.house import CLONE
from tests.imports.sending import Sent, actor, send
from tests.initiatives.books import line, workbook

ROWS, PIECE = 600, 40
COMMUNES = ("Xã Đồi Mẫu", "Xã Đồng Mẫu")


def rows(count: int) -> list[list[object]]:
    """Rows of two communes in turn; of each commune the same title stands there twice."""
    return [line(n, COMMUNES[n % 2], f"Mô hình {n // 4}") for n in range(count)]


def sent(world) -> Sent:
    """The file, read."""
    by = actor(world.minh)
    options = {"programme": "dan-van-kheo", "period": "2024H1"}
    return send(world.district, workbook(rows(ROWS)), by=by, **options)


@pytest.fixture
def two(monkeypatch) -> None:
    """Two hands also for this small file."""
    monkeypatch.setattr(carrying, "ahead", True)
    monkeypatch.setattr(carrying, "MANY", 1)
    monkeypatch.setattr(carrying, "FIRST", 10)
    monkeypatch.setattr(carrying, "AT_ONCE", 100)
    monkeypatch.setattr(hands, "AT_ONCE", PIECE)


def test_two_hands_take_in_what_one_takes_in(world, own_database, two):
    before = Event.objects.filter(verb="initiative.imported").count()
    file = sent(world).confirm()
    assert (file.one.state, file.one.counts["taken"]) == ("done", ROWS)
    things = [one.thing for one in file.lines]
    assert len(set(things)) == ROWS
    codes = dict(Initiative.objects.values_list("pk", "code"))
    in_order = [codes[thing] for thing in things]
    assert in_order == sorted(in_order), "codes follow the order of the file"
    made = Initiative.objects.in_bulk(things)
    for staged in file.lines:
        one = made[staged.thing]
        assert (one.title, one.unit_id) == (staged.title, staged.values["unit"])
        assert one.state == staged.values["state"]
    batch = Batch.objects.get(sha256=file.one.document.blob_id)
    assert (batch.things, batch.rows.count()) == (ROWS, ROWS)
    events = Event.objects.filter(verb="initiative.imported").count() - before
    assert events >= ROWS / PIECE, "each piece has its event"
    # The same file once more brings nothing; all of it can be taken back.
    assert sent(world).one.counts["same"] == ROWS
    file.take_back()
    assert (file.one.state, file.one.counts["undone"]) == ("undone", ROWS)
    assert not Initiative.objects.filter(pk__in=things).exists()


def test_what_was_changed_since_the_preview_is_refused_by_both_hands(world, own_database, two):
    first, second = sent(world), sent(world)
    first.confirm()
    second.confirm()
    assert (second.one.counts["taken"], second.one.counts["refused"]) == (0, ROWS)
    assert all(one.why for one in second.lines)
    assert Initiative.objects.filter(title__startswith="Mô hình ").count() == ROWS


WORK = (
    "import sys, django; django.setup();"
    "from banyan.imports import carrying, hands;"
    f"carrying.AT_ONCE = 100; carrying.MANY = 1; carrying.FIRST = 10; hands.AT_ONCE = {PIECE};"
    "from banyan.site import importer; importer.main(int(sys.argv[1]))"
)
SEND = """
import django; django.setup()
from tests.imports.test_two_hands import rows, ROWS
from tests.imports.sending import actor
from tests.initiatives.books import workbook
from tests.world import World
from banyan.documents.operations import Incoming
from banyan.imports import operations, work
world = World(); by = actor(world.minh)
order = operations.Order("models", {"programme": "dan-van-kheo", "period": "2024H1"}, by.today)
file = Incoming("so.xlsx", "x", [workbook(rows(ROWS))])
one = operations.begin(world.district, order=order, file=file, by=by)
work.run(one.pk); one.refresh_from_db(); operations.confirm(one, by=by); print(one.pk)
"""
TAKEN = "SELECT count(*) FROM initiatives_initiative WHERE title LIKE 'Mô hình %'"


@pytest.mark.fault
def test_two_hands_that_are_killed_leave_nothing_half_and_nothing_twice():
    with installed("fault-hands") as site:
        told = subprocess.run(
            [sys.executable, "-c", SEND],
            cwd=CLONE,
            env=site.env(),
            check=True,
            capture_output=True,
            text=True,
        )
        pk = int(told.stdout.split()[-1])
        before, taken = site.ask(TAKEN)[0][0], 0
        for least in (1, ROWS // 2):
            taken = killed(site, pk, before + least) - before
            assert 0 < taken < ROWS
        deadline = time.monotonic() + 60
        while site.ask(f"SELECT state FROM imports_import WHERE id = {pk}") != [("done",)]:
            assert time.monotonic() < deadline
            work(site, pk).wait(60)
        assert site.ask(TAKEN)[0][0] - before == ROWS
        lines = site.ask(
            "SELECT l.became, i.title = l.title AND b.line = l.number FROM imports_stagedline l"
            " JOIN initiatives_initiative i ON i.id = l.thing"
            f" JOIN initiatives_batchrow b ON b.initiative_id = i.id WHERE l.job_id = {pk}"
        )
        assert Counter(lines) == {("taken", True): ROWS}


def work(site: Site, pk: int) -> "subprocess.Popen[bytes]":
    """The process that works on the import, as the worker begins it."""
    site.started.append(
        subprocess.Popen([sys.executable, "-c", WORK, str(pk)], cwd=CLONE, env=site.env())
    )
    return site.started[-1]


def killed(site: Site, pk: int, least: int) -> int:
    """kill -9 once so many models stand there; how many do when its last statement has ended."""
    process, deadline = work(site, pk), time.monotonic() + 60
    while site.ask(TAKEN)[0][0] < least:
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
    while site.ask(at_work)[0][0]:
        time.sleep(0.005)
    models, told = site.ask(
        f"SELECT ({TAKEN}), count(*) FROM imports_stagedline WHERE job_id = {pk} AND became = 'taken'"
    )[0]
    standing = site.ask(
        "SELECT count(*) FROM initiatives_initiative i JOIN imports_stagedline l ON l.thing = i.id"
        f" WHERE l.job_id = {pk} AND l.became = 'taken'"
    )[0][0]
    assert told == standing, "what a hand took is told of in its lines"
    return models


def test_the_import_is_left_alone_by_a_hand_whose_attempt_is_over(world, own_database, two):
    file = sent(world)
    one = file.one
    with hands.Hands(one, carrying.made(one), lambda: carrying.made(one), carrying._take) as own:
        part = list(one.lines.order_by("place")[:20])
        assert [len(share) for share in own._shares(part)] == [10, 10]
        with pytest.raises(hands.MovedOn):  # it is being looked at, not taken in
            own.take(part)
    assert not StagedLine.objects.filter(job=one).exclude(became="").exists()
