"""The consent of an owner that a recognised model stands on the public page: what of it, until when."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.documents import store
from banyan.documents.models import Document, Level
from banyan.kernel.pictures import is_bare
from banyan.orgs.models import Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.people.models import Account

# States in which a recognised model may stand in public: recognised, or proposed one level up.
PUBLIC_STATES = ("recognised", "proposed")
PHOTO_FIELDS = ("photos_before", "photos_after")
LARGEST_LOOKED_AT = 20_000_000


class Item(models.TextChoices):
    """What may be shown beside title, code and recognition. The registrant's name is asked apart."""

    CONTENT = "content", _("what is done: content, target group, situation before")
    RESULT = "result", _("the result, and how many people and households it serves")
    PLACE = "place", _("the unit and where it stands")


REGISTRANT = "registrant"


class ConsentQuerySet(ScopedQuerySet):
    """Words for consents."""

    def standing(self) -> "ConsentQuerySet":
        """Given and not taken back."""
        return self.filter(withdrawn_at=None)

    def public(self) -> "ConsentQuerySet":
        """What a stranger may see now: standing, of a model that is recognised now."""
        decided = self.model._base_manager.filter(
            pk=OuterRef("pk"), initiative__recognitions__isnull=False
        )
        return self.standing().filter(
            Exists(decided), initiative__submission__state__in=PUBLIC_STATES
        )


class Consent(models.Model):
    """An officer of the owner unit agreed that a model stands on the public page.

    A row is never changed but by its withdrawal; a new choice is a new row. `photos`: the documents
    chosen, in order; their place in it is their public address.
    """

    view_capability = "submission.view"
    scope = "initiative__unit"
    placed = "initiative__submission__placings"

    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="consents"
    )
    items = ArrayField(models.CharField(max_length=20), default=list)
    photos = ArrayField(models.BigIntegerField(), default=list)
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"],
                condition=models.Q(withdrawn_at=None),
                name="one_consent_at_a_time",
            )
        ]

    @property
    def unit(self) -> Unit:
        """The unit whose model it is."""
        unit: Unit = self.initiative.unit
        return unit

    def get_absolute_url(self) -> str:
        """The public page."""
        return reverse("public_model", args=[self.initiative.code])

    def shows(self, item: str) -> bool:
        """Whether this item may be shown."""
        return item in self.items


def photos_of(answers: dict[str, Any]) -> list[int]:
    """The ids of the photos a model was registered with: before, then after."""
    found: list[int] = []
    for name in PHOTO_FIELDS:
        value = answers.get(name) or []
        found += [int(one) for one in (value if isinstance(value, list) else [value])]
    return found


def fit_for_the_public(documents: Iterable[Document]) -> Sequence[Document]:
    """Those among them that are bare pictures and not restricted: they tell nothing but what is seen."""
    return [
        one
        for one in documents
        if one.level < Level.RESTRICTED
        and one.media_type in ("image/jpeg", "image/png", "image/webp")
        and one.blob.size <= LARGEST_LOOKED_AT
        and _bare(one.blob_id)
    ]


def _bare(sha256: str) -> bool:
    try:
        with store.open_blob(sha256) as bytes_of_it:
            return is_bare(bytes_of_it.read())
    except FileNotFoundError:
        return False
