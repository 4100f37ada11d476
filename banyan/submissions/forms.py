"""The form that opens a round."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banyan.kernel.period import Period
from banyan.packs.models import Edition
from banyan.submissions import operations
from banyan.web.form import Form


class OpenRoundForm(Form):
    """Ask the units below one's own for a programme's form in a period."""

    run = operations.open_round
    title = _("Open a round of registration")
    lead = _("Every unit below yours that the programme concerns is asked for this period.")
    submit_label = _("Open the round")
    done = _("The round is open.")

    edition = forms.ModelChoiceField(label=_("Programme"), queryset=Edition.objects.none())
    period = forms.CharField(
        label=_("Period"),
        max_length=10,
        help_text=_("A year (2024), a half (2024H1), a quarter (2024Q2) or a month (2024-05)."),
    )
    due = forms.DateField(
        label=_("Due"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day: date = self.actor.today
        choices = self.fields["edition"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = Edition.objects.valid_on(day).select_related("programme").newest_first()
        choices.empty_label = None

    def clean_period(self) -> str:
        """A period as the kernel reads it."""
        try:
            return Period.parse(self.cleaned_data["period"]).key
        except ValueError:
            raise forms.ValidationError(
                _("This is not a period. Write for example 2024H1 for the first half of 2024.")
            ) from None

    def arguments(self) -> dict[str, Any]:
        """The register form of the programme."""
        return {**self.cleaned_data, "form": "register"}

    def next_url(self, made: Any) -> str:
        """The page of the round."""
        return str(made.get_absolute_url())
