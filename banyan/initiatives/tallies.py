"""Counts and sums of the whole register: folded cells and what is not folded yet, in one statement.

Made of the same rows of changes as the figures' roll-ups, by the same folder (`figures/folding.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

# Every change counts once for all, once for each of its answers; and with each number it states.
# A record that was placed is told once for each of its stays: here the first of them counts.
_FIRST = "(stay IS NULL OR lower_inf(stay))"
_FOLD = f"""
    WITH cells AS (
        SELECT span, state, facet, measure, sum(n) AS n, sum(n * value) AS total
          FROM figures_delta, unnest(facets || ''::text) AS facet,
               LATERAL (SELECT '' AS measure, 0 AS value
                        UNION ALL SELECT left(key, 60), (value #>> '{{}}')::numeric
                                    FROM jsonb_each(measures)) AS said
         WHERE id <= %s AND ({_FIRST}) GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 OR sum(n * value) <> 0)
    INSERT INTO initiatives_tally AS t (span, state, facet, measure, n, total)
    SELECT * FROM cells WHERE span IS NOT NULL
    ON CONFLICT (facet, measure, state, span)
    DO UPDATE SET n = t.n + EXCLUDED.n, total = t.total + EXCLUDED.total
"""
_READ = f"""
    SELECT state, measure, sum(n), sum(total) FROM (
        SELECT state, measure, n, total FROM initiatives_tally
         WHERE facet = ANY(%(facets)s)
           AND (%(first)s::date IS NULL OR span <@ daterange(%(first)s, %(after)s))
        UNION ALL
        SELECT state, said.measure, n, n * value
          FROM figures_delta,
               LATERAL (SELECT '' AS measure, 0 AS value
                        UNION ALL SELECT left(key, 60), (value #>> '{{}}')::numeric
                                    FROM jsonb_each(measures)) AS said
         WHERE {_FIRST} AND (facets && %(facets)s OR '' = ANY(%(facets)s))
           AND (%(first)s::date IS NULL OR span <@ daterange(%(first)s, %(after)s))) AS both_kinds
     GROUP BY 1, 2
"""


@dataclass
class Counted:
    """How many records of one state there are; of each number, how many state it and their sum."""

    n: int = 0
    sums: dict[str, tuple[int, Decimal]] = field(default_factory=dict)

    def add(self, other: "Counted") -> None:
        """Put another count to it."""
        self.n += other.n
        for name, (n, total) in other.sums.items():
            had, sum_before = self.sums.get(name, (0, Decimal(0)))
            self.sums[name] = (had + n, sum_before + total)


def take(cursor: Any, last: int) -> None:
    """Fold the changes up to an id, in the folder's transaction."""
    cursor.execute(_FOLD, [last])


def read(facets: Iterable[str], span: tuple[Any, Any] | None) -> dict[str, Counted]:
    """By state, of records with any of these answers of one field ('' alone: of all)."""
    first, after = span or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"facets": list(facets), "first": first, "after": after})
        rows = cursor.fetchall()
    found: dict[str, Counted] = {}
    for state, measure, n, total in rows:
        counted = found.setdefault(state, Counted())
        if measure:
            counted.sums[measure] = (int(n), Decimal(total))
        else:
            counted.n = int(n)
    return {state: one for state, one in found.items() if one.n}


def count(rows: Any, measures: Iterable[str], most: int | None) -> dict[str, Counted] | None:
    """By state, of these rows; None when there are more than `most`."""
    names = list(measures)
    inner = rows.order_by().values("state", "measures")
    if most is not None:
        inner = inner[: most + 1]
    try:
        sql, params = inner.query.sql_with_params()
    except EmptyResultSet:  # filters that nothing can meet
        return {}
    sums = "".join(", count(measures -> %s), sum((measures ->> %s)::numeric)" for _name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT state, count(*){sums} FROM ({sql}) AS counted(state, measures) GROUP BY 1",
            [*(name for name in names for _twice in range(2)), *params],
        )
        lines = cursor.fetchall()
    found = {
        line[0]: Counted(
            line[1],
            {
                name: (line[2 + 2 * i], line[3 + 2 * i] or Decimal(0))
                for i, name in enumerate(names)
            },
        )
        for line in lines
    }
    over = most is not None and sum(one.n for one in found.values()) > most
    return None if over else found
