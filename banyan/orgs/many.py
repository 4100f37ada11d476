"""Many units at once, as a list from an office has them: founded, renamed, given codes, taken back.

Each is one operation: one question of rights, set-based writing, one rebuild of the tree, one event.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs import ancestry
from banyan.orgs.carrying import BATCH, carry_out, lock
from banyan.orgs.changes import Change, Found, Newcomer, Rename
from banyan.orgs.following import Way
from banyan.orgs.models import Placement, Unit, UnitCode, UnitName
from banyan.orgs.unused import rests_on

REORGANISE = "unit.reorganise"
# Rows that are the unit itself, not something that rests on it.
OWN_ROWS = frozenset({"orgs.unitname", "orgs.unitcode", "orgs.placement", "orgs.ancestry"})


@dataclass(frozen=True)
class Founding:
    """A unit to found: its key within the list, under a unit there is or another key of the list."""

    key: str
    new: Newcomer
    parent: int | str


@dataclass(frozen=True)
class Renaming:
    """A unit and its other name; `was`: the name it is to have again when that is taken back."""

    unit: int
    name: str
    was: str = ""


def told(unit: Unit, count: int, **more: Any) -> Unit:
    """The thing of an event, with how many it was done to, and what is handed back besides."""
    unit.__dict__.update(more, things=count)
    return unit


def named(ids: Sequence[int] | set[int]) -> list[Unit]:
    """The units of these ids, to ask whether all are within reach."""
    return list(Unit.objects.filter(pk__in=set(ids)))


# --- founding and renaming ------------------------------------------------------------------------


def found_many(
    unit: Unit,
    *,
    founding: Sequence[Founding],
    renaming: Sequence[Renaming] = (),
    on: date | None,
    by: Actor,
) -> dict[str, int]:
    """Found units under their parents and rename others, all from a day on; None: since ever.

    Returns the units founded, by their keys. All or none: Unfit names every reason.
    """
    touched = {one.parent for one in founding if isinstance(one.parent, int)}
    touched |= {one.unit for one in renaming}
    at = [unit, *named(touched - {unit.pk})]
    done = _found(at, founding=founding, renaming=renaming, on=on, by=by)
    made: dict[str, int] = done.founded
    return made


@operation("unit.imported", needs=REORGANISE, tells=("on",))
def _found(
    units: Sequence[Unit],
    *,
    founding: Sequence[Founding],
    renaming: Sequence[Renaming],
    on: date | None,
    by: Actor,
) -> Any:
    """Found units and rename others by a list; the first unit is whose list it is."""
    if on is None:
        if renaming:
            raise Refusal(
                _("A new name needs a day."),
                _("The older name stays for the days before."),
                _("Say from which day on the list holds."),
            )
        founded = _found_ever(founding)
    else:
        changes: list[Change] = [Found(one.key, one.new, one.parent) for one in founding]
        changes += [Rename(one.unit, nfc(one.name)) for one in renaming]
        founded = carry_out(changes, Way(on)).founded
    return told(units[0], len(founding) + len(renaming), founded=founded)


def _found_ever(founding: Sequence[Founding]) -> dict[str, int]:
    """Units of which no first day is known, written as a shipped tree is."""
    for tree in sorted({one.new.tree for one in founding}):
        ancestry.lock(tree)
    _fit_ever(founding)
    ever = DateRange(None, None)
    made = Unit.objects.bulk_create(
        [Unit(kind=one.new.kind, source=one.new.source) for one in founding], batch_size=BATCH
    )
    ids = {one.key: row.pk for one, row in zip(founding, made, strict=True)}
    rows = list(zip(founding, made, strict=True))
    UnitName.objects.bulk_create(
        [UnitName.made(row, one.new.name, ever) for one, row in rows], batch_size=BATCH
    )
    UnitCode.objects.bulk_create(
        [
            UnitCode(unit=row, scheme=one.new.scheme, code=one.new.code, valid=ever)
            for one, row in rows
            if one.new.code
        ],
        batch_size=BATCH,
    )
    Placement.objects.bulk_create(
        [
            Placement(
                unit=row,
                tree=one.new.tree,
                parent_id=ids[one.parent] if isinstance(one.parent, str) else one.parent,
                valid=ever,
            )
            for one, row in rows
        ],
        batch_size=BATCH,
    )
    for tree in sorted({one.new.tree for one in founding}):
        try:
            with transaction.atomic():
                tops = [row.pk for one, row in rows if one.new.tree == tree]
                ancestry.rebuild_below(tops, tree)
        except IntegrityError as circle:
            raise Refusal(
                _("Some of the new units would stand under themselves."),
                _("Their parents go round in a circle."),
                _("Look at the column of the units above."),
            ) from circle
    return ids


def _fit_ever(founding: Sequence[Founding]) -> None:
    """Raises Refusal where a parent began or ended, or a code is in use at any time."""
    keys = {one.key for one in founding}
    if len(keys) < len(founding) or not all(nfc(one.new.name) for one in founding):
        raise Refusal(
            _("A unit needs a name."), "", _("Write the name as it stands in the decision.")
        )
    parents = {(one.parent, one.new.tree) for one in founding if isinstance(one.parent, int)}
    spans: dict[tuple[int, str], list[Any]] = {}
    rows = Placement.objects.filter(unit__in={unit for unit, _tree in parents}).order_by("valid")
    for unit, tree, valid in rows.values_list("unit", "tree", "valid"):
        spans.setdefault((unit, tree), []).append(valid)
    for unit, tree in parents:
        held = spans.get((unit, tree), [])
        if not held or held[0].lower is not None or held[-1].upper is not None:
            raise Refusal(
                _("“%(unit)s” has not always stood in that tree.")
                % {"unit": Unit.objects.get(pk=unit)},
                _("It was founded later, or has ended before."),
                _("Say on which day the new unit was founded."),
            )
    given = Counter((one.new.scheme, one.new.code) for one in founding if one.new.code)
    held_codes = UnitCode.objects.filter(code__in={code for _scheme, code in given})
    used = {(row.scheme, row.code) for row in held_codes}
    for (scheme, code), times in given.items():
        if times > 1 or (scheme, code) in used:
            raise Refusal(
                _("The code “%(code)s” is in use.") % {"code": code},
                "",
                _("Leave the code empty or give another one."),
            )


def undo_found_many(
    unit: Unit,
    *,
    founded: Mapping[int, str],
    renamed: Sequence[Renaming] = (),
    on: date | None,
    by: Actor,
) -> dict[int, str]:
    """Take back what a list did: units it founded (id → code it gave), names it changed.

    Returns those that were left, each with why.
    """
    at = [unit, *named({*founded, *(one.unit for one in renamed)} - {unit.pk})]
    done = _take_back(at, founded=founded, renamed=renamed, on=on, by=by)
    left: dict[int, str] = done.left
    return left


@operation("unit.import_undone", needs=REORGANISE, tells=("on",))
def _take_back(
    units: Sequence[Unit],
    *,
    founded: Mapping[int, str],
    renamed: Sequence[Renaming],
    on: date | None,
    by: Actor,
) -> Any:
    """Delete units that a list founded and on which nothing rests; give others their name back."""
    lock()
    standing = {one.pk for one in units}
    left = {id: _("It is no longer there.") for id in founded if id not in standing}
    going = [id for id in founded if id not in left]
    left |= _touched(going, founded, on)
    # In the list's own order of tiers: who stays keeps whoever it stands under.
    while stays := _stood_under([id for id in going if id not in left]):
        left |= stays
    going = [id for id in going if id not in left]
    _delete(going)
    left |= _name_back(renamed, on)
    return told(units[0], len(founded) + len(renamed) - len(left), left=left)


def _touched(going: Sequence[int], founded: Mapping[int, str], on: date | None) -> dict[int, str]:
    """Units that are no longer as the list founded them, or on which something rests."""
    whole = DateRange(on, None)
    kept_there = _("Persons, records, rights or areas are kept at it.")
    left = dict.fromkeys(rests_on(Unit, going, but=OWN_ROWS), kept_there)
    for model, why in (
        (UnitName, _("It has been renamed, or its life was changed by a decision.")),
        (Placement, _("It has been moved, or its life was changed by a decision.")),
    ):
        rows = model._default_manager.filter(unit__in=going)
        kept = Counter(rows.values_list("unit", flat=True))
        as_made = rows.filter(valid=whole, decision="")
        same = set(as_made.values_list("unit", flat=True))
        left |= {id: why for id in going if kept[id] != 1 or id not in same}
    codes: dict[int, list[str]] = {}
    coded = UnitCode.objects.filter(unit__in=going)
    for id, code, valid in coded.values_list("unit", "code", "valid"):
        codes.setdefault(id, []).append(code if valid == whole else "")
    given = _("It has been given another code.")
    left |= {
        id: given for id in going if codes.get(id, []) != ([founded[id]] if founded[id] else [])
    }
    return left


def _stood_under(going: Sequence[int]) -> dict[int, str]:
    """Of these, those under which a unit stands that is not one of them."""
    others = Placement.objects.filter(parent__in=going).exclude(unit__in=going)
    why = _("A unit stands under it.")
    return dict.fromkeys(others.values_list("parent", flat=True), why)


# Nothing else came of these units, so nobody else's place in the closure changes with them.
_DELETE = (
    "DELETE FROM orgs_ancestry WHERE unit_id = ANY(%s)",
    "DELETE FROM orgs_placement WHERE unit_id = ANY(%s)",
    "DELETE FROM orgs_unitcode WHERE unit_id = ANY(%s)",
    "DELETE FROM orgs_unitname WHERE unit_id = ANY(%s)",
    "DELETE FROM orgs_unit WHERE id = ANY(%s)",
)


def _delete(going: list[int]) -> None:
    with connection.cursor() as cursor:
        for statement in _DELETE:
            cursor.execute(statement, [going])


def _name_back(renamed: Sequence[Renaming], on: date | None) -> dict[int, str]:
    """The names from before the list; those that bear yet another name stay."""
    rows = UnitName.objects.filter(unit__in={one.unit for one in renamed}, language="vi")
    by_unit: dict[int, list[UnitName]] = {}
    for row in rows.order_by("valid"):
        by_unit.setdefault(row.unit_id, []).append(row)
    left: dict[int, str] = {}
    for one in renamed:
        held = by_unit.get(one.unit, [])
        new = next((r for r in held if r.valid.lower == on and r.name == nfc(one.name)), None)
        if new is None or new.decision:
            left[one.unit] = _("It has been renamed since.")
            continue
        old = next((r for r in held if r.valid.upper == on and r.name == one.was), None)
        if old is None:  # the older name began on this very day, so the new one took its place
            made = UnitName.made(Unit(pk=one.unit), one.was, new.valid)
            new.name, new.sort_key, new.folded = made.name, made.sort_key, made.folded
            new.save()
        else:
            until = new.valid.upper
            new.delete()
            old.valid = DateRange(old.valid.lower, until)
            old.save(update_fields=["valid"])
    return left
