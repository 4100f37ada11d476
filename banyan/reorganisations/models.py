"""A decision to reorganise units, the changes it consists of, and what each row was before it."""

from dataclasses import asdict
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.documents.models import Document
from banyan.orgs import changes
from banyan.orgs.models import Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.people.models import Account


class State(models.TextChoices):
    """How far a decision is."""

    DRAFT = "draft", _("being prepared")
    APPLIED = "applied", _("carried out")
    CLOSED = "closed", _("closed")


class Reorganisation(models.Model):
    """A decision with many changes of units, in force from one day, earlier or later than today.

    `unit` is the one under whose post it was entered; everything it changes lies within its reach.
    Undone, it is a draft again. Closed, it can no longer be undone. `preview` keeps what the last
    preview showed, `stamp` the state of the trees that it rested on.
    """

    view_capability = "unit.reorganise"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="reorganisations")
    number = models.CharField(_("number"), max_length=120)
    title = models.CharField(_("title"), max_length=200)
    decided_on = models.DateField(_("day of the decision"))
    signer = models.CharField(_("signed by"), max_length=120, blank=True)
    on = models.DateField(_("in force from"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    pass_posts = models.BooleanField(default=False)
    source = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    preview = models.JSONField(null=True)
    stamp = models.CharField(max_length=120, blank=True)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.number} – {self.title}" if self.title else self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("reorganisation", args=[self.pk])


class Change(models.Model):
    """One change of a decision: its verb, and what it names (`orgs.changes`, as JSON)."""

    view_capability = "unit.reorganise"
    scope = "reorganisation__unit"

    reorganisation = models.ForeignKey(
        Reorganisation, on_delete=models.CASCADE, related_name="changes"
    )
    position = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    told = models.JSONField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "position"], name="one_change_a_line")
        ]

    @classmethod
    def of(cls, change: changes.Change, **more: Any) -> "Change":
        """A row of a change."""
        verb = next(name for name, kind in changes.VERBS.items() if kind is type(change))
        return cls(verb=verb, told=asdict(change), **more)

    @property
    def said(self) -> changes.Change:
        """The change itself."""
        told: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.told.items()
        }
        if "new" in told:
            told["new"] = changes.Newcomer(**told["new"])
        made: changes.Change = changes.VERBS[self.verb](**told)
        return made


class Effect(models.Model):
    """What a decision did to one row of a dated table: as it was before, and as it left it.

    Written by triggers while the decision is carried out, so that undo is complete by itself.
    """

    reorganisation = models.ForeignKey(
        Reorganisation, on_delete=models.CASCADE, related_name="effects"
    )
    of_table = models.CharField(max_length=40)
    of_row = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["reorganisation", "of_table"], name="effect_of_decision")]
