"""Every page: few queries, and every change of state is an event."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.ledger.models import Event
from tests.contracts.registry import Address, addresses, everything_is_imported
from tests.contracts.test_doors import url_of
from tests.contracts.test_listings import client as client
from tests.contracts.test_listings import reader as reader

everything_is_imported()
MOST_QUERIES = 12
PAGES = [a for a in addresses() if not a.route.startswith(("accounts/", "api/", "language/"))]
pytestmark = pytest.mark.django_db


def ids(address: Address) -> str:
    return address.route or "/"


@pytest.mark.parametrize("address", PAGES, ids=ids)
def test_a_page_asks_the_database_at_most_twelve_times(address: Address, world: Any, client: Any):
    url = url_of(address, world)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    assert answer.status_code < 500
    savepoints = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")
    said = [q["sql"][:200] for q in asked if not q["sql"].startswith(savepoints)]
    assert len(said) <= MOST_QUERIES, f"{url}: {len(said)} queries:\n" + "\n".join(said)


# Tables in which a row may change without an event: sessions, what somebody is typing, what he has
# read and wants to be told, keys of sendings; the ledger's own.
UNTOLD = {
    "django_session", "submissions_draft", "notices_notice", "notices_switch", "notices_digest",
    "ledger_event", "ledger_receipt",
    "account_emailaddress", "usersessions_usersession", "people_entrycode",
    "documents_upload",
}  # fmt: skip


def written(asked: Any) -> set[str]:
    """The tables that statements wrote to."""
    tables = set()
    for query in asked:
        words = query["sql"].replace('"', " ").split()
        if words[:2] in (["INSERT", "INTO"], ["DELETE", "FROM"]):
            tables.add(words[2])
        elif words[:1] == ["UPDATE"]:
            tables.add(words[1])
    return tables - UNTOLD


@pytest.mark.parametrize("address", PAGES, ids=ids)
def test_no_state_is_changed_without_an_event(address: Address, world: Any, client: Any):
    """Whatever an address does when it is sent what its form shows, an event tells it."""
    url = url_of(address, world)
    for body in filled(client, url):
        before = Event.objects.count()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(url, body)
        assert answer.status_code < 500
        if written(asked):
            assert Event.objects.count() > before, f"{url} wrote {written(asked)} and told nothing"


def filled(client: Any, url: str) -> list[dict[str, Any]]:
    """Nothing at all, and what the page's own form holds at first, with words where it is empty."""
    answer = client.get(url)
    form = (answer.context or {}).get("form") if hasattr(answer, "context") else None
    if form is None or not hasattr(form, "fields"):
        return [{}]
    body: dict[str, Any] = {}
    for bound in form:
        choices = [value for value, _label in getattr(bound.field, "choices", ()) if value]
        value = bound.value()
        if value in (None, ""):
            value = getattr(choices[0], "value", choices[0]) if choices else "1"
        body[bound.html_name] = value
    return [{}, body]


def test_registering_a_model_by_its_page_is_told_once(world: Any):
    client = world.client(world.lan)
    body = {**world.answers, "unit": world.commune.pk, "title": "Ngõ xóm sáng đèn", "key": "k-1"}
    before = Event.objects.count()
    answer = client.post("/initiatives/new", body)
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    told = Event.objects.order_by("pk")[before:]
    assert [event.verb for event in told] == ["initiative.registered"]
    assert "Ngõ xóm" not in str(told[0].tells)
