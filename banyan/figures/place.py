"""Where figures are asked for, and when that stands."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.db.models import Q

from banyan.kernel.period import Period
from banyan.orgs.models import Ancestry, Group, Tree, Unit
from banyan.orgs.places import Area, Located, Stretch, spec_on, stretches_of
from banyan.orgs.readings import Reading
from banyan.packs.schema import Pack


@dataclass(frozen=True)
class Place:
    """Where figures are asked for: one unit with all below it, or the units of a group.

    `spec` is how it was asked for (`020@2024-06-30`), so that addresses can say it again.
    """

    unit: Unit
    group: Group | None = None
    tree: str = Tree.STATE
    spec: str = ""

    @classmethod
    def located(cls, found: Located, spec: str, tree: str = Tree.STATE) -> Self:
        """From what was found in one query, so that nothing of it is asked for again."""
        place = cls(found.group.unit if found.group else found.units[0], found.group, tree, spec)
        place.__dict__.update(units=found.units, stretches=found.stretches)
        return place

    @property
    def label(self) -> str:
        """The key of the group, or what was asked for: `CODE@DATE`."""
        return self.group.key if self.group else self.spec or spec_on(self.unit.pk, None, date.min)

    def name_on(self, day: date) -> str:
        """What the place is called on a day."""
        return self.group.name if self.group else self.unit.name_on(day)

    @cached_property
    def units(self) -> list[Unit]:
        """The units whose subtrees together are the place."""
        if self.group is None:
            return [self.unit]
        return list(self.group.units.prefetch_related("names"))

    @property
    def tops(self) -> list[int]:
        """Their ids."""
        return [unit.pk for unit in self.units]

    @cached_property
    def stretches(self) -> list[Stretch]:
        """When they stand: asked for once."""
        return stretches_of(self.tops, self.tree)

    def stands_on(self, day: date) -> bool:
        """Whether any of it stands on the day."""
        return any(one.holds(day) for one in self.stretches)

    def ended_before(self, day: date) -> date | None:
        """Its last day, where none of it stands on this day or later."""
        if any(one.after is None or one.after > day for one in self.stretches):
            return None
        return max((one.last for one in self.stretches if one.last), default=None)

    def begins_after(self, day: date) -> date | None:
        """Its first day, where all of it is founded later than this."""
        firsts = [one.first for one in self.stretches]
        return min((f for f in firsts if f), default=None) if self._all_later(day) else None

    def _all_later(self, day: date) -> bool:
        return bool(self.stretches) and all(s.first and s.first > day for s in self.stretches)

    def area(self, reading: Reading) -> Area:
        """What it holds under a reading."""
        return Area.of(self.stretches, reading, self.tree, grouped=self.group is not None)

    def day_then(self, period: Period) -> date:
        """The last day of the period on which any of it stands; without one the period's last."""
        lasts = [one.last for one in self.stretches if one.last and one.last in period]
        return period.last if self.stands_on(period.last) else max(lasts, default=period.last)

    def day_meant(self, period: Period, reading: Reading) -> date:
        """The day whose units its figures are told by."""
        if reading.day is not None and self.stands_on(reading.day):
            return reading.day
        return self.day_then(period)

    def asked(self, pack: Pack, period: Period, reading: Reading) -> Any:
        """The units of the pack's lowest kind from which records are awaited: closure rows."""
        area, lowest = self.area(reading), lowest_kind(pack)
        then = area.ended if reading.day else area.standing
        held = Q(ancestor__in=then, valid__contains=self.day_then(period))
        if reading.day is not None:
            held |= Q(ancestor__in=area.standing, valid__contains=reading.day)
        return Ancestry.objects.standing().filter(held, tree=self.tree, unit__kind=lowest)


def lowest_kind(pack: Pack) -> str:
    """The kind of the units from which records are awaited."""
    return next(kind for kind in ("commune", "district", "province") if kind in pack.unit_kinds)
