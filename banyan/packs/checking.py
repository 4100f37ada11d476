"""What a pack's form says of many rows, without building a form for each.

`Checker` answers exactly as `PackForm` does, for the same Django fields decide: it only remembers
what they said of a value, and takes plain words within their bounds as they are. A sheet repeats
its choices, days and numbers; so a row costs microseconds where a form costs a millisecond.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxLengthValidator,
    MinLengthValidator,
    ProhibitNullCharactersValidator,
)

from banyan.packs.forms import PackForm
from banyan.packs.kinds import DayField, MoneyField, NumberField, to_json
from banyan.packs.schema import FieldSpec

# Values of these types that are equal are also written alike. Not so 1.0 and 1.00 as decimals.
_PLAIN = frozenset({str, int, bool, date, type(None)})
_BOUNDS = (MinLengthValidator, MaxLengthValidator, ProhibitNullCharactersValidator)
# What these say depends on the value alone; a picker asks the database, and is asked each time.
_STEADY = frozenset(
    {forms.BooleanField, forms.ChoiceField, forms.IntegerField, DayField, MoneyField, NumberField}
)
LONGEST_KEPT, MOST_KEPT = 200, 5_000  # characters of a value; values of a field


class Said(NamedTuple):
    """What a field makes of a value: the answer as it is stored, or why it refuses it."""

    answer: Any
    refused: ValidationError | None = None


@dataclass(frozen=True)
class Checked:
    """A row's answers as they are stored, of the fields that accept theirs; messages of the others."""

    answers: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


class Checker:
    """Checks rows against a form made by `form_class`. Keep one for each state and language.

    `check` says what `PackForm(row)` would: `.answers` are its `answers()`, `.errors` its messages
    by field, in the order of the form and the language that is active.
    """

    def __init__(self, form: type[PackForm]) -> None:
        fields = form.base_fields
        self._items = [_Item(spec, fields[spec.id]) for spec in form.specs]
        self._asks = [(one.id, one.say, one.nothing) for one in self._items]

    def check(self, row: Mapping[str, Any]) -> Checked:
        """What the form makes of a row: values by field, as they would be typed or as Python."""
        answers: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for id, say, nothing in self._asks:
            said = say(row[id]) if id in row else nothing
            if said.refused is not None:
                errors[id] = [str(message) for message in said.refused]
            elif said.answer is not None:
                answers[id] = said.answer
        return Checked(answers, errors)

    def requires(self, id: str) -> bool:
        """Whether the form wants an answer to this field."""
        return any(one.id == id and one.field.required for one in self._items)


def _bounded_alone(made: forms.CharField) -> bool:
    return all(type(one) in _BOUNDS for one in made.validators)


class _Item:
    """One field with what it has said so far."""

    def __init__(self, spec: FieldSpec, made: forms.Field) -> None:
        self.id, self.spec, self.field = spec.id, spec, made
        self.kept: dict[Any, Said] = {}
        self.nothing = self._ask({})
        self.say: Callable[[Any], Said] = self._asked
        if type(made) in _STEADY:
            self.say = self._remembered
        elif type(made) is forms.CharField and made.strip and _bounded_alone(made):
            self.least, self.most = max(made.min_length or 1, 1), made.max_length
            self.say = self._words

    def _words(self, value: Any) -> Said:
        """Words within their bounds stay as they are, without blanks around them."""
        if type(value) is str and "\0" not in value:
            bare = value.strip()
            if self.least <= len(bare) and (self.most is None or len(bare) <= self.most):
                return Said(bare)
        return self._asked(value)

    def _remembered(self, value: Any) -> Said:
        kind = type(value)
        if kind not in _PLAIN or (kind is str and len(value) > LONGEST_KEPT):
            return self._asked(value)
        known = self.kept.get((kind, value))
        if known is not None:
            return known
        said = self.kept[kind, value] = self._asked(value)
        if len(self.kept) > MOST_KEPT:
            self.kept.clear()
        return said

    def _asked(self, value: Any) -> Said:
        return self._ask({self.id: value})

    def _ask(self, data: dict[str, Any]) -> Said:
        """What the Django field itself says, reached through its widget as in a form."""
        given = self.field.widget.value_from_datadict(data, {}, self.id)
        try:
            return Said(to_json(self.spec, self.field.clean(given)))
        except ValidationError as refused:
            return Said(None, refused)
