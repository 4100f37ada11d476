"""What a list is made of: columns and filters as they are defined, rows and heads as they are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class Column:
    """One column. `value` takes a row and gives text, number, date or None.

    `order` names a field or annotation to sort by; with `blank` it may be NULL, and such rows come
    last. `tie` names what ends ties. `tone` colours a chip's word, `sub` is a quiet second line.
    `usual` columns are shown when nobody has chosen.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    order: str = ""
    sub: Callable[[Any], Any] | None = None
    tone: Callable[[Any], str] | None = None
    blank: bool = False
    tie: str = "pk"
    usual: bool = True


@dataclass(frozen=True)
class Filter:
    """One filter: a form field and what it does to the rows.

    `more` puts it behind 'more filters'. `say` gives its value in words; by default the words of
    the field's choices.
    """

    key: str
    field: forms.Field
    apply: Callable[[Any, Any], Any]
    more: bool = False
    say: Callable[[Any], str] | None = None

    def said(self, value: Any) -> str:
        """A value in words, for the chip that takes it away."""
        if self.say is not None:
            return self.say(value)
        named = {str(key): str(label) for key, label in getattr(self.field, "choices", ())}
        many = value if isinstance(value, list | tuple) else [value]
        if all(str(one) in named for one in many):
            return ", ".join(named[str(one)] for one in many)
        shown = self.field.widget.format_value(value)
        return str(value if shown is None else shown)


@dataclass(frozen=True)
class Link:
    """A labelled address: a chip, an export, a button."""

    label: Any
    url: str
    active: bool = False
    count: int | None = None
    tone: str = ""
    main: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell shows."""

    text: Any
    kind: str
    label: Any
    tone: str = ""
    sub: Any = ""


@dataclass(frozen=True)
class Row:
    """One row as shown: where it leads and its cells."""

    url: str
    cells: list[Cell]
    pk: int


@dataclass(frozen=True)
class Head:
    """One column head as shown: where a click sorts, and how it is sorted now."""

    key: str
    label: Any
    numeric: bool
    url: str
    direction: str


@dataclass(frozen=True)
class Choice:
    """One column as it is chosen: whether it stands in the table now."""

    key: str
    label: Any
    chosen: bool
