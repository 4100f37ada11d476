"""kill -9 of the database, and of the writers, in the middle of writing: nothing acknowledged is lost
or doubled. On a server of its own, with fsync on, that is removed afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from banyan.site import cluster, home
from tests.house import CLONE, folder_of_tests

pytestmark = pytest.mark.fault
ROUNDS = 4
WRITING = 1.5  # seconds of writing before the blow


class Site:
    """One installation with the world in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "acknowledged"
        self.cluster = cluster.Cluster.here()
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the database, healing what a kill left."""
        with self.cluster.turn():
            self.cluster.ensure_running()

    def fill(self) -> None:
        """Migrate and make the world."""
        self.start()
        for words, role in (
            (("-m", "django", "migrate", "-v0"), "owner"),
            (("-m", "tests.world"), "app"),
        ):
            subprocess.run(
                [sys.executable, *words], cwd=CLONE, env=self.env(BANYAN_ROLE=role), check=True
            )

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a process that works here."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BANYAN_", "DATABASE_"))}
        own = {"BANYAN_HOME": str(self.folder), "BANYAN_TODAY": "2024-06-20"}
        return {**kept, **own, "DJANGO_SETTINGS_MODULE": "banyan.site.settings", **more}

    def writers(self, seconds: float) -> subprocess.Popen[bytes]:
        """Eight writers in one process."""
        line = [sys.executable, "-m", "tests.faults.writer", str(self.file), str(seconds)]
        self.started.append(subprocess.Popen(line, cwd=CLONE, env=self.env()))
        return self.started[-1]

    def said(self) -> list[tuple[str, int]]:
        """What was acknowledged so far: key and number."""
        text = self.file.read_text() if self.file.exists() else ""
        return [(key, int(pk)) for key, pk in (line.split() for line in text.splitlines())]

    def wait_for_more(self, than: int) -> None:
        """Until some writer was answered again."""
        deadline = time.monotonic() + 60
        while len(self.said()) <= than:
            assert time.monotonic() < deadline, "the writers never got on"
            time.sleep(0.05)

    def ask(self, question: str) -> list[Any]:
        """A question to the database."""
        with psycopg.connect(home.database_url("owner")) as link:
            return link.execute(question).fetchall()

    def kill_database(self) -> None:
        """kill -9 of the postmaster; its children find out by themselves."""
        pid = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        """Stop everything and leave nothing."""
        for one in self.started:
            one.kill()
            one.wait()
        self.cluster.stop()
        shutil.rmtree(self.cluster.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """An installation of these tests' own."""
    if home.is_external():
        pytest.skip("somebody else's server is not killed")
    folder = folder_of_tests() / f"fault-{os.getpid()}"
    folder.mkdir(parents=True, mode=0o711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANYAN_HOME", str(folder))
        made = Site(folder)
        try:
            made.fill()
            yield made
        finally:
            made.remove()


def check(site: Site) -> None:
    """Every answer given stands, once; every record is one sending's; each has its event."""
    said = site.said()
    receipts = dict(site.ask("SELECT key, thing_id FROM ledger_receipt"))
    titles = Counter(
        title
        for (title,) in site.ask(
            "SELECT title FROM initiatives_initiative WHERE title LIKE 'Mô hình %'"
        )
    )
    numbers = {pk for (pk,) in site.ask("SELECT id FROM initiatives_initiative")}
    assert len(said) > ROUNDS * 4, "the writers hardly wrote: the test would prove nothing"
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
    seconds = ROUNDS * (WRITING + 6)
    writers = site.writers(seconds)
    for _round in range(ROUNDS):
        site.wait_for_more(len(site.said()))
        time.sleep(WRITING / 2)
        site.kill_database()
        site.start()
    site.wait_for_more(len(site.said()))
    writers.terminate()
    writers.wait()
    check(site)


def test_killing_the_writers_and_sending_again_doubles_nothing(site):
    for _round in range(ROUNDS):
        writers = site.writers(60)
        site.wait_for_more(len(site.said()) + 8)
        time.sleep(WRITING / 3)
        writers.kill()
        writers.wait()
    check(site)
    keys = Counter(key for key, _pk in site.said())
    assert max(keys.values()) > 1, "no sending was repeated: the test would prove nothing"
