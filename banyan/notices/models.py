"""The inbox, and what each account wants to be told in it, by mail and in its calendar."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

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

    def of_kind(self, kind: str) -> "NoticeQuerySet":
        """Those of one kind."""
        return self.filter(kind=kind)

    def counted(self) -> dict[str, tuple[int, int]]:
        """Kind → how many there are, and how many of them are unread."""
        unread = models.Count("pk", filter=models.Q(read_at=None))
        rows = self.order_by().values("kind").annotate(n=models.Count("pk"), new=unread)
        return {row["kind"]: (row["n"], row["new"]) for row in rows}

    def mark_unread(self) -> int:
        """Put the read ones among these back among the unread; how many that were."""
        return self.filter(read_at__isnull=False).update(read_at=None)

    def mark_read(self, at: datetime) -> int:
        """Mark the unread ones among these as read; how many that were."""
        return self.filter(read_at=None).update(read_at=at)


class Notice(models.Model):
    """One line in one account's inbox, made from one event of the ledger or for one day.

    It holds ids alone. Its sentence is made when it is shown, from the event, the thing and the
    programme's texts: in the reader's language, and with nothing that he may no longer see.
    `kind` says why it was sent (`submission.waiting`, `post.given`), see `wording.py`.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notices")
    event = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    kind = models.CharField(max_length=60)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "event"], name="told_once"),
            models.UniqueConstraint(
                fields=["account", "kind", "thing_kind", "thing_id", "day"],
                condition=models.Q(event=None),
                name="reminded_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(event__isnull=False) ^ models.Q(day__isnull=False),
                name="of_an_event_or_for_a_day",
            ),
        ]
        indexes = [models.Index(fields=["account", "read_at", "-id"], name="notice_inbox")]

    def get_absolute_url(self) -> str:
        """Opening it marks it read and leads to the thing."""
        return reverse("inbox_open", args=[self.pk])


class SwitchQuerySet(models.QuerySet["Switch"]):
    """Words for switches."""

    def turned_off(self, kind: str, accounts: Iterable[int]) -> set[int]:
        """Those among the accounts that do not want this kind in their inbox."""
        off = self.filter(kind=kind, account__in=list(accounts), inbox=False)
        return set(off.values_list("account", flat=True))


class Switch(models.Model):
    """What an account says of one kind of notice, where it differs from what is usual."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="switches")
    kind = models.CharField(max_length=60)
    inbox = models.BooleanField()
    mail = models.BooleanField()

    objects = SwitchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="one_switch_a_kind"),
        ]


class DigestQuerySet(models.QuerySet["Digest"]):
    """Words for mail digests."""

    def wanted(self) -> "DigestQuerySet":
        """Of accounts that may sign in and have chosen a rhythm."""
        return self.exclude(rhythm=Digest.Rhythm.NEVER).filter(account__is_active=True)

    def due(self, at: datetime) -> "DigestQuerySet":
        """Those whose time has come, the longest waiting first."""
        return self.wanted().filter(next_at__lte=at).order_by("next_at", "pk")


class Digest(models.Model):
    """How often an account wants one mail with the counts of what is new in its inbox.

    `told`: the newest notice that a mail has counted. `tries`: how often sending failed since the
    last success; each failure puts `next_at` further off.
    """

    class Rhythm(models.TextChoices):
        """Nobody gets mail without asking for it."""

        NEVER = "never", _("Never")
        DAILY = "daily", _("Every morning")
        WEEKLY = "weekly", _("Monday mornings")

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="digest")
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.NEVER)
    next_at = models.DateTimeField(null=True)
    told = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = DigestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="digest_due")]


class Calendar(models.Model):
    """An account's feed of due dates for the calendar of a phone or a desk.

    Whoever knows its address reads it; only the address's hash is kept, so that it is shown once.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="calendar")
    address_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
