"""The periods one may choose among, in words."""

from collections.abc import Sequence
from datetime import date

from django import forms

from banyan.figures.words import period_text
from banyan.kernel.period import Period

YEARS = 6
Offered = Sequence[tuple[str, Sequence[tuple[str, str]]]]


def offered(asked: Period | None, today: date, since: int = 0) -> Offered:
    """The years back to `since`, at most six, each with its halves and quarters by key and in
    words; of the asked period's year also the months."""
    first = max(since, today.year - YEARS)
    years = {*range(first, today.year + 1), *([asked.year] if asked else [])}
    return [(str(year), _of_year(year, asked)) for year in sorted(years, reverse=True)]


def _of_year(year: int, asked: Period | None) -> list[tuple[str, str]]:
    keys = [str(year), *(f"{year}H{n}" for n in (1, 2)), *(f"{year}Q{n}" for n in range(1, 5))]
    if asked is not None and year == asked.year:
        keys += [f"{year}-{n:02}" for n in range(1, 13)]
    return [(key, _upper(period_text(Period.parse(key)))) for key in keys]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


class PeriodField(forms.ChoiceField):
    """A filter by period: a select of what is offered, with an empty choice."""

    def __init__(self, label: str, asked: Period | None, today: date) -> None:
        super().__init__(label=label, choices=[("", "—"), *offered(asked, today)])

    def valid_value(self, value: str) -> bool:
        """Whatever is asked: `period_of` reads it and says what is wrong with it."""
        return True
