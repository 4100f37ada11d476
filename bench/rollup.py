# ruff: noqa: E501
"""Live roll-ups beside DHIS2's analytics tables: `python bench/rollup.py [--values 1|23|50]`.

One command, one table: the same PostgreSQL, the same synthetic values (villages × 24 months × elements ×
options of an axis), the same questions, whose answers must be equal. Peer and floors: `rollup_peer.py`.
Ours are the tables and statements of `banyan/figures`: changes are written beside records, the folder
folds them, readers add what is open. `--only banyan` leaves the peer out; `--keep HOME` keeps what was made.
`--scale province|national`: the whole product instead, with models by its own operations (`rollup_scale.py`).
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import rollup_peer as peer
from frame import in_a_home_of_its_own
from rollup_ours import UNITS, Ours, Rows, ids, questions, size_of, spread, sql, theirs, took
from rollup_peer import Asking
from rollup_scale import measure_at
from rollup_writers import writers

VALUES = sys.argv[sys.argv.index("--values") + 1] if "--values" in sys.argv else "1"
SCALE = sys.argv[sys.argv.index("--scale") + 1] if "--scale" in sys.argv else ""
ONLY = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
SETTINGS = "shared_buffers = 4GB\njit = off\nwork_mem = 24MB\nrandom_page_cost = 1.1\nmax_wal_size = 8GB\nmaintenance_work_mem = 512MB\ncheckpoint_timeout = 15min\n"

OURS, THEIRS = 60, 3  # how often each question is asked


def compare(rows: Rows, ours: Ours, parquet: "peer.Parquet | None") -> None:
    """Every question on both sides; the answers must be equal."""
    from banyan.figures import folded

    rows.add(
        "question (ms: p50 / p95 / p99)",
        "DHIS2 shape",
        "DuckDB over Parquet",
        "Banyan, *then*",
        "Banyan, *now*, by axis",
    )
    for name, asks in questions().items():
        peers = duck = "–"
        if ONLY != "banyan":
            for one in asks:
                assert theirs(one) == ours.answers(one), name
            peers = spread(lambda asks=asks: [theirs(one) for one in asks], THEIRS)
        if parquet:
            duck = spread(lambda asks=asks: [parquet.ask(one) for one in asks], 5)
        then = [ours.asked(one) for one in asks]
        now = [ours.asked(one, reading="now", axis=True) for one in asks]
        rows.add(
            name,
            peers,
            duck,
            spread(lambda then=then: [folded.read(one) for one in then], OURS),
            spread(lambda now=now: [folded.read(one) for one in now], OURS),
        )


def pages(rows: Rows, ours: Ours) -> None:
    """What one page asks at every level: all elements by axis, twelve months and the year, who reported."""
    from banyan.figures import folded

    chance = random.Random(1)
    for level, word in enumerate(("country", "province", "district", "commune", "village"), 1):
        known = ids(level)
        for reading in ("then", "now"):

            def one(known: list[int] = known, level: int = level, reading: str = reading) -> None:
                asking = Asking(
                    10,
                    level,
                    [chance.choice(known)],
                    "monthly",
                    [f"2025{m:02}" for m in range(1, 13)],
                )
                folded.read(ours.asked(asking, reading=reading, axis=True, covered=True))

            rows.add(
                f"page of a {word}: 10 × 2 options × 12 months, who reported, *{reading}*",
                spread(one, OURS),
            )


def explained(ours: Ours, rows: Rows) -> None:
    """Pages of 8 kB that each of the three questions touches."""
    from django.db import connection

    from banyan.figures import folded

    for name, (one,) in list(questions().items())[:3]:
        told = ["–"]
        if ONLY != "banyan":
            sql("SET search_path = d2, public")
            told = [pages_of(sql("EXPLAIN (ANALYZE, BUFFERS, FORMAT json) " + one.sql()))]
            sql("SET search_path = public")
        asked = ours.asked(one)
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT json) " + folded.statement(asked), asked.values()
            )
            told.append(pages_of(cursor.fetchall()))
        rows.add(f"buffers of {name[:2]}: DHIS2 shape; Banyan", "; ".join(told))


def pages_of(plan: list[Any]) -> str:
    """Buffers touched, and the database's own time."""
    top = plan[0][0] if not isinstance(plan[0][0], str) else json.loads(plan[0][0])
    node = top[0]["Plan"]
    return f"{node['Shared Hit Blocks'] + node['Shared Read Blocks']:,} ({top[0]['Planning Time']:.1f} + {top[0]['Execution Time']:.1f} ms)"


def measure() -> None:
    """Everything, in the order in which it is built."""
    from banyan.site import boot, cluster, home, up

    cluster.ensure_running()  # makes it
    (home.cluster_folder() / "conf" / "local.conf").write_text(SETTINGS)
    cluster.release()
    up.prepare_assets()
    boot.django()
    if SCALE:
        return measure_at(SCALE)
    size, rows = peer.SIZES[VALUES], Rows()
    rows.add(
        "values",
        f"{size.values:,}: {size.leaves:,} villages × 24 months × {size.elements} elements × {size.options} options",
    )
    ours, parquet = Ours(size), None
    if not sql("SELECT to_regclass('bench_unit')")[0][0]:
        sql(
            UNITS.format(
                **{
                    name: getattr(size, name)
                    for name in ("provinces", "districts", "communes", "villages", "leaves")
                }
            )
        )
        ours.make(rows)
        if ONLY != "banyan":
            rows.add(
                "DHIS2 shape: values as entered", f"{took(lambda: sql(peer.source(size))):.0f} s"
            )
            rows.add(
                "DHIS2 shape: analytics run (until then nothing new is seen)",
                f"{took(lambda: [sql(step) for step in peer.build()]):.0f} s",
            )
            rows.add("static roll-up: facts and roll-up", f"{took(lambda: sql(peer.STATIC)):.0f} s")
    if ONLY != "banyan":
        rows.add(
            "DHIS2 shape: bytes of values; of analytics",
            f"{size_of('d2.datavalue')}; {size_of(*(f'd2.analytics_{y}' for y in peer.YEARS))}",
        )
        rows.add(
            "static roll-up: bytes of facts; of the roll-up",
            f"{size_of('d2.fact')}; {size_of('d2.rollup')}",
        )
        parquet = peer.Parquet(Path(home.root()))
        rows.add(
            "Parquet: written, bytes",
            f"{took(lambda: to_parquet(parquet)):.0f} s, {(Path(home.root()) / 'values.parquet').stat().st_size / 1e9:.2f} GB",
        )
        for name, text in peer.STATIC_ASKS.items():
            rows.add(f"static roll-up {name}", spread(lambda text=text: sql(text), 20))
    compare(rows, ours, parquet)
    explained(ours, rows)
    pages(rows, ours)
    writers(rows, ours, with_peer=ONLY != "banyan")


def to_parquet(parquet: "peer.Parquet") -> None:
    """All values with their units above, by way of CSV."""
    from django.db import connection

    from banyan.site import home

    file = Path(home.root()) / "values.csv"
    select = """COPY (SELECT v.dataelementid, v.categoryoptioncomboid, p.iso, 1, u2.id, u3.id, u4.id, v.sourceid, v.value
        FROM d2.datavalue v JOIN d2.period p USING (periodid) JOIN bench_unit u5 ON u5.id = v.sourceid
        JOIN bench_unit u4 ON u4.id = u5.parent JOIN bench_unit u3 ON u3.id = u4.parent JOIN bench_unit u2 ON u2.id = u3.parent) TO STDOUT (FORMAT csv)"""
    with connection.cursor() as cursor, cursor.copy(select) as out, file.open("wb") as into:
        for piece in out:
            into.write(piece)
    parquet.take(file)
    file.unlink()


if __name__ == "__main__":
    os.environ.setdefault("BANYAN_ROLE", "owner")
    in_a_home_of_its_own(__file__, measure)
