"""The changes of a decision as sentences, on the page with links and elsewhere plain."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from banyan.orgs.changes import (
    Change,
    Dissolve,
    Found,
    Merge,
    Move,
    Ref,
    Rename,
    Split,
    Upgrade,
)
from banyan.orgs.models import Kind, Tree, Unit
from banyan.orgs.unit_page import name_on
from banyan.reorganisations import models

# What an officer calls each kind of change.
VERBS = {
    "found": pgettext_lazy("change", "Found"),
    "rename": pgettext_lazy("change", "Rename"),
    "move": pgettext_lazy("change", "Place elsewhere"),
    "merge": pgettext_lazy("change", "Merge"),
    "split": pgettext_lazy("change", "Divide"),
    "upgrade": pgettext_lazy("change", "Raise"),
    "dissolve": pgettext_lazy("change", "Dissolve"),
}
MOST_NAMED = 12  # units named in one sentence
Part = str | Sequence[Ref]
Sentence = tuple[str, dict[str, Part]]


@dataclass(frozen=True)
class Line:
    """One change as shown: its place, what kind it is, its sentence."""

    position: int
    verb: str
    text: SafeString


class Teller:
    """Knows the names of everything that some changes of a decision name: two questions for all."""

    def __init__(
        self, rows: Sequence[models.Change], reorganisation: models.Reorganisation
    ) -> None:
        self.eve, self.number = reorganisation.on - timedelta(days=1), reorganisation.number
        self.said = {row.pk: row.said for row in rows}
        refs = {ref for change in self.said.values() for ref in change.refs()}
        self.units = names_of((ref for ref in refs if isinstance(ref, int)), reorganisation.on)
        keys = [ref for ref in refs if isinstance(ref, str)]
        self.new: dict[str, str] = {}
        if keys:
            founded = models.Change.objects.filter(
                reorganisation=reorganisation, verb="found", told__key__in=keys
            )
            self.new = dict(founded.values_list("told__key", "told__new__name"))

    def html(self, row: models.Change) -> SafeString:
        """The sentence with links to the units on the eve."""
        told = []
        for text, parts in _sentences(self.said[row.pk], self.number):
            filled = {name: self._html(part) for name, part in parts.items()}
            told.append(format_html(text, **filled))
        return format_html_join(" ", "{}", ((one,) for one in told))

    def plain(self, row: models.Change) -> str:
        """The sentence as text."""
        told = []
        for text, parts in _sentences(self.said[row.pk], self.number):
            filled = {name: self._plain(part) for name, part in parts.items()}
            told.append(text.format(**filled))
        return " ".join(told)

    def _html(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        shown = format_html_join(", ", "{}", ((self._link(ref),) for ref in part[:MOST_NAMED]))
        return format_html("{}{}", shown, _more(part))

    def _link(self, ref: Ref) -> str:
        if isinstance(ref, str):
            return format_html("<b>{}</b>", self.called(ref))
        url = f"{reverse('unit', args=[ref])}?on={self.eve.isoformat()}"
        return format_html('<a href="{}">{}</a>', url, self.called(ref))

    def _plain(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        return ", ".join(self.called(ref) for ref in part[:MOST_NAMED]) + _more(part)

    def called(self, ref: Ref) -> str:
        """The name of a unit on the eve, or of one that the decision founds."""
        if isinstance(ref, int):
            return self.units.get(ref, f"#{ref}")
        return _("%(unit)s (new)") % {"unit": self.new.get(ref, ref)}


def names_of(units: Iterable[int], on: date) -> dict[int, str]:
    """What units are called on the eve of a day, else on the day."""
    eve = on - timedelta(days=1)
    rows: Any = Unit.objects.filter(pk__among=list(units))
    named = rows.annotate(called=Coalesce(name_on("pk", eve), name_on("pk", on)))
    return {pk: name for pk, name in named.values_list("pk", "called") if name}


def plain(rows: Sequence[models.Change], reorganisation: models.Reorganisation) -> dict[int, str]:
    """The sentences of these changes as text, by the change's id."""
    teller = Teller(rows, reorganisation)
    return {row.pk: teller.plain(row) for row in rows}


def lines(rows: Sequence[models.Change], reorganisation: models.Reorganisation) -> list[Line]:
    """These changes for the page."""
    teller = Teller(rows, reorganisation)
    return [Line(row.position, str(VERBS[row.verb]), teller.html(row)) for row in rows]


def _more(part: Sequence[Ref]) -> str:
    left = len(part) - MOST_NAMED
    return " " + _("and %(n)d more") % {"n": left} if left > 0 else ""


def _sentences(change: Change, own: str) -> list[Sentence]:
    """What a change says, in one sentence or a few; braces are filled with units and words.

    `own` is the number of the decision itself: a resolution of another number is told.
    """
    tell: Callable[[Any], list[Sentence]] = _TELLS[type(change)]
    told = tell(change)
    number = getattr(change, "decision", "")
    if number and number != own:
        told.append((_("(Resolution {number})"), {"number": number}))
    return told


def _found(change: Found) -> list[Sentence]:
    new = change.new
    about = [str(Kind(new.kind).label) if new.kind in Kind.values else new.kind]
    if new.code:
        about.append(_("code %(code)s") % {"code": new.code})
    if new.tree != Tree.STATE:
        about.append(str(Tree(new.tree).label))
    parts: dict[str, Part] = {"unit": new.name, "about": ", ".join(about)}
    if change.parent is None:
        return [(_("Found {unit} ({about}) at the top."), parts)]
    parts["parent"] = (change.parent,)
    return [(_("Found {unit} ({about}) under {parent}."), parts)]


def _rename(change: Rename) -> list[Sentence]:
    parts: dict[str, Part] = {"unit": (change.unit,), "name": change.name, "code": change.code}
    if isinstance(change, Upgrade):
        told = (
            _("Raise {unit} to {name}, code {code}.")
            if change.code
            else _("Raise {unit} to {name}.")
        )
    elif change.code:
        told = _("{unit} is called {name}, code {code}.")
    else:
        told = _("{unit} is called {name}.")
    return [(told, parts)]


def _move(change: Move) -> list[Sentence]:
    parts: dict[str, Part] = {"unit": (change.unit,), "parent": (change.parent,)}
    return [(_("Place {unit} under {parent}."), parts)]


def _merge(change: Merge) -> list[Sentence]:
    parts: dict[str, Part] = {"units": change.units, "into": (change.into,)}
    if isinstance(change.into, str):
        return [(_("Merge {units} into {into}."), parts)]
    return [(_("{into} takes in {units}."), parts)]


def _split(change: Split) -> list[Sentence]:
    parts: dict[str, Part] = {"unit": (change.unit,), "into": change.into}
    if change.stays:
        return [(_("Parts of {unit} go to {into}; it goes on with the rest."), parts)]
    return [(_("Divide {unit} among {into}."), parts), *_heir(change.heir)]


def _dissolve(change: Dissolve) -> list[Sentence]:
    return [(_("Dissolve {unit}."), {"unit": (change.unit,)}), *_heir(change.heir)]


def _heir(heir: Ref | None) -> list[Sentence]:
    if heir is None:
        return []
    return [(_("What stands below goes to {heir}."), {"heir": (heir,)})]


_TELLS: dict[type[Any], Any] = {
    Found: _found,
    Rename: _rename,
    Upgrade: _rename,
    Move: _move,
    Merge: _merge,
    Split: _split,
    Dissolve: _dissolve,
}
