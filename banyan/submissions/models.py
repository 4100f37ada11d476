"""What is asked, of whom, by when; what was answered; and what reviewers said."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.kernel.workflow import Move, Workflow
from banyan.orgs.models import Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.packs import moves
from banyan.packs.models import Edition
from banyan.packs.schema import FormSpec, Pack
from banyan.people.models import Account, Post
from banyan.submissions.answers_models import Answer
from banyan.submissions.rounds_models import Extension, RoundQuerySet
from banyan.submissions.signals_models import Likeness, SignalText

# Models that stand in a file of their own.
__all__ = ["Answer", "Extension", "Likeness", "SignalText"]


class SomeoneWasFaster(Refusal):
    """The record has moved on since it was read: compare-and-set found another state or version."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else changed it first."),
            _("The record was changed after you opened it."),
            _("Open it again, look at what changed, and repeat your step if it is still right."),
            status=409,
        )


# Asked for every row of an import.
_period = lru_cache(maxsize=256)(Period.parse)


class Round(models.Model):
    """These units answer this form for this period by this date."""

    view_capability = "submission.view"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="rounds")
    form = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    span = DateRangeField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rounds")
    due = models.DateField()
    # From that day on nobody is asked or reminded any more.
    closed_on = models.DateField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "form", "period", "unit"], name="one_round_a_period"
            )
        ]
        indexes = [GistIndex(fields=["span"], name="round_span")]

    def __str__(self) -> str:
        return f"{self.edition} {self.period}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("round", args=[self.pk])

    @property
    def programme_id(self) -> int:
        """The programme it belongs to, whatever its edition."""
        programme: int = self.edition.programme_id
        return programme

    @property
    def covers(self) -> Period:
        """The period it asks about."""
        return _period(self.period)

    @property
    def spec(self) -> FormSpec:
        """The form as the pack's edition defines it."""
        return self.edition.pack.form(self.form)


class Expectation(models.Model):
    """A unit is expected to answer in a round; the receiver is who looks at it."""

    view_capability = "submission.view"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="expectations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="expectations")
    receiver = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    # The day its review was first sent in.
    answered_on = models.DateField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="expected_once")]
        indexes = [models.Index(fields=["receiver", "round"], name="expected_by")]

    def get_absolute_url(self) -> str:
        """Where the unit answers."""
        return reverse("expectation", args=[self.pk])


class SubmissionQuerySet(ScopedQuerySet):
    """Words for submissions."""

    def of_programme(self, key: str) -> "SubmissionQuerySet":
        """Answers to any edition of one programme."""
        return self.filter(round__edition__programme__key=key)

    def within_period(self, period: Period) -> "SubmissionQuerySet":
        """Rounds that lie wholly inside the period."""
        return self.filter(round__span__contained_by=(period.first, period.after))

    def answering(self, field: str, value: Any) -> "SubmissionQuerySet":
        """Whose typed answer to a field is this choice, or this yes or no."""
        asked = Answer.objects.filter(submission=models.OuterRef("pk"), field=field)
        if value is False:
            return self.exclude(models.Exists(asked.filter(choice="yes")))
        return self.filter(models.Exists(asked.filter(choice="yes" if value is True else value)))


class Submission(models.Model):
    """One unit's answer to a form, on its way through its edition's workflow."""

    view_capability = "submission.view"

    # The indexes below begin with the unit, and with the round: none of their own are needed.
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    state = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    # The day that decides under which tree it is counted: within the round's period.
    counts_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="later", db_index=False
    )
    submitted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    synthetic = models.BooleanField(default=False)

    placed = "placings"
    objects = SubmissionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "round", "state"], name="submission_at_unit"),
            models.Index(fields=["round", "state"], name="submission_in_round"),
            models.Index(
                fields=["previous"],
                condition=models.Q(previous__isnull=False),
                name="submission_later",
            ),
        ]

    @property
    def keeper(self) -> Unit:
        """The unit that answers for it now: where it was placed last, else its own."""
        newest = self.placings.select_related("unit").order_by("-on").first()
        return newest.unit if newest else self.unit

    @property
    def pack(self) -> Pack:
        """The programme at the edition it answers."""
        return self.round.edition.pack

    @property
    def workflow(self) -> Workflow:
        """Its life: that of its form."""
        return self.pack.workflow_of(self.round.form)

    def state_label(self, language: str) -> str:
        """The state in words."""
        return self.pack.text(f"states.{self.state}", language)

    def open_moves(self) -> list[Move]:
        """What can be done now, by whoever may."""
        return self.workflow.moves_from(self.state)

    def move(self, name: str, **also: Any) -> None:
        """Compare-and-set the state. Raises Refusal: no such step now, or SomeoneWasFaster."""
        language = (get_language() or "vi")[:2]
        target = moves.target(self.pack, name, self.state, language, self.workflow)
        changed = {"state": target, "version": self.version + 1, "changed_at": Now(), **also}
        held = type(self).objects.filter(pk=self.pk, state=self.state, version=self.version)
        if not held.update(**changed):
            raise SomeoneWasFaster
        self.state, self.version = target, self.version + 1


class Placing(models.Model):
    """A record of a unit that was divided is given to one of those that took a part of it.

    The record itself stays as it is, on its own unit; readings from the day `on` (the day the unit
    was divided) count it at `unit`. Made by a decision, number and day.
    """

    view_capability = "submission.view"
    scope = "submission__unit"
    placed = "submission__placings"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="placings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="placings")
    on = models.DateField()
    decision_number = models.CharField(max_length=120)
    decided_on = models.DateField()
    placed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "on"], name="placed_once_a_day")
        ]
        indexes = [models.Index(fields=["unit", "submission"], name="placing_at_unit")]

    @staticmethod
    def home(path: str, unit: str, day: Any) -> Coalesce:
        """The id of the unit that a record counts at on a day: where it was placed, else its own.

        `path` leads from the rows to their submission, `unit` to their own unit's id; `day` is a
        date or an expression.
        """
        given = Placing.objects.filter(submission=models.OuterRef(path), on__lte=day)
        newest = given.order_by("-on").values("unit")[:1]
        kept = models.BigIntegerField()  # a key's own type differs from that of a link to it
        return Coalesce(models.Subquery(newest), models.F(unit), output_field=kept)


class Review(models.Model):
    """What somebody said about a submission: points, words, and the move made with them.

    A `review` comes from another person than the submitter; the database refuses any other
    (trigger `reviewer_is_another`). A `remark` (why one withdraws one's own) may be anybody's.
    `self`: the points the unit gives itself, before anybody reviews.
    """

    view_capability = "submission.view"
    scope = "submission__unit"
    placed = "submission__placings"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, default="review")
    move = models.CharField(max_length=40)
    remark = models.TextField(blank=True)
    scores = models.JSONField(default=dict)
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0), name="points_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("review", "self")) | Q(kind="remark", total__isnull=True),
                name="only_reviews_have_points",
            ),
        ]


class Sending(models.Model):
    """What was sent in at one time, so that a reviewer sees what changed since. Never changed."""

    view_capability = "submission.view"
    scope = "submission__unit"
    placed = "submission__placings"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="sendings")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "version"], name="sent_once_a_version")
        ]


class Remark(models.Model):
    """One line of the conversation on a record; `field` names the answer or criterion it is about."""

    view_capability = "submission.view"
    scope = "submission__unit"
    placed = "submission__placings"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="remarks")
    field = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["submission", "id"], name="remarks_of_a_record")]


class Step(models.Model):
    """One move that was made: from which state to which, by whom; a slip is taken back by it."""

    view_capability = "submission.view"
    scope = "submission__unit"
    placed = "submission__placings"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="steps")
    version = models.PositiveIntegerField()
    move = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "version"], name="one_step_a_version")
        ]


class Draft(models.Model):
    """What somebody typed and has not sent: not validated, not in the ledger, erased when sent."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="drafts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=120)
    thing = models.BigIntegerField(default=0)
    raw = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "post", "form", "thing"], name="one_draft_a_form"
            )
        ]


def counting_day(answers: dict[str, Any], period: Period) -> date:
    """The day a record counts from: its day of registration, kept within the period."""
    written = answers.get("registered_on")
    day = date.fromisoformat(written) if written else period.first
    return min(max(day, period.first), period.last)
