"""The folder: adds what changed to the roll-ups, in one transaction with its deletion.

With C the cells (what counts at each unit itself) and A the closure, a roll-up is the sum A·C over the
units below. Both change by rows beside the change: ΔC (`figures_delta`) and ΔA (`figures_moved`). At any
instant A·C = rolled up + ΔA·C + A·ΔC, with C without ΔC and A with ΔA: so a reader adds the two open
parts (`folded.py`), and the folder adds the same to what is rolled up. One snapshot sees a change with
its row, so that neither waits for whoever writes, and a killed folder has done all or nothing.

Sides: 0 by the units of each record's month; 1 what the units of the folded day have beyond that, which
is nothing but where units changed; 2 and 3 the same for records of divided units that only perhaps belong
there (of whole measures alone).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import OperationalError, connection, transaction

from banyan.figures import coverage
from banyan.figures.coding import KINDS
from banyan.figures.measures import Measure, measures_of
from banyan.figures.place import lowest_kind
from banyan.figures.sources import source_of
from banyan.packs.models import Edition
from banyan.people.middleware import today

log = logging.getLogger(__name__)
# Changes of one month at one unit meet in the same rows: the more at once, the fewer rows are written.
AT_ONCE = 50_000
_LOCK = "SELECT pg_try_advisory_xact_lock(7305114, 1)"
# What else is made of the rows of changes up to an id (the register's tally), in the same snapshot.
TAKERS: list[Callable[[Any, int], None]] = []

# A row of changes with its answers as one object; `source` is the table, a view, or what is staged.
TOLD = """
    SELECT d.home, d.stay, d.month, figures_period(d.span) AS period, d.state, d.measures, d.n,
           figures_facts(d.facets) AS facts
      FROM {source} d WHERE d.programme_id = {programme} AND {which}
"""
CELLS = """
    SELECT said.measure, d.home, d.period, d.month, said.part, d.stay, sum(d.n)::int AS n,
           coalesce(sum(d.n) FILTER (WHERE said.number IS NOT NULL), 0)::int AS said,
           coalesce(sum(d.n * said.number), 0) AS total
      FROM told d, LATERAL (VALUES {lines}) AS said (measure, met, part, number)
     WHERE said.met AND d.period IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
"""
# Rows are kept in the order of their key: pages of the index are visited once, and what is read together
# (a unit's cells, a level's numbers) lies together.
KEEP_CELLS = """
    INSERT INTO figures_cell AS c (measure_id, home, period, month, part, stay, n, said, total)
    SELECT measure, home, period, month, part, stay, n, said, total FROM {rows}
     WHERE n <> 0 OR said <> 0 OR total <> 0
     ORDER BY home, measure, period, month, part
    ON CONFLICT (home, measure_id, period, month, part, stay)
    DO UPDATE SET n = c.n + EXCLUDED.n, said = c.said + EXCLUDED.said, total = c.total + EXCLUDED.total
"""
# Cells times closure, in steps that each leave fewer rows: the homes, the ways up from each (once for all
# its cells), numbers by base period, numbers by every period that holds it. `up` is the end of it.
_UP = """
    homes AS MATERIALIZED (SELECT DISTINCT home, month, stay FROM {cells}),
    ways AS MATERIALIZED (
        SELECT h.home, h.month, h.stay, a.ancestor_id AS ancestor,
               coalesce(array_position(%(kinds)s::text[], u.kind::text), 0) AS kind,
               w.side + CASE WHEN a.sure THEN 0 ELSE 2 END AS side, sum(w.times)::int AS times
          FROM homes h JOIN {closure} a ON a.unit_id = h.home JOIN orgs_unit u ON u.id = a.ancestor_id
         CROSS JOIN LATERAL (VALUES {times}) AS w (side, times)
         WHERE w.times <> 0 GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(w.times) <> 0),
    based AS MATERIALIZED (
        SELECT c.measure, c.period, w.side, w.kind, w.ancestor, c.part, sum(c.n * w.times)::int AS n,
               sum(c.said * w.times)::int AS said, sum(c.total * w.times) AS total
          FROM {cells} c
          JOIN ways w ON w.home = c.home
               AND coalesce(w.month, '-infinity') = coalesce(c.month, '-infinity')
               AND coalesce(w.stay, 'empty') = coalesce(c.stay, 'empty')
         WHERE w.side < 2 OR c.measure IN (SELECT m.id FROM figures_measure m WHERE m.whole)
         GROUP BY 1, 2, 3, 4, 5, 6),
    up AS (
        SELECT measure, wide AS period, side, kind, ancestor, part, sum(n)::int AS n,
               sum(said)::int AS said, sum(total) AS total
          FROM based, unnest(figures_periods(period)) AS wide
         GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 OR sum(said) <> 0 OR sum(total) <> 0)
"""
KEEP_ROLLUPS = """
    INSERT INTO figures_rollup AS r (measure_id, period, side, kind, ancestor, part, n, said, total)
    SELECT measure, period, side, kind, ancestor, part, n, said, total FROM {rows} ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (measure_id, period, side, kind, ancestor, part)
    DO UPDATE SET n = r.n + EXCLUDED.n, said = r.said + EXCLUDED.said, total = r.total + EXCLUDED.total
"""
_ON = "(a.valid @> {day} AND (h.stay IS NULL OR h.stay @> {day})) IS TRUE"
_THEN = f"({_ON.format(day='h.month')})::int"
_NOW = f"({_ON.format(day='%(day)s::date')})::int"
_BEFORE = f"({_ON.format(day='%(before)s::date')})::int"
_ABOVE = "(SELECT * FROM orgs_ancestry WHERE tree = 'state' AND depth IS DISTINCT FROM 0)"
_OF_CELLS = """
    held AS MATERIALIZED (SELECT measure_id AS measure, home, period, month, part, stay, n, said, total
                            FROM figures_cell WHERE home IN ({homes}))
"""


def up(cells: str) -> str:
    """Cells (a relation) rolled up: `up`, on the sides of *then* and of what *now* has beyond it."""
    return _UP.format(cells=cells, closure=_ABOVE, times=f"(0, {_THEN}), (1, {_NOW} - {_THEN})")


@contextmanager
def one_snapshot() -> Iterator[Any]:
    """A transaction in which every statement sees the same instant. Within another (a test's) it is
    that one's, which nobody disturbs."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # How many rows come out of a step is guessed a thousand times too low: tables of hashes grow
            # with them, what would be sorted takes twice as long (measured).
            cursor.execute("SET LOCAL enable_mergejoin = off")
            cursor.execute("SET LOCAL enable_sort = off")
            # For a large step; a small one takes little of it.
            cursor.execute("SET LOCAL work_mem = '64MB'")
        yield cursor


def fold(at_once: int = AT_ONCE) -> int:
    """Fold what is open, some of it; how much. One folds at a time; another's turn is no error."""
    try:
        with one_snapshot() as cursor:
            cursor.execute(_LOCK)
            return fold_now(cursor, at_once) if cursor.fetchone()[0] else 0
    except OperationalError as error:
        if not _lost_a_race(error):
            raise
        return 0


def _lost_a_race(error: OperationalError) -> bool:
    """Whether another folder committed between this one's snapshot and its lock."""
    return getattr(error.__cause__, "sqlstate", "") == "40001"


def fold_all() -> None:
    """Fold everything that is open."""
    while fold():
        pass


def fold_now(cursor: Any, at_once: int = AT_ONCE) -> int:
    """As `fold`, in a snapshot and a turn one has."""
    day = folded_day(cursor)
    done = _fold_moves(cursor, day) + _turn(cursor, day, today())
    told = _fold_deltas(cursor, at_once, today())
    if told < at_once:
        told += _build(cursor, today()) + coverage.cover(cursor, today())
    return done + told


def folded_day(cursor: Any) -> date:
    """The day the roll-ups of *now* were made for; the first time today."""
    cursor.execute("SELECT day FROM figures_day")
    found = cursor.fetchone()
    if found:
        return date.fromisoformat(str(found[0]))
    cursor.execute("INSERT INTO figures_day VALUES (%s)", [today()])
    return today()


def _fold_moves(cursor: Any, day: date) -> int:
    """ΔA·C: what the moved units had, off where they stood and on where they stand."""
    cursor.execute("SELECT max(id), count(*) FROM figures_moved")
    last, n = cursor.fetchone()
    if not n:
        return 0
    net = """(SELECT unit_id, ancestor_id, sure, valid, sum(n)::int AS n FROM figures_moved
               GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0)"""
    cells = _OF_CELLS.format(homes=f"SELECT unit_id FROM {net} AS moved")
    times = f"(0, a.n * {_THEN}), (1, a.n * ({_NOW} - {_THEN}))"
    rows = _UP.format(cells="held", closure=net, times=times)
    cursor.execute(
        f"WITH {cells}, {rows} {KEEP_ROLLUPS.format(rows='up')}", {"day": day, "kinds": KINDS}
    )
    cursor.execute("DELETE FROM figures_moved WHERE id <= %s", [last])
    coverage.uncover(cursor)
    return int(n)


def _turn(cursor: Any, before: date, day: date) -> int:
    """Another day: what stands, and where records were placed, may differ without any change."""
    if day == before:
        return 0
    homes = """SELECT unit_id FROM orgs_ancestry
                WHERE tree = 'state' AND (valid @> %(day)s::date) <> (valid @> %(before)s::date)
                UNION ALL SELECT home FROM figures_cell WHERE stay IS NOT NULL"""
    rows = _UP.format(cells="held", closure=_ABOVE, times=f"(1, {_NOW} - {_BEFORE})")
    cursor.execute(
        f"WITH {_OF_CELLS.format(homes=homes)}, {rows} {KEEP_ROLLUPS.format(rows='up')}",
        {"day": day, "before": before, "kinds": KINDS},
    )
    cursor.execute("UPDATE figures_day SET day = %s", [day])
    coverage.uncover(cursor)
    return 1


def _fold_deltas(cursor: Any, at_once: int, day: date) -> int:
    """A·ΔC, and C + ΔC."""
    cursor.execute(
        "SELECT max(id), count(*), array_agg(DISTINCT programme_id) FROM"
        " (SELECT id, programme_id FROM figures_delta ORDER BY id LIMIT %s) AS first_ones",
        [at_once],
    )
    last, n, programmes = cursor.fetchone()
    if not n:
        return 0
    for programme in programmes:
        coverage.step(cursor, programme, last, day)
        add(
            cursor,
            programme,
            built(cursor, programme),
            ("figures_delta", "d.id <= %(last)s"),
            day=day,
            last=last,
        )
    for take in TAKERS:
        take(cursor, last)
    cursor.execute("DELETE FROM figures_delta WHERE id <= %s", [last])
    return int(n)


def built(cursor: Any, programme: int) -> list[tuple[int, Measure]]:
    """The measures of a programme that are kept, with their ids."""
    cursor.execute(
        "SELECT id, meaning FROM figures_measure WHERE programme_id = %s AND built ORDER BY id",
        [programme],
    )
    return [(pk, Measure.meant(meaning)) for pk, meaning in cursor.fetchall()]


def add(
    cursor: Any,
    programme: int,
    measures: Sequence[tuple[int, Measure]],
    rows: tuple[str, str],
    **values: Any,
) -> None:
    """Add rows of changes (a table or view, and which of it) to the cells and roll-ups of measures."""
    if not measures:
        return
    source, which = rows
    lines = ", ".join(measure.line(pk) for pk, measure in measures)
    cursor.execute(
        f"""
        WITH told AS MATERIALIZED ({TOLD.format(source=source, which=which, programme="%(programme)s")}),
             made AS MATERIALIZED ({CELLS.format(lines=lines)}),
             kept AS ({KEEP_CELLS.format(rows="made")}), {up("made")}
        {KEEP_ROLLUPS.format(rows="up")}
        """,
        {"programme": programme, "kinds": KINDS, **values},
    )


def _build(cursor: Any, day: date) -> int:
    """Make the cells of what programmes newly count, from all their records; how many measures.

    Call where nothing is open in this snapshot: what changes after it is told as a change.
    """
    made = 0
    newest = Edition.objects.order_by("programme", "-number").distinct("programme")
    for edition in newest.defer("content"):
        cursor.execute(
            "SELECT meaning FROM figures_measure WHERE programme_id = %s", [edition.programme_id]
        )
        known = {meaning for (meaning,) in cursor.fetchall()}
        measures, awaited = _wanted(edition)
        wanted = [one for one in measures if one.meaning not in known]
        if wanted:
            new = [(_name(cursor, edition.programme_id, one), one) for one in wanted]
            rows = (source_of(edition.pack).told_in, "true")
            add(cursor, edition.programme_id, new, rows, day=day)
            made += len(new)
        if measures:
            coverage.await_of(cursor, edition.programme_id, awaited)
    return made


# Editions never change: what one counts is found once in a process, not five times a second.
_WANTED: dict[str, tuple[list[Measure], str | None]] = {}


def _wanted(edition: Edition) -> tuple[list[Measure], str | None]:
    """What is to be kept of a programme, and from units of which kind records are awaited; nothing of
    one whose records no feature has."""
    if edition.content_hash not in _WANTED:
        pack = edition.pack
        try:
            _WANTED[edition.content_hash] = measures_of(pack), lowest_kind(pack)
        except LookupError:
            _WANTED[edition.content_hash] = [], None
    return _WANTED[edition.content_hash]


def _name(cursor: Any, programme: int, measure: Measure) -> int:
    cursor.execute(
        "INSERT INTO figures_measure (programme_id, meaning, whole, built) VALUES (%s, %s, %s, true)"
        " RETURNING id",
        [programme, measure.meaning, measure.whole],
    )
    return int(cursor.fetchone()[0])
