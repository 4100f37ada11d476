"""Forms on a decision as a whole: begin it, change its head, and each step of its way."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from banyan.documents.operations import Incoming
from banyan.orgs.models import Unit
from banyan.reorganisations import journal, operations, preview, workbook
from banyan.reorganisations.change_forms import FORMS
from banyan.reorganisations.models import Reorganisation
from banyan.reorganisations.naming import spelled
from banyan.submissions.placing_rules import PLACE
from banyan.web.form import Form
from banyan.web.templatetags.banyan import vn

END, PASS = "end", "pass"


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A field for a day."""
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, widget=widget)


class HeadForm(Form):
    """Begin a decision: what stands at its head."""

    run = operations.draft
    title = gettext_lazy("New decision on units")
    lead = gettext_lazy(
        "First the head of the decision, then its changes. Nothing changes in the tree before you"
        " have looked at the effects and carried the decision out."
    )
    submit_label = gettext_lazy("Begin the decision")
    done = gettext_lazy("The decision is begun. Now add its changes.")

    number = forms.CharField(
        label=pgettext_lazy("decision", "Number"),
        max_length=120,
        help_text=gettext_lazy("As on the paper, for example 1656/NQ-UBTVQH15."),
    )
    title_of = forms.CharField(
        label=pgettext_lazy("decision", "About"), max_length=200, required=False
    )
    decided_on = day_field(gettext_lazy("Day of the decision"))
    on = day_field(
        gettext_lazy("In force from"),
        gettext_lazy("The first day of the new units; it may lie before or after today."),
    )
    signer = forms.CharField(
        label=gettext_lazy("Signed by"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("The body or office, not the name of a person."),
    )
    file = forms.FileField(
        label=gettext_lazy("The paper itself"),
        required=False,
        help_text=gettext_lazy("A file of the decision. Nothing that is a state secret."),
    )
    posts = forms.ChoiceField(
        label=gettext_lazy("Posts at units that end"),
        choices=((END, gettext_lazy("End with the unit")), (PASS, gettext_lazy("Pass on"))),
        initial=END,
        help_text=gettext_lazy(
            "Passing on: who holds a post at a unit that goes over wholly into another holds it"
            " there from that day."
        ),
    )
    verb = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)
    unit = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1)

    @property
    def cancel_url(self) -> str:
        """Back to the list."""
        return reverse("reorganisations")

    def clean_file(self) -> Any:
        """Refuse what is larger than the installation takes."""
        return not_too_large(self.cleaned_data["file"])

    def clean_decided_on(self) -> date:
        """A paper is dated on the day it is entered or earlier; what it orders may begin later."""
        day: date = self.cleaned_data["decided_on"]
        if day > self.actor.today:
            raise forms.ValidationError(
                _("This day lies after today. Write the day that stands on the paper.")
            )
        return day

    def arguments(self) -> dict[str, Any]:
        """The head, and the paper when one was sent."""
        said, sent = self.cleaned_data, self.cleaned_data["file"]
        facts = operations.Facts(
            number=said["number"],
            decided_on=said["decided_on"],
            on=said["on"],
            title=said["title_of"],
            signer=said["signer"],
            pass_posts=said["posts"] == PASS,
        )
        file = Incoming(sent.name, sent.content_type or "", sent.chunks()) if sent else None
        return {"facts": facts, "file": file}

    def next_url(self, made: Any) -> str:
        """On to the change it was begun for, else to the decision."""
        form = FORMS.get(self.cleaned_data.get("verb", ""))
        pk = self.cleaned_data.get("unit")
        unit = Unit.objects.filter(pk=pk).first() if form and pk else None
        if form is None or unit is None:
            return str(made.get_absolute_url())
        url = reverse(f"reorganisation_add_{self.cleaned_data['verb']}", args=[made.pk])
        return f"{url}?{urlencode({form.first: spelled(unit, made.on)})}"


def not_too_large(sent: Any) -> Any:
    """A file as sent, or a refusal of what is larger than the installation takes."""
    if sent and sent.size > settings.BANYAN_LARGEST_FILE:
        raise forms.ValidationError(
            _("The file is larger than %(most)s MB. Send a smaller one.")
            % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
        )
    return sent


class AmendForm(HeadForm):
    """Change the head of a decision that is not carried out."""

    run = operations.amend
    title = gettext_lazy("Change the head of the decision")
    lead = gettext_lazy("The effects have to be looked at again afterwards.")
    submit_label = gettext_lazy("Save")
    done = gettext_lazy("Saved.")
    verb = None  # type: ignore[assignment]
    unit = None  # type: ignore[assignment]

    @property
    def cancel_url(self) -> str:
        """Back to the decision."""
        return str(self.thing.get_absolute_url())

    def next_url(self, made: Any) -> str:
        """Back to the decision."""
        return str(made.get_absolute_url())


def head_of(held: Reorganisation) -> dict[str, Any]:
    """What stands in the form of its head at first."""
    return {
        "number": held.number,
        "title_of": held.title,
        "decided_on": held.decided_on,
        "on": held.on,
        "signer": held.signer,
        "posts": PASS if held.pass_posts else END,
    }


class ReformForm(Form):
    """Prepare the reform of 1 July 2025 from the shipped map."""

    run = operations.draft_reform
    title = gettext_lazy("Prepare the reform of 1 July 2025")
    lead = gettext_lazy(
        "The shipped map of old and new units becomes a draft: 63 provinces become 34, the district"
        " level ends, 10,035 communes become 3,321. You can look at its effects, carry it out and"
        " undo it."
    )
    submit_label = gettext_lazy("Prepare the draft")
    done = gettext_lazy("The reform is prepared. Nothing has changed in the tree yet.")

    @property
    def cancel_url(self) -> str:
        """Back to the list."""
        return reverse("reorganisations")


class StepForm(Form):
    """A step of a decision: its page is where one goes back to."""

    @property
    def cancel_url(self) -> str:
        """Back to the decision."""
        return str(self.thing.get_absolute_url())


class LookForm(StepForm):
    """Look at the effects of a decision."""

    run = preview.look
    title = gettext_lazy("Look at the effects")
    lead = gettext_lazy("The decision is carried out, told, and put back: nothing is changed.")
    submit_label = gettext_lazy("Look at the effects")


class ApplyForm(StepForm):
    """Carry a decision out as it was looked at."""

    run = operations.apply
    title = gettext_lazy("Carry the decision out")
    submit_label = gettext_lazy("Carry out")
    done = gettext_lazy("The decision is carried out. It can be undone until it is closed.")

    on = forms.DateField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=60)
    sure = forms.BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        n = (self.thing.preview or {}).get("ended", 0)
        self.fields["sure"].label = ngettext(
            "I have looked at the effects: %(ended)s unit ends.",
            "I have looked at the effects: %(ended)s units end.",
            n,
        ) % {"ended": vn(n)}

    def arguments(self) -> dict[str, Any]:
        """The day, and which preview was looked at."""
        return {name: self.cleaned_data[name] for name in ("on", "seen")}


def looked_at(held: Reorganisation) -> dict[str, Any]:
    """What the form of carrying out says of itself: the day and the preview on the page."""
    return {"on": held.on, "seen": (held.preview or {}).get("at", "")}


class UndoForm(StepForm):
    """Put everything back as it was before a decision."""

    run = operations.undo
    title = gettext_lazy("Undo the decision")
    submit_label = gettext_lazy("Undo")
    done = gettext_lazy("Undone: the trees are as they were. The decision is a draft again.")

    @property
    def lead(self) -> str:
        """What it will put back."""
        rows = (self.thing.preview or {}).get("rows", {})
        told = {
            "units": vn(self.thing.preview["units"]["founded"]["n"]) if rows else "0",
            "names": vn(rows.get("orgs_unitname", 0) + rows.get("orgs_unitcode", 0)),
            "places": vn(rows.get("orgs_placement", 0)),
            "people": vn(rows.get("people_post", 0) + rows.get("people_membership", 0)),
        }
        words: str = (
            _(
                "It takes away %(units)s units that were founded, and puts back names and codes"
                " (%(names)s rows), places in the tree (%(places)s), posts and memberships (%(people)s)."
                " It is refused where something was entered at the new units since; records placed at"
                " them are taken back first."
            )
            % told
        )
        n = journal.placed_at(self.thing)
        if not n or not self.actor.holds(PLACE):
            return words
        label = ngettext("%(n)s placed record", "%(n)s placed records", n) % {"n": vn(n)}
        asked = urlencode({"as_of": self.thing.on.isoformat(), "state": "placed"})
        return format_html('{} <a href="{}?{}">{}</a>', words, reverse("placing"), asked, label)


class CloseForm(StepForm):
    """Close a decision that was carried out."""

    run = operations.close
    title = gettext_lazy("Close the decision")
    lead = gettext_lazy("A closed decision can never be undone; only a new decision corrects it.")
    submit_label = gettext_lazy("Close for good")
    done = gettext_lazy("The decision is closed.")

    sure = forms.BooleanField(label=gettext_lazy("It is right, and will not be undone."))

    def arguments(self) -> dict[str, Any]:
        """Nothing more."""
        return {}


class DropForm(StepForm):
    """Throw a draft away."""

    run = operations.drop
    title = gettext_lazy("Throw the draft away")
    lead = gettext_lazy("The draft and its changes go; the tree of units is not touched.")
    submit_label = gettext_lazy("Throw away")
    done = gettext_lazy("The draft is thrown away.")

    def next_url(self, made: Any) -> str:
        """To the list."""
        return reverse("reorganisations")


class TakeOutForm(StepForm):
    """Take one change out of a draft."""

    run = operations.take_out
    title = gettext_lazy("Take a change out")
    submit_label = gettext_lazy("Take out")
    done = gettext_lazy("Taken out.")

    position = forms.IntegerField(label=gettext_lazy("Which change"), min_value=1)


class WorkbookForm(StepForm):
    """Add the changes that a workbook lists: all of them or none."""

    run = operations.extend
    title = gettext_lazy("Changes from a workbook")
    lead = gettext_lazy(
        "One change a row. Every row is read first: if one cannot be, none is added and each is named."
    )
    submit_label = gettext_lazy("Read and add")
    template = "reorganisations/workbook.html"
    changes: Any = ()

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        help_text=gettext_lazy("Excel (.xlsx) or CSV, with the headings of the template."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> Any:
        """Read it; each row that cannot be read is one message."""
        sent = not_too_large(self.cleaned_data["file"])
        founded = self.thing.changes.filter(verb="found").order_by("position")
        content = b"".join(sent.chunks())
        try:
            self.changes = workbook.read(content, self.thing.on, [row.said for row in founded])
        except forms.ValidationError as wrong:
            self.add_error(None, wrong)  # a list above the form, and not again at the field
        else:
            operations.within_reach(self.changes, self.actor)
        return sent

    def arguments(self) -> dict[str, Any]:
        """The changes read."""
        return {"changes": self.changes}

    @property
    def done(self) -> str:
        """How many were added."""
        n = len(self.changes)
        return ngettext("%(n)s change was added.", "%(n)s changes were added.", n) % {"n": vn(n)}


def start_of(today: date) -> dict[str, Any]:
    """What stands in the form of a new decision at first."""
    return {"decided_on": today, "on": today}
