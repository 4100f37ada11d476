"""Where a question goes when there is a replica; with two real servers: tests/faults/test_replica.py."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from banyan.ledger.models import Event
from banyan.site import replicas
from banyan.site.replicas import PRIMARY, REPLICA, ReadsItsOwnWrites, ReplicaMiddleware

ROUTER = ReadsItsOwnWrites()


@pytest.mark.parametrize(
    ("text", "number"),
    [("0/0", 0), ("16/B374D848", 0x16B374D848), ("", 0), (None, 0), ("x", 0), ("1/1; DROP", 0)],
)
def test_a_position_in_the_log_is_a_number_and_nonsense_is_none(text, number):
    assert replicas.position(text) == number


def test_outside_a_request_everything_goes_to_the_primary():
    assert ROUTER.db_for_read(Event) == PRIMARY
    assert ROUTER.db_for_write(Event) == PRIMARY
    assert not ROUTER.allow_migrate(REPLICA, "ledger")


class _Ready:
    """A replica that has come up to a place."""

    def __init__(self, upto: int) -> None:
        self.upto = upto

    def may_serve(self, wanted: int) -> bool:
        return wanted <= self.upto


@pytest.fixture
def ask(monkeypatch):
    """What a view's reads were sent to, for a method and a position that was seen."""
    monkeypatch.setattr(ReplicaMiddleware, "replica", _Ready(100))
    monkeypatch.setattr(replicas, "written", lambda: 0x1_0000_00FF)

    def send(view, method="GET", seen="0/1"):
        request = RequestFactory().generic(method, "/")
        request.COOKIES[replicas.COOKIE] = seen
        return ReplicaMiddleware(view)(request)

    return send


def test_a_page_is_read_from_the_replica_until_it_writes(ask, db):
    ways = []

    def view(request):
        ways.append(ROUTER.db_for_read(Event))
        ROUTER.db_for_write(Event)
        ways.append(ROUTER.db_for_read(Event))
        return HttpResponse()

    # A test stands in a transaction, and a transaction reads where it writes.
    assert ask(view).cookies[replicas.COOKIE].value == "1/FF"
    assert ways == [PRIMARY, PRIMARY]


def test_what_is_sent_piece_by_piece_is_read_where_the_page_began(ask, monkeypatch):
    monkeypatch.setattr(
        replicas, "connections", {PRIMARY: type("Plain", (), {"in_atomic_block": False})}
    )

    def pieces():
        yield ROUTER.db_for_read(Event)

    def view(request):
        return StreamingHttpResponse(pieces())

    assert list(ask(view)) == [REPLICA.encode()]
    assert list(ask(view, seen="0/FFFF")) == [PRIMARY.encode()]  # not that far yet
    assert list(ask(view, method="POST")) == [PRIMARY.encode()]
    assert ROUTER.db_for_read(Event) == PRIMARY
