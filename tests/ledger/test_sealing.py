"""The ledger's order: dense positions, nothing skipped, an altered row named."""

import threading

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from banyan.ledger import readers, sealer
from banyan.ledger.models import Event, Position, Seal
from banyan.ledger.operation import record
from banyan.people.operations import define_role
from tests.house import PATIENCE, address
from tests.threads import together
from tests.world import installer

WRITERS, EACH = 16, 12


def write(key: str) -> None:
    """One small operation: its event is what matters here."""
    names = {"vi": key, "en": key}
    define_role(
        None, key=key, names=names, capabilities=[], clearance=0, source="tests", by=installer()
    )


def places() -> list[tuple[int, int]]:
    return list(Position.objects.order_by("position").values_list("position", "event_id"))


def test_sixteen_writers_and_a_sealer_leave_dense_positions_and_skip_nothing(own_database):
    done = threading.Event()

    def seal_until_done() -> int:
        sealed = 0
        while not done.is_set():
            sealed += sealer.seal_once()
        return sealed

    def writer(number: int):
        def run() -> None:
            for n in range(EACH):
                write(f"w{number}-{n}")

        return run

    keeper = threading.Thread(target=lambda: (seal_until_done(), connection.close()))
    keeper.start()
    said = together([writer(n) for n in range(WRITERS)])
    done.set()
    keeper.join(timeout=PATIENCE)
    assert said == [None] * WRITERS
    sealer.seal_all()
    found = places()
    assert [position for position, _event in found] == list(range(1, WRITERS * EACH + 1))
    assert {event for _p, event in found} == set(Event.objects.values_list("pk", flat=True))
    assert sealer.verify().ok


def test_an_event_that_commits_late_is_not_skipped(own_database):
    """Its id is smaller than those of events committed before it; a reader by id would miss it."""
    written, go = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record("test.slow", None, by=installer())
            written.set()
            assert go.wait(timeout=PATIENCE)

    def quick() -> int:
        assert written.wait(timeout=PATIENCE)
        for n in range(5):
            write(f"quick-{n}")
        sealed = sealer.seal_all()
        go.set()
        return sealed

    first, sealed = together([slow, quick])
    assert first is None
    assert sealed == 0, "events after the oldest open transaction must wait for it"
    assert sealer.seal_all() == 6
    late = Event.objects.get(verb="test.slow")
    assert late.pk < min(Event.objects.exclude(pk=late.pk).values_list("pk", flat=True))
    assert dict(places()) == dict(
        enumerate(Event.objects.order_by("xid", "id").values_list("pk", flat=True), 1)
    )


def test_readers_read_each_sealed_event_once_and_in_order(own_database, monkeypatch):
    read: list[int] = []
    monkeypatch.setattr(readers, "READERS", {})
    tired = [True]

    @readers.reader("role.defined")
    def note(event: Event) -> None:
        if len(read) == 3 and tired:
            tired.clear()
            raise RuntimeError("killed in the middle")
        read.append(event.pk)

    for n in range(6):
        write(f"r{n}")
    assert readers.run_all() == 0, "unsealed events are not read"
    sealer.seal_all()
    with pytest.raises(RuntimeError):
        readers.run_all()
    read.clear()
    readers.run_all()
    assert read == list(Event.objects.order_by("pk").values_list("pk", flat=True))
    assert readers.run_all() == 0


def alter(database: str, statement: str) -> None:
    """What only who owns the tables can do, in a throw-away clone: alter a row behind the trigger."""
    with psycopg.connect(address(database, "owner"), autocommit=True) as owner:
        owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER append_only")
        owner.execute(statement)
        owner.execute("ALTER TABLE ledger_event ENABLE TRIGGER append_only")


def test_verifying_names_a_row_that_was_altered(own_database):
    for n in range(5):
        write(f"v{n}")
    sealer.seal_all()
    assert sealer.verify().ok
    victim = Event.objects.order_by("pk")[2]
    alter(own_database, f"UPDATE ledger_event SET account = 4711 WHERE id = {victim.pk}")
    verdict = sealer.verify()
    assert not verdict.ok
    assert [said for said in verdict.problems if f"Event {victim.pk} " in said]
    assert len(verdict.problems) == 1


def test_verifying_names_the_seal_when_the_forger_mends_the_rows_own_hash(own_database):
    for n in range(5):
        write(f"v{n}")
    sealer.seal_all()
    victim = Event.objects.order_by("pk")[2]
    victim.account = 4711
    forged = f"UPDATE ledger_event SET account = 4711, hash = '{victim.own_hash()}' WHERE id = {victim.pk}"
    alter(own_database, forged)
    seal = Seal.objects.get()
    assert sealer.verify().problems == [
        f"Seal {seal.pk} does not match its events {seal.first}–{seal.last}."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["ledger_event", "ledger_seal", "ledger_position"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_application_cannot_change_what_the_ledger_holds(table, statement):
    statement = statement.format(table)
    if table == "ledger_position":
        statement = statement.replace("id = id", "position = position")
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET account = 1",
        "DELETE FROM ledger_event",
        "TRUNCATE ledger_event CASCADE",
    ],
)
def test_not_even_a_slip_of_the_owners_hand_changes_the_ledger(own_database, statement):
    write("slip")
    refused = pytest.raises(psycopg.errors.RestrictViolation, match="append-only")
    with psycopg.connect(address(own_database, "owner")) as owner, refused:
        owner.execute(statement)


@pytest.mark.django_db
def test_the_application_cannot_switch_the_trigger_off():
    with pytest.raises(ProgrammingError, match="must be owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER append_only")


@pytest.mark.django_db
def test_an_event_and_its_change_are_one_transaction(monkeypatch):
    """When the event cannot be written, nothing was done."""
    from banyan.people.models import Role

    monkeypatch.setattr("banyan.ledger.models.Event.own_hash", lambda self: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        write("undone")
    assert not Role.objects.filter(key="undone").exists()
