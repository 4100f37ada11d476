"""Figures of many places and periods at once: what a pivot, a chart or a table of a report asks.

The one door to numbers told apart by place and period. Whoever shows them asks for nothing else,
so that how they are reckoned may change behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.figures.place import Place
from banyan.figures.records import Question
from banyan.figures.rollup import Reckoning, Value, read_many
from banyan.figures.words import number_text
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.readings import DEFAULT, Reading
from banyan.packs.schema import Pack

MOST_PLACES, MOST_PERIODS, MOST_INDICATORS = 400, 24, 20
"""How much one question may ask: more can neither be read nor be answered at once."""
Spot = tuple[int, int | None]


@dataclass(frozen=True)
class Matrix:
    """Indicators × places × periods under one reading at one instant.

    `synthetic`: whether any record behind it is synthetic. `notes`: what a reader of these figures
    must know, already in words.
    """

    pack: Pack
    reading: Reading
    axis: str | None
    as_of: datetime
    synthetic: bool
    notes: Sequence[str]
    told: Mapping[tuple[Spot, str], Reckoning]

    def value(self, indicator: str, place: Place, period: Period) -> Value:
        """One number with its base, its parts along the axis, and where it opens to."""
        value = self._at(place, period)[indicator]
        kept = {self.axis} if self.axis else set()
        return replace(
            value,
            parts={axis: parts for axis, parts in value.parts.items() if axis in kept},
            bases={axis: parts for axis, parts in value.bases.items() if axis in kept},
            part_opens={axis: opens for axis, opens in value.part_opens.items() if axis in kept},
        )

    def coverage(self, place: Place, period: Period) -> tuple[int, int]:
        """How many units have records, of how many from which records are awaited."""
        told = self._at(place, period)
        return told.reporting, told.expected

    def waiting(self, place: Place, period: Period) -> tuple[int, int]:
        """Records of divided units that nobody placed: which may belong here and are not counted;
        which are counted, but with none of the units below."""
        loose = Question(self.pack, place, period, self.reading).loose.count()
        return self._at(place, period).unplaced, loose

    def _at(self, place: Place, period: Period) -> Reckoning:
        return self.told[spot(place), period.key]


class How(TypedDict, total=False):
    """Along which axis numbers are told apart (as a rule none), under which reading (*then*).

    `within`: periods whose parts are told by the day each record counts on. A half year's round has
    no months of its own, so that a month by itself would be empty; as a part of its half year it
    holds what counts in it, and the months add up to the half year.
    """

    axis: str | None
    reading: Reading
    within: Sequence[Period]


def spot(place: Place) -> Spot:
    """By what a place is known among others."""
    return place.unit.pk, place.group.pk if place.group else None


def matrix(
    pack: Pack,
    places: Sequence[Place],
    periods: Sequence[Period],
    indicators: Sequence[str],
    **how: Unpack[How],
) -> Matrix:
    """Reckon indicators of places in periods, told apart along an axis if one is named.

    Raises Refusal (422) for more than can be answered at once.
    """
    axis, reading = how.get("axis"), how.get("reading", DEFAULT)
    bound(len(places), len(periods), len(indicators))
    told: dict[tuple[Spot, str], Reckoning] = {}
    begun = timezone.now()
    hosts = [host(period, how.get("within", ())) for period in periods]
    spans = [
        (whole, period) if whole else (period, None)
        for whole, period in zip(hosts, periods, strict=True)
    ]
    for (n, m), one in read_many(pack, (places, spans), indicators, axis, reading).items():
        told[spot(places[n]), periods[m].key] = one
    return Matrix(
        pack=pack,
        reading=reading,
        axis=axis,
        as_of=begun,
        synthetic=any(one.synthetic for one in told.values()),
        notes=list(dict.fromkeys(note for one in told.values() for note in one.notes)),
        told=told,
    )


def host(period: Period, within: Sequence[Period]) -> Period | None:
    """The period of which this one is a part; None where it stands by itself."""
    return next(
        (
            whole
            for whole in within
            if whole != period and whole.first <= period.first and period.after <= whole.after
        ),
        None,
    )


def bound(places: int, periods: int, indicators: int) -> None:
    """Refuse more than can be answered at once; one place more is the whole the others are of."""
    for asked, most, text in (
        (
            places,
            MOST_PLACES + 1,
            _("This asks for %(n)s units; at most %(most)s are told at once."),
        ),
        (
            periods,
            2 * MOST_PERIODS + 2,
            _("This asks for %(n)s periods; at most %(most)s at once."),
        ),
        (indicators, MOST_INDICATORS, _("This asks for %(n)s figures; at most %(most)s at once.")),
    ):
        if asked > most:
            shown = {MOST_PLACES + 1: MOST_PLACES, 2 * MOST_PERIODS + 2: MOST_PERIODS}
            said = {"n": number_text(asked), "most": number_text(shown.get(most, most))}
            raise Refusal(
                text % said,
                "",
                _("Ask for fewer: a smaller unit, a shorter period, or the units directly below."),
                status=422,
            )
