"""Models as records for figures: how each fact of a programme is read from the register."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import (
    Case,
    CharField,
    Exists,
    Func,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import ngettext

from banyan.figures.sources import (
    CHOICE,
    FLAG,
    NOTHING,
    NUMBER,
    STATE,
    YES_NO,
    Source,
    source,
)
from banyan.initiatives.models import Initiative
from banyan.kernel.period import Period
from banyan.packs.schema import Pack
from banyan.submissions.models import Answer, Placing, Round

# Facts of every record that are not answers of its form, and where they stand.
BUILT_IN = {"state": "submission__state", "registrant": "registrant_id", "unit": "unit_id"}
COLUMN = {
    "choice": "choice",
    "boolean": "choice",
    "number": "number",
    "money": "number",
    "date": "day",
}
TOLD_AS = {"choice": CHOICE, "boolean": YES_NO, "number": NUMBER, "money": NUMBER}
# Told by the database as marks; another record's doing, or only from the records; nobody's answer.
YES_NO_WORDS = (("true", "yes"), ("false", "no"))
MARKS, UNTOLD = ("replicates", "synthetic"), ("taken_over", "registrant", "unit")


def _in_row(name: str, kind: str | None) -> Combinable | None:
    """An answer as the register's row tells it, from which the roll-ups are made."""
    if kind == NUMBER:
        return Cast(KeyTextTransform(name, "measures"), Answer._meta.get_field("number"))
    if kind not in (CHOICE, YES_NO):
        return None
    facts = Func(F("facets"), function="figures_facts", output_field=JSONField())
    said = KeyTextTransform(name, facts)
    if kind == CHOICE:
        return said
    words = (When(Exact(said, Value(word)), then=Value(as_)) for word, as_ in YES_NO_WORDS)
    return Case(*words, default=Value(None), output_field=CharField())


@source
class Register(Source):
    """The register of models."""

    purpose: ClassVar[str] = "initiative"
    counts_on: ClassVar[str] = "submission__counts_on"
    synthetic: ClassVar[str] = "synthetic"
    told_in: ClassVar[str] = "initiatives_as_changes"

    def records(self, pack: Pack, period: Period) -> Any:
        """Models whose round lies within the period."""
        return Initiative.objects.filter(
            submission__round__edition__programme__key=pack.id,
            submission__round__span__contained_by=(period.first, period.after),
        )

    def fact(self, pack: Pack, name: str) -> Combinable:
        """A built-in column, or the typed answer to the field of that id."""
        if name in BUILT_IN:
            return F(BUILT_IN[name])
        if name == "replicates":
            copied = When(replicated_from__isnull=False, then=Value("yes"))
            return Case(copied, default=Value(None), output_field=CharField())
        if name == "taken_over":
            copies = Initiative.objects.filter(replicated_from=OuterRef("pk"))
            built = When(Exists(copies), then=Value("yes"))
            return Case(built, default=Value(None), output_field=CharField())
        spec = pack.field_of(name)
        column = COLUMN.get(spec.kind) if spec else None
        if column is None:
            return Value(None, output_field=CharField())
        typed = Answer.objects.filter(submission=OuterRef("submission"), field=name)
        said = Subquery(typed.values(column)[:1])
        # An edition before may have asked it without counting it: then it is told in the row alone.
        told = _in_row(name, self.kind_of(pack, name))
        kept: Any = Answer._meta.get_field(column)
        return said if told is None else Coalesce(said, told, output_field=kept)

    def kind_of(self, pack: Pack, name: str) -> str | None:
        """As the trigger `initiatives_delta` tells it (migration 0012)."""
        if name == "state":
            return STATE
        if name in MARKS:
            return FLAG
        if name in UNTOLD:
            return None
        spec = pack.field_of(name)
        if spec is None or spec.kind not in COLUMN:
            return NOTHING
        return TOLD_AS.get(spec.kind)

    def home(self, day: Any) -> Any:
        """Where the model was placed by that day, else its own unit."""
        return Placing.home("submission", "unit_id", day)

    def elsewhere(self) -> Q:
        """Those that somebody placed."""
        return Q(Exists(Placing.objects.filter(submission=OuterRef("submission"))))

    def opens_to(self, pack: Pack, where: dict[str, str]) -> str:
        """The register under these filters; place and period are added by the page."""
        return f"{reverse('initiatives')}?{urlencode(where)}"

    def newest_period(self, pack: Pack, units: Any) -> str | None:
        """The period of the newest round in which any of the units registered."""
        rounds = Round.objects.filter(
            edition__programme__key=pack.id, submissions__unit__in=units
        ).order_by("-span", "-pk")
        return rounds.values_list("period", flat=True).first()

    def known(self, submission: OuterRef) -> Any:
        """The model's code and page, and by what its title sorts."""
        told = JSONObject(code="code", id="pk", page=Value("initiative"), sorts="folded")
        return Subquery(Initiative.objects.filter(submission=submission).values(told=told)[:1])

    def counts(self) -> dict[str, Q]:
        """Models that do not name their registrant."""
        return {"unnamed": Q(registrant__folded="")}

    def notes(self, counted: Mapping[str, int]) -> list[str]:
        """Registrants without a name are counted, each model as one: that must be said."""
        unnamed = counted["unnamed"]
        if not unnamed:
            return []
        return [
            ngettext(
                "%(n)d model does not name its registrant; it is counted as one registrant of its own.",
                "%(n)d models do not name their registrants; each is counted as one registrant of its own.",
                unnamed,
            )
            % {"n": unnamed}
        ]
