"""What can be done with rounds and submissions: open a round, move, review, keep a draft."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation, refusal
from banyan.orgs.models import Unit
from banyan.packs import moves
from banyan.packs.models import Edition
from banyan.packs.rules import Case
from banyan.submissions import typed
from banyan.submissions.asked import asked_of
from banyan.submissions.copying import insert, numbers
from banyan.submissions.models import (
    Draft,
    Expectation,
    Placing,
    Review,
    Round,
    SomeoneWasFaster,
    Submission,
    counting_day,
)
from banyan.submissions.placing_rules import PLACE, Chosen, check
from banyan.submissions.steps import take_step, unkept_sending


@operation("round.opened", needs="round.open", tells=("period", "due"))
def open_round(
    unit: Unit, *, edition: Edition, form: str, period: str, due: date, by: Actor
) -> Round:
    """Ask the units below this one, as the pack's round says, to answer a form for a period."""
    span = Period.parse(period)
    try:
        with transaction.atomic():
            opened = Round.objects.create(
                edition=edition,
                form=form,
                period=span.key,
                span=DateRange(span.first, span.after),
                unit=unit,
                due=due,
            )
    except IntegrityError as twice:
        raise Refusal(
            _("The round of %(period)s is open already.") % {"period": span.key},
            _("A unit asks for one form once in a period."),
            _("Look at the list of rounds."),
            status=409,
        ) from twice
    asked = asked_of(unit, edition.pack, form, span.last)
    Expectation.objects.bulk_create(
        [Expectation(round=opened, unit_id=one, receiver_id=to) for one, to in asked.items()],
        batch_size=5_000,
    )
    return opened


def new_submission(round: Round, unit: int, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The columns of a submission to be stored: in the workflow's first state, with its counting day."""
    return {
        "round_id": round.pk,
        "unit_id": unit,
        "state": round.edition.pack.workflow_of(round.form).start,
        "answers": answers,
        "counts_on": counting_day(answers, round.covers),
        "version": 1,
        "submitted_by_id": None,
        "synthetic": False,
        **more,
    }


def store(round: Round, submissions: Sequence[dict[str, Any]]) -> list[int]:
    """Insert what `new_submission` told, with typed answers, set-based; the ids in the same order.
    Call inside an operation."""
    ids = numbers(Submission, len(submissions))
    insert(Submission, [{"id": id, **row} for id, row in zip(ids, submissions, strict=True)])
    typed.write(ids, round.spec)
    return ids


def change_answers(submission: Submission, answers: dict[str, Any], version: int) -> None:
    """Replace the answers if nobody was faster. Call inside an operation."""
    before = unkept_sending(submission)
    submission.answers = answers
    submission.counts_on = counting_day(answers, submission.round.covers)
    held = Submission.objects.filter(pk=submission.pk, version=version, state=submission.state)
    changed = held.update(
        answers=answers, counts_on=submission.counts_on, version=version + 1, changed_at=Now()
    )
    if not changed:
        raise SomeoneWasFaster
    if before is not None:
        before.save(force_insert=True)
    submission.version = version + 1
    typed.rewrite([submission.pk], submission.round.spec)


def check_rule(
    submission: Submission,
    move: str,
    *,
    scores: Mapping[str, Any] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """Refuse a move whose rule is not met, naming each thing that is wanting."""
    if scores is None:
        standing = submission.reviews.filter(move="review").order_by("-pk").first()
        scores = standing.scores if standing else None
    moves.checked(
        Case(
            pack=submission.pack,
            form=submission.round.spec,
            move=move,
            state=submission.state,
            answers=submission.answers,
            language=(get_language() or "vi")[:2],
            scores=scores,
            asked=asked or {},
        )
    )


def capability_of(submission: Submission, *, move: str, **_told: Any) -> str:
    """The capability that the pack's workflow asks for a move."""
    language = (get_language() or "vi")[:2]
    moves.target(submission.pack, move, submission.state, language, submission.workflow)
    return submission.workflow.move(move).by


@operation("submission.moved", needs=capability_of, tells=("move",))
def move(
    submission: Submission, *, move: str, asked: dict[str, Any] | None = None, by: Actor
) -> Submission:
    """Make a move of the pack's workflow. A reason told with it is kept as a review's remark."""
    check_rule(submission, move, asked=asked)
    arrow = submission.workflow.move(move)
    if arrow.other_person:
        _other_person(submission, by)
        _received_by(submission, arrow.by, by)
    also: dict[str, Any] = {}
    if submission.state == submission.workflow.start:
        also["submitted_by_id"] = by.account_id
    take_step(submission, move, by=by, **also)
    remark = str((asked or {}).get("reason", ""))
    if remark and by.account_id is not None:
        Review.objects.create(
            submission=submission,
            reviewer_id=by.account_id,
            post_id=by.post_id,
            kind="review" if arrow.other_person else "remark",
            move=move,
            remark=remark,
            version=submission.version,
        )
    return submission


@operation("submission.reviewed", needs=capability_of, tells=("move",))
def review(
    submission: Submission, *, move: str, scores: dict[str, Any], remark: str = "", by: Actor
) -> Submission:
    """Score a submission on the pack's sheet and make the move; never by whoever submitted it."""
    reviewer = _other_person(submission, by)
    check_rule(submission, move, scores=scores)
    criteria = submission.pack.criteria
    total = criteria.sum(scores) if criteria else Decimal(0)
    take_step(submission, move, by=by)
    Review.objects.create(
        submission=submission,
        reviewer_id=reviewer,
        post_id=by.post_id,
        move=move,
        remark=remark,
        scores=scores,
        total=total,
        version=submission.version,
    )
    return submission


def _other_person(submission: Submission, by: Actor) -> int:
    """The account that reviews; Refusal when it is the one that submitted."""
    if by.account_id is None or submission.submitted_by_id == by.account_id:
        raise Refusal(
            _("Nobody reviews their own submission."),
            _("This record was submitted from your own account."),
            _("Another officer with the right to review must do it."),
            status=403,
        )
    return by.account_id


def _received_by(submission: Submission, right: str, by: Actor) -> None:
    """What answers a round is judged by who receives it, not by a colleague of whoever sent it."""
    if submission.round.spec.purpose == "initiative":
        return
    asked = Expectation.objects.filter(round=submission.round_id, unit=submission.unit_id)
    expected = asked.select_related("receiver").first()
    if not by.may(right, at=expected.receiver if expected else submission.round.unit):
        raise refusal(right)


@operation(
    "submission.placed",
    needs=PLACE,
    tells=("on", "decision_number", "decided_on"),
)
def place(
    submissions: Sequence[Submission],
    *,
    unit: Unit,
    decision_number: str,
    decided_on: date,
    on: date,
    by: Actor,
) -> Unit:
    """Give records of units divided on a day to one that took a part of each of these units.

    The records stay as they are; readings from `on` count them at `unit`. Placed again, they go
    to the unit named last. Returns that unit, with the number of records as `.things`.
    """
    chosen = _chosen(submissions, by)
    number = nfc(decision_number)
    if not number:
        raise Refusal(
            _("The number of the decision is wanting."),
            _("Records are placed by a decision that can be looked up."),
            _("Write its number and its day."),
        )
    check(chosen, unit, on)
    try:
        with transaction.atomic():
            Placing.objects.bulk_create(
                [
                    Placing(
                        submission_id=one,
                        unit=unit,
                        on=on,
                        decision_number=number,
                        decided_on=decided_on,
                        placed_by_id=by.account_id,
                    )
                    for one in chosen.ids
                ],
                batch_size=5_000,
                update_conflicts=True,
                unique_fields=["submission", "on"],
                update_fields=["unit", "decision_number", "decided_on", "placed_by", "at"],
            )
    except IntegrityError as gone:  # a decision that founded the unit was undone meanwhile
        raise SomeoneWasFaster from gone
    unit.things = len(chosen)  # type: ignore[attr-defined]
    return unit


@operation("submission.placing_undone", needs=PLACE)
def take_back(submissions: Sequence[Submission], *, by: Actor) -> Unit:
    """Take the newest placing of each of these records back; the records wait to be placed again.

    Returns the unit they were last placed at, with their number as `.things`.
    """
    chosen = _chosen(submissions, by)
    newest = Placing.objects.filter(submission__in=chosen.ids).order_by("submission", "-on")
    rows = list(newest.distinct("submission").select_related("unit"))
    if len(rows) < len(chosen):
        raise SomeoneWasFaster
    gone, _by_model = Placing.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if gone < len(rows):
        raise SomeoneWasFaster
    unit: Unit = rows[-1].unit
    unit.things = gone  # type: ignore[attr-defined]
    return unit


def _chosen(submissions: Sequence[Submission], by: Actor) -> Chosen:
    """The records as one choice. Whoever a record was given to may not pass it on: 403."""
    chosen = Chosen.of(submissions)
    if chosen is not submissions and not by.may(PLACE, at=chosen.unit):
        raise refusal(PLACE)
    return chosen


def save_draft(
    post_id: int, account_id: int, form: str, thing: int, raw: dict[str, Any], version: int
) -> Draft:
    """Keep what is being typed. `version` 0: none known yet. Not an operation: no rule, no event.

    Raises SomeoneWasFaster when another device saved since.
    """
    with transaction.atomic():
        key = {"post_id": post_id, "account_id": account_id, "form": form, "thing": thing}
        draft, made = Draft.objects.select_for_update().get_or_create(**key, defaults={"raw": raw})
        if made:
            return draft
        if draft.version != version:
            raise SomeoneWasFaster
        draft.raw, draft.version, draft.saved_at = raw, draft.version + 1, Now()
        draft.save(update_fields=["raw", "version", "saved_at"])
        return draft
