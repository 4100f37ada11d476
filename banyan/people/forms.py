"""Forms on people: register, appoint, end a post, issue a one-time code, suspend, restore."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banyan.people import finding, operations
from banyan.people.models import Role
from banyan.web.form import Form

PHONE, FEWEST_DIGITS = re.compile(r"\+?[0-9][0-9 .()-]*"), 6


class UnitForm(Form):
    """A form that asks for a unit within reach, by name or code."""

    template = "people/unit_form.html"
    capability = ""

    unit = forms.CharField(
        label=_("Unit"),
        max_length=200,
        required=False,
        help_text=_("Name or code. Left empty: the unit of your present post."),
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )

    def clean_unit(self) -> Any:
        """The unit itself."""
        return finding.unit_named(self.cleaned_data["unit"], self.actor, self.capability)

    def suggestions(self) -> list[str]:
        """Names offered while one types."""
        return finding.suggested_units(self.actor, self.capability)


class RegisterForm(UnitForm):
    """Register a person at a unit."""

    run = operations.register_person
    title = _("Register a person")
    lead = _("Only what is needed: the name, and an address where the person is to sign in.")
    submit_label = _("Register the person")
    done = _("Registered. Now give the person a post, and read out a one-time code.")
    capability = "person.manage"
    field_order = ("name", "email", "unit")

    name = forms.CharField(label=_("Full name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("One signs in with it; mail comes to it only if its owner asks for that."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def perform(self) -> Any:
        """Register at the unit named, not at the one the form began with."""
        words = {"name": self.cleaned_data["name"], "email": self.cleaned_data["email"]}
        return operations.register_person(self.cleaned_data["unit"], by=self.actor, **words)


class PhoneForm(Form):
    """Enter a person's telephone number, or take it out."""

    run = operations.change_phone
    title = _("Telephone number")
    lead = _(
        "Shown only to the unit that waits for this person's answer in a round; that it was looked"
        " at is written in the ledger."
    )
    submit_label = _("Save")
    done = _("Saved.")

    phone = forms.CharField(
        label=_("Telephone number"),
        max_length=20,
        required=False,
        help_text=_("Left empty: none is kept."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        """Digits, with the signs that people put between them."""
        phone = " ".join(str(self.cleaned_data["phone"]).split())
        digits = sum(sign.isdigit() for sign in phone)
        if phone and (not PHONE.fullmatch(phone) or digits < FEWEST_DIGITS):
            raise forms.ValidationError(_("Write a telephone number, for example 024 3861 0000."))
        return phone


class AppointForm(UnitForm):
    """Give the person a post."""

    title = _("Give a post")
    submit_label = _("Give the post")
    done = _("The post is given. Its rights hold from the next page on.")
    capability = "post.appoint"
    field_order = ("role", "unit", "on", "title_of_post")

    role = forms.ChoiceField(
        label=_("Role"), help_text=_("Only roles whose rights you hold yourself.")
    )
    on = forms.DateField(label=_("From the day"), widget=forms.DateInput)
    title_of_post = forms.CharField(
        label=_("Title of the post"),
        max_length=120,
        required=False,
        help_text=_("As it stands in the decision. Left empty: the name of the role."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles: dict[str, Role] = {role.key: role for role in finding.roles_to_give(self.actor)}
        self.fields["role"].choices = [(key, str(role)) for key, role in self.roles.items()]  # type: ignore[attr-defined]
        self.lead = _("To %(name)s.") % {"name": self.thing.name}

    def perform(self) -> Any:
        """Appoint in the tree of one's own post: rights do not cross trees."""
        said = self.cleaned_data
        return operations.appoint(
            said["unit"],
            person=self.thing,
            role=self.roles[said["role"]],
            on=said["on"],
            tree=self.actor.post.tree,
            title=said["title_of_post"],
            by=self.actor,
        )


class EndPostForm(Form):
    """End a post from a day on."""

    run = operations.relieve
    title = _("End a post")
    submit_label = _("End the post")
    done = _("The post is ended.")

    on = forms.DateField(
        label=_("First day without the post"),
        help_text=_("The last day of the post is the day before."),
        widget=forms.DateInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.thing.unit.name_on(self.actor.today)
        self.lead = f"{self.thing.person.name}: {self.thing.label}, {unit}"


class IssueCodeForm(Form):
    """Issue a one-time code, to be read out in person."""

    title = _("Issue a one-time code")
    submit_label = _("Issue the code")

    lost_device = forms.BooleanField(
        label=_("Authenticator app or passkey is lost too"),
        help_text=_("They are forgotten at once; the person sets them up anew."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lead = _(
            "For %(name)s. Make sure it is this person who asks: face to face, or by a voice you know."
        ) % {"name": self.thing.name}

    def perform(self) -> Any:
        """Issue; the code in plain stays on this form for the one page that shows it."""
        key = self.actor.request.key if self.actor.request else ""
        self.code = operations.IssuedCode(key)
        return operations.issue_entry_code(
            self.thing,
            code=self.code,
            at=timezone.now(),
            on=self.actor.today,
            lost_device=self.cleaned_data["lost_device"],
            by=self.actor,
        )


class SuspendForm(Form):
    """Shut the person's account."""

    run = operations.suspend
    title = _("Shut the account")
    lead = _("Whoever is signed in with it is signed out at once. Posts stay; end them apart.")
    submit_label = _("Shut the account")
    done = _("The account is shut; its sessions have ended.")

    def arguments(self) -> dict[str, Any]:
        """The day decides which posts count."""
        return {"on": self.actor.today}


class RestoreForm(Form):
    """Open the person's account again."""

    run = operations.restore
    title = _("Open the account again")
    submit_label = _("Open the account again")
    done = _("The account is open again. The old password holds.")

    def arguments(self) -> dict[str, Any]:
        """The day decides which posts count."""
        return {"on": self.actor.today}
