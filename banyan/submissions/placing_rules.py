"""Who took a part of a divided unit, and where its records may therefore be placed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import overload

from django.db import connection
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import vi_sort_key
from banyan.orgs.models import Ancestry, Succession, Unit
from banyan.orgs.places import spec_on
from banyan.submissions.models import Placing, Submission

PLACE = "submission.place"

_NAME = """(SELECT n.name FROM orgs_unitname n WHERE n.unit_id = {unit} AND n.language = 'vi'
    ORDER BY n.valid @> %(day)s::date DESC, n.valid DESC LIMIT 1)"""
# From each unit of `homes` along its successions to those that stand on the day. A split that
# leaves the older unit standing hands nothing over: it answers for what it was.
_LED = f"""
    led AS (
        SELECT unit AS home, unit AS now, NULL::date AS since FROM homes
        UNION
        SELECT led.home, s.to_unit_id, s."on" FROM led
          JOIN orgs_succession s ON s.from_unit_id = led.now
         WHERE s.kind <> '{Succession.Share.SPLIT}' AND s."on" <= %(day)s
           AND s."on" >= coalesce(led.since, s."on")
           AND NOT EXISTS (SELECT 1 FROM orgs_placement p
                            WHERE p.unit_id = led.now AND p.valid @> %(day)s::date)),
    heirs AS (
        SELECT home, now, max(since) AS since, {_NAME.format(unit="led.now")} AS name FROM led
         WHERE since IS NOT NULL AND EXISTS (SELECT 1 FROM orgs_placement p
                WHERE p.unit_id = led.now AND p.valid @> %(day)s::date)
         GROUP BY home, now)
"""
_HEIRS = f"""
    WITH RECURSIVE homes AS (SELECT unnest(%(homes)s::bigint[]) AS unit), {_LED}
    SELECT home, now, since, name FROM heirs ORDER BY home, now
"""
_WHEREABOUTS = f"""
    WITH RECURSIVE given AS (
        SELECT unit_id, decision_number, decided_on FROM submissions_placing
         WHERE submission_id = %(submission)s AND "on" <= %(day)s ORDER BY "on" DESC LIMIT 1),
    homes AS (SELECT coalesce((SELECT unit_id FROM given), %(own)s) AS unit), {_LED}
    SELECT h.unit, {_NAME.format(unit="h.unit")}, g.decision_number, g.decided_on, e.now, e.since,
           e.name
      FROM homes h LEFT JOIN given g ON true LEFT JOIN heirs e ON e.home = h.unit
"""


@dataclass(frozen=True)
class Heir:
    """A unit that took over from another or a part of it: since when, its name on the day asked."""

    unit: int
    since: date
    name: str


Heirs = Mapping[int, Mapping[int, Heir]]


def heirs_of(homes: Collection[int], day: date) -> Heirs:
    """Ended unit → the units standing on the day that took over from it or a part of it, by id.

    Nothing for units that stand, and for those of which no source says who took over. One query.
    """
    found: dict[int, dict[int, Heir]] = {home: {} for home in homes}
    with connection.cursor() as cursor:
        cursor.execute(_HEIRS, {"homes": sorted(found), "day": day})
        for home, heir, since, name in cursor.fetchall():
            found[home][heir] = Heir(heir, since, name or f"#{heir}")
    return found


def listed(heirs: Mapping[int, Heir]) -> str:
    """Their names."""
    return "; ".join(sorted((heir.name for heir in heirs.values()), key=vi_sort_key))


class Chosen(Sequence[Submission]):
    """Records chosen together. What is done to them needs a right over their own units."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self._held = tuple(submissions)

    @classmethod
    def of(cls, submissions: Sequence[Submission]) -> "Chosen":
        """These records, as one choice."""
        return submissions if isinstance(submissions, Chosen) else cls(submissions)

    @overload
    def __getitem__(self, at: int) -> Submission: ...
    @overload
    def __getitem__(self, at: slice) -> "Chosen": ...
    def __getitem__(self, at: int | slice) -> "Submission | Chosen":
        return Chosen(self._held[at]) if isinstance(at, slice) else self._held[at]

    def __iter__(self) -> Iterator[Submission]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    @property
    def ids(self) -> list[int]:
        """Their ids."""
        return [one.pk for one in self._held]

    @cached_property
    def unit(self) -> list[Unit]:
        """The units they were sent in by."""
        own = {one.unit_id for one in self._held}
        return list(Unit.objects.filter(pk__in=own).prefetch_related("names"))

    def homes(self, day: date) -> dict[int, int]:
        """Record → the unit it counts at on a day: where it was placed by then, else its own."""
        rows = Submission.objects.filter(pk__in=self.ids).annotate(
            at_home=Placing.home("pk", "unit_id", day)
        )
        return dict(rows.values_list("pk", "at_home"))


def check(chosen: Chosen, unit: Unit, on: date) -> None:
    """Refuse to place records at a unit that took no part of theirs, or none that has to be placed."""
    homes = set(chosen.homes(on - timedelta(days=1)).values())
    heirs = heirs_of(homes, on)
    known = Unit.objects.filter(pk__in=homes).prefetch_related("names")
    names = {one.pk: one.name_on(on - timedelta(days=1)) for one in known}
    there = set(
        Ancestry.objects.filter(
            unit__in=homes, ancestor=unit, sure=True, valid__contains=on
        ).values_list("unit", flat=True)
    )
    for home in sorted(homes):
        told = {"unit": names[home], "to": unit.name_on(on), "day": on.strftime("%d/%m/%Y")}
        if home in there:
            raise Refusal(
                _("The records of %(unit)s need not be placed at %(to)s.") % told,
                _("On %(day)s they are counted there by the tree itself.") % told,
                _("Choose only records of units that were divided."),
                status=409,
            )
        if not heirs[home]:
            raise Refusal(
                _("%(unit)s was not divided on %(day)s.") % told,
                _("It stood on that day, or no source says who took over from it."),
                _("Choose records of a unit that was divided, and the day on which it was."),
                status=409,
            )
        if unit.pk not in heirs[home]:
            raise Refusal(
                _("%(to)s took no part of %(unit)s.") % told,
                _("A record goes to one of the units that took over a part of its own."),
                _("Choose one of these: %(names)s.") % {"names": listed(heirs[home])},
                status=409,
            )


@dataclass(frozen=True)
class Whereabouts:
    """Where a record is kept now: the unit's id and name, and by which decision it was placed.

    Not placed: no unit; `name` then tells the candidates, and `place` is where the list finds it.
    """

    unit: int | None
    name: str
    decision: str = ""
    place: str = ""


def whereabouts(submission: Submission, today: date) -> Whereabouts | None:
    """Who answers for a record whose own unit no longer does; None while it does. One query."""
    own = submission.unit_id
    with connection.cursor() as cursor:
        cursor.execute(_WHEREABOUTS, {"submission": submission.pk, "own": own, "day": today})
        rows = cursor.fetchall()
    home, name, number, decided_on = rows[0][:4]
    heirs = {row[4]: Heir(row[4], row[5], row[6] or "") for row in rows if row[4] is not None}
    told = ""
    if number is not None:
        words = {"number": number, "day": decided_on.strftime("%d/%m/%Y")}
        told = _("by decision %(number)s of %(day)s") % words
    if len(heirs) > 1:
        return Whereabouts(None, listed(heirs), place=spec_on(own, None, today))
    if heirs:
        (heir,) = heirs.values()
        return Whereabouts(heir.unit, heir.name, told)
    return Whereabouts(home, name, told) if number is not None else None
