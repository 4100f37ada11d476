"""Many rows at once, by COPY: what an import writes in a second took `bulk_create` eight."""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

FEW = 100  # rows up to which an ordinary INSERT is as quick
_AT_ONCE = 500  # lines sent in one piece


def numbers(model: type[models.Model], count: int) -> list[int]:
    """The next ids of a table, so that others can point to rows before these stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array(SELECT nextval(own.numbers) FROM generate_series(1, %s))"
            " FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS numbers OFFSET 0) AS own",
            [count, model._meta.db_table],
        )
        ids: list[int] = cursor.fetchone()[0]
        return ids


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, each the same columns by their names (`unit_id`), its `id` among them.

    Every other column takes the database's own default. Triggers fire as for any INSERT. Call inside
    an operation.
    """
    if len(rows) <= FEW:
        model._default_manager.bulk_create([model(**row) for row in rows])
        return
    meta = model._meta
    fields: list[Any] = [meta.get_field(name.removesuffix("_id")) for name in rows[0]]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    takers = [
        (name, _json if isinstance(field, models.JSONField) else _plain)
        for name, field in zip(rows[0], fields, strict=True)
    ]
    lines = ("\t".join([write(row[name]) for name, write in takers]) for row in rows)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        while part := list(islice(lines, _AT_ONCE)):
            copy.write("\n".join(part) + "\n")


def _json(value: Any) -> str:
    # JSON itself holds no bare line end and no bare tabulator.
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


def _plain(value: Any) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    for sign, written in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        if sign in text:
            text = text.replace(sign, written)
    return text
