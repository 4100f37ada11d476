"""What signals rest on: each record's words in a form to compare, and pairs found to be alike."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5

from banyan.packs.models import Programme


class SignalText(models.Model):
    """A record that was sent in, as it is compared: bare words, without names of places.

    Derived; made anew from the record at any time. `waiting`: it has yet to be compared.
    """

    submission = models.OneToOneField(
        "submissions.Submission",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="signal_text",
    )
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+")
    year = models.SmallIntegerField()
    text = models.TextField(blank=True)
    waiting = models.BooleanField(default=True)

    class Meta:
        indexes = [
            GinIndex(OpClass("text", name="gin_trgm_ops"), name="signal_text_alike"),
            models.Index(MD5("text"), "submission", name="signal_text_same"),
            models.Index(
                fields=["submission"], condition=Q(waiting=True), name="signal_text_waiting"
            ),
        ]


class LikenessQuerySet(models.QuerySet["Likeness"]):
    """Words for pairs."""

    def of(self, *submissions: int) -> "LikenessQuerySet":
        """Pairs in which any of these records stands."""
        return self.filter(Q(one__in=submissions) | Q(other__in=submissions))


class Likeness(models.Model):
    """Two records with a like photograph, or with like words: something to look at, no verdict.

    `score`: in how many of 64 bits the pictures differ, or how many in a hundred of the words'
    trigrams agree. Derived, as the texts are; pages see it only through `signals_of`.
    """

    PHOTO: ClassVar[str] = "photo"
    TEXT: ClassVar[str] = "text"

    one = models.ForeignKey("submissions.Submission", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("submissions.Submission", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5)
    score = models.SmallIntegerField()
    one_photo = models.ForeignKey(
        "documents.Photo", on_delete=models.CASCADE, null=True, related_name="+"
    )
    other_photo = models.ForeignKey(
        "documents.Photo", on_delete=models.CASCADE, null=True, related_name="+"
    )

    objects = LikenessQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other", "kind"], name="alike_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="alike_in_order"),
        ]
