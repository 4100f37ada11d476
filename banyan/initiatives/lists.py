"""The register: models within reach, by period, place, state and the pack's filters."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from banyan.figures.periods import PeriodField
from banyan.initiatives.models import Initiative, folded
from banyan.initiatives.source import Register
from banyan.kernel.period import Period
from banyan.orgs.placed import Placed
from banyan.orgs.places import month_end
from banyan.packs.models import Edition
from banyan.packs.schema import FieldSpec, Pack
from banyan.packs.texts import field_key
from banyan.submissions.models import Answer, Placing
from banyan.web.listing import Column, Filter, Link
from banyan.web.periods import period_of

TONES = {
    "draft": "",
    "registered": "sky",
    "in_progress": "amber",
    "completed": "leaf",
    "reviewed": "leaf",
    "recognised": "leaf",
    "not_recognised": "red",
    "withdrawn": "",
}
NONE = "none"


class InitiativeList(Placed):
    """`?period=2024H1&place=020@2024-06-30&reading=now&state=a,b&field=economy&level=none&q=…`"""

    name = "initiatives"
    of = Initiative
    title = gettext_lazy("Register of models and exemplars")
    order = "-code"
    needs = "submission.view"
    searches = True
    places = True
    parameters = {
        **Placed.parameters,
        "period": "2024, 2024H1, 2024Q2 or 2024-05.",
        "below": "Of the place, those of one unit directly below it (CODE@DATE), or self.",
        "unplaced": "1: of the place, those of divided units that no unit below holds yet;"
        " perhaps: those that may belong to it and are placed nowhere.",
    }

    @cached_property
    def language(self) -> str:
        """The reader's language."""
        return (get_language() or "vi")[:2]

    @cached_property
    def pack(self) -> Pack | None:
        """The newest edition of the programme asked for (the only one, when one is installed)."""
        editions = Edition.objects.select_related("programme").order_by("-number")
        asked = self.request.GET.get("programme")
        if asked:
            editions = editions.filter(programme__key=asked)
        newest = editions.first()
        return newest.pack if newest else None

    @cached_property
    def specs(self) -> list[FieldSpec]:
        """The pack's fields a register may be filtered by: choices and yes/no."""
        if self.pack is None:
            return []
        fields = self.pack.form("register").fields
        return [f for f in fields if f.filter and f.kind in ("choice", "boolean")]

    def prepare(self, rows: Any) -> Any:
        """Join what the columns show."""
        return self.with_unit(rows.with_page().prefetch_related(None))

    def own_day(self) -> Any:
        """The end of the month it counts from."""
        return month_end("submission__counts_on")

    def home(self, day: Any) -> Any:
        """Where it was placed, else its own unit."""
        return Placing.home("submission", "unit_id", day)

    def text(self, key: str) -> str:
        """A text of the pack."""
        return self.pack.text(key, self.language) if self.pack else key

    def columns_of(self) -> Sequence[Column]:
        """Code, title, unit, field, registrant, state, day."""
        field_label = self.text("forms.register.fields.field.label")
        return [
            Column(
                "title",
                self.text("forms.register.fields.title.label"),
                lambda i: i.title,
                order="folded",
                sub=lambda i: _("synthetic record") if i.synthetic else "",
            ),
            Column("unit", _("Unit"), self.unit_of, sub=self.unit_before),
            Column("field", field_label, lambda i: self.choice(i, "field"), kind="soft"),
            Column(
                "level",
                self.text("forms.register.fields.level.label"),
                lambda i: self.choice(i, "level"),
                kind="soft",
            ),
            Column(
                "registrant",
                self.text("forms.register.fields.registrant_kind.label"),
                lambda i: i.registrant.name or self.choice(i, "registrant_kind"),
                kind="soft",
            ),
            Column(
                "state",
                _("State"),
                lambda i: i.submission.state_label(self.language),
                kind="chip",
                tone=lambda i: TONES.get(i.submission.state, ""),
            ),
            Column(
                "registered_on",
                _("Registered on"),
                self.registered_on,
                kind="date",
                order="submission__counts_on",
            ),
            Column("code", _("Code"), lambda i: i.code, kind="code", order="code"),
        ]

    def choice(self, row: Initiative, name: str) -> str:
        """The word for a chosen answer; 'unclassified' where nothing was chosen."""
        chosen = row.submission.answers.get(name)
        if not chosen:
            return self.text("unclassified") if name == "field" else ""
        return row.submission.pack.text(
            f"{field_key('register', name)}.choices.{chosen}", self.language
        )

    @staticmethod
    def registered_on(row: Initiative) -> date | None:
        """The day of registration as it was written."""
        written = row.submission.answers.get("registered_on")
        return date.fromisoformat(written) if written else None

    def filters_of(self) -> Sequence[Filter]:
        """Period and place first, then the state, then what the pack marks as filter."""
        made = [
            Filter(
                "period",
                PeriodField(_("Period"), self.period, self.request.today),
                self.in_period,
            ),
            *self.place_filters(),
        ]
        if self.pack is None:
            return made
        states = [(s.name, self.text(f"states.{s.name}")) for s in self.pack.workflow.states]
        made.append(Filter("state", self.several("state", _("State"), states), self.in_states))
        for spec in self.specs:
            field = self.several(spec.id, self.label(spec), self.words(spec))
            made.append(Filter(spec.id, field, self.answering(spec)))
        return [*made, *self.lineage_filters()]

    def lineage_filters(self) -> list[Filter]:
        """What figures on lineage open to; shown while they are on."""
        labels = {
            "replicates": _("Built after another model"),
            "taken_over": _("Others were built after it"),
        }
        made = []
        for fact, label in labels.items():
            field: forms.Field = self.several(fact, label, [("yes", _("Yes")), ("no", _("No"))])
            if not self.request.GET.get(fact):
                field.widget = forms.HiddenInput()
            made.append(Filter(fact, field, self.with_fact(fact)))
        return made

    def with_fact(self, fact: str) -> Any:
        """A filter by a yes-or-no fact of the register, where what is not said is no."""

        def apply(rows: Any, value: list[str]) -> Any:
            if self.pack is None:
                return rows
            told = rows.annotate(**{f"told_{fact}": Register().fact(self.pack, fact)})
            met = Q(**{f"told_{fact}__in": value})
            return told.filter(met | Q(**{f"told_{fact}": None}) if "no" in value else met)

        return apply

    def several(self, key: str, label: str, choices: list[tuple[str, str]]) -> "Several":
        """A select; several values of the address (`a,b`) stand in it as one choice of their own."""
        given = self.request.GET.get(key, "")
        if "," in given:
            named = dict(choices)
            together = ", ".join(named.get(one, one) for one in given.split(","))
            choices = [*choices, (given, together)]
        return Several(label, choices)

    def label(self, spec: FieldSpec) -> str:
        """A field's label."""
        return self.text(f"{field_key('register', spec.id)}.label")

    def words(self, spec: FieldSpec) -> list[tuple[str, str]]:
        """A field's choices in words, with 'not said' at the end."""
        if spec.kind == "boolean":
            return [("yes", _("Yes")), ("no", _("No"))]
        key = field_key("register", spec.id)
        named = [(one, self.text(f"{key}.choices.{one}")) for one in spec.choice_ids]
        return [*named, (NONE, self.text("unclassified"))]

    def in_period(self, rows: Any, value: str) -> Any:
        """Models of rounds within the period."""
        span = self.period
        if span is None:
            return rows.none()
        return rows.filter(submission__round__span__contained_by=(span.first, span.after))

    @cached_property
    def period(self) -> Period | None:
        """The period asked for; Refusal when it cannot be read."""
        asked = self.request.GET.get("period", "").strip()
        return period_of(asked) if asked else None

    @property
    def default_day(self) -> date:
        """The day a code without a date is meant on."""
        return self.period.last if self.period else self.request.today

    def lead(self) -> str:
        """Beside a distinct figure: how many registrants stand behind these models."""
        if self.request.GET.get("distinct") != "registrant":
            return ""
        n = self.rows_all.order_by().values("registrant").distinct().count()
        return ngettext(
            "%(n)d registrant stands behind these models.",
            "%(n)d registrants stand behind these models.",
            n,
        ) % {"n": n}

    @staticmethod
    def in_states(rows: Any, value: list[str]) -> Any:
        """Models in any of these states."""
        return rows.filter(submission__state__in=value)

    @staticmethod
    def answering(spec: FieldSpec) -> Any:
        """A filter by a choice or a yes/no, where 'none' and 'no' include what was not said."""

        def apply(rows: Any, value: list[str]) -> Any:
            typed = Answer.objects.filter(submission=OuterRef("submission"), field=spec.id)
            met = Q(Exists(typed.filter(choice__in=value)))
            unsaid = NONE in value or (spec.kind == "boolean" and "no" in value)
            return rows.filter(met | ~Q(Exists(typed))) if unsaid else rows.filter(met)

        return apply

    def search_in(self, rows: Any, text: str) -> Any:
        """By words of the title, accents or not, or by code."""
        plain = folded(text)
        return rows.filter(Q(folded__contains=plain) | Q(code__iexact=text))

    def chips_of(self) -> list[Link]:
        """By state, with counts under the other filters."""
        if self.pack is None:
            return []
        rows = self.prepare_unstated()
        counts = dict(
            rows.order_by()
            .values_list("submission__state")
            .annotate(n=Count("pk"))
            .values_list("submission__state", "n")
        )
        now = self.request.GET.get("state", "")
        links = [Link(_("All"), self.url(state=None, after=None), not now, sum(counts.values()))]
        for state in self.pack.workflow.states:
            if counts.get(state.name):
                links.append(
                    Link(
                        self.text(f"states.{state.name}"),
                        self.url(state=state.name, after=None),
                        now == state.name,
                        counts[state.name],
                    )
                )
        return links

    def prepare_unstated(self) -> Any:
        """The rows under every filter but the state."""
        rows = self.request.seen(Initiative)
        for one in self.filters:
            value = self.form.cleaned_data.get(one.key)
            if one.key != "state" and value not in (None, "", []):
                rows = one.apply(rows, value)
        return self.search_in(rows, self.search) if self.search else rows

    @cached_property
    def total(self) -> int:
        """The chips have counted already: no second count unless a state is chosen."""
        now = self.form.cleaned_data.get("state")
        if self.pack is None:
            return super().total
        counts = {link.url: link.count or 0 for link in self.chips}
        if not now:
            return counts.get(self.url(state=None, after=None), 0)
        return sum(counts.get(self.url(state=state, after=None), 0) for state in now)

    @cached_property
    def chips(self) -> list[Link]:
        """Made once: one query."""
        return self.chips_of()

    def actions_of(self) -> list[Link]:
        """Register by hand, import a workbook, figures."""
        links = []
        if self.actor.holds("submission.edit"):
            links.append(Link(_("Register a model"), reverse("initiative_new"), main=True))
        if self.actor.holds("submission.import"):
            links.append(Link(_("Import a workbook"), reverse("import")))
        return links


class Several(forms.MultipleChoiceField):
    """Choices given as `?key=a&key=b` or `?key=a,b`; shown as one select with an empty choice."""

    widget = forms.Select

    def __init__(self, label: str, choices: list[tuple[str, str]]) -> None:
        super().__init__(label=label, choices=[("", "—"), *choices], widget=forms.Select())

    def to_python(self, value: Any) -> list[str]:
        """Split the commas."""
        if not value:
            return []
        given = value if isinstance(value, list | tuple) else [value]
        return [part for one in given for part in str(one).split(",") if part]
