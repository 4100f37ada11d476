"""Typed answers: the rows beside the JSON, made by the database from what is stored there."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from banyan.packs.schema import FieldSpec, FormSpec
from banyan.submissions.models import Answer

# Which column holds a kind's answers. Words alone need none.
COLUMNS = {
    "choice": "choice",
    "boolean": "choice",
    "number": "number",
    "money": "number",
    "date": "day",
    "unit": "unit",
    "person": "person",
    "file": "document",
    "files": "document",
}
_WRITE = """
    INSERT INTO submissions_answer
           (submission_id, field, choice, number, day, unit_id, person_id, document_id)
    SELECT s.id, asked.field,
           CASE WHEN kind = 'choice' THEN said
                WHEN kind = 'boolean' THEN CASE said WHEN 'true' THEN 'yes' ELSE 'no' END ELSE '' END,
           CASE asked.goes WHEN 'number' THEN said::numeric END,
           CASE asked.goes WHEN 'day' THEN said::date END,
           CASE asked.goes WHEN 'unit' THEN said::bigint END,
           CASE asked.goes WHEN 'person' THEN said::bigint END,
           CASE asked.goes WHEN 'document' THEN said::bigint END
      FROM submissions_submission s,
           LATERAL jsonb_each_text(s.answers) AS answered(field, said)
      JOIN unnest(%(fields)s::text[], %(kinds)s::text[], %(goes)s::text[]) AS asked(field, kind, goes)
           ON asked.field = answered.field
     WHERE s.id = ANY(%(ids)s) AND said IS NOT NULL
"""
_WRITE_FILES = """
    INSERT INTO submissions_answer (submission_id, field, choice, document_id)
    SELECT s.id, asked.field, '', each.id::bigint
      FROM submissions_submission s,
           unnest(%(lists)s::text[]) AS asked(field),
           LATERAL jsonb_array_elements_text(s.answers -> asked.field) AS each(id)
     WHERE s.id = ANY(%(ids)s) AND s.answers ?| %(lists)s::text[]
           AND jsonb_typeof(s.answers -> asked.field) = 'array'
"""


def written(form: FormSpec) -> list[FieldSpec]:
    """The fields that have typed answers."""
    return [spec for spec in form.fields if spec.is_typed and spec.kind in COLUMNS]


def write(submissions: Sequence[int], form: FormSpec) -> None:
    """Insert the rows of submissions that are stored and have none yet, set-based."""
    asked = [spec for spec in written(form) if spec.kind != "files"]
    told: dict[str, Any] = {
        "ids": list(submissions),
        "fields": [spec.id for spec in asked],
        "kinds": [spec.kind for spec in asked],
        "goes": [COLUMNS[spec.kind] for spec in asked],
        "lists": [spec.id for spec in written(form) if spec.kind == "files"],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, told)
        if told["lists"]:
            cursor.execute(_WRITE_FILES, told)


def rewrite(submissions: Sequence[int], form: FormSpec) -> None:
    """Make the rows of changed submissions fit their answers again."""
    Answer.objects.filter(submission__in=submissions).delete()
    write(submissions, form)
