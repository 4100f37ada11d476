"""One step made with many models at once: put down as a job, done record by record by the worker.

Each record goes through the same operation and the same rights as alone, on the day it is done.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.workflow import Move, Workflow
from banyan.ledger import tasks as jobs
from banyan.ledger.models import Job
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit

MOVES, UNDOES = "initiatives.move", "initiatives.undo"
# More at once is no step of an officer; it is a mistake in the filter.
MOST = 10_000
ASKABLE = ((), ("reason",))
# What weighs each record by itself cannot be done to many unseen.
ONE_BY_ONE = ("review_complete", "review_reaches_a_grade")


def moves_for(workflow: Workflow, actor: Any) -> list[Move]:
    """The moves that may be made with many at once and that this post may make.

    None that ends a record's life, none that weighs it, none that asks more than a reason.
    """
    ends = {state.name for state in workflow.states if state.final}
    return [
        move
        for move in workflow.moves
        if move.ask in ASKABLE
        and move.rule not in ONE_BY_ONE
        and move.target not in ends
        and actor.holds(move.by)
    ]


@operation("bulk.begun", needs="submission.view", tells=("move",))
def begin(unit: Unit, *, move: str, things: Sequence[int], asked: dict[str, Any], by: Actor) -> Job:
    """Begin to make a move with many models; returns the job, to be looked at while it goes on."""
    if not things:
        raise Refusal(
            _("No model is chosen."), "", _("Tick some, or take all that were found."), status=409
        )
    if len(things) > MOST:
        raise Refusal(
            _("More than %(n)s models are chosen.") % {"n": MOST},
            _("So many are not changed in one step."),
            _("Narrow the list by a filter, and do them part by part."),
            status=409,
        )
    return _put_down(unit, jobs.Wish(MOVES, {"move": move, "asked": asked}), things, by)


@operation("bulk.taken_back", needs="submission.view")
def take_back(unit: Unit, *, job: Job, by: Actor) -> Job:
    """Begin to take back what a job did, where nobody acted since and the time has not passed."""
    wish = jobs.Wish(UNDOES, {"job": job.pk, "move": job.told.get("move", "")})
    return _put_down(unit, wish, jobs.done_things(_own(job, by)), by)


@operation("bulk.stopped", needs="submission.view")
def stop(unit: Unit, *, job: Job, by: Actor) -> Job:
    """Begin nothing more of a job; what is done stays done."""
    jobs.stop(_own(job, by))
    job.unit = unit  # type: ignore[attr-defined]
    return job


def _own(job: Job, by: Actor) -> Job:
    if job.account != by.account_id:
        raise Refusal(_("This work was begun by somebody else."), "", "", status=403)
    return job


def _put_down(unit: Unit, wish: jobs.Wish, things: Sequence[int], by: Actor) -> Job:
    assert by.account_id is not None
    assert by.post_id is not None
    language = (get_language() or "vi")[:2]
    job = jobs.begin(wish, things, account=by.account_id, post=by.post_id, language=language)
    job.unit, job.things = unit, len(things)  # type: ignore[attr-defined]
    return job


def unknown() -> str:
    """What is said of a record whose programme knows no such step."""
    return _("The programme of this model has no such step.")


def found(pk: int, actor: Any) -> Initiative:
    """A model within the actor's reach. Raises Refusal."""
    row: Initiative | None = (
        Initiative.objects.visible_to(actor)
        .select_related("submission__round__edition__programme", "submission__unit")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise Refusal(_("This model is no longer within your reach."), "", "", status=404)
    return row
