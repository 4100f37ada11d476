"""The questions of beginning an organisation."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.site.setup.tree import Sent, read_tree

SHIPPED, WORKBOOK = "shipped", "workbook"


class UnitForm(forms.Form):
    """What the organisation is called, and where its units come from."""

    name = forms.CharField(
        label=gettext_lazy("Name of the organisation"),
        max_length=200,
        help_text=gettext_lazy(
            "As it stands on your letters, for example Ban Dân vận Huyện ủy Thanh Trì."
        ),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Where do your units come from?"),
        choices=[
            (SHIPPED, gettext_lazy("From the administrative units that come with Banyan")),
            (WORKBOOK, gettext_lazy("From a workbook of our own")),
        ],
        initial=SHIPPED,
        widget=forms.RadioSelect,
    )

    def clean_name(self) -> str:
        """One way of writing."""
        return nfc(self.cleaned_data["name"])


class FileForm(forms.Form):
    """The workbook with one's own units; `sent` is what was read of it."""

    sent: Sent

    file = forms.FileField(
        label=gettext_lazy("Your workbook"),
        help_text=gettext_lazy(
            ".xlsx or .csv with the columns code, name, kind, parent code or name."
        ),
    )

    def clean_file(self) -> Any:
        """Read it."""
        file = self.cleaned_data["file"]
        if file.size > settings.BANYAN_LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large."))
        try:
            self.sent = read_tree(file.read(), file.name)
        except Refusal as no:
            raise forms.ValidationError(no.sentence) from no
        return file


class OfficerForm(forms.Form):
    """Who holds the first post."""

    name = forms.CharField(
        label=gettext_lazy("Your full name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("You sign in with it; nothing is sent to it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy("At least 10 characters; a sentence is easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_name(self) -> str:
        """One way of writing."""
        return nfc(self.cleaned_data["name"])

    def clean_email(self) -> str:
        """Case does not matter."""
        return str(self.cleaned_data["email"]).lower()

    def clean_password(self) -> str:
        """Long enough and not known to everybody."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        """Both passwords are one."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("password") and said.get("again") not in (None, said["password"]):
            self.add_error("again", _("The two passwords differ. Type both again."))
        return said
