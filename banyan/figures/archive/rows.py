"""What is exported, as statements: folded cells with what is open, at the units of each month's last day.

Cells are taken as the roll-ups take them (`folding.py`), and what is open is added to them; the closure
is that of the snapshot. So nothing has to be folded, and nobody waits.
"""

from collections.abc import Sequence
from typing import Any

from banyan.figures.folding import CELLS, TOLD
from banyan.figures.measures import Measure

KINDS = ("commune", "district", "province")
# A record counts *then* where it stood on the last day of its month: other stays of it are left out.
_SAID = """
    SELECT measure, home, period, month, part, sum(n) AS n, sum(said) AS said, sum(total) AS total
      FROM (SELECT r.place AS measure, c.home, c.period, c.month, c.part, c.stay, c.n, c.said, c.total
              FROM figures_cell c
              JOIN unnest(%(ids)s::int[]) WITH ORDINALITY AS r (id, place) ON r.id = c.measure_id
            UNION ALL
            SELECT measure, home, period, month, part, stay, n, said, total
              FROM (WITH told AS ({told}) {cells}) AS open) AS both_sides
     WHERE month IS NOT NULL AND (stay IS NULL OR stay @> month)
       AND (%(periods)s::int[] IS NULL OR period = ANY(%(periods)s::int[]))
     GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(said) <> 0 OR sum(total) <> 0
"""
_NEAREST = """(array_agg(a.ancestor_id ORDER BY a.depth NULLS LAST, a.ancestor_id)
               FILTER (WHERE a.sure AND k.kind = '{kind}'))[1] AS {kind}"""
_WAYS = f"""
    SELECT array_agg(DISTINCT a.ancestor_id ORDER BY a.ancestor_id) FILTER (WHERE a.sure) AS over,
           array_agg(DISTINCT a.ancestor_id ORDER BY a.ancestor_id) FILTER (WHERE NOT a.sure) AS perhaps,
           {", ".join(_NEAREST.format(kind=kind) for kind in KINDS)}
      FROM orgs_ancestry a JOIN orgs_unit k ON k.id = a.ancestor_id
     WHERE a.unit_id = spots.home AND a.tree = 'state' AND a.valid @> spots.month
"""
_CALLED = """
    (SELECT c.code FROM orgs_unitcode c WHERE c.unit_id = {unit}
      ORDER BY c.valid @> spots.month DESC, c.scheme = 'gso' DESC, c.valid DESC, c.code LIMIT 1),
    (SELECT n.name FROM orgs_unitname n WHERE n.unit_id = {unit} AND n.language = 'vi'
      ORDER BY n.valid @> spots.month DESC, n.valid DESC LIMIT 1)
"""
SPOT_COLUMNS = {
    "home": "BIGINT",
    "day": "DATE",
    "unit_kind": "VARCHAR",
    "unit_code": "VARCHAR",
    "unit_name": "VARCHAR",
    **{
        f"{kind}_{what}": "BIGINT" if what == "id" else "VARCHAR"
        for kind in KINDS
        for what in ("id", "code", "name")
    },
    "ancestors": "BIGINT[]",
    "perhaps": "BIGINT[]",
}
_SPOTS = f"""
    SELECT spots.home, spots.month, u.kind, {_CALLED.format(unit="spots.home")},
           {", ".join(f"w.{kind}, {_CALLED.format(unit=f'w.{kind}')}" for kind in KINDS)},
           '[' || coalesce(array_to_string(w.over, ','), '') || ']',
           '[' || coalesce(array_to_string(w.perhaps, ','), '') || ']'
      FROM (SELECT DISTINCT home, month FROM ({{said}}) AS said) AS spots
      JOIN orgs_unit u ON u.id = spots.home, LATERAL ({_WAYS}) AS w
"""
CELL_COLUMNS = {
    "period": "INTEGER",
    "day": "DATE",
    "province": "BIGINT",
    "measure": "INTEGER",
    "part": "VARCHAR",
    "home": "BIGINT",
    "n": "BIGINT",
    "said": "BIGINT",
    "total": "DECIMAL(38,6)",
}
# A file's rows come one after another: by period, month and the province's id.
_CELLS = f"""
    WITH said AS MATERIALIZED ({{said}})
    SELECT said.period, said.month, w.province, said.measure, said.part, said.home, said.n, said.said,
           said.total
      FROM said
      JOIN (SELECT spots.home, spots.month, w.province
              FROM (SELECT DISTINCT home, month FROM said) AS spots,
                   LATERAL ({_WAYS}) AS w) AS w ON w.home = said.home AND w.month = said.month
     ORDER BY 1, 2, 3
"""
UNIT_COLUMNS = {
    "unit_id": "BIGINT",
    "unit_kind": "VARCHAR",
    "ancestor_id": "BIGINT",
    "ancestor_kind": "VARCHAR",
    "depth": "INTEGER",
    "sure": "BOOLEAN",
    "first": "DATE",
    "after": "DATE",
}
UNITS = """
    SELECT a.unit_id, u.kind, a.ancestor_id, o.kind, a.depth, a.sure, lower(a.valid), upper(a.valid)
      FROM orgs_ancestry a JOIN orgs_unit u ON u.id = a.unit_id JOIN orgs_unit o ON o.id = a.ancestor_id
     WHERE a.tree = 'state' ORDER BY 1, 3, a.valid, 5, 6
"""


def spots(measures: Sequence[Measure]) -> str:
    """The units that bear figures, month by month, with what stands above them (`SPOT_COLUMNS`)."""
    return _SPOTS.format(said=_said(measures))


def cells(measures: Sequence[Measure]) -> str:
    """The figures (`CELL_COLUMNS`); a measure by its place among these, from 1."""
    return _CELLS.format(said=_said(measures))


def _said(measures: Sequence[Measure]) -> str:
    lines = ", ".join(measure.line(place) for place, measure in enumerate(measures, 1))
    told = TOLD.format(source="figures_delta", which="true", programme="%(programme)s")
    return _SAID.format(told=told, cells=CELLS.format(lines=lines))


def values(programme: int, ids: Sequence[int], periods: Sequence[int] | None) -> dict[str, Any]:
    """The parameters of both statements; `periods` None: all."""
    return {
        "programme": programme,
        "ids": list(ids),
        "periods": None if periods is None else list(periods),
    }
