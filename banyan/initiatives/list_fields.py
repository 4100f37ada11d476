"""The pack's fields as filters and columns of the register."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, FilteredRelation, Q, TextField, Value
from django.utils.translation import gettext as _

from banyan.initiatives.models import Initiative
from banyan.packs.forms import answer_text
from banyan.packs.kinds import NumberField
from banyan.packs.schema import FieldSpec, Pack
from banyan.packs.texts import field_key
from banyan.submissions.models import Answer
from banyan.web.shown import Column, Filter

NONE, FORM = "none", "register"
# So many fields with choices stand in sight; ranges and the rest are behind 'more filters'.
DAILY = 2
SORTS = {"number": "number", "money": "number", "date": "day"}
# Shown where nobody has chosen columns, if the pack lists them.
USUAL = ("title", "field", "level", "registered_on")
TONES = {
    "draft": "",
    "registered": "sky",
    "approved": "sky",
    "in_progress": "amber",
    "completed": "leaf",
    "reviewed": "leaf",
    "recognised": "leaf",
    "proposed": "sky",
    "not_recognised": "red",
    "suspended": "amber",
    "withdrawn": "",
}


class Fields:
    """The listed and filtered fields of a pack, in one language."""

    def __init__(self, pack: Pack, language: str) -> None:
        self.pack, self.language = pack, language
        self.specs = pack.form(FORM).fields

    def text(self, key: str) -> str:
        """A text of the pack."""
        return self.pack.text(key, self.language)

    def label(self, spec: FieldSpec) -> str:
        """A field's label."""
        return self.text(f"{field_key(FORM, spec.id)}.label")

    @property
    def measures(self) -> list[FieldSpec]:
        """Numbers that can be added up: those with a unit of measure, and money."""
        return [s for s in self.specs if s.kind in ("number", "money") and s.measure and s.is_typed]

    def sums_to(self, spec: FieldSpec) -> str:
        """The unit of measure in words."""
        return self.text(f"measures.{spec.measure}") if spec.measure else ""

    @property
    def chosen(self) -> list[FieldSpec]:
        """Fields that rows are filtered by as answers given: choices and yes or no."""
        return [s for s in self.specs if s.filter and s.kind in ("choice", "boolean")]

    # Filters --------------------------------------------------------------------------------------

    def filters(self, several: Callable[..., forms.Field]) -> list[Filter]:
        """Choices and yes/no first, those in daily use in sight; then from–to."""
        made = []
        for place, spec in enumerate(self.chosen):
            field = several(spec.id, self.label(spec), self.words(spec))
            made.append(Filter(spec.id, field, self.answering(spec), more=place >= DAILY))
        for spec in self.specs:
            if (spec.filter or spec.listed) and spec.kind in SORTS:
                made += self._ranges(spec)
        return made

    def _ranges(self, spec: FieldSpec) -> list[Filter]:
        made = []
        for end, words, bound in (("from", _("from"), "gte"), ("to", _("to"), "lte")):
            label = f"{self.label(spec)} {words}"
            field: forms.Field
            if spec.kind == "date":
                field = forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))
            else:
                field = NumberField(label=label, decimals=spec.decimals)
            apply = self.within(spec, bound)
            made.append(Filter(f"{spec.id}_{end}", field, apply, more=True, say=_written))
        return made

    @staticmethod
    def within(spec: FieldSpec, bound: str) -> Any:
        """A filter by one end of a range; who did not answer is outside every range."""

        def apply(rows: Any, value: Any) -> Any:
            asked = {"field": spec.id, f"{SORTS[spec.kind]}__{bound}": value}
            return rows.filter(submission__in=Answer.objects.filter(**asked).values("submission"))

        return apply

    def words(self, spec: FieldSpec) -> list[tuple[str, str]]:
        """A field's choices in words, with 'not said' at the end."""
        if spec.kind == "boolean":
            return [("yes", _("Yes")), ("no", _("No"))]
        key = field_key(FORM, spec.id)
        named = [(one, self.text(f"{key}.choices.{one}")) for one in spec.choice_ids]
        return [*named, (NONE, self.text("unclassified"))]

    @staticmethod
    def answering(spec: FieldSpec) -> Any:
        """A filter by a choice or a yes/no, where 'none' and 'no' include what was not said."""

        def apply(rows: Any, value: list[str]) -> Any:
            if spec.kind == "boolean":
                yes = Q(facets__contains=facets(spec, ["yes"]))
                asked = set(value) & {"yes", "no"}
                if len(asked) == 1:
                    return rows.filter(yes if "yes" in asked else ~yes)
                return rows if asked else rows.none()
            met = Q(facets__overlap=facets(spec, [one for one in value if one != NONE]))
            if NONE in value:
                met |= ~Q(facets__overlap=facets(spec, spec.choice_ids))
            return rows.filter(met)

        return apply

    # Columns --------------------------------------------------------------------------------------

    def column(self, spec: FieldSpec) -> Column:
        """A field as a column; sorted by its typed answer, or choice by choice."""
        orders = {"choice": "pk", "boolean": "pk"}
        order = "sorted_by" if spec.kind in SORTS else ""
        kind = spec.kind if spec.kind in ("number", "money", "date") else "soft"
        return Column(
            spec.id,
            self.label(spec),
            self.value(spec),
            kind=kind,
            order=order or orders.get(spec.kind, ""),
            blank=bool(order),
            tie="submission_id" if order else "pk",
            usual=spec.id in USUAL,
        )

    def value(self, spec: FieldSpec) -> Callable[[Initiative], Any]:
        """What a row answered, as the kind of the field wants it."""

        def of(row: Initiative) -> Any:
            said = row.submission.answers.get(spec.id)
            if spec.kind == "boolean":
                return "" if said is None else _("Yes") if said else _("No")
            if said in (None, "", []):
                return self.text("unclassified") if spec.id == "field" else ""
            if spec.kind == "date":
                return date.fromisoformat(said)
            if spec.kind in ("number", "money"):
                number = Decimal(str(said))
                return int(number) if number == number.to_integral_value() else number
            if spec.kind == "choice":
                return self.choice(row, spec.id)
            key = field_key(FORM, spec.id)
            return answer_text(row.submission.pack, spec, said, key=key, language=self.language)

        return of

    def choice(self, row: Initiative, name: str) -> str:
        """The word for a chosen answer, as the edition it was given under has it."""
        chosen = row.submission.answers.get(name)
        if not chosen:
            return self.text("unclassified") if name == "field" else ""
        return row.submission.pack.text(f"{field_key(FORM, name)}.choices.{chosen}", self.language)


def facets(spec: FieldSpec, values: Sequence[str]) -> Value:
    """Answers as they stand in a row's `facets`."""
    words = {"yes": "true", "no": "false"} if spec.kind == "boolean" else {}
    said = [f"{spec.id}={words.get(one, one)}" for one in values]
    return Value(said, output_field=ArrayField(TextField()))


def with_answer(rows: Any, spec: FieldSpec) -> Any:
    """Rows with the typed answer that they are sorted by as `sorted_by`."""
    named = FilteredRelation("submission__typed", condition=Q(submission__typed__field=spec.id))
    return rows.annotate(sorting=named).annotate(sorted_by=F(f"sorting__{SORTS[spec.kind]}"))


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(NumberField().prepare_value(value))


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
