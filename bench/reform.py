"""How long changes of units take, on the example with all units of the country:
`python bench/reform.py`.

The floor beside them: the same number of rows written by plain statements into tables without any
constraint, closure, journal or check. Prints a table for docs/benchmarks.md.
"""

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FLOOR = """
    CREATE TEMP TABLE floor_journal AS SELECT * FROM reorganisations_effect;
    CREATE TEMP TABLE floor_closure AS SELECT * FROM orgs_ancestry
"""


def main() -> None:
    """Prepare a home of its own, measure in a child that sees only that."""
    if "BENCH_HOME" not in os.environ:
        base = "/var/lib/banyan" if os.geteuid() == 0 else None
        home = tempfile.mkdtemp(prefix="bench-", dir=base)
        environment = {**os.environ, "BENCH_HOME": home, "BANYAN_HOME": home}
        try:
            subprocess.run([sys.executable, __file__], env=environment, check=True, cwd=ROOT)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        return
    sys.path.insert(0, str(ROOT))
    measure()


def measure() -> None:
    """The reform of 2025 and single changes; figures and pages under it."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.db import connection
    from django.test import Client
    from django.utils import translation

    from banyan.figures.rollup import read
    from banyan.figures.views import edition_asked, place_of
    from banyan.orgs import operations as orgs
    from banyan.orgs.changes import Newcomer
    from banyan.orgs.finding import find_unit
    from banyan.orgs.readings import NOW, THEN, Reading
    from banyan.people.actor import Actor
    from banyan.people.models import Account
    from banyan.reorganisations import operations, preview
    from banyan.site import demo

    translation.activate("vi")
    rows = [("step", "median ms", "worst ms")]
    today, may = date(2026, 11, 21), date(2025, 5, 1)

    def timed(label: str, work: Callable[[], object], times: int = 1) -> Any:
        taken, answer = [], None
        for _n in range(times):
            start = time.perf_counter()
            answer = work()
            taken.append((time.perf_counter() - start) * 1000)
        rows.append((label, f"{statistics.median(taken):.0f}", f"{max(taken):.0f}"))
        return answer

    def floor() -> None:
        with connection.cursor() as cursor:
            for statement in FLOOR.split(";"):
                cursor.execute(statement)

    def unit(spec: str) -> Any:
        return find_unit(spec, may).unit

    timed("make the example, shipped tree included", demo.make_demo)
    by = Actor.in_first_post(Account.objects.get(email="thu@vidu.banyan"), today)
    decision = timed("reform: draft 7,687 changes", lambda: operations.draft_reform(by.unit, by=by))
    seen = timed("reform: preview", lambda: preview.look(decision, by=by))
    assert not seen["problems"], seen["problems"]
    timed("reform: carry out", lambda: operations.apply(decision, on=decision.on, by=by))
    timed("  floor: its journal and closure written to bare tables", floor)
    pack = edition_asked(demo.PROGRAMME).pack
    place = place_of(demo.PLACE, demo.PERIOD)
    for reading in (Reading(THEN), Reading(NOW, today)):
        timed(
            f"figures of Thanh Trì 2024H1, {reading.kind}",
            lambda reading=reading: read(pack, place, demo.PERIOD, reading=reading),
            7,
        )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(by.account)
    root = by.unit.pk
    for name in (
        f"/units/{root}",
        "/units/tree",
        f"/figures/?place={demo.PLACE}&period=2024H1&reading=now",
        f"/initiatives/?place={demo.PLACE}&period=2024H1&reading=now",
        f"/reorganisations/{decision.pk}",
    ):
        timed(f"page {name}", lambda name=name: client.get(name), 7)
    timed("reform: undo", lambda: operations.undo(decision, by=by))
    new = Newcomer("village", "Thôn đo thời gian")
    timed("found one village", lambda: orgs.found(unit("00640"), new=new, on=may, by=by), 5)
    timed(
        "move one district with its 17 communes",
        lambda: orgs.move(unit("016"), parent=unit("22"), on=may, by=by),
    )
    timed(
        "merge one commune into another",
        lambda: orgs.merge([unit("00652")], into=unit("00649"), on=may, by=by),
    )
    width = max(len(row[0]) for row in rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"memory of this process: {memory} MB")
    for row in rows:
        print(f"| {row[0]:<{width}} | {row[1]:>9} | {row[2]:>8} |")


if __name__ == "__main__":
    main()
