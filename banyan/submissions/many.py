"""Answers of many records replaced at once, as `change_answers` does it for one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from banyan.ledger.operation import Actor
from banyan.packs.schema import FormSpec
from banyan.submissions import typed
from banyan.submissions.copying import insert, numbers
from banyan.submissions.models import Round, Sending, Step, Submission, counting_day
from banyan.submissions.signals import note
from banyan.submissions.steps import SENDS_IN

_CHANGE = """
    UPDATE submissions_submission s
       SET answers = c.answers::jsonb, counts_on = c.counts_on, state = c.state,
           submitted_by_id = c.submitted_by, version = s.version + 1, changed_at = now()
      FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::bigint[])
           AS c(id, answers, counts_on, state, submitted_by)
     WHERE s.id = c.id
"""


@dataclass(frozen=True)
class New:
    """What becomes of a record that was read and is locked: its answers, and the step it makes."""

    submission: Submission
    answers: dict[str, Any]
    move: str = ""


def change_many(rows: Sequence[New], *, by: Actor) -> None:
    """Replace answers and make steps, a version further each; what was sent in before is kept.

    Call inside an operation, with the records locked and every step allowed.
    """
    _keep_what_was_sent(rows)
    _keep_steps([row for row in rows if row.move], by)
    moved = {row.submission.pk: _target(row) for row in rows if row.move}
    states = [moved.get(row.submission.pk, row.submission.state) for row in rows]
    senders = [_sender(row, by) for row in rows]
    rewrite_many([(row.submission, row.answers) for row in rows], states, senders)


def rewrite_many(
    rows: Sequence[tuple[Submission, dict[str, Any]]],
    states: Sequence[str],
    senders: Sequence[int | None],
) -> None:
    """Store answers, states and senders of locked records, with all that is derived from them."""
    ids = [submission.pk for submission, _answers in rows]
    written = [json.dumps(answers, ensure_ascii=False) for _submission, answers in rows]
    days = [counting_day(answers, one.round.covers) for one, answers in rows]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, [ids, written, days, list(states), list(senders)])
    for form, of_form in by_form([submission for submission, _answers in rows]):
        typed.rewrite([one.pk for one in of_form], form)
    # Words to be compared are nobody's right: they need not keep the records held.
    transaction.on_commit(lambda: note(ids))


def by_form(submissions: Sequence[Submission]) -> list[tuple[FormSpec, list[Submission]]]:
    """Records with the form they answer, each round's together."""
    rounds: dict[int, Round] = {one.round_id: one.round for one in submissions}
    ordered = sorted(submissions, key=lambda one: one.round_id)
    parts = groupby(ordered, key=lambda one: one.round_id)
    return [(rounds[id].spec, list(of_round)) for id, of_round in parts]


def _target(row: New) -> str:
    return row.submission.workflow.target(row.move, row.submission.state)


def _sender(row: New, by: Actor) -> int | None:
    """Who sends a record in by its first step; else whoever did."""
    begins = row.move and row.submission.state == row.submission.workflow.start
    return by.account_id if begins else row.submission.submitted_by_id


def _keep_what_was_sent(rows: Sequence[New]) -> None:
    """Those that came in a batch keep no copy of what was sent in: before it changes, they do."""
    sent = [row.submission for row in rows if row.submission.state != row.submission.workflow.start]
    kept = Sending.objects.filter(submission__in=[one.pk for one in sent])
    known = set(kept.values_list("submission_id", flat=True))
    _insert_sendings(
        [
            (one.pk, one.version, one.state, one.answers, one.submitted_by_id)
            for one in sent
            if one.pk not in known
        ]
    )


def _keep_steps(rows: Sequence[New], by: Actor) -> None:
    steps = [
        {
            "submission_id": row.submission.pk,
            "version": row.submission.version + 1,
            "move": row.move,
            "source": row.submission.state,
            "target": _target(row),
            "account_id": by.account_id,
        }
        for row in rows
    ]
    ids = numbers(Step, len(steps))
    insert(Step, [{"id": id, **step} for id, step in zip(ids, steps, strict=True)])
    _insert_sendings(
        [
            (
                row.submission.pk,
                row.submission.version + 1,
                _target(row),
                row.answers,
                by.account_id,
            )
            for row in rows
            if row.submission.workflow.move(row.move).rule == SENDS_IN
        ]
    )


def _insert_sendings(told: Sequence[tuple[int, int, str, dict[str, Any], int | None]]) -> None:
    names = ("id", "submission_id", "version", "state", "answers", "account_id")
    ids = numbers(Sending, len(told))
    insert(
        Sending,
        [dict(zip(names, (id, *one), strict=True)) for id, one in zip(ids, told, strict=True)],
    )
