"""One byte form for one meaning, so that hashes can be compared."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8. Floats are refused: they do not round-trip in words."""
    return json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=_plain,
        allow_nan=False,
    ).encode()


def digest(value: Any) -> str:
    """sha256 of the canonical form, hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
