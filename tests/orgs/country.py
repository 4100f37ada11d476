"""A small country to reorganise: two trees side by side, villages with their cells, a few members.

tinh ─┬─ huyen1 ─┬─ xa1 ─┬─ thon1     party:  dang ─┬─ chibo1 (covers thon1)
      │          │       └─ thon2                   ├─ chibo2 (covers thon2)
      │          └─ xa2                             └─ chibo3 (covers thon3)
      └─ huyen2 ─┬─ xa3 ─── thon3
                 └─ xa4
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Change, Done, Found, Newcomer
from banyan.orgs.following import Way
from banyan.orgs.models import Tree, Unit
from banyan.orgs.operations import cover, found
from banyan.people.operations import enrol, register_person
from tests.world import installer

# The days on which something may happen.
DAYS = [date(2020, 1, 1) + timedelta(days=97 * n) for n in range(8)]
FIRST = DAYS[0]
# The days that are looked at: these, the day before each, and days far before and after.
LOOKED_AT = sorted(
    {*DAYS, *(day - timedelta(days=1) for day in DAYS), date(1990, 5, 1), date(2040, 5, 1)}
)
UNITS = {
    "huyen1": ("district", "tinh"),
    "huyen2": ("district", "tinh"),
    "xa1": ("commune", "huyen1"),
    "xa2": ("commune", "huyen1"),
    "xa3": ("commune", "huyen2"),
    "xa4": ("commune", "huyen2"),
    "thon1": ("village", "xa1"),
    "thon2": ("village", "xa1"),
    "thon3": ("village", "xa3"),
    "chibo1": ("cell", "dang"),
    "chibo2": ("cell", "dang"),
    "chibo3": ("cell", "dang"),
}
CELLS = {"chibo1": "thon1", "chibo2": "thon2", "chibo3": "thon3"}
TREES = (Tree.STATE, Tree.PARTY)
TABLES = (
    "orgs_unit",
    "orgs_unitname",
    "orgs_unitcode",
    "orgs_placement",
    "orgs_ancestry",
    "orgs_succession",
    "orgs_covers",
    "people_membership",
    "ledger_event",
)


def tree_of(kind: str) -> Tree:
    """In which tree units of a kind stand here."""
    return Tree.PARTY if kind in ("committee", "cell") else Tree.STATE


def newcomer(kind: str, key: str, code: str = "") -> Newcomer:
    """Somebody to found; the key is kept as its source, so that a unit is found again by it."""
    return Newcomer(kind, f"Đơn vị {key}", code, tree_of(kind), source=key)


def made() -> dict[str, Unit]:
    """Make the country; its units by key. Communes bear their number as code."""
    by = installer()
    tops = {
        "tinh": found(None, new=newcomer("province", "tinh"), on=None, by=by),
        "dang": found(None, new=newcomer("committee", "dang"), on=None, by=by),
    }
    ids: dict[str, int | str] = {key: unit.pk for key, unit in tops.items()}
    decided(
        *(
            Found(
                key,
                newcomer(kind, key, key[2:] if kind == "commune" else ""),
                ids.get(parent, parent),
            )
            for key, (kind, parent) in UNITS.items()
        ),
        on=FIRST,
    )
    units = {unit.source: unit for unit in Unit.objects.all()}
    for cell, village in CELLS.items():
        cover(units[cell], covered=units[village], on=FIRST, by=by)
    return units


def decided(*changes: Change, on: date) -> Done:
    """Several changes as one decision; refused, it leaves nothing."""
    with transaction.atomic():
        return carry_out(changes, Way(on, "1/QĐ"))


def members(units: dict[str, Unit], on: date = FIRST) -> list[Any]:
    """Two members of each cell."""
    by = installer("membership.manage")
    enrolled = []
    for cell in CELLS:
        for n in range(2):
            person = register_person(units[cell], name=f"Đảng viên {cell} {n}", by=by)
            enrol(units[cell], person=person, kind="party", on=on, by=by)
            enrolled.append(person)
    return enrolled


def dump() -> dict[str, list[str]]:
    """Every row that a change of units might touch, as text."""
    told = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            told[table] = [row[0] for row in cursor.fetchall()]
    return told
