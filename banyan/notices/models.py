"""The inbox."""

from django.db import models
from django.db.models.functions import Now

from banyan.people.models import Account


class Notice(models.Model):
    """One line in one account's inbox, made from one event of the ledger."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notices")
    event = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event"], name="told_once")]
        indexes = [models.Index(fields=["account", "read_at", "-id"], name="notice_inbox")]
