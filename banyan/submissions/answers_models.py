"""Typed answers: one row for each answer that lists, filters and counts ask for."""

from django.db import models
from django.db.models import Q

from banyan.documents.models import Document
from banyan.orgs.models import Unit
from banyan.people.models import Person


class Answer(models.Model):
    """A typed, indexed answer to one field, beside the JSON: for lists, filters and counts."""

    # An import writes fourteen of them a record: no index holds what nobody can look for, and that
    # the submission, or what an answer names, is there is asked once a statement (migrations 0009 and
    # 0012), not once a row.
    submission = models.ForeignKey(
        "submissions.Submission",
        on_delete=models.CASCADE,
        related_name="typed",
        db_index=False,
        db_constraint=False,
    )
    field = models.CharField(max_length=60)
    choice = models.CharField(max_length=60, blank=True)
    number = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    day = models.DateField(null=True)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    document = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            # One answer a field. Of photos and papers there are several; each stands there once.
            models.UniqueConstraint(
                fields=["submission", "field", "document"],
                nulls_distinct=False,
                name="one_answer_a_field",
            ),
        ]
        indexes = [
            models.Index(
                fields=["field", "day", "submission"],
                condition=Q(day__isnull=False),
                name="answer_day",
            ),
            models.Index(
                fields=["field", "number", "submission"],
                condition=Q(number__isnull=False),
                name="answer_number",
            ),
            models.Index(fields=["unit"], condition=Q(unit__isnull=False), name="answer_unit"),
            models.Index(
                fields=["person"], condition=Q(person__isnull=False), name="answer_person"
            ),
            models.Index(
                fields=["document"], condition=Q(document__isnull=False), name="answer_document"
            ),
        ]
