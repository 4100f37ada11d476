"""Child processes that are kept alive: started, restarted with growing pauses, ended in order."""

import ctypes
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LIBC = ctypes.CDLL(None)
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, prctl(2)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
STEADY = 60.0  # seconds a child must live before its pauses start small again
GRACE = 10.0  # seconds from SIGTERM to SIGKILL
LARGEST_LOG = 10_000_000  # bytes; then the old log moves to `.1`


@dataclass
class Child:
    """One program that must not stay down; it has a process group of its own."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    falls: int = 0
    """How often it ended by itself."""
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _pause: float = FIRST_PAUSE
    _not_before: float = field(default=0.0)

    @property
    def is_up(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def group(self) -> int | None:
        """Number of its process group, while it runs."""
        return self._process.pid if self._process and self.is_up else None

    def tend(self) -> bool:
        """Start it where it is down and its pause is over; says whether it was started now."""
        if self.is_up:
            return False
        now = time.monotonic()
        if self._process is not None:
            self._note_fall(now)
        if now < self._not_before:
            return False
        self._start(now)
        return True

    def _note_fall(self, now: float) -> None:
        """Count the fall, end what is left of the group, and choose when to try again."""
        assert self._process is not None
        signal_group(self._process.pid, signal.SIGKILL)
        self._process = None
        self.falls += 1
        self._pause = FIRST_PAUSE if now - self._started > STEADY else self._pause * 2
        self._not_before = now + min(self._pause / 2, LONGEST_PAUSE)

    def _start(self, now: float) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with open(self.log, "ab") as out:
            self._process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                # Safe here: the supervisor has one thread, and this makes one system call.
                preexec_fn=end_with_parent,
            )
        self._started = now

    def end(self) -> None:
        """Ask it to end; `wait` sees to it."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for its end until an instant of the monotonic clock, then kill what is left."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))
        signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_lines(self, count: int = 12) -> str:
        """The end of its log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except FileNotFoundError:
            return ""


def end_with_parent() -> None:
    """In the new process: be asked to end when the supervisor is gone, even by kill -9."""
    LIBC.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may be gone already."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def members(group: int) -> list[int]:
    """Living processes of a process group that run Banyan.

    The kernel gives a group's number to nobody else while a member lives; the look at the command
    line guards against a number that came round again after the last one was gone.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything; what follows it is: state, parent, group.
            state, _parent, its_group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            is_ours = b"banyan.site" in (folder / "cmdline").read_bytes()
        except OSError:  # ended while we looked, or not ours to look at
            continue
        if int(its_group) == group and state != "Z" and is_ours:
            found.append(int(folder.name))
    return found


def write_down(children: list[Child], path: Path) -> None:
    """Remember the groups that run, for the next start after a kill -9."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([child.group for child in children if child.group]))
    fresh.replace(path)


def end_leftovers(path: Path) -> None:
    """End children that a killed supervisor left behind; nobody else's process is touched."""
    try:
        groups: list[int] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + GRACE
    for group in groups:
        if members(group):
            signal_group(group, signal.SIGTERM)
    for group in groups:
        while members(group) and time.monotonic() < deadline:
            time.sleep(0.1)
        for pid in members(group):
            os.kill(pid, signal.SIGKILL)
    path.unlink(missing_ok=True)
