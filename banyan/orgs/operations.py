"""What can be done to units: found, rename, move, and take over a whole shipped tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs import ancestry
from banyan.orgs.models import Group, Placement, Tree, Unit, UnitCode, UnitName

REORGANISE = "unit.reorganise"
# In a dated row's note: the day is the data's, not the decision's.
UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Newcomer:
    """What is needed to found a unit: kind, name, code (may be empty), and in which tree it stands."""

    kind: str
    name: str
    code: str = ""
    tree: str = Tree.STATE
    source: str = ""
    scheme: str = "gso"


@operation("unit.founded", needs=REORGANISE, tells=("on",))
def found(parent: Unit | None, *, new: Newcomer, on: date | None, by: Actor) -> Unit:
    """Found a unit under a parent (or as a root) from a day on; no day: since before our records."""
    name = nfc(new.name)
    if not name:
        raise Refusal(
            _("A unit needs a name."), "", _("Write the name as it stands in the decision.")
        )
    if parent is not None and on is not None:
        _must_stand(parent, new.tree, on)
    unit = Unit.objects.create(kind=new.kind, source=new.source)
    valid = DateRange(on, None)
    UnitName.made(unit, name, valid).save()
    if new.code:
        _give_code(unit, new, valid)
    Placement.objects.create(unit=unit, tree=new.tree, parent=parent, valid=valid)
    ancestry.lock(new.tree)
    ancestry.rebuild_below([unit.pk], new.tree)
    return unit


@operation("unit.renamed", needs=REORGANISE, tells=("on",))
def rename(unit: Unit, *, name: str, on: date, by: Actor) -> Unit:
    """Give a unit another name from a day on; the older name stays for the days before."""
    current = unit.names.filter(language="vi", valid__contains=on).first()
    if current is None:
        raise Refusal(_("This unit has no name on %(day)s.") % {"day": on.isoformat()})
    if current.name == nfc(name):
        raise Refusal(
            _("The unit is already called so on %(day)s.") % {"day": on.isoformat()},
            "",
            _("Write its new name, or choose another day."),
        )
    after = DateRange(on, current.valid.upper)
    if current.valid.lower == on:
        current.delete()
    else:
        current.valid = DateRange(current.valid.lower, on)
        current.save(update_fields=["valid"])
    UnitName.made(unit, name, after).save()
    return unit


@operation("unit.moved", needs=REORGANISE, tells=("parent", "tree", "on"))
def move(unit: Unit, *, parent: Unit, on: date, tree: str = Tree.STATE, by: Actor) -> Unit:
    """Place a unit under another parent from a day on. Nothing stored on it is touched."""
    if not by.may(REORGANISE, at=parent):
        raise Refusal(_("You may not place units under “%(unit)s”.") % {"unit": parent}, status=403)
    ancestry.lock(tree)
    current = _must_stand(unit, tree, on)
    if parent.pk == unit.pk:
        raise Refusal(_("A unit cannot stand under itself."), "", _("Choose another parent."))
    _must_stand(parent, tree, on)
    if current.parent_id == parent.pk:
        raise Refusal(
            _("The unit stands under “%(parent)s” already on that day.") % {"parent": parent},
            "",
            _("Choose another parent or another day."),
        )
    after = DateRange(on, current.valid.upper)
    if current.valid.lower == on:
        current.delete()
    else:
        current.valid = DateRange(current.valid.lower, on)
        current.save(update_fields=["valid"])
    Placement.objects.create(unit=unit, tree=tree, parent=parent, valid=after)
    try:
        with transaction.atomic():
            ancestry.rebuild_below([unit.pk], tree)
    except IntegrityError as cycle:
        raise Refusal(
            _("“%(unit)s” cannot stand under “%(parent)s”.") % {"unit": unit, "parent": parent},
            _(
                "The parent itself stands under this unit in that time: they would go round in a circle."
            ),
            _("Choose another parent, or move the parent out first."),
        ) from cycle
    return unit


def _must_stand(unit: Unit, tree: str, on: date) -> Placement:
    """The unit's place on a day. Raises Refusal where it has none."""
    place: Placement | None = unit.placements.filter(tree=tree, valid__contains=on).first()
    if place is None:
        raise Refusal(
            _("“%(unit)s” does not stand in that tree on %(day)s.")
            % {"unit": unit, "day": on.isoformat()},
            _("It was founded later, or has ended before."),
            _("Look at its page for the days it stands, and choose another day."),
        )
    return place


def _give_code(unit: Unit, new: Newcomer, valid: Any) -> None:
    try:
        with transaction.atomic():
            UnitCode.objects.create(unit=unit, scheme=new.scheme, code=new.code, valid=valid)
    except IntegrityError as taken:
        raise Refusal(
            _("The code “%(code)s” is in use.") % {"code": new.code},
            _("Another unit bears it in that period."),
            _("Leave the code empty or give another one."),
        ) from taken


@dataclass(frozen=True)
class Adopted:
    """One unit of a shipped tree: its dated names, codes and parents.

    `key` and the parent keys are the file's own and only tie the rows together.
    Each dated item is (value, from day or None, to day or None, note).
    """

    key: str
    kind: str
    source: str
    names: Sequence[tuple[str, date | None, date | None, str]]
    codes: Sequence[tuple[str, date | None, date | None, str]]
    parents: Sequence[tuple[str | None, date | None, date | None, str]]
    scheme: str = "gso"


@operation("unit.tree_adopted", needs=REORGANISE)
def adopt_tree(
    root: Unit | None, *, units: Sequence[Adopted], tree: str = Tree.STATE, by: Actor
) -> Unit:
    """Take over a whole tree at once, set-based; the first unit is its root and is returned."""
    ancestry.lock(tree)
    made = Unit.objects.bulk_create(
        [Unit(kind=u.kind, source=u.source) for u in units], batch_size=5_000
    )
    by_key = {u.key: row for u, row in zip(units, made, strict=True)}
    UnitName.objects.bulk_create(
        [
            UnitName.made(by_key[u.key], name, DateRange(start, end), note=note)
            for u in units
            for name, start, end, note in u.names
        ],
        batch_size=5_000,
    )
    UnitCode.objects.bulk_create(
        [
            UnitCode(unit=by_key[u.key], scheme=u.scheme, code=code, valid=DateRange(start, end))
            for u in units
            for code, start, end, _note in u.codes
        ],
        batch_size=5_000,
    )
    Placement.objects.bulk_create(
        [
            Placement(
                unit=by_key[u.key],
                tree=tree,
                parent=by_key[parent] if parent is not None else root,
                valid=DateRange(start, end),
                note=note,
            )
            for u in units
            for parent, start, end, note in u.parents
        ],
        batch_size=5_000,
    )
    ancestry.rebuild_below([row.pk for row in made], tree)
    return made[0]


@operation("group.formed", needs=REORGANISE, tells=("on",))
def form_group(
    unit: Unit, *, key: str, name: str, units: Sequence[Unit], on: date, by: Actor
) -> Group:
    """Name a set of units (an emulation block, 'nine mountain districts'); `unit` keeps it.

    Figures accept its key wherever they accept a unit. Its units may stand anywhere.
    """
    if not units:
        raise Refusal(_("A group needs units."), "", _("Name at least one unit by its code."))
    try:
        with transaction.atomic():
            made = Group.objects.create(
                key=key, name=nfc(name), unit=unit, valid=DateRange(on, None)
            )
    except IntegrityError as taken:
        raise Refusal(
            _("There is a group “%(key)s” already.") % {"key": key}, "", _("Choose another key.")
        ) from taken
    made.units.set(units)
    return made
