"""The kinds of answer a field may hold: one Django form field and one JSON form for each.

The JSON form is what a submission stores and what the API sends: text, whole numbers, decimals and
days as text, true/false, ids. Free-form cells of sheets are read elsewhere (`kernel/cells.py`);
these fields take what people type in a form, in Vietnamese or international habit, nothing vague.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banyan.packs.schema import FieldSpec

DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
_WHOLE = re.compile(r"-?[0-9]+")
_SIMPLE = re.compile(r"(-?[0-9]+)[.,]([0-9]+)")
_GROUPED = re.compile(
    r"(-?[0-9]{1,3}(?:(?:\.[0-9]{3})+(?=,|$)|(?:,[0-9]{3})+(?=\.|$)|(?: [0-9]{3})+))"
    r"(?:[.,]([0-9]+))?"
)
_CURRENCY = re.compile(r"\s*(?:đồng|đ|vnđ|vnd)\.?$", re.IGNORECASE)


def read_number(text: str, *, decimals: int = 0) -> Decimal | None:
    """A number as people type it: 1234, 1.234.567, 1,234,567, 1 234 567, 12,5. None when unclear.

    A dot or comma before exactly three digits is a thousand; packs allow two decimals at most, so
    nothing can be meant both ways.
    """
    text = _BLANKS.sub(" ", text.strip()).replace("−", "-")
    if _WHOLE.fullmatch(text):
        return Decimal(text)
    found = _GROUPED.fullmatch(text) or _SIMPLE.fullmatch(text)
    if found is None or len(found[2] or "") > decimals:
        return None
    whole = re.sub(r"[ .,]", "", found[1])
    return Decimal(f"{whole}.{found[2]}" if found[2] else whole)


def shown_number(number: int | Decimal) -> str:
    """A number as a form shows it: 1.234.567 and 12,5, which `read_number` reads back."""
    whole, _dot, rest = format(Decimal(number), "f").partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    if whole.startswith("-") and not grouped.startswith("-"):
        grouped = f"-{grouped}"
    return f"{grouped},{rest}" if rest else grouped


class NumberField(forms.Field):
    """A number typed as text, thousands grouped or not. Cleans to int, with decimals to Decimal."""

    widget = forms.TextInput
    default_error_messages = {
        "number": _("Write a number, for example 1.234.567."),
        "whole": _("Write a whole number, without decimals."),
        "least": _("Must be at least %(bound)s."),
        "most": _("Must be at most %(bound)s."),
    }

    def __init__(
        self, *, decimals: int = 0, least: Any = None, most: Any = None, **kw: Any
    ) -> None:
        self.decimals, self.least, self.most = decimals, least, most
        super().__init__(**kw)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A number pad on phones."""
        return {"inputmode": "decimal" if self.decimals else "numeric", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Grouped thousands when shown again."""
        return shown_number(value) if isinstance(value, int | Decimal) else value

    def to_python(self, value: Any) -> int | Decimal | None:
        """int, or Decimal when decimals are allowed."""
        if value in self.empty_values:
            return None
        if isinstance(value, bool):
            raise ValidationError(self.error_messages["number"], code="number")
        number = self.read(str(value))
        if number is None:
            raise ValidationError(self.error_messages["number"], code="number")
        if self.decimals:
            return number
        if number != int(number):
            raise ValidationError(self.error_messages["whole"], code="whole")
        return int(number)

    def read(self, text: str) -> Decimal | None:
        """The number in the text; None when unclear."""
        return read_number(text, decimals=self.decimals)

    def validate(self, value: Any) -> None:
        """Required, and within the bounds."""
        super().validate(value)
        for bound, code, wrong in (
            (
                self.least,
                "least",
                value is not None and self.least is not None and value < self.least,
            ),
            (self.most, "most", value is not None and self.most is not None and value > self.most),
        ):
            if wrong:
                shown = {"bound": shown_number(bound)}
                raise ValidationError(self.error_messages[code], code=code, params=shown)


class MoneyField(NumberField):
    """An amount in whole đồng; a trailing đ, đồng or VND may stand."""

    def read(self, text: str) -> Decimal | None:
        """The amount without its currency."""
        return read_number(_CURRENCY.sub("", text.strip()))


class DayField(forms.DateField):
    """A day: the browser's own date input, or 05/03/2024 typed or pasted."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    default_error_messages = {
        "invalid": _("Write a day as 05/03/2024."),
        "least": _("Must not be before %(bound)s."),
        "most": _("Must not be after %(bound)s."),
    }

    def __init__(self, *, least: str | None = None, most: str | None = None, **kw: Any) -> None:
        self.least = date.fromisoformat(least) if least else None
        self.most = date.fromisoformat(most) if most else None
        super().__init__(input_formats=DAY_FORMATS, **kw)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The bounds, so that the browser's calendar keeps them too."""
        return {
            name: day.isoformat() for name, day in (("min", self.least), ("max", self.most)) if day
        }

    def to_python(self, value: Any) -> date | None:
        """A date; a datetime only when it is a whole day (as sheets store days)."""
        if value in self.empty_values:
            return None
        is_timed = isinstance(value, datetime) and value.time() != time()
        if is_timed or not isinstance(value, str | date):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        """Required, and within the bounds."""
        super().validate(value)
        if value and self.least and value < self.least:
            shown = {"bound": self.least.strftime("%d/%m/%Y")}
            raise ValidationError(self.error_messages["least"], code="least", params=shown)
        if value and self.most and value > self.most:
            shown = {"bound": self.most.strftime("%d/%m/%Y")}
            raise ValidationError(self.error_messages["most"], code="most", params=shown)


def _length(spec: FieldSpec) -> dict[str, Any]:
    return {"min_length": spec.minimum, "max_length": spec.maximum}


def _text(spec: FieldSpec, **kw: Any) -> forms.Field:
    return forms.CharField(**_length(spec), **kw)


def _longtext(spec: FieldSpec, **kw: Any) -> forms.Field:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(widget=area, **_length(spec), **kw)


def _number(spec: FieldSpec, **kw: Any) -> forms.Field:
    return NumberField(decimals=spec.decimals, least=spec.minimum, most=spec.maximum, **kw)


def _money(spec: FieldSpec, **kw: Any) -> forms.Field:
    return MoneyField(least=spec.minimum, most=spec.maximum, **kw)


def _date(spec: FieldSpec, **kw: Any) -> forms.Field:
    least, most = (str(bound) if bound else None for bound in (spec.minimum, spec.maximum))
    return DayField(least=least, most=most, **kw)


def _choice(spec: FieldSpec, **kw: Any) -> forms.Field:
    # The labels are put in by the form, which knows the pack's texts.
    return forms.ChoiceField(choices=[("", "—"), *((id, id) for id in spec.choice_ids)], **kw)


def _boolean(spec: FieldSpec, **kw: Any) -> forms.Field:
    # An unticked box is the answer 'no'; Django's `required` would mean 'must be ticked'.
    return forms.BooleanField(**{**kw, "required": False})


class IdsField(forms.Field):
    """Several ids, each once, in the order given: `?evidence=4&evidence=7`."""

    widget = forms.MultipleHiddenInput
    hidden_widget = forms.MultipleHiddenInput
    default_error_messages = {"ids": _("One of the files is not known. Choose it again.")}

    def to_python(self, value: Any) -> list[int]:
        """Ids as whole numbers."""
        given = value if isinstance(value, list | tuple) else [value]
        given = [one for one in given if one not in ("", None)]
        if not all(str(one).isdecimal() and len(str(one)) <= LONGEST_ID for one in given):
            raise ValidationError(self.error_messages["ids"], code="ids")
        return list(dict.fromkeys(int(one) for one in given))


LONGEST_ID = 18  # what a bigint holds in any case


def _ids(spec: FieldSpec, **kw: Any) -> forms.Field:
    return IdsField(**kw)


def _id(spec: FieldSpec, **kw: Any) -> forms.Field:
    return forms.IntegerField(min_value=1, **kw)


MAKERS: dict[str, Callable[..., forms.Field]] = {
    "text": _text,
    "longtext": _longtext,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
    "unit": _id,
    "person": _id,
    "file": _id,
    "files": _ids,
}


def to_json(spec: FieldSpec, value: Any) -> Any:
    """A cleaned answer as it is stored; None for no answer."""
    if value is None or value == "" or value == []:
        return None
    if spec.kind == "date":
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    # A picker of units, persons or files may clean to a row: its id is stored.
    return getattr(value, "pk", value)


def from_json(spec: FieldSpec, value: Any) -> Any:
    """A stored answer as Python: dates and decimals again, the rest as it is."""
    if value is None:
        return None
    if spec.kind == "date":
        return date.fromisoformat(value)
    if spec.kind == "number" and spec.decimals:
        return Decimal(value)
    return value
