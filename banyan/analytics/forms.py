"""Forms of alerts: one for each kind, with nothing that the kind does not ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banyan.analytics import operations
from banyan.analytics.models import Alert
from banyan.analytics.operations import Wish
from banyan.figures.words import language_now
from banyan.packs.models import Edition
from banyan.people.forms import UnitForm


def packs_now() -> dict[str, Any]:
    """The packs of the newest edition of each programme, by key."""
    found: dict[str, Any] = {}
    for edition in Edition.objects.select_related("programme").newest_first():
        found.setdefault(edition.programme.key, edition.pack)
    return found


class AlertForm(UnitForm):
    """A unit within reach, a figure, the period that runs."""

    submit_label = _("Set the alert")
    done = _("The alert is set. You are told in your inbox when it comes true.")
    capability = "figure.view"
    kind = ""
    field_order = ("figure", "programme", "unit", "span")

    figure = forms.ChoiceField(label=_("Figure"))
    span = forms.ChoiceField(
        label=_("In the running"), choices=Alert.Span.choices, initial=Alert.Span.HALF
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, packs = language_now(), packs_now()
        self.programmes = [(key, pack.text("short", language)) for key, pack in packs.items()]
        if "figure" in self.fields:
            self.fields["figure"].choices = [  # type: ignore[attr-defined]
                (
                    pack.text("short", language),
                    [
                        (f"{key}:{id}", pack.text(f"indicators.{id}.label", language))
                        for id in pack.indicators
                    ],
                )
                for key, pack in packs.items()
            ]
        if "programme" in self.fields:
            self.fields["programme"].choices = self.programmes  # type: ignore[attr-defined]
            self.fields["programme"].initial = self.programmes[0][0] if self.programmes else None

    def perform(self) -> Any:
        """Set it at the unit named."""
        said = self.cleaned_data
        programme, _colon, indicator = said.get("figure", "").partition(":")
        wish = Wish(
            kind=self.kind,
            programme=programme or said["programme"],
            indicator=indicator,
            span=said["span"],
            sign=said.get("sign", ""),
            against=said.get("against", ""),
            amount=said.get("amount"),
        )
        return operations.make_alert(said["unit"], wish=wish, by=self.actor)


class ThresholdForm(AlertForm):
    """Above or below a limit."""

    title = _("Alert: a number passes a limit")
    lead = _("For shares the limit is in percent.")
    kind = Alert.Kind.THRESHOLD

    sign = forms.ChoiceField(
        label=_("When it is"), choices=Alert.Sign.choices, initial=Alert.Sign.BELOW
    )
    amount = forms.DecimalField(label=_("Limit"), min_value=0, max_digits=15, decimal_places=2)


class FallForm(AlertForm):
    """A fall against an earlier period."""

    title = _("Alert: a number falls")
    lead = _("Against a period that is over the running one looks small until its last month.")
    kind = Alert.Kind.FALL

    amount = forms.DecimalField(
        label=_("By more than (%)"), min_value=1, max_value=100, decimal_places=2, initial=20
    )
    against = forms.ChoiceField(
        label=_("Against"), choices=Alert.Against.choices, initial=Alert.Against.YEAR
    )


class SilenceForm(AlertForm):
    """A unit below that sends nothing."""

    title = _("Alert: a unit below sends nothing")
    kind = Alert.Kind.SILENCE

    figure = None  # type: ignore[assignment]
    programme = forms.ChoiceField(label=_("Programme"))
    amount = forms.IntegerField(
        label=_("For how many days"),
        min_value=1,
        max_value=366,
        required=False,
        help_text=_("Left empty: since the period began."),
    )


FORMS = {"threshold": ThresholdForm, "fall": FallForm, "silence": SilenceForm}
