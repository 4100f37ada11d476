"""Several at the same instant: threads with database connections of their own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from tests.house import PATIENCE


def together(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the jobs at once; what each returned, or the exception it raised."""
    from django.db import connection

    start = threading.Barrier(len(jobs))
    said: list[Any] = [None] * len(jobs)

    def run(place: int) -> None:
        try:
            start.wait(timeout=PATIENCE)
            said[place] = jobs[place]()
        except Exception as error:
            said[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=PATIENCE)
    assert not any(one.is_alive() for one in threads), "a thread waits for ever"
    return said
