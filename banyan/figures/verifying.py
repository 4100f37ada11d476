"""Verifying the roll-ups on a live installation: every number is reckoned again from all records.

What is open is folded first, in the same snapshot: then the cells must be what the records say, and
the roll-ups the cells times the closure. Writers go on meanwhile; only the folder waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from banyan.figures import coverage, folding
from banyan.figures.coding import KINDS
from banyan.figures.folding import CELLS, KEEP_CELLS, KEEP_ROLLUPS, TOLD, up
from banyan.figures.sources import source_of
from banyan.packs.models import Edition, Programme

CELL, ROLLUP, COVERAGE = "cell", "roll-up", "coverage"
# What is kept and what should be: their sum by key is nought where all is well.
_WRONG_CELLS = """
    SELECT measure, home, period, month, part, stay, sum(n)::int AS n, sum(said)::int AS said,
           sum(total) AS total, sum(was)::int AS was
      FROM (SELECT measure, home, period, month, part, stay, n, said, total, 0 AS was FROM made
            UNION ALL
            SELECT measure_id, home, period, month, part, stay, -n, -said, -total, n FROM figures_cell
             WHERE measure_id = ANY(%(measures)s)) AS both_sides
     GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 OR sum(said) <> 0 OR sum(total) <> 0
"""
_WRONG_ROLLUPS = """
    SELECT measure, period, side, kind, ancestor, part, sum(n)::int AS n, sum(said)::int AS said,
           sum(total) AS total, sum(was)::int AS was
      FROM (SELECT measure, period, side, kind, ancestor, part, n, said, total, 0 AS was FROM up
            UNION ALL
            SELECT measure_id, period, side, kind, ancestor, part, -n, -said, -total, n FROM figures_rollup
             WHERE measure_id = ANY(%(measures)s)) AS both_sides
     GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 OR sum(said) <> 0 OR sum(total) <> 0
"""


@dataclass(frozen=True)
class Wrong:
    """A number that was not what the records say. `unit` is an id, `period` as `coding.code` writes it,
    `side` None for a cell; `n_was` records (units that reported) were told where there are `n_is`;
    `total_off`: by how much the sum was wrong (how many are awaited)."""

    what: str
    programme: str
    meaning: str
    unit: int
    period: int
    side: int | None
    part: str
    n_was: int
    n_is: int
    total_off: Decimal


@dataclass(frozen=True)
class Verified:
    """How many numbers were looked at, and which were wrong."""

    cells: int
    rollups: int
    wrong: list[Wrong]


def verify(*, repair: bool) -> Verified:
    """Reckon everything again, and with `repair` put right what is wrong: one transaction."""
    # Not in the transaction: its snapshot must be younger than the turn.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7305114, 1)")
    try:
        with folding.one_snapshot() as cursor:
            while folding.fold_now(cursor):
                pass
            wrong = [
                one for programme in _programmes() for one in _check(cursor, programme, repair)
            ]
            wrong += _check_coverage(cursor, repair)
            return Verified(_count(cursor, "figures_cell"), _count(cursor, "figures_rollup"), wrong)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(7305114, 1)")


def _programmes() -> Iterator[Programme]:
    yield from Programme.objects.order_by("pk")


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    return int(cursor.fetchone()[0])


def _check(cursor: Any, programme: Programme, repair: bool) -> list[Wrong]:
    measures = folding.built(cursor, programme.pk)
    newest = Edition.objects.of(programme.key).newest_first().first()
    if not measures or newest is None:
        return []
    meanings = {pk: measure.meaning for pk, measure in measures}
    told = TOLD.format(
        source=source_of(newest.pack).told_in, which="true", programme="%(programme)s"
    )
    lines = ", ".join(measure.line(pk) for pk, measure in measures)
    made = f"WITH told AS MATERIALIZED ({told}), made AS MATERIALIZED ({CELLS.format(lines=lines)})"
    values = {
        "programme": programme.pk,
        "measures": list(meanings),
        "kinds": KINDS,
        "day": folding.folded_day(cursor),
    }
    checks = (
        (CELL, made, _WRONG_CELLS, KEEP_CELLS.format(rows="wrong")),
        (ROLLUP, f"{made}, {up('made')}", _WRONG_ROLLUPS, KEEP_ROLLUPS.format(rows="wrong")),
    )
    found: list[Wrong] = []
    for what, rows_of, look, mend in checks:
        mending = f", mended AS ({mend})" if repair else ""
        cursor.execute(
            f"{rows_of}, wrong AS MATERIALIZED ({look}){mending} SELECT * FROM wrong", values
        )
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        found += [_wrong(what, programme.key, meanings[row["measure"]], row) for row in rows]
    return found


_COVERED = """
    SELECT p.key, m.meaning, c.top, c.period, c.side, c.reported, c.awaited FROM figures_coverage c
      JOIN figures_measure m ON m.id = c.measure_id JOIN packs_programme p ON p.id = m.programme_id
"""


def _check_coverage(cursor: Any, repair: bool) -> list[Wrong]:
    """Who reported, counted again from the roll-ups: what was kept, where it differs."""
    cursor.execute(_COVERED)
    before = _by_key(cursor.fetchall())
    with transaction.atomic():
        coverage.uncover(cursor)
        while coverage.cover(cursor, folding.folded_day(cursor), most=100):
            pass
        cursor.execute(_COVERED)
        after = _by_key(cursor.fetchall())
        transaction.set_rollback(not repair)
    found = []
    for key in sorted({*before, *after}):
        was, now = before.get(key, (0, 0)), after.get(key, (0, 0))
        if was != now:
            programme, meaning, unit, period, side = key
            where = (programme, meaning, unit, period, side, "")
            found.append(Wrong(COVERAGE, *where, was[0], now[0], Decimal(now[1] - was[1])))
    return found


def _by_key(rows: list[Any]) -> dict[tuple[str, str, int, int, int], tuple[int, int]]:
    return {(p, m, top, period, side): (n, of) for p, m, top, period, side, n, of in rows}


def _wrong(what: str, programme: str, meaning: str, row: dict[str, Any]) -> Wrong:
    return Wrong(
        what,
        programme,
        meaning,
        row["home"] if what == CELL else row["ancestor"],
        row["period"],
        row.get("side"),
        row["part"],
        row["was"],
        row["was"] + row["n"],
        row["total"],
    )
