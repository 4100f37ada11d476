"""Stored files and the documents that name them."""

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.orgs.models import Unit
from banyan.orgs.scope import Reaching, ScopedQuerySet
from banyan.people.models import Account


class Level(models.IntegerChoices):
    """Who may read: one ordinal, compared with the clearance of the post's role.

    State secrets have no level here: they may not be on the platform at all (law_privacy §4).
    """

    PUBLIC = 0, _("public")
    INTERNAL = 1, _("internal")
    RESTRICTED = 2, _("restricted")


class Blob(models.Model):
    """Bytes in the store, named by their sha256; written once, never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(db_default=Now())


class DocumentQuerySet(ScopedQuerySet):
    """Documents within reach and clearance."""

    def visible_to(self, actor: Reaching) -> "DocumentQuerySet":
        """Within the post's subtree and not above its clearance."""
        return super().visible_to(actor).filter(level__lte=actor.clearance())


class Document(models.Model):
    """A file with its title and its access level, kept at a unit."""

    view_capability = "document.view"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    filename = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    level = models.SmallIntegerField(_("access"), choices=Level.choices, default=Level.INTERNAL)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="documents")
    uploaded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    synthetic = models.BooleanField(default=False)

    objects = DocumentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where it is fetched."""
        return reverse("document", args=[self.pk])
