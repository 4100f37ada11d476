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

import django

from banyan.site.children import end_with_parent

NICE = 10
PATIENCE = 3.0  # seconds before the same import is begun again: another process may still be at it
LARGEST = 2_000_000_000  # bytes of address space: what reads more is broken off, not the machine


class Importer:
    """Starts the process where an import waits for one; the worker asks it every round."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.last: int | None = None
        self.begun = 0.0

    def look_after(self) -> None:
        """Start it where something waits and none runs."""
        # Models exist only after setup.
        from banyan.imports import work  # noqa: PLC0415

        if self.process is not None and self.process.poll() is None:
            return
        waiting = work.next_waiting()
        now = time.monotonic()
        if waiting is not None and (waiting != self.last or now - self.begun > PATIENCE):
            self.last, self.begun = waiting, now
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "banyan.site.importer", str(waiting)],
                stdin=subprocess.DEVNULL,
            )


def main(pk: int) -> None:
    """Do what the import waits for, and end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    end_with_parent()
    os.nice(NICE)
    # Millions of small things come and go here in order: looking for rings among them costs a tenth.
    gc.set_threshold(100_000, 50, 50)
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    django.setup()
    # Models exist only after setup.
    from banyan.imports import work  # noqa: PLC0415

    work.run(pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
