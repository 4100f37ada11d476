"""Whom an event concerns: who may take the next step, and who stands over a unit with a right."""

from datetime import date

from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from banyan.kernel.workflow import Move, Workflow
from banyan.orgs.models import Ancestry
from banyan.people.models import Post
from banyan.submissions.models import Expectation, Submission

# A step is told to the nearest so many; who stands further up reads the register.
MOST = 50


def rights_called_for(workflow: Workflow, step: Move) -> set[str]:
    """The rights of others that a step forward calls for; none when it leads back or aside.

    Sending in calls for whoever may do anything with what was sent in; a later step calls for
    whoever may take the next one forward.
    """
    forward = all(
        source != step.target and workflow.has_reached(step.target, source)
        for source in step.sources
    )
    if not forward:
        return set()
    sent_in = workflow.start in step.sources
    return {
        after.by
        for after in workflow.moves_from(step.target)
        if after.by != step.by and (sent_in or workflow.has_reached(after.target, step.target))
    }


def receiver_of(submission: Submission) -> int:
    """The id of the unit that looks at a submission: its expectation's receiver, or the round's."""
    expected = Expectation.objects.filter(round=submission.round_id, unit=submission.unit_id)
    receiver = expected.values_list("receiver", flat=True).first()
    return receiver if receiver is not None else submission.round.unit_id


def standing_over(unit: int, right: str, *, receiver: int, on: date) -> list[int]:
    """Accounts whose posts give a right over a unit that day: those at or below the receiver.

    Where nobody stands there, the nearest above it. One query, at most `MOST`.
    """
    over = Ancestry.objects.filter(
        unit=unit, ancestor=OuterRef("unit"), tree=OuterRef("tree"), valid__contains=on, sure=True
    )
    under_receiver = Ancestry.objects.filter(
        unit=OuterRef("unit"), ancestor=receiver, tree=OuterRef("tree"), valid__contains=on
    )
    posts = (
        Post.objects.held_on(on)
        .filter(role__capabilities__contains=[right], person__account__is_active=True)
        .annotate(
            distance=Subquery(over.values(far=Coalesce("depth", Value(0)))[:1]),
            inside=Exists(under_receiver),
        )
        .filter(distance__isnull=False)
        .order_by("-inside", "distance", "pk")
    )
    found = list(posts.values_list("person__account", "inside", "distance")[:MOST])
    if not found:
        return []
    _account, inside, nearest = found[0]
    if inside:
        return [account for account, here, _distance in found if here]
    return [account for account, _here, distance in found if distance == nearest]
