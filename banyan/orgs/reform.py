"""The reform of 1 July 2025 as one decision, made from the shipped map of old and new units.

63 provinces become 34, the district level ends, 10,035 communes become 3,321, 471 of them divided.
Provenance and rules: `data/units/README.md`. What the map does not say is not invented: no shares,
and nothing about the 567 older communes that it does not link.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import (
    Change,
    Dissolve,
    Found,
    Merge,
    Move,
    Newcomer,
    Ref,
    Rename,
    Split,
    Upgrade,
)
from banyan.orgs.models import Kind, Placement, Tree, Unit, UnitCode
from banyan.orgs.shipped import loaded, manifest, one_name, read_rows, tidy

WHOLE = "whole"


@dataclass(frozen=True)
class Link:
    """One line of the map: an old commune (or an island district) and a new one it went to."""

    old: int
    new: str
    kind: str


class _Map:
    """The map tied to the units of this installation on the eve of the reform."""

    def __init__(self, root: Unit, eve: date) -> None:
        self.root, self.eve = root, eve
        # An organisation may have founded units of its own beside the shipped ones.
        below = root.subtree(on=eve)
        codes = UnitCode.objects.filter(scheme="gso", valid__contains=eve, unit__in=below)
        self.ids: dict[str, int] = dict(codes.values_list("code", "unit"))
        self.codes = {unit: code for code, unit in self.ids.items()}
        self.kinds = dict(Unit.objects.filter(pk__in=self.codes).values_list("pk", "kind"))
        self.names = {
            unit.pk: str(unit.day_name)  # type: ignore[attr-defined]
            for unit in Unit.objects.filter(pk__in=self.codes).named_on(eve)
        }
        self.parents: dict[int, int] = dict(
            Placement.objects.filter(tree=Tree.STATE, valid__contains=eve, unit__in=self.codes)
            .values_list("unit", "parent")
        )  # fmt: skip
        new = list(read_rows("units_2025_07.csv"))
        self.provinces = {row["code"]: row for row in new if row["level"] == "1"}
        self.communes = {row["code"]: row for row in new if row["level"] == "2"}

    def unit(self, code: str) -> int:
        """The unit that bears a code on the eve. Raises Refusal where the tree is another one."""
        if code in self.ids:
            return self.ids[code]
        raise Refusal(
            _("The tree of units here is not the one that the map of the reform begins from."),
            _("No unit bears the code “%(code)s” on %(day)s.")
            % {"code": code, "day": self.eve.isoformat()},
            _("Undo what was changed by hand since the units were taken over, or enter the"
              " changes yourself."),
            status=409,
        )  # fmt: skip

    def links(self) -> list[Link]:
        """All lines of the map."""
        return [
            Link(
                self.unit(row["old_commune"] or row["old_district"]),
                row["new_commune"],
                row["kind"],
            )
            for row in read_rows("succession_2025_07.csv")
        ]


def facts() -> dict[str, Any]:
    """What `manifest.toml` says of the decision: day, number, decided_on, signer, source."""
    about: dict[str, Any] = manifest()["reform"]
    return about


def changes() -> list[Change]:
    """The whole reform, in the order in which one tells it: provinces, communes, districts.

    Raises Refusal where the shipped tree is not loaded or was changed beforehand.
    """
    root = loaded()
    if root is None:
        raise Refusal(_("The shipped units are not loaded here."), "", _("Take them over first."))
    known = _Map(root, facts()["day"] - timedelta(days=1))
    above = dict(_above(known))
    made = [*_provinces(known, above), *_communes(known, above)]
    ended = {unit for change in made if isinstance(change, Merge) for unit in change.units}
    return [*made, *_districts(known, above, ended)]


def _above(known: _Map) -> Iterator[tuple[str, Ref]]:
    """New province code → the unit that goes on, or the key of the one that is founded."""
    olds = defaultdict(list)
    for row in read_rows("provinces_2025_07.csv"):
        olds[row["new_code"]].append(known.unit(row["old_code"]))
    for code, units in olds.items():
        yield code, units[0] if len(units) == 1 else f"1:{code}"


def _provinces(known: _Map, above: dict[str, Ref]) -> Iterator[Change]:
    olds = defaultdict(list)
    for row in read_rows("provinces_2025_07.csv"):
        olds[row["new_code"]].append(known.unit(row["old_code"]))
    for code, ref in above.items():
        if isinstance(ref, str):
            yield _founded(ref, known.provinces[code], Kind.PROVINCE, known.root.pk)
            yield Merge(tuple(olds[code]), ref)


def _founded(key: str, row: dict[str, str], kind: str, parent: Ref) -> Found:
    new = Newcomer(kind, tidy(row["name_with_type"]), row["code"], source=facts()["source"])
    return Found(key, new, parent, row["decision"])


def _communes(known: _Map, above: dict[str, Ref]) -> Iterator[Change]:
    into: dict[int, list[Link]] = defaultdict(list)
    out_of: dict[str, list[Link]] = defaultdict(list)
    for link in known.links():
        into[link.old].append(link)
        out_of[link.new].append(link)
    stays: dict[int, str] = {}
    keys: dict[str, str] = {}
    for code, row in known.communes.items():
        olds = out_of[code]
        alone = len(olds) == 1 and olds[0].kind == WHOLE
        if alone and known.kinds[olds[0].old] == Kind.COMMUNE:
            stays[olds[0].old] = code
            yield from _goes_on(known, olds[0].old, row, above[row["parent_code"]])
            continue
        keys[code] = f"2:{code}"
        yield _founded(keys[code], row, Kind.COMMUNE, above[row["parent_code"]])
    for code, key in keys.items():
        whole = tuple(link.old for link in out_of[code] if link.kind == WHOLE)
        if whole:
            yield Merge(whole, key)
    for old, links in into.items():
        if old not in stays and links[0].kind != WHOLE:
            yield Split(old, tuple(keys[link.new] for link in links))


def _goes_on(known: _Map, unit: int, row: dict[str, str], province: Ref) -> Iterator[Change]:
    """A commune that only loses its district: the same unit, with a new name or code where told."""
    yield Move(unit, province, decision=row["decision"])
    name, code = tidy(row["name_with_type"]), row["code"]
    other_code = "" if known.codes[unit] == code else code
    if one_name(known.names[unit], name) and not other_code:
        return
    raised = known.names[unit].split(" ")[0] != name.split(" ")[0]
    yield (Upgrade if raised else Rename)(unit, name, other_code, row["decision"])


def _districts(known: _Map, above: dict[str, Ref], ended: set[int]) -> Iterator[Change]:
    """The district level ends; what an office kept under its district goes to the new province."""
    new_of = {row["old_code"]: row["new_code"] for row in read_rows("provinces_2025_07.csv")}
    for unit, kind in known.kinds.items():
        if kind == Kind.DISTRICT and unit not in ended:
            province = known.codes.get(known.parents[unit], "")
            if province in new_of:
                yield Dissolve(unit, above[new_of[province]])
