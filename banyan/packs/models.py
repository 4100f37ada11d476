"""Programmes of this installation and their frozen editions."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banyan.orgs.models import Unit
from banyan.packs.compiled import compile_pack, known_pack
from banyan.packs.schema import Pack


class Programme(models.Model):
    """A programme that runs here. Identity only: what it asks stands in its editions."""

    key = models.SlugField(max_length=60, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="programmes")

    def __str__(self) -> str:
        newest = self.editions.order_by("-number").first()
        return newest.title if newest else self.key

    def edition_on(self, day: date) -> "Edition | None":
        """The edition in force on a day."""
        return self.editions.filter(valid__contains=day).first()


class EditionQuerySet(models.QuerySet["Edition"]):
    """Words for editions."""

    def of(self, programme: str) -> "EditionQuerySet":
        """Editions of the programme with this key."""
        return self.filter(programme__key=programme).select_related("programme")

    def valid_on(self, day: date) -> "EditionQuerySet":
        """In force on that day."""
        return self.filter(valid__contains=day)

    def newest_first(self) -> "EditionQuerySet":
        """By number, the newest on top."""
        return self.order_by("-number")


class Edition(models.Model):
    """A pack as it was installed. Never edited, only succeeded: a trigger refuses everything but
    closing `valid` when a successor begins, so what a round pointed to stays what it was."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    valid = DateRangeField()
    installed_at = models.DateTimeField(db_default=Now())

    objects = EditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="one_edition_a_number",
                violation_error_message=_("This edition is installed already."),
            ),
            ExclusionConstraint(
                name="one_edition_at_a_time",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_(
                    "Another edition of this programme is valid in that period."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    @property
    def unit(self) -> Unit:
        """The unit that runs the programme."""
        return self.programme.unit

    @property
    def pack(self) -> Pack:
        """The edition as typed data; compiled once per process.

        Rows may come without `content` (`defer`): fifty models on a page would else bring the
        same hundred kilobytes fifty times.
        """
        return known_pack(self.content_hash) or compile_pack(self.content, self.content_hash)

    @property
    def title(self) -> str:
        """The programme's short name in the reader's language."""
        return self.text("short")

    def text(self, key: str, language: str | None = None) -> str:
        """A text of the pack, in the reader's language unless another is given."""
        return self.pack.text(key, (language or get_language() or "vi")[:2])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only ever an insert; installing a successor closes `valid` by an update of its own."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
