"""What can be done with imports: begin, lay out, answer, take in, take back, leave."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.documents import operations as documents
from banyan.documents.models import Document, Level
from banyan.imports.models import Import, Remembered
from banyan.imports.staging import writing
from banyan.imports.target import Target, target_of
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation, refusal
from banyan.orgs.models import Unit

LAYABLE = ("asking", "ready", "failed")
_NUMBER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True)
class Order:
    """What a file is imported as, with which options, and the day its names are those of."""

    target: str
    options: Mapping[str, str]
    on: date


def right_of(thing: Any, *, order: Order | None = None, **_told: Any) -> str:
    """The capability that the target asks for."""
    return target_of(order.target if order else thing.target).needs


@operation("import.begun", needs=right_of)
def begin(
    unit: Unit,
    *,
    order: Order,
    file: documents.Incoming | Document,
    continues: Import | None = None,
    by: Actor,
) -> Import:
    """Keep a file and put its import down; a process reads it."""
    assert by.account_id is not None
    assert by.post_id is not None
    kind = target_of(order.target)
    return Import.objects.create(
        target=order.target,
        unit=unit,
        account_id=by.account_id,
        post=by.post_id,
        language=(get_language() or "vi")[:2],
        document=_kept(unit, file, kind, by),
        filename=file.filename[:200],
        options=dict(order.options),
        on=order.on,
        continues=continues,
        # Continued, it is laid out and answered as the one before.
        layouts={},
        meant=(continues.meant if continues else {}) | _answered_before(unit, order.target),
    )


def _kept(
    unit: Unit, file: documents.Incoming | Document, kind: type[Target], by: Actor
) -> Document:
    if isinstance(file, Document):
        return file
    level = Level.RESTRICTED if kind.confidential else Level.INTERNAL
    return documents.put(unit, file=file, title=file.filename, level=level, synthetic=False, by=by)


def _answered_before(unit: Unit, target: str) -> dict[str, dict[str, str]]:
    """What the unit said last time of values nobody knew."""
    found: dict[str, dict[str, str]] = {}
    rows = Remembered.objects.filter(unit=unit, target=target).exclude(column="")
    for column, written, meaning in rows.values_list("column", "written", "meaning"):
        found.setdefault(column, {})[written] = meaning
    return found


@operation("import.columns_named", needs=right_of)
def lay_out(one: Import, *, layouts: Mapping[str, Mapping[str, Any]], by: Actor) -> Import:
    """Say which sheets are read and what their columns mean; the unit's headings are remembered.

    `layouts`: sheet → {first, last, columns: {column id: place}} (lines and places from 0).
    """
    _own(one, by)
    if not layouts:
        raise Refusal(
            _("No sheet is chosen."), _("There would be nothing to read."), _("Tick one at least.")
        )
    wanted = {sheet: dict(layout) for sheet, layout in layouts.items()}
    _remember(one, "", _headings(one, wanted))
    return _read_again(one, layouts=wanted)


def _headings(one: Import, layouts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Heading → what it was said to mean, of the sheets that are read."""
    said: dict[str, str] = {}
    for sheet in one.found.get("sheets", []):
        layout = layouts.get(sheet["sheet"])
        if layout is None:
            continue
        taken = {place: column for column, place in layout["columns"].items()}
        for seen in sheet["columns"]:
            if seen["heading"] and seen["place"] in taken:
                said[writing(seen["heading"])] = taken[seen["place"]]
    return said


@operation("import.answered", needs=right_of)
def answer(one: Import, *, meant: Mapping[str, Mapping[str, str]], by: Actor) -> Import:
    """Say what unknown values mean ("" leave empty); remembered for the unit's next file.

    `meant`: column → {writing: meaning}.
    """
    _own(one, by)
    said = {column: dict(values) for column, values in one.meant.items()}
    for column, values in meant.items():
        fresh = {writing(raw): meaning for raw, meaning in values.items()}
        _remember(one, column, fresh)
        said.setdefault(column, {}).update(fresh)
    return _read_again(one, meant=said)


def _remember(one: Import, column: str, said: Mapping[str, str]) -> None:
    rows = [
        Remembered(
            unit=one.unit, target=one.target, column=column, written=raw, meaning=meaning[:200]
        )
        for raw, meaning in said.items()
        if raw
    ]
    Remembered.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit", "target", "column", "written"],
        update_fields=["meaning"],
    )


def _read_again(one: Import, **changes: Any) -> Import:
    _step(one, LAYABLE, "reading", **changes)
    return one


@operation("import.confirmed", needs=right_of)
def confirm(one: Import, *, by: Actor) -> Import:
    """Take in what the preview showed: a process does it, and goes on when it is killed."""
    _own(one, by)
    if not left_open(one):
        raise Refusal(
            _("No row of this file can be taken in."),
            _("Every row is there already as it stands, or lacks something that is needed."),
            _("Mend what is explained at each row, then send the file again."),
            status=409,
        )
    # Also what was broken off by a refusal: the parts that are left.
    _step(one, ("ready", "done"), "committing")
    return one


def left_open(one: Import) -> bool:
    """Whether a line of it is new or changed and not yet taken in."""
    return one.lines.filter(outcome__in=("new", "changed"), became="").exists()


@operation("import.taken_back", needs=right_of)
def take_back(one: Import, *, by: Actor) -> Import:
    """Take back what an import brought: what was touched since stays and is listed."""
    _own(one, by)
    _step(one, ("done",), "undoing")
    return one


@operation("import.dropped", needs=right_of)
def leave(one: Import, *, by: Actor) -> Import:
    """Let go of a file that was not taken in: its lines are erased, the file stays a document."""
    _own(one, by)
    _step(one, ("asking", "ready", "failed", "reading"), "left", found={}, counts={})
    one.lines.all().delete()
    return one


def continued_by(by: Actor, target: str, mark: str) -> Import | None:
    """One's own earlier import that a marked workbook belongs to, by its mark."""
    mine = Import.objects.visible_to(by).filter(target=target)
    found: Import | None = mine.filter(pk=mark).first() if _NUMBER.fullmatch(mark) else None
    return found


def _own(one: Import, by: Actor) -> None:
    if one.account_id != by.account_id:
        raise refusal(right_of(one))


def _step(one: Import, sources: Sequence[str], state: str, **changes: Any) -> None:
    """Move on, if nobody moved it meanwhile (a second tap, a second tab, the process)."""
    held = Import.objects.filter(pk=one.pk, state__in=sources)
    with transaction.atomic():
        moved = held.update(
            state=state, attempts=0, done=0, of=0, said={}, changed_at=Now(), **changes
        )
    if not moved:
        raise Refusal(
            _("This import has moved on meanwhile."),
            _("It was done in another window, or a process is at it."),
            _("Look at it as it stands now."),
            status=409,
        )
    one.refresh_from_db()
