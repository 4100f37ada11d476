"""An import on its way, its rows as they were understood, and what an office answered last time."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

from banyan.documents.models import Document
from banyan.orgs.models import Unit
from banyan.people.models import Account

WORKING = ("reading", "committing", "undoing")


class ImportQuerySet(models.QuerySet[Any]):
    """Words on imports."""

    def visible_to(self, actor: Any) -> Self:
        """One's own, in the post it was sent in: a file on its way is nobody else's business, and a
        post that has ended gives no sight of it."""
        return self.filter(account=actor.account_id or 0, post=actor.post_id or 0)

    def waiting(self) -> Self:
        """Those a process must work on."""
        return self.filter(state__in=WORKING)


class Import(models.Model):
    """One file on its way into Banyan: what it is to be read as, how far it is, what was answered.

    state     reading → asking | ready → committing → done → undoing → undone; failed says why
    target    what it is imported as (`imports.target.TARGETS`); `options` are that one's own
    on        the day as of which names are looked up
    layouts   sheet → {first, last, columns: {id: place}}: how somebody laid it out; empty: as found
    meant     column → {writing: meaning}: what somebody said a value means
    found     sheets, notes, unknown values, titles: what reading came upon
    counts    lines by outcome; `done` of `of` tells how far the present work is
    said      why it failed or stopped: {what, why, mend}
    """

    target = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="imports")
    post = models.BigIntegerField()
    language = models.CharField(max_length=5)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    options = models.JSONField(default=dict)
    on = models.DateField()
    state = models.CharField(max_length=12, default="reading")
    layouts = models.JSONField(default=dict)
    meant = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    said = models.JSONField(default=dict)
    continues = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="import_of_account"),
            models.Index(
                fields=["id"], condition=models.Q(state__in=WORKING), name="import_to_work_on"
            ),
        ]

    def get_absolute_url(self) -> str:
        """Its own page, wherever it is on its way."""
        return f"/imports/{self.pk}"

    @property
    def is_working(self) -> bool:
        """Whether a process works on it."""
        return self.state in WORKING


class StagedLine(models.Model):
    """One record of a file as it was understood, before and after it was taken in.

    outcome  new | changed | same | wrong      became  "" | taken | refused | undone | kept
    look     0 as is, 1 understood, 2 to be checked, 3 unclear: whether somebody should look at it
    thing    what it changes, or what it became
    """

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveIntegerField()
    sheet = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8)
    look = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=300, blank=True)
    key = models.TextField(blank=True)
    values = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    thing = models.BigIntegerField(null=True)
    version = models.IntegerField(default=0)
    became = models.CharField(max_length=8, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "place"], name="a_line_once")]
        indexes = [
            models.Index(fields=["job", "outcome", "place"], name="line_by_outcome"),
            models.Index(fields=["thing"], condition=~models.Q(became=""), name="line_of_thing"),
        ]


class Remembered(models.Model):
    """What a unit answered last time: which column a heading means, or what a value means.

    `column` is empty for a heading; `meaning` is then a column's id, else a value's ("" leave empty).
    """

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    target = models.CharField(max_length=40)
    column = models.CharField(max_length=80, blank=True)
    written = models.CharField(max_length=200)
    meaning = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "target", "column", "written"], name="remembered_once"
            )
        ]
