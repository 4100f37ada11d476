"""An installation in a home of its own, used through the command line as its owner would."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.house import PATIENCE, free_port

CLONE = Path(__file__).resolve().parents[2]


class Installation:
    """A home of its own, used through the command line as its owner would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.started: list[subprocess.Popen[str]] = []

    @property
    def env(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BANYAN_", "DATABASE_", "DJANGO_", "PYTEST"))
        }
        return {**kept, "BANYAN_HOME": str(self.home), "BANYAN_PORT": str(self.port)}

    def banyan(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `banyan …` to its end."""
        return self.python("-m", "banyan.site.cli", *words, **env)

    def python(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", *words],
            env=self.env | env,
            cwd=CLONE,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )

    def script(self, text: str) -> str:
        """Run a few lines of Python in this home with Django up; what they printed."""
        done = self.python("-c", f"from banyan.site import boot; boot.django()\n{text}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start a program that goes on; it is ended with the test at the latest."""
        process = subprocess.Popen(
            [sys.executable, "-P", *words],
            env=self.env | env,
            cwd=CLONE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    @property
    def data(self) -> Path:
        return Path(os.path.realpath(self.home / "pg")) / "data"

    def postmaster(self) -> int | None:
        """Number of the living postmaster."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            return pid if os.path.samefile(f"/proc/{pid}/cwd", self.data) else None
        except (OSError, ValueError):
            return None

    def groups(self) -> list[int]:
        """Process groups that the supervisor looks after: web server, worker, streams."""
        found: list[int] = json.loads((self.home / "run" / "children.json").read_text())
        return found

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        if self.postmaster():
            # A killed user left it running: the next one to end is the last and stops it.
            self.python("-c", "from banyan.site import cluster; cluster.ensure_running()")
        shutil.rmtree(os.path.realpath(self.home / "pg"), ignore_errors=True)


def eventually(is_so: Callable[[], object], what: str) -> None:
    """Wait until something holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def alive_in(group: int) -> list[int]:
    """Processes of a group that have not ended; a dead one may wait long for whoever counts it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The name in parentheses may hold anything; what follows it is: state, parent, group.
            told = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(told[2]) == group and told[0] != "Z":
                found.append(int(folder.name))
    return found
