# ruff: noqa: E501
"""How long a file of a list takes and what memory, at 10,000 to 1,000,000 rows: `python bench/exports.py`
(sizes: BENCH_SIZES="10000 100000 1000000").

A list of twelve columns (texts, a choice, money, numbers, days, a moment) over a table made by SQL in a
throw-away home. Each file is taken in a process of its own, so that its peak of memory is its own. The
floor is PostgreSQL's COPY of the same columns to CSV, read by psycopg.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from frame import in_a_home_of_its_own

SIZES = [int(one) for one in os.environ.get("BENCH_SIZES", "10000 100000 1000000").split()]
FORMATS = ("copy", "csv", "rows", "jsonl", "xlsx")
NAMES = {
    "copy": "floor: COPY to CSV",
    "csv": "CSV",
    "rows": "JSON",
    "jsonl": "JSON lines",
    "xlsx": "XLSX",
}
COLUMNS = (
    "code",
    "title",
    "unit",
    "holder",
    "field",
    "level",
    "money",
    "households",
    "registered",
    "begins",
    "result",
    "changed",
)
TABLE = """
    CREATE TABLE bench_rows AS
    SELECT i::bigint AS id, 'MB-2024-' || lpad(i::text, 7, '0') AS code,
           'Tuyến đường hoa tự quản số ' || i AS title, 'Xã Mẫu ' || i %% 11000 AS unit,
           'Chi hội Phụ nữ Mẫu ' || i %% 997 AS holder,
           (ARRAY['Kinh tế', 'Văn hóa, xã hội', 'Quốc phòng, an ninh', 'Hệ thống chính trị'])[1 + i %% 4] AS field,
           (ARRAY['Cấp xã', 'Cấp huyện', 'Cấp tỉnh'])[1 + i %% 3] AS level,
           CASE WHEN i %% 3 > 0 THEN i %% 300 * 1000000 + 500000 END::numeric(15, 0) AS money,
           i %% 400 AS households, '2022-01-01'::date + i %% 900 AS registered,
           CASE WHEN i %% 2 = 0 THEN '2022-02-01'::date + i %% 900 END AS begins,
           'Kết quả tổng hợp thử nghiệm, đạt ' || i %% 100 || ' phần trăm kế hoạch.' AS result,
           '2024-06-20 02:15:00+00'::timestamptz + i * interval '1 second' AS changed
      FROM generate_series(1, %s) AS i
"""


def owner() -> Any:
    """A connection as the role that owns the tables."""
    import psycopg

    from banyan.site import home

    return psycopg.connect(home.database_url("owner"), autocommit=True)


def make_rows(size: int) -> None:
    """The table, with that many rows."""
    with owner() as link, link.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rows")
        cursor.execute(TABLE, [size])
        cursor.execute("ALTER TABLE bench_rows ADD PRIMARY KEY (id)")
        cursor.execute("GRANT SELECT ON bench_rows TO PUBLIC")
        cursor.execute("VACUUM ANALYZE bench_rows")


def listing() -> Any:
    """A list over that table, of everything every list has."""
    from django.db import models

    from banyan.web.listing import Column, Listing

    class BenchRow(models.Model):
        for _name in COLUMNS:
            locals()[_name] = models.TextField()
        money = models.DecimalField(max_digits=15, decimal_places=0, null=True)
        households = models.IntegerField()
        registered = models.DateField()
        begins = models.DateField(null=True)
        changed = models.DateTimeField()

        class Meta:
            app_label = "packs"
            db_table = "bench_rows"
            managed = False

    kinds = {"money": "money", "households": "number", "registered": "date", "begins": "date"}

    def value_of(name: str) -> Any:
        return lambda row: getattr(row, name)

    class BenchList(Listing):
        name, of, title, order, needs = "bench", BenchRow, "Mô hình", "id", None

        def columns_of(self) -> Sequence[Column]:
            key = Column("id", "Số", lambda row: row.pk, order="pk", usual=False)
            return [
                key,
                *(Column(n, n.title(), value_of(n), kind=kinds.get(n, "text")) for n in COLUMNS),
            ]

        def seen(self) -> Any:
            return BenchRow.objects.all()

    return BenchList


def pieces(kind: str) -> Iterator[bytes]:
    """The file, as the server sends it."""
    if kind == "copy":
        with owner() as link, link.cursor() as cursor:
            columns = ", ".join(COLUMNS)
            with cursor.copy(
                f"COPY (SELECT {columns} FROM bench_rows ORDER BY id) TO STDOUT (FORMAT csv, HEADER)"
            ) as told:
                for piece in told:
                    yield bytes(piece)
        return
    from django.test import RequestFactory

    request: Any = RequestFactory().get("/", {"as": kind})
    request.actor, request.today = None, date(2024, 6, 20)
    answer = listing()(request).respond()
    yield from answer.streaming_content


def one(kind: str) -> None:
    """Take one file in this process and tell how it went."""
    from banyan.site import boot

    boot.django()
    from django.utils import translation

    translation.activate("vi")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start, first, size = time.perf_counter(), 0.0, 0
    for piece in pieces(kind):
        first = first or time.perf_counter() - start
        size += len(piece)
    spent = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"s": spent, "first": first, "size": size, "before": before, "peak": peak}))


def measure() -> None:
    """Every format at every size."""
    if "--one" in sys.argv:
        one(sys.argv[sys.argv.index("--one") + 1])
        return
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    )
    print(
        "| rows | file | s | first byte, s | MB | memory before, MB | at most, MB | load |\n|---|---|---|---|---|---|---|---|"
    )
    for size in SIZES:
        make_rows(size)
        for kind in FORMATS:
            command = [sys.executable, __file__, "--one", kind]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            told = json.loads(said.splitlines()[-1])
            print(
                f"| {size:,} | {NAMES[kind]} | {told['s']:.1f} | {told['first']:.2f} | {told['size'] / 1e6:.1f}"
                f" | {told['before']} | {told['peak']} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
