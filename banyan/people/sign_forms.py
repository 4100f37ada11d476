"""The sign-in library's forms in our words, and the forms of entering by a one-time code."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

PASSWORD_HELP = _(
    "At least ten characters; three or four words that do not belong together do well."
)
TWICE = _("The two passwords differ.")
Words = dict[str, tuple[Any, Any]]


class Worded(forms.Form):
    """Labels and help in our words, no placeholders: `words` gives (label, help) of each field."""

    words: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, said) in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = label, said
            field.widget.attrs.pop("placeholder", None)


class Twice(Worded):
    """A new password, typed twice."""

    words: ClassVar[Words] = {
        "password1": (_("New password"), PASSWORD_HELP),
        "password2": (_("New password once more"), ""),
    }

    def add_error(self, field: str | None, error: Any) -> None:
        """The library's own sentence on unlike passwords is said in our words."""
        unlike = field == "password2" and isinstance(error, str)
        super().add_error(field, TWICE if unlike else error)


class SignInForm(Worded, account.LoginForm):  # type: ignore[misc]
    """Address and password."""

    words: ClassVar[Words] = {
        "login": (_("E-mail address"), ""),
        "password": (_("Password"), ""),
        "remember": (_("Stay signed in on this machine"), _("Not on a machine that others use.")),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class PasswordAgainForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something weighty."""

    words: ClassVar[Words] = {"password": (_("Password"), "")}


class ChangePasswordForm(Twice, account.ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one."""

    words: ClassVar[Words] = {"oldpassword": (_("Present password"), ""), **Twice.words}


class SetPasswordForm(Twice, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


CODE_WORDS: Words = {
    "code": (_("Code from the app"), _("Six digits from the app, or one of your recovery codes."))
}


class CodeForm(Worded, second_step.AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""

    words: ClassVar[Words] = CODE_WORDS


class CodeAgainForm(Worded, second_step.ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something weighty."""

    words: ClassVar[Words] = CODE_WORDS


class ActivateAppForm(Worded, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    words: ClassVar[Words] = {
        "code": (_("Code from the app"), _("The six digits the app shows now."))
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddKeyForm(Worded, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key."""

    words: ClassVar[Words] = {
        "name": (
            _("Name of the passkey"),
            _("So that you tell your keys apart, for example “office computer”."),
        ),
        "passwordless": (
            _("Sign in with it alone, without the password"),
            _(
                "The device then asks for its PIN, fingerprint or face each time; none of these leaves it."
            ),
        ),
    }


class NameKeyForm(Worded, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    words: ClassVar[Words] = {"name": (_("Name of the passkey"), "")}


class EnterForm(forms.Form):
    """Address and one-time code."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(
        label=_("One-time code"),
        max_length=40,
        help_text=_(
            "Twelve letters and digits, as they were read out to you. Dashes do not matter."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class NewPasswordForm(forms.Form):
    """The password chosen after a one-time code."""

    password1 = forms.CharField(
        label=_("New password"),
        help_text=PASSWORD_HELP,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("New password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password1(self) -> str:
        """Long enough and not among the common ones."""
        password: str = self.cleaned_data["password1"]
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        """Typed the same twice."""
        said = super().clean() or {}
        if said.get("password1") and said.get("password2") != said["password1"]:
            self.add_error("password2", TWICE)
        return said
