"""Pages read from a streaming replica on a server of its own: one's own writing is always seen,
and nobody notices that the replica lags, dies, or comes back."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.replica_server import Follower
from tests.faults.site import Site, installed
from tests.house import CLONE, PATIENCE

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """An installation of these tests' own."""
    with installed("fault-replica") as made:
        yield made


@pytest.fixture(scope="module")
def follower(site: Site) -> Iterator[Follower]:
    """Its replica."""
    made = Follower(site)
    try:
        made.begin()
        yield made
    finally:
        made.remove()


class Work:
    """The two officers' process, and what it told so far."""

    def __init__(self, site: Site, follower: Follower, name: str) -> None:
        self.file = site.folder / name
        env = site.env(BANYAN_REPLICA_URL=follower.url)
        line = [sys.executable, "-m", "tests.faults.replica_reader", str(self.file)]
        site.started.append(subprocess.Popen(line, cwd=CLONE, env=env))
        self.process = site.started[-1]

    def turns(self) -> list[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def until(self, met: Any, what: str) -> list[dict[str, Any]]:
        """The turns from now until one meets a condition, that one included."""
        since, deadline = len(self.turns()), time.monotonic() + PATIENCE
        while not any(met(one) for one in self.turns()[since:]):
            assert time.monotonic() < deadline, f"never: {what}; {self.turns()[-3:]}"
            assert self.process.poll() is None, "the process ended"
            time.sleep(0.1)
        return self.turns()[since:]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def all_is_well(turns: list[dict[str, Any]]) -> None:
    for one in turns:
        assert (one["sent"], one["own"], one["others"]) == (303, 200, [200, 200, 200]), one
        assert one["own_is_there"], one
        assert one["list_has_it"], one


def by_replica(one: dict[str, Any]) -> bool:
    return bool(one["replica"] > one["primary"])


def test_ones_own_writing_is_seen_and_a_killed_replica_is_not_noticed(site, follower):
    work = Work(site, follower, "turns")
    work.until(by_replica, "a page is read from the replica")
    follower.kill()
    work.until(lambda one: not one["replica"], "pages are read from the primary alone")
    follower.start()
    work.until(by_replica, "the replica is read again")
    work.end()
    all_is_well(work.turns())


def test_a_replica_that_lags_is_left_alone_until_it_has_caught_up(site, follower):
    work = Work(site, follower, "turns-lagging")
    work.until(by_replica, "a page is read from the replica")
    follower.pause(True)
    work.until(lambda one: not by_replica(one), "the primary is read")
    work.until(lambda one: not by_replica(one), "the primary is read still")
    follower.pause(False)
    work.until(by_replica, "the replica is read again")
    work.end()
    all_is_well(work.turns())
