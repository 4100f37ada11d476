# ruff: noqa: E501
"""Banyan's side of `bench/rollup.py`, the questions both are asked, and what all measuring shares."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import rollup_peer as peer
from rollup_peer import Asking, Size

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
                "INSERT INTO figures_measure (programme_id, meaning, whole, built, awaited) VALUES (%s, %s, %s, true, %s)",
                [programme, one.meaning, one.whole, "commune" if one.whole else None],
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
            folded += took(folding.fold_all)
            if month in (MONTHS[0], MONTHS[11]):
                sql("ANALYZE figures_cell"), sql("ANALYZE figures_rollup")
        folding.fold_all()
        (
            sql("VACUUM ANALYZE figures_cell"),
            sql("VACUUM ANALYZE figures_rollup"),
            sql("VACUUM ANALYZE figures_coverage"),
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
