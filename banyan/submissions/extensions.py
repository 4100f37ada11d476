"""A later due date: a unit asks for it with a reason, who receives its answer grants or refuses it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.submissions.expecting import REGISTERS
from banyan.submissions.models import Expectation, Extension, SomeoneWasFaster, Submission
from banyan.submissions.rounds import must_be_open


@operation("extension.asked", needs="submission.edit", tells=("until",))
def ask_extension(expectation: Expectation, *, until: date, reason: str, by: Actor) -> Extension:
    """Ask for a later due date than the one that holds now."""
    must_be_open(expectation.round)
    _not_answered(expectation)
    _later(expectation, until)
    try:
        with transaction.atomic():
            return Extension.objects.create(
                expectation=expectation,
                until=until,
                reason=nfc(reason),
                asked_by_id=by.account_id,
            )
    except IntegrityError as twice:
        raise Refusal(
            _("You have asked for a later day already."),
            _("It has not been decided yet."),
            _("Wait for the answer, or call the unit above."),
            status=409,
        ) from twice


def _not_answered(expectation: Expectation) -> None:
    """Refuse time for what lies with the receiver already. Registers stay open until their day."""
    asked = expectation.round
    if asked.spec.purpose == REGISTERS:
        return
    start = asked.edition.pack.workflow_of(asked.form).start
    sent = Submission.objects.filter(round=asked, unit=expectation.unit).exclude(state=start)
    if sent.exists():
        raise Refusal(
            _("The answer has been sent in already."),
            _("A later day is asked for while the unit still owes it."),
            "",
            status=409,
        )


@operation("extension.decided", needs="submission.review", tells=("granted", "until"))
def decide_extension(
    extension: Extension, *, granted: bool, until: date | None = None, remark: str = "", by: Actor
) -> Extension:
    """Grant the day asked for (or another one, `until`), or refuse, as the receiver."""
    must_be_open(extension.expectation.round)
    if granted:
        extension.until = until or extension.until
        _later(extension.expectation, extension.until)
    undecided = Extension.objects.filter(pk=extension.pk, granted=None)
    decided = undecided.update(
        granted=granted,
        until=extension.until,
        remark=nfc(remark),
        decided_by_id=by.account_id,
        decided_at=timezone.now(),
    )
    if not decided:
        raise SomeoneWasFaster
    extension.granted = granted
    return extension


def _later(expectation: Expectation, until: date) -> None:
    granted = expectation.extensions.filter(granted=True).order_by("-until")
    held = granted.values_list("until", flat=True).first() or expectation.round.due
    due = max(held, expectation.round.due)
    if until <= due:
        raise Refusal(
            _("This is no later day."),
            _("The answer is due on %(day)s already.") % {"day": due.strftime("%d/%m/%Y")},
            _("Write a day after that."),
        )
