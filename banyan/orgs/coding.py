"""Codes of a scheme for many units at once, by a list from a day on; and taken back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.orgs.carrying import BATCH, lock
from banyan.orgs.many import REORGANISE, named, told
from banyan.orgs.models import Unit, UnitCode


@dataclass(frozen=True)
class Coding:
    """A unit and its code; `was`: the code it is to have again when that is taken back."""

    unit: int
    code: str
    was: str = ""


def code_many(unit: Unit, *, codes: Sequence[Coding], scheme: str, on: date, by: Actor) -> Unit:
    """Give units codes of a scheme from a day on; the code each bore until then ends."""
    at = [unit, *named({one.unit for one in codes} - {unit.pk})]
    done: Unit = _code(at, codes=codes, scheme=scheme, on=on, by=by)
    return done


@operation("unit.coded", needs=REORGANISE, tells=("scheme", "on"))
def _code(
    units: Sequence[Unit], *, codes: Sequence[Coding], scheme: str, on: date, by: Actor
) -> Any:
    """Give units codes by a list; the first unit is whose list it is."""
    lock()
    rows = UnitCode.objects.filter(unit__in=[one.unit for one in codes], scheme=scheme)
    held = {row.unit_id: row for row in rows.filter(valid__contains=on)}
    later = dict(
        rows.filter(valid__startswith__gt=on).order_by("-valid").values_list("unit", "valid")
    )
    began = [row.pk for row in held.values() if row.valid.lower == on]
    ending = [row for row in held.values() if row.valid.lower != on]
    until = {id: row.valid.upper for id, row in held.items()}
    until |= {id: span.lower for id, span in later.items() if id not in held}
    for row in ending:
        row.valid = DateRange(row.valid.lower, on)
    UnitCode.objects.filter(pk__in=began).delete()
    UnitCode.objects.bulk_update(ending, ["valid"], batch_size=BATCH)
    _write_codes(
        [
            UnitCode(
                unit_id=one.unit,
                scheme=scheme,
                code=one.code,
                valid=DateRange(on, until.get(one.unit)),
            )
            for one in codes
        ]
    )
    return told(units[0], len(codes))


def _write_codes(rows: list[UnitCode]) -> None:
    try:
        with transaction.atomic():
            UnitCode.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as taken:
        raise _in_use(rows) from taken


def _in_use(rows: Sequence[UnitCode]) -> Refusal:
    """Names the code, and who bears it: another unit, or another line of the list."""
    twice = [code for code, times in Counter(row.code for row in rows).items() if times > 1]
    first, scheme = rows[0].valid, rows[0].scheme
    others = UnitCode.objects.filter(scheme=scheme, code__in=[row.code for row in rows])
    other = others.filter(valid__overlap=DateRange(first.lower, None)).first()
    if other is None or twice:
        return Refusal(
            _("The code “%(code)s” is given twice.") % {"code": twice[0] if twice else ""},
            "",
            _("Leave the code empty or give another one."),
        )
    return Refusal(
        _("The code “%(code)s” is in use.") % {"code": other.code},
        _("“%(unit)s” bears it in that period.") % {"unit": other.unit.name_on(first.lower)},
        _("Leave the code empty or give another one."),
        status=409,
    )


def undo_code_many(
    unit: Unit, *, codes: Sequence[Coding], scheme: str, on: date, by: Actor
) -> dict[int, str]:
    """Give units the codes back that they bore before a list. Returns those left, with why."""
    at = [unit, *named({one.unit for one in codes} - {unit.pk})]
    done = _codes_back(at, codes=codes, scheme=scheme, on=on, by=by)
    left: dict[int, str] = done.left
    return left


@operation("unit.coding_undone", needs=REORGANISE, tells=("scheme", "on"))
def _codes_back(
    units: Sequence[Unit], *, codes: Sequence[Coding], scheme: str, on: date, by: Actor
) -> Any:
    """Take codes back that a list gave, and let the older ones go on."""
    lock()
    rows = UnitCode.objects.filter(unit__in=[one.unit for one in codes], scheme=scheme)
    by_unit: dict[int, list[UnitCode]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    left: dict[int, str] = {}
    going: list[int] = []
    old: list[UnitCode] = []
    for one in codes:
        held = by_unit.get(one.unit, [])
        new = next((r for r in held if r.valid.lower == on and r.code == one.code), None)
        if new is None or new.decision:
            left[one.unit] = _("It has been given another code.")
            continue
        going.append(new.pk)
        before = next((r for r in held if r.valid.upper == on and r.code == one.was), None)
        if before is not None:
            before.valid = DateRange(before.valid.lower, new.valid.upper)
            old.append(before)
        elif one.was:
            old.append(UnitCode(unit_id=one.unit, scheme=scheme, code=one.was, valid=new.valid))
    UnitCode.objects.filter(pk__in=going).delete()
    UnitCode.objects.bulk_update([row for row in old if row.pk], ["valid"], batch_size=BATCH)
    _write_codes([row for row in old if not row.pk])
    return told(units[0], len(codes) - len(left), left=left)
