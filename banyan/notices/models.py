"""The inbox."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from banyan.people.models import Account


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Words for notices."""

    def visible_to(self, actor: Any) -> "NoticeQuerySet":
        """One's own, in whatever post one acts: an inbox belongs to an account."""
        return self.filter(account=actor.account_id)

    def unread(self) -> "NoticeQuerySet":
        """Not yet read, newest first."""
        return self.filter(read_at=None).order_by("-pk")

    def already_read(self) -> "NoticeQuerySet":
        """Read, newest first."""
        return self.filter(read_at__isnull=False).order_by("-pk")

    def mark_read(self, at: datetime) -> int:
        """Mark the unread ones among these as read; how many that were."""
        return self.filter(read_at=None).update(read_at=at)


class Notice(models.Model):
    """One line in one account's inbox, made from one event of the ledger.

    It holds ids alone. Its sentence is made when it is shown, from the event, the thing and the
    programme's texts: in the reader's language, and with nothing that he may no longer see.
    `kind` says why it was sent (`submission.waiting`, `post.given`), see `wording.py`.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notices")
    event = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event"], name="told_once")]
        indexes = [models.Index(fields=["account", "read_at", "-id"], name="notice_inbox")]

    def get_absolute_url(self) -> str:
        """Opening it marks it read and leads to the thing."""
        return reverse("inbox_open", args=[self.pk])
