"""Stored files, the documents that name them, photographs, and files on their way in."""

from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func, Q
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


ALIKE = 6  # two pictures are alike when at most so many of the 64 bits differ
_BAND = "((%(expressions)s >> {shift}) & 65535) | ({number} << 16)"
BANDS = "ARRAY[{}]".format(
    ", ".join(f"({_BAND.format(shift=16 * n, number=n)})::int" for n in range(4))
)


class PhotoQuerySet(ScopedQuerySet):
    """Photographs within reach and clearance."""

    def alike(self, hash: int) -> "PhotoQuerySet":
        """Those that differ in at most 6 of 64 bits, nearest first; `.distance` says in how many.

        Six differences over four bands leave one with at most one: 4 × 17 values to look up.
        """
        bands = [(n << 16) | (hash >> 16 * n & 65535) for n in range(4)]
        near = [band ^ bit for band in bands for bit in (0, *(1 << place for place in range(16)))]
        differing = Func(
            "hash",
            models.Value(hash),
            template="bit_count((%(expressions)s)::bit(64))",
            arg_joiner=" # ",
            output_field=models.IntegerField(),
        )
        found: PhotoQuerySet = self.filter(bands__overlap=near).annotate(distance=differing)
        return found.filter(distance__lte=ALIKE).order_by("distance", "pk")

    def visible_to(self, actor: Reaching) -> "PhotoQuerySet":
        """As their documents are."""
        return super().visible_to(actor).filter(document__level__lte=actor.clearance())


class Photo(models.Model):
    """What makes a document a photograph: its size, a small copy, and what it is compared by.

    The document's own bytes are the cleaned picture, at most 2,048 points long; what came in is
    never kept.
    """

    view_capability = "document.view"
    scope = "document__unit"

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="photo"
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    thumb = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="thumbs")
    # 64 bits, signed; null where a picture has no features (documents/photos.py).
    hash = models.BigIntegerField(null=True)
    # The hash in four bands of 16 bits, each with its number: what `alike` finds by index.
    bands = models.GeneratedField(
        expression=Func("hash", template=BANDS),
        output_field=ArrayField(models.IntegerField()),
        db_persist=True,
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["bands"], name="photo_alike")]

    def get_absolute_url(self) -> str:
        """The picture, large."""
        return reverse("photo", args=[self.pk])


class UploadQuerySet(models.QuerySet["Upload"]):
    """Words for files on their way in."""

    def of(self, account: int | None) -> "UploadQuerySet":
        """Of one account."""
        return self.filter(account=account)

    def expired(self) -> "UploadQuerySet":
        """Untouched for longer than they are kept."""
        return self.filter(touched_at__lt=Now() - Upload.KEPT_FOR)

    def unfinished(self) -> "UploadQuerySet":
        """Not yet a document."""
        return self.filter(document__isnull=True)


class Upload(models.Model):
    """A file on its way in, piece by piece; one account's. No event tells of it: its end does."""

    KEPT_FOR: ClassVar[timedelta] = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid4)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="uploads")
    # Made by the sender: the same key is the same file, however often it is sent.
    key = models.CharField(max_length=100)
    filename = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="+")
    touched_at = models.DateTimeField(db_default=Now())

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="one_upload_a_key"),
            models.CheckConstraint(
                condition=Q(offset__lte=models.F("size")), name="upload_within_its_size"
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="upload_touched")]
