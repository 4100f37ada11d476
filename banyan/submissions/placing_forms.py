"""The form that places chosen records, and the one that takes placings back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from banyan.kernel.errors import Refusal
from banyan.orgs.models import Unit
from banyan.submissions import operations
from banyan.submissions.models import SomeoneWasFaster
from banyan.submissions.placing_rules import Chosen
from banyan.web.form import Form


@dataclass(frozen=True)
class Shown:
    """One of the chosen records: its code, where it bears one, its title and its page."""

    code: str
    title: str
    url: str


@dataclass(frozen=True)
class Picked:
    """Records chosen on the list: what may be done with them, and where to go back to.

    `on`: the day on which their units were divided; `candidates`: who took a part of all of these.
    """

    chosen: Chosen
    query: dict[str, str]
    on: date
    candidates: Sequence[Unit] = ()
    lead: str = ""
    shown: Sequence[Shown] = ()

    @property
    def more(self) -> int:
        """How many of them are not shown."""
        return len(self.chosen) - len(self.shown)

    @property
    def unit(self) -> list[Unit]:
        """The records' own units."""
        return self.chosen.unit

    @property
    def back(self) -> str:
        """The list as it was."""
        return f"{reverse('placing')}?{urlencode(self.query)}" if self.query else reverse("placing")


class _PickedForm(Form):
    """A form about records chosen on the list; `n` tells whether they are still the same."""

    template = "submissions/place.html"
    thing: Picked
    n = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, thing: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"n": len(thing.chosen), **(kwargs.get("initial") or {})}
        super().__init__(*args, thing=thing, **kwargs)
        self.lead = thing.lead
        self.cancel_url = thing.back

    def clean_n(self) -> None:
        """Refuse when others are meant now than were shown: somebody placed some in between."""
        said = self.cleaned_data["n"]
        if said is not None and said != len(self.thing.chosen):
            raise SomeoneWasFaster

    def arguments(self) -> dict[str, Any]:
        """All but the number."""
        return {name: value for name, value in self.cleaned_data.items() if name != "n"}

    def perform(self) -> models.Model:
        """Run it on the records themselves."""
        made: models.Model = type(self).run(self.thing.chosen, by=self.actor, **self.arguments())
        self.done = self.said(made)
        return made

    def said(self, made: Any) -> str:
        """What was done, in words."""
        raise NotImplementedError

    def next_url(self, made: models.Model) -> str:
        """Back to the list."""
        return self.thing.back


class PlaceForm(_PickedForm):
    """Place the chosen records at one of the units that took a part of theirs."""

    run = operations.place
    title = _("Place records")
    submit_label = _("Place")

    unit = forms.TypedChoiceField(
        label=_("They go to"), coerce=int, widget=forms.RadioSelect, choices=()
    )
    decision_number = forms.CharField(
        label=_("Number of the decision"),
        max_length=120,
        help_text=_("The paper by which these records are given to the unit."),
    )
    decided_on = forms.DateField(
        label=_("Day of the decision"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit"]
        assert isinstance(choice, forms.TypedChoiceField)
        choice.choices = [(one.pk, one.name_on(self.thing.on)) for one in self.thing.candidates]

    def clean_decided_on(self) -> date:
        """Refuse a day that has not come: nobody can look that decision up yet."""
        day: date = self.cleaned_data["decided_on"]
        if day > self.actor.today:
            told = (
                _("%(day)s is still to come.") % {"day": day.strftime("%d/%m/%Y")},
                _("Records are placed by a decision that has been taken."),
                _("Write the day on which the decision was signed."),
            )
            raise forms.ValidationError(" ".join(map(str, told)))
        return day

    def arguments(self) -> dict[str, Any]:
        """The unit itself, and the day on which theirs was divided."""
        told = super().arguments()
        units = {one.pk: one for one in self.thing.candidates}
        return {**told, "unit": units[told["unit"]], "on": self.thing.on}

    def said(self, made: Any) -> str:
        """How many, and where."""
        return ngettext(
            "%(n)d record was placed at %(unit)s.",
            "%(n)d records were placed at %(unit)s.",
            made.things,
        ) % {"n": made.things, "unit": made.name_on(self.thing.on)}


class TakeBackForm(_PickedForm):
    """Take placings back."""

    run = operations.take_back
    title = _("Take placings back")
    submit_label = _("Take back")

    def said(self, made: Any) -> str:
        """How many wait again."""
        return ngettext(
            "%(n)d record waits to be placed again.",
            "%(n)d records wait to be placed again.",
            made.things,
        ) % {"n": made.things}


def nothing_chosen() -> Refusal:
    """What one hears who chose no record."""
    return Refusal(
        str(_("No record is chosen.")),
        "",
        str(_("Go back to the list, tick the records and press the button again.")),
        status=404,
    )
