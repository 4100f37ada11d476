"""What is done with a round once it is open: answer it, move its due date, close it, ask newcomers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.submissions import operations
from banyan.submissions.expecting import newcomers
from banyan.submissions.models import (
    Draft,
    Expectation,
    Round,
    SomeoneWasFaster,
    Submission,
)
from banyan.submissions.steps import take_step

OPEN = "round.open"


@dataclass(frozen=True)
class Told:
    """What a unit answers: the stored answers, the version they were made from (0: none yet),
    and whether they are sent in or only kept."""

    answers: dict[str, Any]
    version: int = 0
    send: bool = True
    synthetic: bool = False


def draft_key(expectation: Expectation) -> str:
    """The name under which what is being typed is kept."""
    return f"answer:{expectation.round_id}"


@operation("round.answered", needs="submission.edit")
def answer(expectation: Expectation, *, told: Told, on: date, by: Actor) -> Submission:
    """Answer a round for a unit: kept for now, or sent in to who receives it."""
    round = expectation.round
    must_be_open(round)
    # Two devices at once take turns here; else a unit would have two answers.
    Expectation.objects.select_for_update(of=("self",)).get(pk=expectation.pk)
    found = _answer_of(expectation)
    life = round.edition.pack.workflow_of(round.form)
    if found is None:
        new = operations.new_submission(round, expectation.unit_id, told.answers)
        new["synthetic"] = told.synthetic
        found = Submission.objects.get(pk=operations.store(round, [new])[0])
        found.round = round
    elif found.state != life.start:
        raise Refusal(
            _("This has been sent in already."),
            _("It is with the unit that receives it."),
            _("Ask for it to be sent back if something must be changed."),
            status=409,
        )
    elif found.version != told.version:
        raise SomeoneWasFaster
    else:
        operations.change_answers(found, told.answers, told.version)
    if told.send:
        step = life.moves_from(life.start)[0].name
        operations.check_rule(found, step)
        take_step(found, step, by=by, submitted_by_id=by.account_id)
        Expectation.objects.filter(pk=expectation.pk, answered_on=None).update(answered_on=on)
    Draft.objects.filter(
        account=by.account_id, form=draft_key(expectation), thing=expectation.pk
    ).delete()
    return found


def _answer_of(expectation: Expectation) -> Submission | None:
    rows = Submission.objects.filter(round=expectation.round_id, unit=expectation.unit_id)
    found: Submission | None = (
        rows.select_related("round__edition__programme").order_by("pk").first()
    )
    return found


def must_be_open(round: Round) -> None:
    """Refuse what nobody may do once a round is closed."""
    if round.closed_on is not None:
        raise Refusal(
            _("The round is closed."),
            _("It was closed on %(day)s.") % {"day": round.closed_on.strftime("%d/%m/%Y")},
            _("Ask the unit that opened it to open it again."),
            status=409,
        )


@operation("round.due_changed", needs=OPEN, tells=("due",))
def change_due(round: Round, *, due: date, by: Actor) -> Round:
    """Give everybody another due date; later days granted to single units stay."""
    must_be_open(round)
    round.due = due
    round.save(update_fields=["due"])
    return round


@operation("round.closed", needs=OPEN, tells=("on",))
def close(round: Round, *, on: date, by: Actor) -> Round:
    """End a round: nobody is asked or reminded any more; what was answered stays."""
    must_be_open(round)
    round.closed_on = on
    round.save(update_fields=["closed_on"])
    return round


@operation("round.reopened", needs=OPEN)
def reopen(round: Round, *, by: Actor) -> Round:
    """Open a closed round again, with its due date as it was."""
    if round.closed_on is None:
        raise Refusal(_("The round is open."), "", "", status=409)
    round.closed_on = None
    round.save(update_fields=["closed_on"])
    return round


@operation("round.extended", needs=OPEN, tells=("on",))
def ask_newcomers(round: Round, *, on: date, by: Actor) -> Round:
    """Ask the units founded since the round was opened too. Those that ended stay in its list."""
    must_be_open(round)
    found = newcomers(round, on)
    if not found:
        raise Refusal(
            _("There is no new unit to ask."),
            _("Every unit of these kinds is asked already."),
            _("Look at the list of the round."),
            status=409,
        )
    Expectation.objects.bulk_create(
        [Expectation(round=round, unit_id=unit, receiver_id=to) for unit, to in found.items()],
        batch_size=5_000,
        ignore_conflicts=True,
    )
    round.things = len(found)  # type: ignore[attr-defined]
    return round
