"""Rounds for tests: a half-year review, an answer to it, whom a round reminds."""

from datetime import date
from typing import Any

from banyan.submissions import rounds
from banyan.submissions.expecting import due_reminders
from banyan.submissions.models import Expectation, Round, Submission
from banyan.submissions.operations import open_round

DUE = date(2024, 6, 25)
REVIEW = {
    "leadership": "Kế hoạch số 12-KH/ĐU.",
    "results": "Sáu xóm có mô hình.",
    "limits": "Không.",
    "tasks": "Nhân rộng.",
    "figures_right": "right",
}


def review(world: Any, *, unit: Any = None, by: Any = None, due: date = DUE) -> Round:
    """A half-year review, opened by the district unless said otherwise."""
    return open_round(
        unit or world.district,
        edition=world.edition,
        form="review-half-year",
        period="2024H1",
        due=due,
        by=by or world.actor(world.minh),
    )


def of(round: Round, unit: Any) -> Expectation:
    return Expectation.objects.get(round=round, unit=unit)


def send(
    world: Any, round: Round, *, who: Any = None, answers: Any = None, **told: Any
) -> Submission:
    expectation = of(round, world.commune)
    what = rounds.Told(answers or REVIEW, **told)
    return rounds.answer(expectation, told=what, on=world.today, by=world.actor(who or world.lan))


def reminded(round: Round, on: date) -> list[tuple[int, int]]:
    return [
        (r.expectation.unit_id, r.days)
        for r in due_reminders(on)
        if r.expectation.round_id == round.pk
    ]
