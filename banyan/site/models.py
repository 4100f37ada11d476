"""Whose installation this is."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from banyan.orgs.models import Unit


class Organisation(models.Model):
    """The organisation that works here, begun once; the example (`is_demo`) is marked as such."""

    name = models.CharField(_("name of the organisation"), max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now())
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # However often the button was tapped, there is one organisation of its kind.
            models.UniqueConstraint(fields=["is_demo"], name="one_organisation_of_a_kind"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
