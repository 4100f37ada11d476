"""Steps: every move a record makes is kept with what was sent in by it, and may be taken back at once."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.submissions.models import Review, Sending, SomeoneWasFaster, Step, Submission

SENDS_IN = "all_required_answered"  # the rule of moves by which answers are handed over
UNDO_SECONDS, UNDO_GRACE = 10, 5  # what the page counts down, and what a slow network may add
# A decision with number and day is no slip: what these rights do is not taken back by a tap.
UNDOABLE = ("submission.edit", "submission.review")


def unkept_sending(submission: Submission) -> Sending | None:
    """What was sent in and is about to change, where it came in a batch: those keep no copy."""
    if submission.state == submission.workflow.start or submission.sendings.exists():
        return None
    return _sending(submission, submission.submitted_by_id)


def _sending(submission: Submission, account: int | None) -> Sending:
    return Sending(
        submission=submission,
        version=submission.version,
        state=submission.state,
        answers=submission.answers,
        account_id=account,
    )


def take_step(submission: Submission, name: str, *, by: Actor, **also: Any) -> None:
    """Make a move and keep it as a step; what is sent in with it is kept too. Inside an operation."""
    source = submission.state
    submission.move(name, **also)
    Step.objects.create(
        submission=submission,
        version=submission.version,
        move=name,
        source=source,
        target=submission.state,
        account_id=by.account_id,
    )
    if submission.workflow.move(name).rule == SENDS_IN:
        _sending(submission, by.account_id).save(force_insert=True)


def last_step(submission: Submission) -> Step | None:
    """The newest step of a record."""
    return submission.steps.order_by("-version").first()


def capability_of_last_step(submission: Submission, **_told: Any) -> str:
    """Taking a step back asks for the right that the step asked for."""
    step = last_step(submission)
    return submission.workflow.move(step.move).by if step else "submission.view"


def _is_undoable(submission: Submission, step: Step) -> bool:
    return submission.workflow.move(step.move).by in UNDOABLE


@operation("submission.step_undone", needs=capability_of_last_step)
def undo_step(submission: Submission, *, by: Actor) -> Submission:
    """Take back one's own newest step within some seconds, when nobody has acted since.

    State, review and sending are put back; both the step and its undoing stand in the ledger.
    """
    step = last_step(submission)
    if step is None or step.account_id != by.account_id or by.account_id is None:
        raise _too_late(_("The newest step on this record is not yours."))
    if step.version != submission.version or not _is_undoable(submission, step):
        raise _too_late(_("Somebody has acted on the record since, or the step was a decision."))
    since = timezone.now() - timedelta(seconds=UNDO_SECONDS + UNDO_GRACE)
    if step.at < since:
        raise _too_late(_("The time to take it back has passed."))
    held = Submission.objects.filter(pk=submission.pk, version=step.version, state=step.target)
    if not held.update(state=step.source, version=step.version + 1, changed_at=Now()):
        raise SomeoneWasFaster
    of_step = {"submission": submission, "version": step.version}
    Review.objects.filter(**of_step, reviewer=by.account_id).exclude(kind="self").delete()
    Sending.objects.filter(**of_step).delete()
    step.delete()
    submission.state, submission.version = step.source, step.version + 1
    return submission


def _too_late(why: Any) -> Refusal:
    return Refusal(
        _("This step can no longer be taken back."),
        why,
        _("Use the next step of the record, such as sending it back."),
        status=409,
    )
