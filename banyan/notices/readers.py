"""What follows events for people: lines in their inboxes. Never for the one who acted."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from banyan.initiatives.models import Batch, Initiative
from banyan.initiatives.operations import REGISTER
from banyan.kernel.workflow import Move
from banyan.ledger.models import Event
from banyan.ledger.readers import reader
from banyan.notices.kinds import KINDS
from banyan.notices.models import Notice, Switch
from banyan.notices.recipients import receiver_of, rights_called_for, standing_over
from banyan.people.middleware import today
from banyan.people.models import Person, Post
from banyan.submissions.models import Submission, SubmissionQuerySet

REVIEW = "submission.review"
STEPS = ("submission.moved", "submission.reviewed")
SEND_BACK = "send_back"  # how the moves of a pack that return a record begin


def tell(event: Event, kind: str, accounts: Iterable[int | None]) -> None:
    """Put one line into each inbox but the actor's and those that do not want its kind.

    Told twice, it stands there once.
    """
    wanted = {one for one in accounts if one} - {event.account}
    if not KINDS[kind].must:
        wanted -= Switch.objects.turned_off(kind, wanted)
    Notice.objects.bulk_create(
        [
            Notice(
                account_id=account,
                event=event.pk,
                kind=kind,
                thing_kind=event.thing_kind,
                thing_id=event.thing_id,
            )
            for account in sorted(wanted)
        ],
        ignore_conflicts=True,
    )


def _step_taken(event: Event, thing: int) -> None:
    """A step of a workflow: to whoever sent the record in, and to whoever can take the next one."""
    submission = _submissions().filter(pk=thing).first()
    if submission is None:
        return
    steps = {step.name: step for step in submission.workflow.moves}
    step = steps.get(str(event.tells.get("move")))
    back = step is not None and step.name.startswith(SEND_BACK)
    kind = "submission.returned" if back else "submission.moved"
    tell(event, kind, [submission.submitted_by_id])
    if step is not None:
        _tell_next(event, submission, step)


def _registered(event: Event, thing: int) -> None:
    """Registered by hand: to whoever reviews it, unless it was only kept as a draft."""
    submission = _submissions().filter(initiative=thing).first()
    if submission is not None and submission.state != submission.workflow.start:
        _tell_next(event, submission, submission.workflow.move(REGISTER))
        _replicated(event, thing)


def _answered(event: Event, thing: int) -> None:
    """A round was answered: to whoever receives it, unless it was only kept."""
    submission = _submissions().filter(pk=thing).first()
    if submission is not None and submission.state != submission.workflow.start:
        start = submission.workflow.start
        _tell_next(event, submission, submission.workflow.moves_from(start)[0])


def _tell_next(event: Event, submission: Submission, step: Move) -> None:
    receiver = receiver_of(submission)
    for right in sorted(rights_called_for(submission.workflow, step)):
        called = standing_over(submission.unit_id, right, receiver=receiver, on=today())
        tell(event, "submission.waiting", called)


def _recognised(event: Event, thing: int) -> None:
    """Recognised by a decision: to whoever sent the record in."""
    found = Initiative.objects.filter(pk=thing)
    tell(event, event.verb, found.values_list("submission__submitted_by", flat=True))


def _imported(event: Event, thing: int) -> None:
    """A workbook was imported: to those who may review at its unit."""
    batch = Batch.objects.filter(pk=thing).select_related("round").first()
    if batch is not None:
        receiver = batch.round.unit_id
        tell(event, event.verb, standing_over(batch.unit_id, REVIEW, receiver=receiver, on=today()))


def _remarked(event: Event, thing: int) -> None:
    """A remark on a record: to who sent it in, and to all who wrote or judged there before."""
    submission = _submissions().filter(pk=thing).first()
    if submission is None:
        return
    spoke = submission.remarks.values_list("account", flat=True)
    judged = submission.reviews.values_list("reviewer", flat=True)
    tell(event, event.verb, {submission.submitted_by_id, *spoke, *judged})


def _step_undone(event: Event, thing: int) -> None:
    """A step was taken back: what was told of it is taken out of the inboxes too."""
    about = Q(thing_kind=event.thing_kind, thing_id=thing, verb__in=STEPS)
    about |= Q(
        thing_kind=Initiative._meta.label_lower,
        thing_id__in=Initiative.objects.filter(submission=thing).values("pk"),
        verb="initiative.registered",
    )
    undone = Event.objects.filter(about, account=event.account, pk__lt=event.pk).newest_first()
    newest = undone.values_list("pk", flat=True).first()
    if newest is not None:
        Notice.objects.filter(event=newest).delete()


def _replicated(event: Event, thing: int) -> None:
    """A model was registered that is built after another: to who sent that other one in."""
    made = Initiative.objects.filter(pk=thing, replicated_from__isnull=False)
    whose = made.values_list("replicated_from__submission__submitted_by", flat=True)
    tell(event, "initiative.replicated", whose)


def _post_given(event: Event, thing: int) -> None:
    """A post was given: to its holder."""
    held = Post.objects.filter(pk=thing)
    tell(event, event.verb, held.values_list("person__account", flat=True))


def _code_issued(event: Event, thing: int) -> None:
    """A one-time code lets somebody into an account: its owner must hear of it."""
    whose = Person.objects.filter(pk=thing)
    tell(event, event.verb, whose.values_list("account", flat=True))


def _alerted(event: Event, thing: int) -> None:
    """An alert came true, or is looked at no more: to whose it is."""
    owner = event.tells.get("owner")
    if isinstance(owner, int):
        tell(event, event.verb, [owner])


def _submissions() -> SubmissionQuerySet:
    return Submission.objects.select_related("round__edition__programme")


FOLLOWS: dict[str, Callable[[Event, int], None]] = {
    "round.answered": _answered,
    "submission.moved": _step_taken,
    "submission.reviewed": _step_taken,
    "submission.remarked": _remarked,
    "submission.step_undone": _step_undone,
    "initiative.registered": _registered,
    "initiative.recognised": _recognised,
    "initiative.imported": _imported,
    "alert.raised": _alerted,
    "alert.stopped": _alerted,
    "post.given": _post_given,
    "entry_code.issued": _code_issued,
}


# One reader for all verbs: each reader costs the worker a transaction five times a second.
@reader(*FOLLOWS)
def put_into_inboxes(event: Event) -> None:
    """Write the notices that follow an event."""
    if event.thing_id is not None:
        FOLLOWS[event.verb](event, event.thing_id)
