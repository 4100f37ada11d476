"""Reporting periods: a year, a half, a quarter, a month."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

FIRST_YEAR, LAST_YEAR = 1900, 2200
_FORM = re.compile(
    r"^(?P<year>[0-9]{4})(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|-(?P<month>[0-9]{2}))?$"
)


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months. `first` is its first day, `after` the first day no longer in it."""

    first: date
    after: date
    key: str

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read `2024`, `2024H1`, `2024Q3` or `2024-05`. Raises ValueError for anything else."""
        found = _FORM.match(key.strip().upper())
        if not found or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
            raise ValueError(key)
        year, start, months = int(found["year"]), 1, 12
        if found["half"]:
            start, months = 6 * int(found["half"]) - 5, 6
        elif found["quarter"]:
            start, months = 3 * int(found["quarter"]) - 2, 3
        elif found["month"]:
            start, months = int(found["month"]), 1
            if not 1 <= start <= 12:
                raise ValueError(key)
        return cls(date(year, start, 1), _month_after(year, start + months - 1), found[0])

    @property
    def last(self) -> date:
        """The last day in the period."""
        return self.after - timedelta(days=1)

    @property
    def year(self) -> int:
        """The calendar year it lies in."""
        return self.first.year

    @property
    def kind(self) -> str:
        """`year`, `half`, `quarter` or `month`."""
        return {4: "year", 6: "quarter" if "Q" in self.key else "half", 7: "month"}[len(self.key)]

    @property
    def number(self) -> int:
        """Which half, quarter or month of the year (1 for a year)."""
        return {
            "year": 1,
            "half": (self.first.month + 5) // 6,
            "quarter": (self.first.month + 2) // 3,
        }.get(self.kind, self.first.month)

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.after

    def month_ends(self) -> list[date]:
        """The last day of each of its months: *then* reads the tree on these days."""
        ends, day = [], self.first
        while day < self.after:
            day = _month_after(day.year, day.month)
            ends.append(day - timedelta(days=1))
        return ends

    def a_year_earlier(self) -> "Period":
        """The same period of last year."""
        return Period.parse(str(self.year - 1) + self.key[4:])

    def following(self) -> Self:
        """The period of the same length that begins when this one ends."""
        year, month = self.after.year, self.after.month
        months = 12 * (year - self.first.year) + month - self.first.month
        halves, quarters = f"H{(month + 5) // 6}", f"Q{(month + 2) // 3}"
        rest = {12: "", 6: halves, 3: quarters, 1: f"-{month:02}"}[months]
        return type(self)(self.after, _month_after(year, month + months - 1), f"{year}{rest}")

    def __str__(self) -> str:
        return self.key
