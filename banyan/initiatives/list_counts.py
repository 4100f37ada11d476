"""How many models the register shows, by state, and what they add up to."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property

from banyan.initiatives import tallies
from banyan.initiatives.list_fields import NONE, Fields
from banyan.initiatives.tallies import Counted
from banyan.kernel.period import Period

# A page counts so many at most before it is shown; more are counted by a request of their own.
MOST = 20_000
FREE = ("period", "state", "reading", "as_of")


@dataclass(frozen=True)
class Sum:
    """What one number adds up to, and how many of the rows state it."""

    label: str
    total: Any
    measure: str
    kind: str
    stated: int


class Counting:
    """What a list of models asks before it can say its counts.

    `whole`: the actor reaches every unit that has models. Then one of three ways: the tally (no
    filter but period, state and one choice), the rows themselves up to MOST, or later.
    """

    def __init__(self, listing: Any, fields: Fields | None) -> None:
        self.listing, self.fields = listing, fields

    @property
    def measures(self) -> list[str]:
        """The fields that are added up."""
        return [spec.id for spec in self.fields.measures] if self.fields else []

    @cached_property
    def by_state(self) -> dict[str, Counted] | None:
        """Under every filter but the state; None when it takes longer than a page may."""
        told = self._tally()
        if told is not None:
            return told
        listing = self.listing
        patient = listing.request.GET.get("part") == "counts" or listing.request.GET.get("as")
        return tallies.count(listing.rows_unstated, self.measures, None if patient else MOST)

    def _tally(self) -> dict[str, Counted] | None:
        """From the tally, where it can answer."""
        listing = self.listing
        cleaned = listing.form.cleaned_data
        on = {one.key for one in listing.filters if cleaned.get(one.key) not in (None, "", [])}
        asked = on.difference(FREE)
        if listing.search or listing.picked or len(asked) > 1 or not listing.is_whole:
            return None
        facets = [""]
        if asked:
            spec = (
                next((s for s in self.fields.chosen if s.id in asked), None)
                if self.fields
                else None
            )
            said = cleaned[next(iter(asked))]
            if spec is None or spec.kind != "choice" or NONE in said:
                if spec is None or spec.kind != "boolean" or said != ["yes"]:
                    return None
                said = ["true"]
            facets = [f"{spec.id}={one}" for one in said]
        period: Period | None = listing.period
        return tallies.read(facets, (period.first, period.after) if period else None)

    @cached_property
    def shown(self) -> Counted | None:
        """Of the states asked for."""
        if self.by_state is None:
            return None
        states = self.listing.form.cleaned_data.get("state")
        together = Counted()
        for state, one in self.by_state.items():
            if not states or state in states:
                together.add(one)
        return together

    @property
    def sums(self) -> list[Sum]:
        """What the rows add up to, number by number; those that nobody states are left out."""
        if self.shown is None or self.fields is None:
            return []
        found = []
        for spec in self.fields.measures:
            stated, total = self.shown.sums.get(spec.id, (0, 0))
            if stated:
                whole = int(total) if total == int(total) else total
                label, measure = self.fields.label(spec), self.fields.sums_to(spec)
                found.append(Sum(label, whole, measure, spec.kind, stated))
        return found
