"""Numbers as they are printed in reports, in Vietnamese or English form.

Vietnamese: 1.234 and 70,88 %. English: 1,234 and 70.88%. The space before the sign is one that
never breaks a line.
"""

from decimal import ROUND_HALF_UP, Decimal

NO_BREAK = "\u00a0"
_SWAPPED = str.maketrans(",.", ".,")


def number(value: int | Decimal, language: str = "vi", places: int | None = None) -> str:
    """A number with thousands marked; `places` decimals, rounded half up (None: as it stands)."""
    exact = Decimal(value)
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:,f}"
    return text.translate(_SWAPPED) if language == "vi" else text


def percentage(part: int, base: int, language: str = "vi", places: int = 2) -> str:
    """The share as a percentage alone, for a table where the base has its own column; '–' for an
    empty base, because a part of nothing has no share."""
    if base == 0:
        return "–"
    text = number(Decimal(100 * part) / Decimal(base), language, places)
    return f"{text}{NO_BREAK}%" if language == "vi" else f"{text}%"


def share(part: int, base: int, language: str = "vi", places: int = 2) -> str:
    """A share with its base, "185/261, đạt 70,88 %"; "0/0" alone when the base is empty."""
    counted = f"{number(part, language)}/{number(base, language)}"
    if base == 0:
        return counted
    reached = percentage(part, base, language, places)
    return f"{counted}, đạt {reached}" if language == "vi" else f"{counted} ({reached})"
