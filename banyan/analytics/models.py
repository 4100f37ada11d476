"""Alerts: what somebody wants to be told of a unit's figures. Never of a person."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.orgs.models import Unit
from banyan.people.models import Account, Post


class AlertQuerySet(models.QuerySet["Alert"]):
    """Words for alerts."""

    def visible_to(self, actor: Any) -> "AlertQuerySet":
        """One's own, in whatever post one acts: an alert belongs to an account."""
        return self.filter(account=actor.account_id)

    def watched(self) -> "AlertQuerySet":
        """Neither paused nor stopped, with what a check of them wants to know."""
        awake = self.filter(paused_at=None, stopped="", account__is_active=True)
        return awake.select_related("unit", "account", "post__role", "post__unit").order_by("pk")


class Alert(models.Model):
    """One condition on the figures of a unit in the period that runs, in the post it was made in.

    `true_since`: since when it holds; it is told when that begins, and again only after it ended.
    """

    class Kind(models.TextChoices):
        """What is waited for."""

        THRESHOLD = "threshold", _("A number passes a limit")
        FALL = "fall", _("A number falls")
        SILENCE = "silence", _("A unit below sends nothing")

    class Sign(models.TextChoices):
        """On which side of the limit it is true."""

        ABOVE = "above", _("more than")
        BELOW = "below", _("less than")

    class Against(models.TextChoices):
        """What a fall is measured by."""

        BEFORE = "before", _("the period before")
        YEAR = "year", _("the same period of last year")

    class Span(models.TextChoices):
        """Which running period is looked at."""

        HALF = "half", _("half year")
        YEAR = "year", _("year")
        QUARTER = "quarter", _("quarter")
        MONTH = "month", _("month")

    class Stopped(models.TextChoices):
        """Why it is looked at no more."""

        RIGHTS = "rights", _("the right to see these figures ended")
        UNIT = "unit", _("the unit ended")
        PROGRAMME = "programme", _("the programme no longer has this figure")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="alerts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    programme = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    indicator = models.CharField(max_length=60, blank=True)
    span = models.CharField(max_length=10, choices=Span.choices, default=Span.HALF)
    sign = models.CharField(max_length=6, choices=Sign.choices, blank=True)
    against = models.CharField(max_length=6, choices=Against.choices, blank=True)
    # The limit, the percent of a fall, the days of silence (none: since the period began).
    amount: Decimal | None = models.DecimalField(max_digits=20, decimal_places=2, null=True)  # type: ignore[assignment]
    made_at = models.DateTimeField(db_default=Now())
    paused_at = models.DateTimeField(null=True)
    stopped = models.CharField(max_length=10, choices=Stopped.choices, blank=True)
    checked_on = models.DateField(null=True)
    true_since = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="alert_own")]

    def get_absolute_url(self) -> str:
        """The list, where it stands."""
        return reverse("alerts")
