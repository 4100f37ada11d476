"""What rounds have beside their rows: words for them, and the later due dates that units ask for.

No import of `models`: it imports this.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from banyan.orgs.models import Unit
from banyan.orgs.scope import Reaching, ScopedQuerySet
from banyan.people.models import Account


class RoundQuerySet(ScopedQuerySet):
    """Words for rounds."""

    def visible_to(self, actor: Reaching) -> "RoundQuerySet":
        """Opened within reach, or received there: what a district receives a province may open."""
        reach = actor.reach("submission.view")
        expected = self.model._meta.get_field("expectations").related_model
        received = expected._default_manager.filter(round=OuterRef("pk"), receiver__in=reach)
        return self.filter(Q(unit__in=reach) | Exists(received))

    def still_open(self) -> "RoundQuerySet":
        """Not closed."""
        return self.filter(closed_on=None)


class Extension(models.Model):
    """A unit asks for a later due date; who receives its answer grants a day, or refuses.

    `until` is the day asked for, and the day granted once it is.
    """

    view_capability = "submission.view"
    scope = "expectation__unit"

    expectation = models.ForeignKey(
        "submissions.Expectation", on_delete=models.CASCADE, related_name="extensions"
    )
    until = models.DateField()
    reason = models.TextField()
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    granted = models.BooleanField(null=True)
    remark = models.TextField(blank=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expectation"],
                condition=Q(granted__isnull=True),
                name="one_extension_asked_at_a_time",
            )
        ]

    def get_absolute_url(self) -> str:
        """It is read where the answer is."""
        return str(self.expectation.get_absolute_url())

    @property
    def unit(self) -> Unit:
        """Who decides: the receiver of the answer."""
        receiver: Unit = self.expectation.receiver
        return receiver
