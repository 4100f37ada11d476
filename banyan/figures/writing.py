"""Indicators as SQL over a table of records with a column for each fact.

The ORM writes it out of `counting.aggregates`, once for what an edition counts: writing takes longer
than most readings of records. Each fact of a record is reckoned once, however many indicators and axes
ask for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BigIntegerField, F, Func, IntegerField, TextField
from django.db.models import Value as Constant
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.db.models.sql import Query

from banyan.figures.counting import aggregates
from banyan.packs.schema import Indicator

Sql = tuple[str, tuple[Any, ...]]
KEPT = 500  # texts a process keeps: of every edition its whole, its headline, its parts


@dataclass(frozen=True)
class Axis:
    """What is told apart by the parts of a fact, known by their places from 1 on; nothing said, and
    anything the axis does not know, is one part: no two medians make one."""

    name: str
    parts: tuple[str, ...]
    specs: tuple[Indicator, ...]


@dataclass(frozen=True)
class _Column:
    """A column of the records; columns of one kind are written alike."""

    name: str
    kind: str
    field: Any = field(compare=False)


def part_at(fact: str, parts: Sequence[str]) -> Func:
    """At which place among the parts a fact stands; NULL for none of them."""
    words = Constant(list(parts), output_field=ArrayField(TextField()))
    return Func(
        words,
        Cast(F(fact), TextField()),
        function="array_position",
        output_field=IntegerField(),
    )


def told(
    rows: Any, specs: Sequence[Indicator], axes: Sequence[Axis], also: Mapping[str, str]
) -> RawSQL:
    """Of records with their facts (`fact_NAME`) one row as JSON text: the totals, what else is counted
    of their columns (`also`, as SQL), and what the axes tell apart (`split`)."""
    facts = [name for name in rows.query.annotations if name.startswith("fact_")]
    table, params = _table(rows, facts, also)
    sql, more = _totals(tuple(specs), tuple(axes), _columns(rows, facts))
    columns = "".join(f'{count} AS "{name}", ' for name, count in also.items())
    text = f"(WITH {table} SELECT row_to_json(told)::text FROM (SELECT {columns}{sql}) AS told)"
    return RawSQL(text, (*params, *more), TextField())


def _table(rows: Any, facts: Sequence[str], also: Mapping[str, str]) -> Sql:
    """The records with their facts, and whatever else stands beside them for `also`, as a table."""
    beside = [name for name in rows.query.annotations if name.startswith(("is_", "reports_"))]
    wanted = rows.order_by().values("pk", *facts, *(beside if also else ()))
    compiler = wanted.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)
    sql, params = compiler.as_sql()
    return f"records AS MATERIALIZED ({sql})", tuple(params)


def _columns(rows: Any, facts: Sequence[str]) -> tuple[_Column, ...]:
    fields = {name: rows.query.annotations[name].output_field for name in facts}
    made = [_Column(name, one.get_internal_type(), one) for name, one in fields.items()]
    return (_Column("pk", "", BigIntegerField()), *made)


@lru_cache(maxsize=KEPT)
def _totals(
    specs: tuple[Indicator, ...], axes: tuple[Axis, ...], columns: tuple[_Column, ...]
) -> Sql:
    writer = _Writer(columns)
    sql, params = writer.aggregates(specs)
    branches = [writer.branch(axis) for axis in axes]
    union = " UNION ALL ".join(branch for branch, _params in branches)
    split = f"(SELECT json_agg(part) FROM ({union}) AS parts)" if axes else "NULL"
    params += tuple(one for _branch, more in branches for one in more)
    return f"count(*) AS records{sql}, {split} AS split FROM records", params


class _Writer:
    """Writes expressions over columns as SQL."""

    def __init__(self, columns: Sequence[_Column]) -> None:
        self.query = Query(None)
        for one in columns:
            self.query.add_annotation(Constant(None, output_field=one.field), one.name)
        self.compiler = self.query.get_compiler(DEFAULT_DB_ALIAS)

    def write(self, expression: Any) -> Sql:
        """An expression over the columns' names."""
        resolved = expression.resolve_expression(self.query, summarize=True)
        sql, params = self.compiler.compile(resolved)
        return sql, tuple(params)

    def aggregates(self, specs: Sequence[Indicator]) -> Sql:
        """What follows other columns: each number under its name."""
        sql, params = "", ()
        for spec in specs:
            for name, one in aggregates(spec).items():
                text, more = self.write(one)
                sql, params = f'{sql}, {text} AS "{name}"', (*params, *more)
        return sql, params

    def branch(self, axis: Axis) -> Sql:
        """A row for each part of an axis."""
        at, params = self.write(part_at(f"fact_{axis.name}", axis.parts))
        sql, more = self.aggregates(axis.specs)
        rows = f'SELECT %s::text AS "axis", {at} AS "at"{sql} FROM records GROUP BY 2'
        text = f"SELECT row_to_json(told) AS part FROM ({rows}) AS told"
        return text, (axis.name, *params, *more)
