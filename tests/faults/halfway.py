"""The process of an import as the worker begins it, with small parts: `python -m tests.faults.halfway PK
MANY [PLACE]`; a second process beside it helps from MANY rows on.

With PLACE it stops halfway, makes a file of that name, and goes on once there is PLACE.go. Whoever
kills it meanwhile hits it in the middle, however fast or slow the machine is.
"""

import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

ROWS_AT_ONCE, PART = 100, 150
PARTS = 3  # so many are read; so many are taken in, the last of them not committed


def stop_at(place: Path) -> None:
    """Say that it is halfway, and wait."""
    place.touch()
    while not place.with_suffix(".go").exists():
        time.sleep(0.02)


def stop_within(owner: Any, name: str, stop: Callable[[], None]) -> None:
    """Let a step stop at the end of its third time."""
    real, times = getattr(owner, name), count(1)

    def step(*words: Any) -> None:
        real(*words)
        if next(times) == PARTS:
            stop()

    setattr(owner, name, step)


def main(pk: str, many: str, place: str = "") -> None:
    """Do what the import waits for."""
    import django

    django.setup()
    from banyan.imports import beside, carrying, reading
    from banyan.site import importer

    carrying.AT_ONCE, reading.AT_ONCE, beside.MANY = PART, ROWS_AT_ONCE, int(many)
    if place:
        steps = ((reading.Stager, "take"), (beside.Beside, "take"), (carrying, "_take"))
        for owner, name in steps:
            stop_within(owner, name, lambda: stop_at(Path(place)))
    importer.main(int(pk))


if __name__ == "__main__":
    main(*sys.argv[1:])
