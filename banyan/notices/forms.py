"""What one wants to be told: a switch for the inbox and one for the mail digest, for each kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banyan.notices.kinds import KINDS
from banyan.notices.models import Digest

INBOX, MAIL = "inbox-", "mail-"
FREE = [key for key, kind in KINDS.items() if not kind.must]


class ChoicesForm(forms.Form):
    """Two switches for every kind that may be switched; what does not come is not mailed either."""

    rhythm = forms.ChoiceField(
        label=_("A mail with the number of new notices"),
        choices=Digest.Rhythm.choices,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in FREE:
            self.fields[INBOX + key] = forms.BooleanField(label=_("In the inbox"), required=False)
            self.fields[MAIL + key] = forms.BooleanField(label=_("By e-mail"), required=False)

    @staticmethod
    def begun(switches: dict[str, tuple[bool, bool]], rhythm: str) -> dict[str, Any]:
        """What stands in the form at first."""
        inbox = {INBOX + key: switches[key][0] for key in FREE}
        mail = {MAIL + key: switches[key][1] for key in FREE}
        return {"rhythm": rhythm, **inbox, **mail}

    def switches(self) -> dict[str, tuple[bool, bool]]:
        """Kind → the two switches as sent."""
        data = self.cleaned_data
        return {key: (data[INBOX + key], data[MAIL + key]) for key in FREE}

    def lines(self) -> list[dict[str, Any]]:
        """One line a kind for the page: its sentence, its switches, or why there are none."""
        return [
            {
                "label": kind.label,
                "must": kind.must,
                "inbox": None if kind.must else self[INBOX + key],
                "mail": None if kind.must else self[MAIL + key],
            }
            for key, kind in KINDS.items()
        ]
