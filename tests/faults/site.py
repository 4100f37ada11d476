"""An installation of a fault test's own, with the world in it, that is removed afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from banyan.site import cluster, home
from tests.house import CLONE, PATIENCE, folder_of_tests


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait until something holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


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

    def writers(self) -> subprocess.Popen[bytes]:
        """Eight writers in one process, until it is killed."""
        line = [sys.executable, "-m", "tests.faults.writer", str(self.file)]
        self.started.append(subprocess.Popen(line, cwd=CLONE, env=self.env()))
        return self.started[-1]

    def said(self) -> list[tuple[str, int]]:
        """What was acknowledged so far: key and number."""
        text = self.file.read_text() if self.file.exists() else ""
        return [(key, int(pk)) for key, pk in (line.split() for line in text.splitlines())]

    def wait_for_more(self, than: int) -> None:
        """Until some writer was answered again."""
        until(lambda: len(self.said()) > than, "the writers get on")

    def wait_for_quiet(self) -> None:
        """Until the database has ended what killed processes left it to do."""
        left = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'banyan_app'"
        until(lambda: self.ask(left) == [(0,)], "nobody works any more")

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


@contextmanager
def installed(name: str) -> Iterator[Site]:
    """One on a server of its own, which may be killed."""
    if home.is_external():
        pytest.skip("somebody else's server is neither filled nor killed")
    folder = folder_of_tests() / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True, mode=0o711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANYAN_HOME", str(folder))
        made = Site(folder)
        try:
            made.fill()
            yield made
        finally:
            made.remove()
