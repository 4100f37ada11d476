"""Finding one's own unit among the shipped ones before any of them is taken over."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs import shipped
from banyan.orgs.models import Kind
from banyan.orgs.operations import Adopted

MOST = 40
Dated = tuple[str | None, date | None, date | None, str]


@dataclass(frozen=True)
class Offer:
    """A shipped unit as it stands on a day; `ended` is its last day where that is past."""

    key: str
    code: str
    name: str
    kind: str
    path: str
    was: str = ""
    ended: date | None = None


@functools.cache
def _book() -> dict[str, Adopted]:
    return {row.key: row for row in shipped.rows()}


@functools.cache
def _folded() -> list[tuple[str, str, str]]:
    """(folded name, name, key) of every name of every unit."""
    return [
        (fold(same_tone(name)), name, row.key)
        for row in _book().values()
        for name, _start, _end, _note in row.names
    ]


def _held(dated: Iterable[Dated], on: date) -> str | None:
    """The value of dated items (value, from, to, note) on a day."""
    for value, start, end, _note in dated:
        if (start is None or start <= on) and (end is None or on < end):
            return value
    return None


def offer(key: str, today: date, called: str = "") -> Offer | None:
    """One shipped unit by its key; None for a key unknown, or of a unit not yet founded.

    `called` is the name it was found by.
    """
    row = _book().get(key)
    if row is None:
        return None
    day = shipped.known_day(today)
    name = _held(row.names, day)
    ends = [end for _n, _start, end, _m in row.names if end is not None and end <= day]
    if name is None and not ends:
        return None
    last = None if name else max(ends) - timedelta(days=1)
    seen = last or day
    now = name or _held(row.names, seen) or ""
    return Offer(
        key=key,
        code=_held(row.codes, seen) or "",
        name=now,
        kind=row.kind,
        path=", ".join(_above(row, seen)),
        was=called if called and called != now else "",
        ended=last,
    )


def _above(row: Adopted, on: date) -> Iterator[str]:
    """The names of what it stands under, the nearest first."""
    while row.key and (parent := _held(row.parents, on)) is not None:
        row = _book()[parent]
        yield _held(row.names, on) or "…"


def search(words: str, today: date) -> list[Offer]:
    """Units that are or were called so, accents or not; the higher and the exact ones first."""
    plain = fold(same_tone(nfc(words)))
    if not plain:
        return []
    hits: dict[str, str] = {}
    for folded, name, key in _folded():
        if plain in folded:
            hits.setdefault(key, name)
    wanted = same_tone(nfc(words)).lower()
    kinds = list(Kind)
    ranked = sorted(
        hits.items(),
        key=lambda hit: (
            not f" {fold(hit[1])}".endswith(f" {plain}"),
            wanted not in same_tone(hit[1]).lower(),
            kinds.index(Kind(_book()[hit[0]].kind)),
        ),
    )
    found = (offer(key, today, name) for key, name in ranked[:MOST])
    return sorted((one for one in found if one), key=lambda one: one.ended is not None)
