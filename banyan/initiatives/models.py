"""Models and exemplars (mô hình, điển hình): identity, registrant, recognition."""

from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.initiatives.consent import Consent as Consent  # Django looks for an app's models here
from banyan.orgs.models import Unit
from banyan.orgs.scope import ScopedQuerySet
from banyan.submissions.models import Submission


class Registrant(models.Model):
    """Who registers: a collective or an individual. Counted apart from models, each once.

    Without a name (a sheet that only ticks 'collective') it stands for one model alone.
    """

    class Kind(models.TextChoices):
        """Two axes are kept apart: this one, and model or exemplar (domain/criteria.md §4.1)."""

        COLLECTIVE = "collective", _("collective")
        INDIVIDUAL = "individual", _("individual")

    view_capability = "submission.view"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="registrants")
    kind = models.CharField(max_length=12, choices=Kind.choices, blank=True)
    name = models.CharField(max_length=200, blank=True)
    folded = models.CharField(max_length=200, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "folded"], condition=~Q(folded=""), name="one_registrant"
            )
        ]

    def __str__(self) -> str:
        return self.name


class InitiativeQuerySet(ScopedQuerySet):
    """Words for models."""

    def with_page(self) -> "InitiativeQuerySet":
        """What a page of one or many needs, without a query a row."""
        return (
            self.select_related(
                "unit", "registrant", "submission__round__edition__programme", "submission__unit"
            )
            .defer("submission__round__edition__content", "words", "facets", "measures")
            .prefetch_related("unit__names")
        )


class Initiative(models.Model):
    """A model or exemplar: what outlives rounds. What was answered stands on its submission."""

    view_capability = "submission.view"

    # An import writes every index of every record: none holds what another holds, or blanks.
    code = models.CharField(max_length=20)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="initiatives", db_index=False
    )
    registrant = models.ForeignKey(Registrant, on_delete=models.PROTECT, related_name="initiatives")
    title = models.CharField(max_length=300)
    folded = models.CharField(max_length=300, editable=False)
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, related_name="initiative"
    )
    synthetic = models.BooleanField(default=False)
    # Lineage: the model it was built after, anywhere in the organisation.
    replicated_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replications", db_index=False
    )
    # The same model in an earlier year; every year has a registration, a code and figures of its own.
    continues = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="continued_by"
    )
    # What lists filter, sort, search and add up by. Derived by the database (migration 0005) from
    # the submission, the title, the registrant; what is written here by hand is overwritten.
    state = models.CharField(max_length=40, default="", editable=False)
    counts_on = models.DateField(null=True, editable=False)
    span = DateRangeField(null=True, editable=False)
    facets: Any = ArrayField(models.TextField(), default=list, editable=False)
    measures = models.JSONField(default=dict, editable=False)
    words = SearchVectorField(null=True, editable=False)

    placed = "submission__placings"
    objects = InitiativeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="a_code_once")]
        indexes = [
            models.Index(
                fields=["replicated_from"],
                condition=models.Q(replicated_from__isnull=False),
                name="initiative_replications",
            ),
            GinIndex(fields=["words"], name="initiative_words"),
            GinIndex(fields=["facets"], name="initiative_facets"),
            models.Index(fields=["state", "code"], name="initiative_state"),
            models.Index(fields=["counts_on", "id"], name="initiative_counts_on"),
            models.Index(fields=["folded", "id"], name="initiative_title"),
            models.Index(
                fields=["unit", "counts_on"], include=["submission"], name="initiative_homes"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def keeper(self) -> Unit:
        """The unit that answers for it now."""
        return self.submission.keeper

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("initiative", args=[self.pk])


class Recognition(models.Model):
    """A body recognised a model: decision, day, level. One a body, so one at each level.

    `reward` is a choice of the pack's ask (may be empty).
    """

    view_capability = "submission.view"
    scope = "initiative__unit"
    placed = "initiative__submission__placings"

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="recognitions"
    )
    by_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    decision_number = models.CharField(max_length=60)
    decided_on = models.DateField()
    signer = models.CharField(max_length=120, blank=True)
    reward = models.CharField(max_length=60, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "by_unit"], name="recognised_once_by_a_body"
            )
        ]

    @property
    def level(self) -> str:
        """At which level: the kind of the deciding unit."""
        return str(self.by_unit.kind)


class CodeSeries(models.Model):
    """The last number given in a year: MH-2024-0173 is the 173rd of 2024."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Batch(models.Model):
    """One import: which file, where, for which round, and what came of it."""

    view_capability = "submission.view"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="batches")
    round = models.ForeignKey("submissions.Round", on_delete=models.PROTECT, related_name="batches")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, null=True)
    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    things = models.PositiveIntegerField()
    summary = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)
    registered: list[int]  # ids of what the present part of a file became

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "sha256"], name="a_file_once_a_round")
        ]


class BatchRow(models.Model):
    """Which line of the file became which model, and what was understood from context."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="origin")
    line = models.PositiveIntegerField()
    notes = models.JSONField(default=list)


class Tally(models.Model):
    """How many models of a round's days and a state there are, and what they add up to.

    `facet` is empty, or one answer (`field=economy`); `measure` is empty, or a number's field: then
    `n` counts those that state it and `total` is their sum.
    """

    span = DateRangeField()
    state = models.CharField(max_length=40)
    facet = models.TextField()
    measure = models.CharField(max_length=60)
    n = models.BigIntegerField()
    total = models.DecimalField(max_digits=30, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["facet", "measure", "state", "span"], name="tallied_once"
            )
        ]
