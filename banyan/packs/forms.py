"""Django forms from a pack: the same form takes a browser's post, JSON and a row of a sheet."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.utils import translation

from banyan.packs.kinds import MAKERS, NumberField, from_json, to_json
from banyan.packs.schema import FieldSpec, FormSpec, Pack
from banyan.packs.texts import ask_key, field_key

Picker = Callable[..., forms.Field]


class PackForm(forms.Form):
    """A form made from a pack. `specs` are the pack's fields behind it."""

    specs: tuple[FieldSpec, ...] = ()

    def answers(self) -> dict[str, Any]:
        """The cleaned answers as they are stored: JSON values, unanswered ones left out."""
        return answers_json(self.specs, self.cleaned_data)


def form_class(
    pack: Pack,
    form: FormSpec,
    *,
    at: str,
    language: str | None = None,
    pickers: Mapping[str, Picker] | None = None,
) -> type[PackForm]:
    """The Django form of a pack's form, for a record in (or moving to) the state `at`.

    `language` is the reader's, by default the active one. `pickers` replaces the plain id field of
    a kind (`unit`, `person`, `file`) by one that knows what the actor may choose; it is called like
    the fields of `kinds.MAKERS`.
    """
    wording = Wording(pack, language)
    fields = {
        spec.id: wording.field(
            spec,
            key=field_key(form.id, spec.id),
            required=pack.required_at(spec, at, pack.workflow_of(form.id)),
            make=(pickers or {}).get(spec.kind),
        )
        for spec in form.fields
    }
    return _class(f"{form.id}_form", fields, form.fields)


def move_form_class(
    pack: Pack, move: str, *, language: str | None = None, form: str = ""
) -> type[PackForm]:
    """The form of what is asked with a move: a reason, a decision's number. May be empty.

    `form`: which form's life the move is of; empty: the pack's.
    """
    wording = Wording(pack, language)
    life = pack.workflow_of(form) if form else pack.workflow
    specs = tuple(pack.asks[name] for name in life.move(move).ask)
    fields = {
        spec.id: wording.field(spec, key=ask_key(spec.id), required=spec.required) for spec in specs
    }
    return _class(f"{move}_form", fields, specs)


def review_form_class(pack: Pack, *, language: str | None = None) -> type[PackForm]:
    """The review sheet: points for each criterion, 0 to its maximum, one decimal allowed."""
    assert pack.criteria is not None
    wording = Wording(pack, language)
    specs: list[FieldSpec] = []
    fields: dict[str, forms.Field] = {}
    for item in pack.criteria.items:
        spec = FieldSpec(item.id, "number", required=True, decimals=1)
        specs.append(spec)
        fields[item.id] = NumberField(
            decimals=1,
            least=0,
            most=item.maximum,
            label=f"{wording.text(f'criteria.{item.id}.label')} (0–{item.maximum:f})",
            help_text=wording.help(f"criteria.{item.id}"),
        )
    return _class("review_form", fields, tuple(specs))


class Wording:
    """A pack's words in one language, and fields that bear them."""

    def __init__(self, pack: Pack, language: str | None = None) -> None:
        self.pack = pack
        self.language = (language or translation.get_language() or "vi")[:2]

    def text(self, key: str) -> str:
        """The text of a key."""
        return self.pack.text(key, self.language)

    def help(self, key: str) -> str:
        """The optional help beside a label; empty when there is none."""
        return self.text(f"{key}.help") if self.pack.has_text(f"{key}.help") else ""

    def field(
        self, spec: FieldSpec, *, key: str, required: bool, make: Picker | None = None
    ) -> forms.Field:
        """One Django field; `key` says where its texts stand, `make` makes it, else its kind."""
        label = self.text(f"{key}.label")
        if spec.measure:
            label = f"{label} ({self.text(f'measures.{spec.measure}')})"
        made = (make or MAKERS[spec.kind])(
            spec, required=required, label=label, help_text=self.help(key)
        )
        if isinstance(made, forms.ChoiceField):
            named = [(id, self.text(f"{key}.choices.{id}")) for id in spec.choice_ids]
            made.choices = [("", "—"), *named]
        return made


def answers_json(specs: Iterable[FieldSpec], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values by field as they are stored; unanswered ones left out."""
    stored = {spec.id: to_json(spec, cleaned.get(spec.id)) for spec in specs}
    return {id: value for id, value in stored.items() if value is not None}


def initial_of(specs: Iterable[FieldSpec], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Stored answers as a form's `initial`."""
    return {spec.id: from_json(spec, answers.get(spec.id)) for spec in specs}


def answer_text(pack: Pack, spec: FieldSpec, value: Any, *, key: str, language: str) -> str:
    """A stored answer as a page shows it: the choice's name, 05/03/2024, grouped thousands.

    Units, persons and files are ids here; pages that show them name them themselves. Yes and no are
    left to the page as well ("" here), for they are the interface's words, not the pack's.
    """
    from_store = from_json(spec, value)
    if from_store is None or isinstance(from_store, bool | list):
        return ""
    if spec.kind == "choice":
        return pack.text(f"{key}.choices.{value}", language)
    if spec.kind == "date":
        return str(from_store.strftime("%d/%m/%Y"))
    if spec.kind in ("number", "money"):
        return str(NumberField().prepare_value(from_store))
    return str(from_store)


def _class(
    name: str, fields: dict[str, forms.Field], specs: tuple[FieldSpec, ...]
) -> type[PackForm]:
    title = "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
    return type(title, (PackForm,), {**fields, "specs": specs})
