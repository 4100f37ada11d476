"""A period as people write it, in an address, a form or the shell."""

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period


def period_of(key: str) -> Period:
    """A period as written; Refusal when it is none."""
    try:
        return Period.parse(key)
    except ValueError:
        raise Refusal(
            _("“%(period)s” is not a period.") % {"period": key},
            "",
            _("Write a year (2024), a half (2024H1), a quarter (2024Q2) or a month (2024-05)."),
        ) from None
