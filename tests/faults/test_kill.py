"""kill -9 of the database, and of the writers, in the middle of writing: nothing acknowledged is lost
or doubled. On a server of its own, with fsync on, that is removed afterwards."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.site import Site, installed

pytestmark = pytest.mark.fault
ROUNDS = 4
WRITING = 0.7  # seconds of writing before the blow, so that it falls anywhere
LEAST = 8  # answers in each round: less would prove nothing


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """An installation of these tests' own."""
    with installed("fault") as made:
        yield made


def check(site: Site) -> None:
    """Every answer given stands, once; every record is one sending's; each has its event."""
    site.wait_for_quiet()
    said = site.said()
    receipts = dict(site.ask("SELECT key, thing_id FROM ledger_receipt"))
    titles = Counter(
        title
        for (title,) in site.ask(
            "SELECT title FROM initiatives_initiative WHERE title LIKE 'Mô hình %'"
        )
    )
    numbers = {pk for (pk,) in site.ask("SELECT id FROM initiatives_initiative")}
    assert len(said) > ROUNDS * LEAST, "the writers hardly wrote: the test would prove nothing"
    assert [pair for pair in said if receipts.get(pair[0]) != pair[1]] == [], "an answer was lost"
    assert {pk for _key, pk in said} <= numbers
    assert {title for title, count in titles.items() if count > 1} == set(), "a sending was doubled"
    assert len(receipts) == len(titles), (
        "a receipt without its record, or a record without its receipt"
    )
    events = site.ask("SELECT thing_id FROM ledger_event WHERE verb = 'initiative.registered'")
    assert sorted(pk for (pk,) in events) == sorted(numbers), (
        "a change and its event are one transaction"
    )


def test_killing_the_database_under_eight_writers_loses_and_doubles_nothing(site):
    writers = site.writers()
    for _round in range(ROUNDS):
        site.wait_for_more(len(site.said()) + LEAST)
        time.sleep(WRITING)
        site.kill_database()
        site.start()
    site.wait_for_more(len(site.said()) + LEAST)
    assert writers.poll() is None, "the writers ended by themselves"
    writers.kill()
    writers.wait()
    check(site)


def test_killing_the_writers_and_sending_again_doubles_nothing(site):
    for _round in range(ROUNDS):
        writers = site.writers()
        site.wait_for_more(len(site.said()) + LEAST)
        time.sleep(WRITING)
        writers.kill()
        writers.wait()
    check(site)
    keys = Counter(key for key, _pk in site.said())
    assert max(keys.values()) > 1, "no sending was repeated: the test would prove nothing"
