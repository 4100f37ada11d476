"""What the worker does with one model of a bulk step."""

from banyan.figures import folding
from banyan.initiatives import bulk, tallies
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Job
from banyan.ledger.tasks import CHORES, worker
from banyan.people.actor import Actor, actor_in_post
from banyan.people.middleware import today
from banyan.submissions import operations as submissions
from banyan.submissions import steps

# One folder adds up what changed: for the figures and for the register's tally.
folding.TAKERS.append(tallies.take)
CHORES.append(folding.fold)


def _actor(job: Job) -> Actor:
    """Whoever began the job, in the same post, on the day it is worked on."""
    return actor_in_post(job.account, job.post, today())


@worker(bulk.MOVES)
def move_one(job: Job, pk: int) -> None:
    """Make the move with one model; a Refusal says why not."""
    actor = _actor(job)
    row = bulk.found(pk, actor)
    try:
        arrow = row.submission.workflow.move(job.told["move"])
    except KeyError:
        raise Refusal(bulk.unknown(), "", "", status=409) from None
    asked = {name: job.told["asked"].get(name, "") for name in arrow.ask}
    submissions.move(row.submission, move=arrow.name, asked=asked, by=actor)


@worker(bulk.UNDOES)
def undo_one(job: Job, pk: int) -> None:
    """Take the newest step of one model back, if it is still the one that was made."""
    actor = _actor(job)
    steps.undo_step(bulk.found(pk, actor).submission, by=actor)
