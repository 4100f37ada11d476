"""One form for each of the seven changes: units are typed by code or name, and found on the eve."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from banyan.orgs.models import Kind
from banyan.reorganisations import operations
from banyan.reorganisations.naming import Naming, Typed, new_unit, parts
from banyan.web.form import Form
from banyan.web.templatetags.banyan import day

BY_CODE_OR_NAME = gettext_lazy("Its code, or its whole name.")
SEVERAL = gettext_lazy(
    "Codes or whole names, one unit a line. Of several with one name: Xã Tân Lập, Huyện Đan Phượng."
)
OR_NEW = gettext_lazy("Its code, or its whole name; also one that this decision founds.")
LONGEST = 20_000
MOST_WRONG = 20  # lines of one field; asking what thousands might mean would take minutes


def unit_field(label: Any, help_text: Any, *, required: bool = True) -> forms.CharField:
    """A field for one unit."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=200, widget=widget
    )


def units_field(label: Any, help_text: Any = SEVERAL) -> forms.CharField:
    """A field for several units."""
    widget = forms.Textarea(attrs={"rows": 5})
    # Not `max_length`: a counter of 20,000 characters helps nobody.
    most = MaxLengthValidator(LONGEST)
    return forms.CharField(label=label, help_text=help_text, widget=widget, validators=[most])


def resolution_field() -> forms.CharField:
    """The number of a resolution of its own."""
    return forms.CharField(
        label=gettext_lazy("Resolution of its own"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Only where this change rests on another paper than the decision."),
    )


class ChangeForm(Form):
    """A form that adds changes to a decision."""

    run = operations.extend
    submit_label = gettext_lazy("Add to the decision")
    done = gettext_lazy("Added to the decision. Nothing has changed in the tree yet.")
    first: ClassVar[str] = "unit"
    made: Sequence[Change] = ()

    @property
    def cancel_url(self) -> str:
        """Back to the decision."""
        return str(self.thing.get_absolute_url())

    @property
    def lead(self) -> str:
        """Of which day units are named."""
        return _(
            "In force from %(day)s. Units are named as they were called on the eve, %(eve)s."
        ) % {
            "day": day(self.thing.on),
            "eve": day(self.thing.on - timedelta(days=1)),
        }

    @cached_property
    def naming(self) -> Naming:
        """The units of the eve and those the decision founds."""
        rows = self.thing.changes.filter(verb="found").order_by("position")
        return Naming(self.thing.on, (row.said for row in rows))

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """The changes; problems are told by `add_error`."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Find the units; those beyond one's reach are refused now and not only at the end."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            made = self.compose(said)
            if not self.errors:
                operations.within_reach(made, self.actor)
                self.made = made
        return said

    def arguments(self) -> dict[str, Any]:
        """The changes."""
        return {"changes": self.made}

    def _tried(self, field: str, find: Any, *given: Any) -> Any:
        try:
            return find(*given)
        except forms.ValidationError as no:
            self.add_error(field, no)
            return None

    def _unit(self, field: str, text: str) -> int:
        return self._tried(field, self.naming.unit, text) or 0

    def _units(self, field: str, text: str) -> tuple[int, ...]:
        """Every unit of a field; each that is not found is named."""
        lines = list(dict.fromkeys(parts(text)))
        self.naming.learn(lines)
        found = (self._named(field, self.naming.unit, one) for one in lines)
        return tuple(dict.fromkeys(unit or 0 for unit in found))

    def _named(self, field: str, find: Any, line: str, *given: Any) -> Any:
        """One line of a field; what is wrong with it is told with its words."""
        if len(self.errors.get(field, ())) >= MOST_WRONG:
            return None
        try:
            return find(line, *given)
        except forms.ValidationError as no:
            told = {"line": line, "why": " ".join(no.messages)}
            self.add_error(field, _("“%(line)s”: %(why)s") % told)
            return None

    def _ref(self, field: str, text: str) -> Ref:
        return self._tried(field, self.naming.ref, text) or 0

    def _heir(self, said: dict[str, Any]) -> Ref | None:
        return self._ref("heir", said["heir"]) if said["heir"] else None


class NewUnitFields(forms.Form):
    """What founds a unit."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("As it stands in the decision, with the word before it."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    code = forms.CharField(label=gettext_lazy("Code"), max_length=40, required=False)


def kinds(empty: Any = None) -> list[tuple[str, Any]]:
    """The kinds to choose from."""
    told = [(kind.value, kind.label) for kind in Kind if kind != Kind.COUNTRY]
    return [("", empty), *told] if empty else told


class FoundForm(ChangeForm, NewUnitFields):
    """Found a unit."""

    title = gettext_lazy("Found a unit by this decision")
    first = "parent"
    field_order = ("name", "kind", "code", "parent", "decision")

    parent = unit_field(gettext_lazy("Stands under"), OR_NEW)
    decision = resolution_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds()  # type: ignore[attr-defined]

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """One founding."""
        typed = Typed(*(said[name] for name in ("name", "kind", "code", "parent", "decision")))
        made: Found | None = self._tried("parent", self.naming.found, typed)
        return [made] if made else []


class RenameForm(ChangeForm):
    """Give a unit another name, and another code."""

    title = gettext_lazy("Rename a unit by this decision")
    makes: ClassVar[type[Rename]] = Rename

    unit = unit_field(gettext_lazy("Unit"), BY_CODE_OR_NAME)
    name = forms.CharField(label=gettext_lazy("New name"), max_length=200)
    code = forms.CharField(
        label=gettext_lazy("New code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Empty: the code stays."),
    )
    decision = resolution_field()

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """One renaming."""
        unit = self._unit("unit", said["unit"])
        return [self.makes(unit, said["name"], said["code"].strip(), said["decision"])]


class UpgradeForm(RenameForm):
    """Raise a unit: a commune becomes a ward."""

    title = gettext_lazy("Raise a unit by this decision")
    makes = Upgrade


class MoveForm(ChangeForm):
    """Place units under another."""

    title = gettext_lazy("Place units under another by this decision")
    first = "units"

    units = units_field(gettext_lazy("Units"))
    parent = unit_field(gettext_lazy("New parent"), OR_NEW)
    decision = resolution_field()

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """One change for each unit."""
        units = self._units("units", said["units"])
        parent = self._ref("parent", said["parent"])
        tree_of = self.naming.tree_of
        return [Move(unit, parent, tree_of(unit), said["decision"]) for unit in units if unit]


class MergeForm(ChangeForm):
    """Let units end and go over wholly into one, which there is or which is new."""

    title = gettext_lazy("Merge units by this decision")
    first = "units"
    template = "reorganisations/merge.html"

    units = units_field(gettext_lazy("Units that end"))
    into = unit_field(gettext_lazy("Into a unit that there is"), OR_NEW, required=False)
    name = forms.CharField(
        label=gettext_lazy("Name of the new unit"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As it stands in the decision, with the word before it."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    code = forms.CharField(label=gettext_lazy("Code"), max_length=40, required=False)
    parent = unit_field(
        gettext_lazy("Stands under"),
        gettext_lazy("Empty: under the same unit as the first of those that end."),
        required=False,
    )
    decision = resolution_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alike = gettext_lazy("As the first of those that end")
        self.fields["kind"].choices = kinds(alike)  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Those that end; then where they go: one or the other."""
        return [
            {"fields": [self["units"]]},
            {"title": _("Either into a unit that there is"), "fields": [self["into"]]},
            {
                "title": _("… or into a new unit"),
                "fields": [self[name] for name in ("name", "kind", "code", "parent", "decision")],
            },
        ]

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """The merger, with the founding of a new unit before it."""
        if bool(said["into"]) == bool(said["name"]):
            self.add_error(
                "into",
                _("Name either a unit that there is, or a new one: not both.")
                if said["into"]
                else _("Say where the units go: into one that there is, or into a new one."),
            )
            return []
        units = self._units("units", said["units"])
        if self.errors:
            return []
        if said["into"]:
            return [Merge(units, self._ref("into", said["into"]))]
        typed = Typed(*(said[name] for name in ("name", "kind", "code", "parent", "decision")))
        made: Found | None = self._tried("parent", self.naming.found, typed, units[0])
        return [made, Merge(units, made.key)] if made else []


class SplitForm(ChangeForm):
    """Divide a unit among others."""

    title = gettext_lazy("Divide a unit by this decision")

    unit = unit_field(gettext_lazy("Unit"), BY_CODE_OR_NAME)
    into = units_field(
        gettext_lazy("Among which units"),
        gettext_lazy(
            "One a line: the code or name of a unit, or a new one as “new: name; kind; code; stands"
            " under”. What you leave out there is as with the unit that is divided."
        ),
    )
    stays = forms.BooleanField(
        label=gettext_lazy("It goes on with the rest"),
        required=False,
        help_text=gettext_lazy("Only parts leave for the others; its records stay with it."),
    )
    heir = unit_field(
        gettext_lazy("What stood under it goes to"),
        gettext_lazy(
            "One of those above. Empty: nothing stands under it, or each is placed itself."
        ),
        required=False,
    )

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """The division, with the founding of new units before it."""
        unit = self._unit("unit", said["unit"])
        if self.errors:
            return []
        founded: list[Change] = []
        into: list[Ref] = []
        for line in dict.fromkeys(filter(None, map(str.strip, said["into"].splitlines()))):
            typed = new_unit(line)
            if typed is None:
                into.append(self._named("into", self.naming.ref, line) or 0)
            elif made := self._founded(line, typed, unit):
                founded.append(made)
                into.append(made.key)
        split = Split(unit, tuple(dict.fromkeys(into)), self._heir(said), said["stays"])
        return [*founded, split]

    def _founded(self, line: str, typed: Typed, unit: int) -> Found | None:
        made: Found | None = self._named("into", lambda _line: self.naming.found(typed, unit), line)
        return made


class DissolveForm(ChangeForm):
    """End units that nobody follows."""

    title = gettext_lazy("Dissolve units by this decision")
    first = "units"

    units = units_field(gettext_lazy("Units"))
    heir = unit_field(
        gettext_lazy("What stood under them goes to"),
        gettext_lazy("Empty: nothing stands under them, or each is placed itself."),
        required=False,
    )

    def compose(self, said: dict[str, Any]) -> Sequence[Change]:
        """One change for each unit."""
        units = self._units("units", said["units"])
        heir = self._heir(said)
        return [Dissolve(unit, heir) for unit in units]


FORMS: dict[str, type[ChangeForm]] = {
    "merge": MergeForm,
    "split": SplitForm,
    "found": FoundForm,
    "move": MoveForm,
    "rename": RenameForm,
    "upgrade": UpgradeForm,
    "dissolve": DissolveForm,
}
