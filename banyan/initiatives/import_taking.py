"""Registering what was read of a workbook: all of it at once, or nothing."""

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.documents import operations as documents
from banyan.documents.models import Document, Level
from banyan.imports.pack_rows import ImportRow
from banyan.initiatives import operations
from banyan.initiatives.importing import Order, Reading, round_at, round_told, there_already
from banyan.initiatives.models import Batch
from banyan.kernel.errors import Refusal
from banyan.kernel.notes import note
from banyan.ledger.models import Receipt
from banyan.people.actor import Actor
from banyan.submissions import operations as submissions
from banyan.submissions.models import Round, SomeoneWasFaster

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def take(reading: Reading, *, by: Actor, document: Document | None = None) -> Batch:
    """Register every row that can be: one transaction with its round, its file and its batch."""
    with transaction.atomic():
        round = _locked_round(reading, by)
        reading.round = round
        earlier = round.batches.filter(sha256=reading.order.sha256).first()
        if earlier is not None:
            return _answered(earlier, by)
        rows = reading.taken
        if not rows:
            raise Refusal(
                _("No row of this file can be registered."),
                _("Every row lacks something that is needed, or stands in the register already."),
                _("Mend what is explained at each row, then import the file again."),
            )
        if there_already(reading).keys() & {row.same for row in rows}:
            raise SomeoneWasFaster
        kept = document or _keep(reading.order, by)
        made: Batch = operations.register_many(
            reading.unit,
            round=round,
            rows=[_row(row) for row in rows],
            source=operations.Source(reading.order.filename, reading.order.sha256, kept.pk),
            summary=_summary(reading),
            by=by,
        )
        return made


def _row(row: ImportRow) -> operations.Row:
    """For the operation. Only rows that are taken have a unit."""
    assert row.unit is not None
    notes = [one.stored() for one in row.told if one.stays]
    return operations.Row(row.unit, row.answers, row.state, row.line, notes)


def _locked_round(reading: Reading, by: Actor) -> Round:
    """The round, opened where there is none, held so that two imports take turns."""
    if reading.round is None:
        period, unit = reading.period, reading.unit
        try:
            with transaction.atomic():
                submissions.open_round(
                    unit,
                    edition=reading.edition,
                    form=reading.plan.form.id,
                    period=period.key,
                    due=period.last,
                    # The receipt of this request belongs to the batch, not to the round.
                    by=replace(by, request=None),
                )
            opened = note("round_opened", **round_told(unit, period))
            reading.notes = [n for n in reading.notes if n.code != "round_will_open"] + [opened]
        except IntegrityError:
            pass  # somebody else has just opened it
        reading.round = round_at(reading.order, period)
    assert reading.round is not None
    held = Round.objects.select_for_update(of=("self",)).select_related("edition__programme")
    found: Round = held.get(pk=reading.round.pk)
    return found


def _answered(earlier: Batch, by: Actor) -> Batch:
    """The same sending repeated gets its batch; another sending of the same bytes is refused."""
    if by.request is not None and by.account_id is not None:
        mine = Receipt.objects.filter(account=by.account_id, key=by.request.key)
        if mine.filter(thing_kind=Batch._meta.label_lower, thing_id=earlier.pk).exists():
            return earlier
    raise twice(earlier)


def twice(earlier: Batch) -> Refusal:
    """What one hears who imports the same bytes again."""
    at = timezone.localtime(earlier.made_at).strftime("%d/%m/%Y %H:%M")
    told = {"batch": earlier.pk, "at": at, "things": earlier.things, "file": earlier.filename}
    return Refusal(
        _("This very file has already been imported into this round."),
        _("Batch %(batch)s of %(at)s, “%(file)s”: %(things)s models.") % told,
        _("Look at the register; to import a changed file, save it first."),
        status=409,
    )


def _keep(order: Order, by: Actor) -> Document:
    kind = SHEET if order.content.startswith(b"PK") else "text/csv"
    file = documents.Incoming(order.filename, kind, [order.content])
    return documents.put(
        order.unit, file=file, title=order.filename, level=Level.INTERNAL, synthetic=False, by=by
    )


def _summary(reading: Reading) -> dict[str, object]:
    """What stays with the batch: the counts, the columns, and which lines were not taken and why."""
    return {
        "rows": reading.counts(),
        "columns": {
            table.sheet: {column: one.text for column, one in table.headings.items()}
            for table in reading.tables
        },
        "not_taken": [
            {
                "sheet": row.sheet,
                "line": row.line,
                "why": [c.stored() for c in row.told if c.unclear],
            }
            for row in reading.left_out
        ][:500],
    }
