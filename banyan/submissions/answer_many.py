"""Answers of many units to one round, from a file: given by the same rule as by hand, and taken back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.submissions.models import Expectation, Remark, Review, Sending, Step, Submission
from banyan.submissions.operations import change_answers
from banyan.submissions.rounds import Told, answer
from banyan.submissions.signals_models import Likeness, SignalText

# Each row would else bring the whole pack.
CONTENT = "round__edition__content"


@operation("round.sheet_answered", needs="submission.import")
def answer_many(unit: Unit, *, answers: Mapping[int, Told], on: date, by: Actor) -> Any:
    """Answer a round for many units, all or none: expectation → what it answers.

    Each goes through the operation of one answer, with its right and its event. The unit comes back
    with `.answered`: expectation → submission.
    """
    asked = Expectation.objects.select_related("round__edition__programme", "unit").defer(CONTENT)
    found = asked.in_bulk(answers)
    made = {pk: answer(found[pk], told=told, on=on, by=by).pk for pk, told in answers.items()}
    unit.answered = made  # type: ignore[attr-defined]  # told to whoever called
    return unit


def take_back_many(
    unit: Unit, *, made: Mapping[int, int], before: Mapping[int, tuple[int, Any]], by: Actor
) -> dict[int, str]:
    """Take answers back that a file brought: those made (id → version it left) are deleted, those
    changed (id → version it left, answers before) are put back. Returns what was left, with why."""
    done = _take_back(unit, made=made, before=before, by=by)
    left: dict[int, str] = done.left
    return left


@operation("round.sheet_undone", needs="submission.import")
def _take_back(
    unit: Unit, *, made: Mapping[int, int], before: Mapping[int, tuple[int, Any]], by: Actor
) -> Any:
    """Take back the answers of a file where nobody has acted since."""
    ids = [*made, *before]
    rows = Submission.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    standing = rows.select_related("round__edition__programme").defer(CONTENT).in_bulk()
    touched: set[int] = set()
    for model in (Review, Remark):
        touched |= set(
            model.objects.filter(submission__in=ids).values_list("submission", flat=True)
        )
    left: dict[int, str] = {}
    going: list[Submission] = []
    for pk in ids:
        one = standing.get(pk)
        version = made[pk] if pk in made else before[pk][0]
        if one is None:
            left[pk] = _("It is no longer there.")
        elif one.version != version or pk in touched:
            left[pk] = _("Somebody has worked on it since.")
        elif pk in made:
            going.append(one)
        else:
            change_answers(one, before[pk][1], one.version)
    _delete(going)
    unit.left = left  # type: ignore[attr-defined]  # told to whoever called
    return unit


def _delete(going: Sequence[Submission]) -> None:
    ids = [one.pk for one in going]
    for model in (Step, Sending, SignalText):
        model._default_manager.filter(submission__in=ids).delete()
    Likeness.objects.filter(Q(one__in=ids) | Q(other__in=ids)).delete()
    for one in going:
        Expectation.objects.filter(round=one.round_id, unit=one.unit_id).update(answered_on=None)
    Submission.objects.filter(pk__in=ids).delete()
