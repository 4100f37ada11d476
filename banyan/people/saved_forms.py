"""Forms of saved views."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.people import finding, saved
from banyan.people.models import SavedView
from banyan.web.form import Form

# The list whose views are questions on figures, not filters of rows.
QUESTIONS = "explore"
QUESTION_LEAD = _(
    "The question is kept, not its numbers: whoever opens it sees them as they stand then, within"
    " his own reach."
)
ALONE, OWN, OTHER = "", "own", "other"
WHOM = [
    (ALONE, _("Myself alone")),
    (OWN, _("Everybody with a post at my unit or below")),
    (OTHER, _("Everybody with a post at a unit below mine:")),
]


class ViewForm(Form):
    """A name, and with whom the view is shared."""

    listing = "initiatives"
    query = ""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    whom = forms.ChoiceField(label=_("Who sees it"), choices=WHOM, required=False)
    unit = forms.CharField(
        label=_("Unit"), max_length=200, required=False, help_text=_("Name or code of the unit.")
    )

    def clean(self) -> dict[str, Any]:
        """The unit it is shared with, within the right to share."""
        cleaned = super().clean() or {}
        whom, text = cleaned.get("whom"), cleaned.get("unit", "")
        cleaned["shared_with"] = None
        if whom == OWN:
            cleaned["shared_with"] = self.actor.unit
        elif whom == OTHER:
            if not text:
                self.add_error("unit", _("Write the unit it is shared with."))
            else:
                try:
                    unit = finding.unit_named(text, self.actor, saved.SHARE)
                    cleaned["shared_with"] = unit
                except forms.ValidationError as no:
                    self.add_error("unit", no)
        return cleaned

    @property
    def kept(self) -> saved.Kept:
        """What is kept."""
        cleaned = self.cleaned_data
        return saved.Kept(self.listing, self.query, cleaned["name"], cleaned["shared_with"])

    def next_url(self, made: Any) -> str:
        """To the list under the view."""
        url: str = made.get_absolute_url()
        return url


class KeepForm(ViewForm):
    """Keep the list as it is now."""

    title = _("Keep this view")
    submit_label = _("Keep it")
    lead = _("Filters, columns and order are kept, not the records: whoever opens it sees his own.")

    def perform(self) -> Any:
        """A new view."""
        return saved.keep(self.actor.unit, kept=self.kept, by=self.actor)


class AmendForm(ViewForm):
    """Rename a view, share it, keep the present address under it."""

    title = _("Change this view")
    submit_label = _("Save")

    def perform(self) -> Any:
        """The same view, changed."""
        return saved.amend(self.actor.unit, view=self.thing, kept=self.kept, by=self.actor)


class ViewStep(Form):
    """One step without anything to fill in."""

    def perform(self) -> Any:
        """At the unit of the post one acts in."""
        return type(self).run(self.actor.unit, view=self.thing, by=self.actor)

    def next_url(self, made: Any) -> str:
        """Back to the list."""
        if isinstance(made, SavedView) and made.is_default:
            return str(made.get_absolute_url())
        return f"{reverse(self.thing.listing)}?view=none"


class DropForm(ViewStep):
    """Drop a view."""

    run = saved.drop
    title = _("Drop this view")
    submit_label = _("Drop it")


class PinForm(ViewStep):
    """Put a question on the page of the situation, or take it off."""

    run = saved.pin
    title = _("Pin to the page of the situation")
    submit_label = _("Pin it")
    lead = _(
        "Whoever may open it sees it there, within his own reach. Pinned once more: taken off."
    )

    def next_url(self, made: Any) -> str:
        """Where it stands now; taken off, to the question."""
        return reverse("situation") if made.is_pinned else str(made.get_absolute_url())


class PreferForm(ViewStep):
    """Begin with a view, or no longer."""

    run = saved.prefer
    title = _("Begin the list with this view")
    submit_label = _("Begin with it")
