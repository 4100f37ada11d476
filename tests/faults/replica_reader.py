"""An officer at work where pages are read from a replica: `python -m tests.faults.replica_reader FILE`.

Again and again: keeps a model by the page for it, opens it at once, and opens the list; between
them another officer opens pages and changes nothing. Each turn appends one JSON line to FILE: what
was seen, and how many questions each of the two servers was asked for the pages of the other.
"""

import json
import os
import sys
from collections import Counter
from typing import Any

LIST = "/initiatives/"


def turn(world: Any, number: int, people: list[Any], asked: Counter[str]) -> dict[str, Any]:
    """One turn: what was written is there for who wrote it; nobody gets an error."""
    writer, reader = people
    title = f"Mô hình thử số {number}"
    told = {**world.answers, "title": title, "unit": world.commune.pk, "key": f"turn-{number}"}
    sent = writer.post(f"/initiatives/quick?round={world.round.pk}", told)
    page = writer.get(sent.headers.get("Location", LIST))
    seen = {
        "sent": sent.status_code,
        "own": page.status_code,
        "own_is_there": title in page.content.decode(),
        "list_has_it": title in writer.get(LIST).content.decode(),
    }
    asked.clear()
    seen["others"] = [reader.get(url).status_code for url in (LIST, "/", LIST)]
    return seen | {"replica": asked["replica"], "primary": asked["default"]}


def main(file: str) -> None:
    """Until told to end."""
    import django
    from django.conf import settings

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"] = {"BACKEND": plain}
    settings.ALLOWED_HOSTS.append("testserver")
    django.setup()
    from django.db import connections
    from django.test import Client

    from tests.world import BACKEND, World

    world, asked = World(), Counter[str]()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked[context["connection"].alias] += 1
        return execute(sql, params, many, context)

    for name in connections:
        connections[name].execute_wrappers.append(count)
    people = [Client(raise_request_exception=False) for _n in range(2)]
    for client, who in zip(people, (world.lan, world.minh), strict=True):
        client.force_login(who.account, backend=BACKEND)
    out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    number = 0
    while True:
        seen = turn(world, number, people, asked)
        os.write(out, (json.dumps(seen) + "\n").encode())
        number += 1


if __name__ == "__main__":
    main(sys.argv[1])
