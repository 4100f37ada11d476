"""Typed answers: the rows beside the JSON, made from the same values."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from banyan.packs.schema import FieldSpec, FormSpec
from banyan.submissions.models import Answer, Submission


def typed_answer(submission: Submission, spec: FieldSpec, value: Any) -> Answer:
    """One row for one stored value (of several files: for one of them)."""
    row = Answer(submission=submission, field=spec.id)
    if spec.kind == "choice":
        row.choice = value
    elif spec.kind == "boolean":
        row.choice = "yes" if value else "no"
    elif spec.kind in ("number", "money"):
        row.number = Decimal(str(value))
    elif spec.kind == "date":
        row.day = date.fromisoformat(value)
    elif spec.kind == "unit":
        row.unit_id = value
    elif spec.kind == "person":
        row.person_id = value
    elif spec.kind in ("file", "files"):
        row.document_id = value
    return row


def rows_of(submission: Submission, form: FormSpec) -> list[Answer]:
    """The rows for every typed field that was answered; words alone need none."""
    answers = submission.answers
    return [
        typed_answer(submission, spec, value)
        for spec in form.fields
        if spec.is_typed
        and spec.kind not in ("text", "longtext")
        and answers.get(spec.id) is not None
        for value in (answers[spec.id] if spec.kind == "files" else [answers[spec.id]])
    ]


def write(submissions: Iterable[Submission], form: FormSpec) -> None:
    """Insert the rows of new submissions, set-based."""
    made = [row for submission in submissions for row in rows_of(submission, form)]
    Answer.objects.bulk_create(made, batch_size=5_000)


def rewrite(submission: Submission, form: FormSpec) -> None:
    """Make the rows of one changed submission fit its answers again."""
    submission.typed.all().delete()
    write([submission], form)
