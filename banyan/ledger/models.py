"""What the ledger keeps: events, their seals, receipts of requests, how far each reader has read."""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from banyan.kernel.canonical import digest

GENESIS = "0" * 64


if TYPE_CHECKING:
    BigInteger = models.BigIntegerField[int, int]
else:  # Django's fields are generic for the type checker only
    BigInteger = models.BigIntegerField


class TransactionIdField(BigInteger):
    """PostgreSQL's `xid8`: the transaction that wrote the row."""

    def db_type(self, connection: Any) -> str:
        """The column's type."""
        return "xid8"

    def rel_db_type(self, connection: Any) -> str:
        """The type a reference to it would have."""
        return "xid8"


class Era(models.Model):
    """A stretch in which transaction ids only grow. A restore into another server begins a new one."""

    number = models.SmallIntegerField(primary_key=True)
    began_at = models.DateTimeField(db_default=Now())
    why = models.CharField(max_length=60)


class EventQuerySet(models.QuerySet["Event"]):
    """Words for reading the ledger."""

    def about(self, kind: str, pk: int) -> "EventQuerySet":
        """Events whose thing is this one."""
        return self.filter(thing_kind=kind, thing_id=pk)

    def at_units(self, units: Any) -> "EventQuerySet":
        """Events at any of these units (ids or a subquery)."""
        return self.filter(unit__in=units)

    def newest_first(self) -> "EventQuerySet":
        """As an activity list shows them."""
        return self.order_by("-id")


class Event(models.Model):
    """Who did what to which thing at which unit, when. Append-only by trigger and grants.

    Holds ids, field names and hashes; never personal values, reasons about persons or choices.
    `account`, `post`, `unit` are ids without foreign keys: the ledger stands below what it names.
    """

    era = models.SmallIntegerField(db_default=RawSQL("ledger_current_era()", ()))
    xid = TransactionIdField(db_default=Func(function="pg_current_xact_id"))
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    account = models.BigIntegerField(null=True)
    post = models.BigIntegerField(null=True)
    unit = models.BigIntegerField(null=True)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.BigIntegerField(null=True)
    things = models.PositiveIntegerField(default=1)
    tells = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["era", "xid", "id"], name="event_in_order"),
            models.Index(fields=["thing_kind", "thing_id", "id"], name="event_of_thing"),
            models.Index(fields=["unit", "id"], name="event_at_unit"),
            models.Index(fields=["account", "id"], name="event_by_account"),
            # The ledger only grows: a few bytes for every thousand rows find those of a day.
            BrinIndex(fields=["at"], name="event_at", autosummarize=True),
        ]

    def own_hash(self) -> str:
        """sha256 of the row's canonical form; differs from `hash` when the row was altered."""
        return digest(
            [
                self.at,
                self.verb,
                self.account,
                self.post,
                self.unit,
                self.thing_kind,
                self.thing_id,
                self.things,
                self.tells,
            ]
        )


class Seal(models.Model):
    """One link of the chain: the hashes of a batch of events behind the seal before it."""

    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, unique=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())


class Position(models.Model):
    """The dense place of an event in the ledger; readers know only this."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="place")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="places")


class Cursor(models.Model):
    """How far a reader has read."""

    reader = models.CharField(max_length=120, primary_key=True)
    position = models.BigIntegerField(default=0)


class Receipt(models.Model):
    """The answer given to a request, kept so that a repeat gets the same answer."""

    account = models.BigIntegerField()
    key = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    thing_kind = models.CharField(max_length=60, default="")
    thing_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="one_receipt_a_key"),
        ]


class Job(models.Model):
    """Work that outlives a request: what is to be done, by whom in which post, how far it is.

    `kind` names who does it (`ledger.tasks`); `told` holds what that one needs, never personal values.
    """

    kind = models.CharField(max_length=60)
    account = models.BigIntegerField()
    post = models.BigIntegerField()
    language = models.CharField(max_length=5, default="vi")
    told = models.JSONField(default=dict)
    of = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())
    stop_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(ended_at=None), name="job_to_do"),
            models.Index(fields=["account", "-id"], name="job_of_account"),
        ]

    @property
    def met(self) -> int:
        """How many things have been tried."""
        return self.done + self.refused

    @property
    def state(self) -> str:
        """waiting, running, stopped or done."""
        if self.ended_at is not None:
            return "stopped" if self.met < self.of else "done"
        return "running" if self.met else "waiting"


class JobThing(models.Model):
    """One thing of a job: not tried yet, done, or refused for a reason in words."""

    class Outcome(models.TextChoices):
        """What came of it."""

        OPEN = "", "open"
        DONE = "done", "done"
        REFUSED = "refused", "refused"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    thing = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "thing"], name="one_thing_once_a_job")
        ]
        indexes = [
            models.Index(
                fields=["job", "id"], condition=models.Q(outcome=""), name="job_thing_open"
            )
        ]
