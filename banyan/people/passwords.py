"""What a password must be, said in the reader's language (Django's own catalogue lacks it in Vietnamese)."""

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """At least so many characters; length is what makes a password strong."""

    def get_error_message(self) -> str:
        """What is wrong and how to mend it."""
        return _("The password is too short: at least %(least)d characters, please.") % {
            "least": self.min_length
        }

    def get_help_text(self) -> str:
        """What is wanted."""
        return _("At least %(least)d characters; a short sentence is easy to remember.") % {
            "least": self.min_length
        }


class NotCommon(CommonPasswordValidator):
    """None of the passwords that everybody tries first."""

    def get_error_message(self) -> str:
        """What is wrong and how to mend it."""
        return _("Too many people use this password; choose another one.")

    def get_help_text(self) -> str:
        """What is wanted."""
        return _("Not a password that many people use.")
