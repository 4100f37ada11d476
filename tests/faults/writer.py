"""A process of eight writers: each registers models one after another, as eight browsers would.

`python -m tests.faults.writer FILE` on the home in BANYAN_HOME. Writer n sends its m-th form under the
key `n-m`, again and again until it gets an answer, and only then writes `key pk` into FILE: what stands
in FILE was acknowledged. Begun anew, it sends the same keys again, like a browser that never heard the
answer. They write until they are killed.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

WRITERS = 8
LONGEST = 1_800  # seconds: then they end though nobody was left to kill them


def send(world: Any, key: str) -> int:
    """Register one model under the key; the answer's number."""
    from banyan.initiatives.operations import register
    from banyan.ledger.receipts import Request

    actor = world.actor(world.lan)
    actor.request = Request(key, "same body")
    answers = {**world.answers, "title": f"Mô hình {key}"}
    made: int = register(world.commune, round=world.round, answers=answers, by=actor).pk
    return made


def write(number: int, acknowledged: int, until: float) -> None:
    """One writer: never goes on before it was answered."""
    from django.db import DatabaseError, connection

    from tests.world import World

    form = 0
    while time.monotonic() < until:
        key = f"{number}-{form}"
        try:
            made = send(World(), key)
        except DatabaseError:
            connection.close()
            time.sleep(0.05)
            continue
        os.write(acknowledged, f"{key} {made}\n".encode())
        form += 1
    connection.close()


def main(file: str) -> None:
    """Eight of them at once."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
    django.setup()
    acknowledged = os.open(Path(file), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    until = time.monotonic() + LONGEST
    threads = [
        threading.Thread(target=write, args=(n, acknowledged, until)) for n in range(WRITERS)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
