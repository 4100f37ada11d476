"""Forms on units: found one below, rename, place under another."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs import operations
from banyan.orgs.carrying import scheme_for
from banyan.orgs.changes import Newcomer
from banyan.orgs.finding import GSO, any_code, search, tell
from banyan.orgs.models import Kind, Unit, UnitCode
from banyan.web.form import Form

MOST_NAMED = 5


def _day(label: Any, help_text: Any) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


class UnitForm(Form):
    """A form on a unit: goes back to its page."""

    @property
    def cancel_url(self) -> str:
        """Back to the unit."""
        return str(self.thing.get_absolute_url())


class FoundForm(UnitForm):
    """Found a unit below this one."""

    run = operations.found
    title = gettext_lazy("Found a unit")
    lead = gettext_lazy("It will stand directly below the unit you came from.")
    submit_label = gettext_lazy("Found the unit")
    done = gettext_lazy("The unit is founded.")

    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy(
            "As it stands in the decision, with the word before it: Thôn Đông Hải."
        ),
    )
    code = forms.CharField(label=gettext_lazy("Code"), max_length=40, required=False)
    on = _day(gettext_lazy("First day"), gettext_lazy("The day the decision takes effect."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in Kind if kind != Kind.COUNTRY]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """As the operation wants it."""
        said = self.cleaned_data
        scheme = scheme_for(said["kind"])
        new = Newcomer(
            kind=said["kind"], name=said["name"], code=said["code"].strip(), scheme=scheme
        )
        return {"new": new, "on": said["on"]}


class RenameForm(UnitForm):
    """Give a unit another name from a day on."""

    run = operations.rename
    title = gettext_lazy("Rename the unit")
    lead = gettext_lazy(
        "The older name stays for the days before; nothing already recorded changes."
    )
    submit_label = gettext_lazy("Rename")
    done = gettext_lazy("The unit has its new name.")

    name = forms.CharField(label=gettext_lazy("New name"), max_length=200)
    on = _day(gettext_lazy("First day"), gettext_lazy("The day the decision takes effect."))


class MoveForm(UnitForm):
    """Place a unit under another from a day on."""

    run = operations.move
    title = gettext_lazy("Place under another unit")
    lead = gettext_lazy(
        "From that day on it counts under the new parent; for the days before, nothing changes."
    )
    submit_label = gettext_lazy("Place")
    done = gettext_lazy("The unit stands in its new place.")

    parent = forms.CharField(
        label=gettext_lazy("New parent"),
        max_length=200,
        help_text=gettext_lazy("Its code or its whole name on that day."),
    )
    on = _day(gettext_lazy("First day"), gettext_lazy("The day the decision takes effect."))

    def clean(self) -> dict[str, Any]:
        """Find the parent as of the day given."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("parent") and said.get("on"):
            try:
                said["parent"] = unit_called(said["parent"], said["on"])
            except forms.ValidationError as no:
                self.add_error("parent", no)
        return said


def unit_called(text: str, on: date) -> Unit:
    """The one unit that bears this code or whole name on a day.

    Raises ValidationError that names the candidates when there are several, or near ones.
    """
    text = nfc(text)
    coded = UnitCode.objects.filter(code=text, valid__contains=on).select_related("unit")
    if held := sorted(coded, key=lambda row: row.scheme != GSO):
        return held[0].unit
    names = [name for name in search(text, 40) if on in name.valid]
    plain = fold(same_tone(text))
    whole = [name for name in names if name.folded == plain]
    if len(whole) == 1:
        return whole[0].unit
    if found := whole or names:
        shown = "; ".join(
            f"{any_code(one.unit, on)} {one.name} ({one.path})"
            for one in tell(found[:MOST_NAMED], on)
        )
        raise forms.ValidationError(
            _("Several units fit. Write the code of one: %(units)s") % {"units": shown}
        )
    raise forms.ValidationError(
        _("No unit bears the code or name “%(text)s” on %(day)s.")
        % {"text": text, "day": on.strftime("%d/%m/%Y")}
    )
