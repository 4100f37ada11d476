"""A process for one import: `python -m banyan.site.importer 12`. It yields to whoever waits for a page.

It is a process of its own so that its memory goes when it ends, so that a file that breaks it
breaks nothing else, and so that the worker goes on sealing meanwhile.
"""

import gc
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import django
from django.db.backends.signals import connection_created

from banyan.site import home
from banyan.site.children import end_with_parent

NICE = 10
BESIDE = "beside"
AT_ONCE = 2
PATIENCE = 3.0  # seconds before the same import is begun again: another process may still be at it
LARGEST = 2_000_000_000  # bytes of address space: what reads more is broken off, not the machine


class Importer:
    """Starts a process where an import waits for one; the worker asks it every round."""

    def __init__(self) -> None:
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.begun: dict[int, float] = {}

    def look_after(self) -> bool:
        """Start what waits, the oldest first; so many at once that one great file blocks nobody.
        Whether any is at work."""
        # Models exist only after setup.
        from banyan.imports import work  # noqa: PLC0415

        self.processes = {pk: one for pk, one in self.processes.items() if one.poll() is None}
        room = AT_ONCE - len(self.processes)
        if room <= 0:
            return True
        now = time.monotonic()
        for pk in work.waiting():
            if (
                room
                and pk not in self.processes
                and now - self.begun.get(pk, -PATIENCE) >= PATIENCE
            ):
                self.begun[pk], room = now, room - 1
                self.processes[pk] = subprocess.Popen(
                    [sys.executable, "-P", "-m", "banyan.site.importer", str(pk)],
                    stdin=subprocess.DEVNULL,
                )
        return bool(self.processes)


def yield_too(connection: Any, **_told: Any) -> None:
    """Let the database's process that works for this one yield as well: it does most of the work.
    Only where it is a process of this machine that we may ask."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, connection.connection.info.backend_pid, NICE)


def begin_beside(pk: int) -> "subprocess.Popen[bytes]":
    """Another process that puts down what this one reads."""
    line = [sys.executable, "-P", "-m", "banyan.site.importer", str(pk), BESIDE]
    return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def wait_for_no_disk(connection: Any, **_told: Any) -> None:
    """Let the database write down what was committed a moment later, all in its order: after a fall
    of the machine the last part may not be there, and its lines then say so too."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def main(pk: int, part: str = "") -> None:
    """Do what the import waits for, and end; beside another process, what that one sends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    end_with_parent()
    if part != BESIDE:  # else it began as low as the other
        os.nice(NICE)
    if not home.is_external():
        connection_created.connect(yield_too)
    connection_created.connect(wait_for_no_disk)
    # Millions of small things come and go here in order: looking for rings among them costs a tenth.
    gc.set_threshold(100_000, 50, 50)
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    django.setup()
    # Models exist only after setup.
    from banyan.imports import beside, carrying, reading, work  # noqa: PLC0415

    if part == BESIDE:
        # Unbuffered: whoever still listens there must not hold the process when it ends.
        with open(0, "rb", buffering=0) as asked, open(1, "wb", closefd=False) as answer:
            beside.serve(pk, asked, answer, reading.made)
        return
    reading.helper, carrying.ahead = begin_beside, True
    work.run(pk)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:3])
