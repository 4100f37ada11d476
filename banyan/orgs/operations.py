"""What can be done to units: the seven changes one at a time, links across trees, a shipped tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs import ancestry, covering
from banyan.orgs.carrying import carry_out, lock
from banyan.orgs.changes import (
    Change,
    Dissolve,
    Done,
    Found,
    Merge,
    Move,
    Newcomer,
    Rename,
    Split,
    Upgrade,
)
from banyan.orgs.following import Way
from banyan.orgs.models import Group, Placement, Tree, Unit, UnitCode, UnitName

REORGANISE = "unit.reorganise"
# In a dated row's note: the day is the data's, not the decision's.
UNVERIFIED = "unverified"


def _carry(changes: Sequence[Change], on: date, units: Sequence[Unit], by: Actor) -> Done:
    """Carry changes out, where every unit they go to is within reach too."""
    if units and not by.may(REORGANISE, at=list(units)):
        raise Refusal(
            _("You may not place units under “%(unit)s”.") % {"unit": units[0].name_on(on)},
            status=403,
        )
    return carry_out(changes, Way(on))


@operation("unit.founded", needs=REORGANISE, tells=("on",))
def found(parent: Unit | None, *, new: Newcomer, on: date | None, by: Actor) -> Unit:
    """Found a unit under a parent (or as a root) from a day on; no day: since before our records."""
    if on is None:
        return _found_ever(parent, new)
    above = parent.pk if parent is not None else None
    done = carry_out([Found("new", new, above)], Way(on))
    return Unit.objects.get(pk=done.founded["new"])


def _found_ever(parent: Unit | None, new: Newcomer) -> Unit:
    """A unit of which no first day is known."""
    if not nfc(new.name):
        raise Refusal(
            _("A unit needs a name."), "", _("Write the name as it stands in the decision.")
        )
    ancestry.lock(new.tree)
    ever = DateRange(None, None)
    if parent is not None:
        _has_always_stood(parent, new.tree)
    if UnitCode.objects.filter(scheme=new.scheme, code=new.code).exists():
        raise Refusal(
            _("The code “%(code)s” is in use.") % {"code": new.code},
            "",
            _("Leave the code empty or give another one."),
        )
    unit = Unit.objects.create(kind=new.kind, source=new.source)
    UnitName.made(unit, new.name, ever).save()
    if new.code:
        UnitCode.objects.create(unit=unit, scheme=new.scheme, code=new.code, valid=ever)
    Placement.objects.create(unit=unit, tree=new.tree, parent=parent, valid=ever)
    ancestry.rebuild_below([unit.pk], new.tree)
    return unit


def _has_always_stood(unit: Unit, tree: str) -> None:
    """Raises Refusal where a unit began or ended: nobody stood under it since ever and for ever."""
    spans = [row.valid for row in unit.placements.filter(tree=tree).order_by("valid")]
    if not spans or spans[0].lower is not None or spans[-1].upper is not None:
        raise Refusal(
            _("“%(unit)s” has not always stood in that tree.") % {"unit": unit},
            _("It was founded later, or has ended before."),
            _("Say on which day the new unit was founded."),
        )


@operation("unit.renamed", needs=REORGANISE, tells=("on",))
def rename(unit: Unit, *, name: str, on: date, code: str = "", by: Actor) -> Unit:
    """Give a unit another name from a day on; the older name stays for the days before."""
    _carry([Rename(unit.pk, nfc(name), code)], on, [], by)
    return unit


@operation("unit.upgraded", needs=REORGANISE, tells=("on",))
def upgrade(unit: Unit, *, name: str, on: date, code: str = "", by: Actor) -> Unit:
    """Raise a unit: a commune becomes a ward. It stays the same unit, under a new official name."""
    _carry([Upgrade(unit.pk, nfc(name), code)], on, [], by)
    return unit


@operation("unit.moved", needs=REORGANISE, tells=("parent", "tree", "on"))
def move(unit: Unit, *, parent: Unit, on: date, tree: str = Tree.STATE, by: Actor) -> Unit:
    """Place a unit under another parent from a day on. Nothing stored on it is touched."""
    _carry([Move(unit.pk, parent.pk, tree)], on, [parent], by)
    return unit


@operation("unit.merged", needs=REORGANISE, tells=("into", "on"))
def merge(units: Sequence[Unit], *, into: Unit, on: date, by: Actor) -> Unit:
    """End units and let one take them in wholly from a day on, with all that stands under them."""
    _carry([Merge(tuple(one.pk for one in units), into.pk)], on, [into], by)
    return into


@operation("unit.divided", needs=REORGANISE, tells=("on",))
def split(
    unit: Unit,
    *,
    into: Sequence[Unit],
    on: date,
    heir: Unit | None = None,
    stays: bool = False,
    by: Actor,
) -> Unit:
    """Divide a unit among others from a day on.

    What stood under it goes to `heir`, one of them; with `stays` the unit itself goes on with the
    rest. Its records wait to be placed: nobody guesses which part they belong to.
    """
    change = Split(unit.pk, tuple(one.pk for one in into), heir.pk if heir else None, stays)
    _carry([change], on, list(into), by)
    return unit


@operation("unit.dissolved", needs=REORGANISE, tells=("on",))
def dissolve(unit: Unit, *, on: date, heir: Unit | None = None, by: Actor) -> Unit:
    """End a unit that nobody follows; what stood under it goes to `heir`."""
    _carry([Dissolve(unit.pk, heir.pk if heir else None)], on, [heir] if heir else [], by)
    return unit


@operation("unit.linked", needs=REORGANISE, tells=("covered", "on"))
def cover(unit: Unit, *, covered: Unit, on: date | None, by: Actor) -> Unit:
    """Say that a unit of one tree works in the area of a unit of another: a cell for its village.

    From a day on (None: since before our records), on the days on which both stand.
    """
    lock()
    days = covering.link([(unit.pk, covered.pk, on, None)])
    if not any(on is None or on in day for day in days):
        raise Refusal(
            _("These two are linked already in that time."),
            _("Or one of them does not stand on that day."),
            _("Choose another day."),
        )
    return unit


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
