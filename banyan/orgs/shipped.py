"""The unit data that comes with the product: two snapshots read as one dated tree.

Provenance and rules: `data/units/README.md`. Nothing is invented: what the sources do not date
changes on one day named in `manifest.toml` and is marked `UNVERIFIED`.
"""

import csv
import functools
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from banyan.kernel.text import nfc, same_tone
from banyan.ledger.operation import Actor
from banyan.orgs import ancestry
from banyan.orgs.models import Kind, Tree, Unit
from banyan.orgs.operations import UNVERIFIED, Adopted, adopt_tree

FOLDER = Path(__file__).resolve().parents[2] / "data" / "units"
KINDS = {"1": Kind.PROVINCE, "2": Kind.DISTRICT, "3": Kind.COMMUNE}

# The official word of a unit is small but for its first letter: Thị trấn, Thành phố.
_WORDS = re.compile(
    r"^(đặc khu|thị trấn|thị xã|thành phố|tỉnh|huyện|quận|phường|xã)(?= )", re.IGNORECASE
)
_SMALL = {"trường"}  # Nông trường
_ZERO = re.compile(r" 0+(?=\d)")

Dated = tuple[Any, date | None, date | None, str]


@dataclass(frozen=True)
class Stand:
    """One unit as one snapshot has it: kind, name, and its parent's key ('' under the root)."""

    kind: str
    name: str
    parent: str


@functools.cache
def manifest() -> dict[str, Any]:
    """What `manifest.toml` says: id, sources, root, switch day, pending changes."""
    return tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))


def tidy(name: str) -> str:
    """A name with its capitals: `Xã Đại áng` → `Xã Đại Áng`, `Thị Trấn Prao` → `Thị trấn Prao`."""
    found = _WORDS.match(name := nfc(name))
    word = found[0].capitalize() if found else ""
    rest = name[len(word) :].split()
    raised = [w if w in _SMALL else w[0].upper() + w[1:] for w in rest]
    return " ".join([word, *raised] if word else raised)


def one_name(older: str, newer: str) -> bool:
    """Whether two spellings are one name: alike but for tone position, case, blanks, a zero."""
    return _bare(older) == _bare(newer)


def _bare(name: str) -> str:
    return same_tone(_ZERO.sub(" ", nfc(name))).lower().replace(" ", "")


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The lines of one of the shipped files, by column."""
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _older() -> dict[str, Stand]:
    """The older snapshot by key (level:code): provinces, then districts, then communes."""
    rows = sorted(read_rows("legacy_units.csv"), key=lambda r: (r["level"], r["code"]))
    return {
        f"{r['level']}:{r['code']}": Stand(
            KINDS[r["level"]],
            tidy(r["name_with_type"]),
            f"{int(r['level']) - 1}:{r['parent_code']}" if r["parent_code"] else "",
        )
        for r in rows
    }


def _newer() -> dict[str, Stand]:
    """The snapshot of 30 June 2025 by key."""
    districts = list(read_rows("districts_2025_eve.csv"))
    found = {
        f"1:{r['province_code']}": Stand(Kind.PROVINCE, tidy(r["province_name"]), "")
        for r in districts
    }
    for r in districts:
        parent = f"1:{r['province_code']}"
        found[f"2:{r['code']}"] = Stand(Kind.DISTRICT, tidy(r["name_with_type"]), parent)
    for r in read_rows("legacy_wards_2025_eve.csv"):
        if r["code"]:  # an island district has a line of its own without a commune
            parent = f"2:{r['district_code']}"
            found[f"3:{r['code']}"] = Stand(Kind.COMMUNE, tidy(r["name_with_type"]), parent)
    return found


def rows() -> list[Adopted]:
    """The whole dated tree, root first, for `operations.adopt_tree`."""
    about = manifest()
    older, newer = _older(), _newer()
    keys = [*older, *(key for key in newer if key not in older)]
    root = about["root"]
    return [
        Adopted(
            key="",
            kind=Kind.COUNTRY,
            source=about["id"],
            names=[(root["name"], None, None, "")],
            codes=[(root["code"], None, None, "")],
            parents=[(None, None, None, "")],
            scheme=root["scheme"],
        ),
        *(_adopted(key, older.get(key), newer.get(key)) for key in keys),
    ]


def _adopted(key: str, older: Stand | None, newer: Stand | None) -> Adopted:
    about = manifest()
    code = key.partition(":")[2]
    now = newer or older
    assert now is not None
    return Adopted(
        key=key,
        kind=now.kind,
        source=about["eve_source" if newer else "legacy_source"],
        names=_dated(*_both(older, newer, lambda stand: stand.name), one_name),
        codes=_dated(*_both(older, newer, lambda _stand: code)),
        parents=_dated(*_both(older, newer, lambda stand: stand.parent)),
    )


def _both(
    older: Stand | None, newer: Stand | None, of: Callable[[Stand], str]
) -> tuple[str | None, str | None]:
    """A value as the two snapshots have it; None where the unit is not in one."""
    return (of(older) if older else None, of(newer) if newer else None)


def _dated(older: str | None, newer: str | None, alike: Any = str.__eq__) -> list[Dated]:
    """A value of two snapshots as dated items: one where they agree, else met on the switch day."""
    switch = manifest()["switch"]
    note = "" if switch["verified"] else UNVERIFIED
    if older is not None and newer is not None and alike(older, newer):
        return [(newer, None, None, "")]
    before = [(older, None, switch["day"], note)] if older is not None else []
    after = [(newer, switch["day"], None, note)] if newer is not None else []
    return [*before, *after]


def pending(on: date) -> dict[str, str] | None:
    """What these data do not know about a day: sentences by language, or None."""
    later = [one for one in manifest().get("pending", []) if one["from"] <= on]
    return later[-1] if later and not is_reformed() else None


def known_day(on: date) -> date:
    """The day itself, or the last one these data know when it lies beyond a pending change."""
    later = [one["from"] for one in manifest().get("pending", []) if one["from"] <= on]
    later = [] if later and is_reformed() else later
    return min(later) - timedelta(days=1) if later else on


def is_reformed() -> bool:
    """Whether the reform of the shipped map has been carried out here."""
    return Unit.objects.filter(source=manifest()["reform"]["source"]).exists()


def sources() -> tuple[str, ...]:
    """What stands in `source` of units of these data."""
    about = manifest()
    older: str = about["legacy_source"]
    return about["id"], older, about["eve_source"], about["reform"]["source"]


def is_shipped(unit: Unit) -> bool:
    """Whether a unit is one of these data, and not somebody's own."""
    return unit.source in sources()


def loaded() -> Unit | None:
    """The root of the shipped tree, once it is taken over."""
    return Unit.objects.filter(kind=Kind.COUNTRY, source=manifest()["id"]).first()


def load(*, by: Actor) -> Unit:
    """Take the shipped tree over, once; its root. A few seconds; two at once make one tree."""
    if root := loaded():
        return root
    with ancestry.alone(Tree.STATE):
        # Whoever waited for the lock finds the tree that the first one made.
        root = loaded() or adopt_tree(None, units=rows(), by=by)
    assert isinstance(root, Unit)
    return root
