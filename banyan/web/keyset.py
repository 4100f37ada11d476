"""Keyset pages: what follows a row, in an order that is total also with ties and blanks.

A cursor holds the phase of the order (rows with a value, then those without; exact matches, then
the others), the value a page ended with, and the key that ends ties.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.db.models import F, Q, Value

# What reading a cursor that we never wrote can raise, in JSON, in Django or in the database.
TORN = (
    ValueError,
    TypeError,
    ArithmeticError,
    RecursionError,
    ValidationError,
    DataError,
    KeyError,
)


@dataclass(frozen=True)
class Order:
    """By `path`, ties ended by `tie`. An order without a path goes by the tie alone."""

    path: str
    down: bool
    tie: str = "pk"

    def by(self, back: bool) -> list[str]:
        """For `order_by`; `back` walks towards the beginning."""
        sign = "-" if self.down != back else ""
        return [f"{sign}{one}" for one in (self.path, self.tie) if one]

    def beyond(self, value: Any, tie: int, back: bool) -> Q:
        """What lies beyond a row: one comparison of pairs, so that an index is entered there."""
        less = self.down != back
        if not self.path:
            return Q(**{f"{self.tie}__{'lt' if less else 'gt'}": tie})
        return Q(Beyond(F(self.path), F(self.tie), value, tie, less=less))

    def cursor(self, row: Any, phase: int) -> str:
        """Where a page ends."""
        value = _at(row, self.path) if self.path else None
        return encode([phase, value, _at(row, self.tie)])


class Beyond(models.Func):
    """`(a, b) > (x, y)`."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, path: Any, tie: Any, value: Any, tied: int, less: bool = False) -> None:
        super().__init__(path, tie, Value(value), Value(tied))
        self.less = less

    def as_sql(self, compiler: Any, connection: Any, *_shape: Any, **_more: Any) -> Any:
        """The comparison; the value is read as its column would read it."""
        path, tie, value, tied = self.get_source_expressions()
        parts, params = [], []
        for one, field in ((path, None), (tie, None), (value, path), (tied, tie)):
            if field is None:
                sql, given = compiler.compile(one)
            else:
                kept = field.output_field
                kept = getattr(kept, "target_field", kept)
                sql, given = "%s", [kept.get_db_prep_value(kept.to_python(one.value), connection)]
            parts.append(sql)
            params += given
        a, b, x, y = parts
        return f"({a}, {b}) {'<' if self.less else '>'} ({x}, {y})", tuple(params)


def _at(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def encode(parts: Sequence[Any]) -> str:
    """A cursor as it stands in an address."""
    plain = [_plain(one) for one in parts]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def decode(cursor: str, phases: int) -> tuple[int, Any, int]:
    """Phase, value, tie; raises one of TORN for what is no cursor of such a list."""
    phase, value, tie = json.loads(base64.urlsafe_b64decode(cursor))
    if not 0 <= int(phase) < phases or "\0" in str(value):
        raise ValueError(cursor)
    return int(phase), value, int(tie)
