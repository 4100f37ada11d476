"""The register: models within reach, by period, place, state and the pack's filters."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.periods import PeriodField
from banyan.initiatives.counted import counted_filters
from banyan.initiatives.list_counts import MOST, Counting, Sum
from banyan.initiatives.list_fields import SORTS, TONES, Fields, Several, facets, with_answer
from banyan.initiatives.list_shapes import Shapes
from banyan.initiatives.list_views import VIEW_ROW
from banyan.initiatives.models import Initiative
from banyan.initiatives.searching import bare_query, exact_query
from banyan.initiatives.source import Register
from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry, Tree, Unit
from banyan.orgs.placed import Placed
from banyan.orgs.places import month_end
from banyan.packs.models import Edition
from banyan.packs.schema import FieldSpec, Pack
from banyan.people.models import SavedView
from banyan.submissions.models import Placing
from banyan.web.keyset import Order
from banyan.web.listing import Column, Filter, Link
from banyan.web.periods import period_of

# A reach of more units is asked of the database each time instead of being read.
FEW_UNITS = 2_000


class InitiativeList(Shapes, Placed):
    """`?period=2024H1&place=020@2024-06-30&reading=now&state=a,b&field=economy&level=none&q=…`"""

    name = "initiatives"
    of = Initiative
    title = gettext_lazy("Register of models and exemplars")
    order = "-code"
    needs = "submission.view"
    searches = True
    places = True
    template = "initiatives/list.html"
    part = "initiatives/_list_rows.html"
    picks = "picks"
    parameters = {
        **Placed.parameters,
        "period": "2024, 2024H1, 2024Q2 or 2024-05.",
        "counted": "A month or quarter in which records of the period count.",
        "below": "Of the place, those of one unit directly below it (CODE@DATE), or self.",
        "unplaced": "1: of the place, those of divided units that no unit below holds yet;"
        " perhaps: those that may belong to it and are placed nowhere.",
        "columns": "Keys of columns in the order wanted, or all.",
        "sort": "The key of a column that sorts, with - in front from high to low.",
    }

    # What the page begins with --------------------------------------------------------------------

    @cached_property
    def language(self) -> str:
        """The reader's language."""
        return (get_language() or "vi")[:2]

    @cached_property
    def start(self) -> Edition | None:
        """One question for what every other depends on: the newest edition of the programme asked
        for, the units within reach where they are few, whether the reach leaves any model out."""
        reach = self.actor.reach(Initiative.view_capability)
        has_models = Exists(Initiative.objects.filter(unit=OuterRef("pk")))
        # The units beyond reach in one pass: those with models by their number below nought.
        beyond = Unit.objects.exclude(pk__in=reach)
        told = beyond.values(
            told=Case(
                When(has_models, then=Value(-1) * F("pk")),
                default=F("pk"),
                output_field=BigIntegerField(),
            )
        )
        editions = Edition.objects.select_related("programme").defer("content").order_by("-number")
        asked = self.request.GET.get("programme")
        if asked:
            editions = editions.filter(programme__key=asked)
        views = self.request.seen(SavedView).of_listing(self.name).order_by("name", "pk")
        found = editions.annotate(
            reach=ArraySubquery(reach[: FEW_UNITS + 1]),
            beyond=ArraySubquery(told[: FEW_UNITS + 1]),
            views=ArraySubquery(views.values(row=JSONObject(**VIEW_ROW))),
        ).first()
        within: list[int] = getattr(found, "reach", [])
        if found is not None and len(within) <= FEW_UNITS:
            self.actor.within = within
        elif self._leaves_none(found):
            self.actor.outside = (Initiative, found.beyond)  # type: ignore[union-attr]
        return found

    @property
    def pack(self) -> Pack | None:
        """The programme as the newest edition has it."""
        return self.start.pack if self.start else None

    @property
    def is_whole(self) -> bool:
        """Whether the actor reaches every unit that has models."""
        return self._leaves_none(self.start)

    @staticmethod
    def _leaves_none(found: Any) -> bool:
        """Whether few units are beyond reach, none of them with models."""
        return (
            found is not None
            and len(found.beyond) <= FEW_UNITS
            and all(one > 0 for one in found.beyond)
        )

    @cached_property
    def fields(self) -> Fields | None:
        """The pack's fields."""
        return Fields(self.pack, self.language) if self.pack else None

    def seen(self) -> Any:
        """The rows within reach, once it is known how far that is."""
        assert self.start is None or self.start
        return super().seen()

    def prepare(self, rows: Any) -> Any:
        """Join what the columns show and what they are sorted by."""
        rows = self.with_unit(rows.with_page().prefetch_related(None))
        spec = self.sorted_spec
        return with_answer(rows, spec) if spec and spec.kind in SORTS else rows

    @property
    def sorted_spec(self) -> FieldSpec | None:
        """The pack's field that the rows are sorted by."""
        key = self.sorting[0].key
        return next((s for s in self.fields.specs if s.id == key), None) if self.fields else None

    def own_day(self) -> Any:
        """The end of the month it counts from."""
        return month_end("counts_on")

    def home(self, day: Any) -> Any:
        """Where it was placed, else its own unit."""
        return Placing.home("submission", "unit_id", day)

    def text(self, key: str) -> str:
        """A text of the pack."""
        return self.pack.text(key, self.language) if self.pack else key

    # Columns --------------------------------------------------------------------------------------

    def columns_of(self) -> Sequence[Column]:
        """Title, unit, the listed fields of the pack, registrant, state, period, code."""
        listed = [s for s in self.fields.specs if s.listed] if self.fields else []
        made = {spec.id: self.fields.column(spec) for spec in listed if self.fields}
        title = Column(
            "title",
            self.text("forms.register.fields.title.label"),
            lambda i: i.title,
            order="folded",
            sub=lambda i: _("synthetic record") if i.synthetic else "",
        )
        unit = Column("unit", _("Unit"), self.unit_of, sub=self.unit_before)
        state = Column(
            "state",
            _("State"),
            lambda i: i.submission.state_label(self.language),
            kind="chip",
            order="pk",
            tone=lambda i: TONES.get(i.submission.state, ""),
        )
        registrant = Column(
            "registrant",
            self.text("forms.register.fields.registrant_kind.label"),
            self.registrant_of,
            kind="soft",
        )
        period = Column(
            "period",
            _("Period"),
            lambda i: words.period_text(i.submission.round.covers),
            kind="soft",
            usual=False,
        )
        code = Column("code", _("Code"), lambda i: i.code, kind="code", order="code")
        first = [made[key] for key in ("field", "level") if key in made]
        usual = [made[key] for key in ("registered_on",) if key in made]
        gone = {"title", "field", "level", "registered_on"}
        rest = [column for key, column in made.items() if key not in gone]
        return [title, unit, *first, registrant, state, *usual, code, *rest, period]

    def registrant_of(self, row: Initiative) -> str:
        """The registrant's name, else what kind it is."""
        if row.registrant.name or self.fields is None:
            return row.registrant.name
        return self.fields.choice(row, "registrant_kind")

    # Filters --------------------------------------------------------------------------------------

    def filters_of(self) -> Sequence[Filter]:
        """Period and place first, then the state, then what the pack marks as filter."""
        made = [
            Filter(
                "period",
                PeriodField(_("Period"), self.period, self.request.today),
                self.in_period,
                say=lambda _value: words.period_text(self.period) if self.period else "",
            ),
            *self.place_filters(),
            *counted_filters(self.request),
        ]
        if self.pack is None or self.fields is None:
            return made
        states = [(s.name, self.text(f"states.{s.name}")) for s in self.pack.workflow.states]
        made.append(Filter("state", self.several("state", _("State"), states), self.in_states))
        return [*made, *self.fields.filters(self.several), *self.lineage_filters()]

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

    def in_place(self, rows: Any, value: str) -> Any:
        """Of the units that ever stood or live on there, and of records placed there; then day by
        day. The first is read by index, the second asked of each row."""
        units = [unit.pk for unit in self.located.units] if self.located else []
        ever = Ancestry.objects.filter(ancestor__in=units, tree=Tree.STATE).values("unit")
        placed = Placing.objects.filter(unit__in=ever).values("submission")
        near = Q(unit__among=ArraySubquery(ever)) | Q(submission__among=ArraySubquery(placed))
        return super().in_place(rows.filter(near), value)

    def several(self, key: str, label: str, choices: list[tuple[str, str]]) -> Several:
        """A select; several values of the address (`a,b`) stand in it as one choice of their own."""
        given = self.request.GET.get(key, "")
        if "," in given:
            named = dict(choices)
            together = ", ".join(named.get(one, one) for one in given.split(","))
            choices = [*choices, (given, together)]
        return Several(label, choices)

    def in_period(self, rows: Any, value: str) -> Any:
        """Models of rounds within the period."""
        span = self.period
        if span is None:
            return rows.none()
        return rows.filter(span__contained_by=(span.first, span.after))

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
        return rows.filter(state__in=value)

    def search_in(self, rows: Any, text: str) -> Any:
        """With every word in title, code or registrant, accents or not, the last as a beginning."""
        asked = bare_query(text)
        return rows.filter(words__finds=asked) if asked else rows.none()

    # Order ----------------------------------------------------------------------------------------

    def phases(self) -> list[tuple[Any, Order]]:
        """Searched without an order: as it is written first. By state or choice: one by one, in the
        order of the pack, the newest code first."""
        column, down = self.sorting
        newest = Order("code", True)
        if self.search and not self.request.GET.get("sort") and bare_query(self.search):
            exact = Q(words__finds=exact_query(self.search))
            return [(self.rows_all.filter(exact), newest), (self.rows_all.filter(~exact), newest)]
        if column.order != "pk" or self.pack is None:
            return super().phases()
        parts = self._states() if column.key == "state" else self._choices()
        if down:
            parts.reverse()
        return [(self.rows_all.filter(part), newest) for part in parts]

    def _states(self) -> list[Q]:
        assert self.pack is not None
        known = [state.name for state in self.pack.workflow.states]
        return [*(Q(state=one) for one in known), ~Q(state__in=known)]

    def _choices(self) -> list[Q]:
        spec = self.sorted_spec
        assert spec is not None
        values = ["yes", "no"] if spec.kind == "boolean" else list(spec.choice_ids)
        asked = [Q(facets__contains=facets(spec, [one])) for one in values]
        return [*asked, ~Q(facets__overlap=facets(spec, values))]

    # Counts ---------------------------------------------------------------------------------------

    @cached_property
    def rows_unstated(self) -> Any:
        """The rows under every filter but the state."""
        rows = self.narrowed(self.seen(), but="state")
        return rows.filter(pk__in=self.picked) if self.picked else rows

    @cached_property
    def counting(self) -> Counting:
        """Counts and sums, read once."""
        return Counting(self, self.fields)

    @property
    def counts_url(self) -> str:
        """Where the counts are asked for when they take longer than the page may."""
        later = self.counting.by_state is None
        return self.url(part="counts", after=None, before=None) if later else ""

    most = MOST

    @property
    def sums(self) -> list[Sum]:
        """What the rows add up to."""
        return self.counting.sums

    @cached_property
    def total(self) -> int | None:
        """How many rows; None: counted later."""
        shown = self.counting.shown
        return None if shown is None else shown.n

    def chips_of(self) -> list[Link]:
        """By state, with counts under the other filters."""
        if self.pack is None:
            return []
        counts, now = self.counting.by_state, self.request.GET.get("state", "")
        away = {"after": None, "before": None}
        every = None if counts is None else sum(one.n for one in counts.values())
        links = [Link(_("All"), self.url(state=None, **away), not now, every)]
        for state in self.pack.workflow.states:
            label, url = self.text(f"states.{state.name}"), self.url(state=state.name, **away)
            if counts is None:
                links.append(Link(label, url, now == state.name))
            elif state.name in counts:
                links.append(Link(label, url, now == state.name, counts[state.name].n))
        return links

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
            links.append(Link(_("Import a workbook"), reverse("import_new", args=["models"])))
        return links
