"""A naive recount, in plain Python, of who stands and who lives on where, day by day.

Written from the definitions that stand in `models.Ancestry` and `inheritance`, not from their code:
each question is asked anew for one unit and one day, and answered from placements and successions
alone. Slow, and simple enough to be right.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from banyan.orgs.models import Ancestry, Placement, Succession

# (unit, ancestor, depth) where a unit stands; (unit, ancestor, sure) where it lives on.
Stands = set[tuple[int, int, int]]
LivesOn = set[tuple[int, int, bool]]
# One day of one tree: both sets.
Day = tuple[Stands, LivesOn]


class Recount:
    """One tree as its placements and the successions tell it."""

    def __init__(self, tree: str) -> None:
        self.places: dict[int, list[Placement]] = defaultdict(list)
        for place in Placement.objects.filter(tree=tree):
            self.places[place.unit_id].append(place)
        for rows in self.places.values():
            rows.sort(key=lambda row: row.valid.lower or date.min)
        whole_or_part = (Succession.Share.WHOLE, Succession.Share.PART)
        self.into: dict[int, list[Succession]] = defaultdict(list)
        self.out_of: dict[int, list[Succession]] = defaultdict(list)
        for row in Succession.objects.all():
            # Who lets a part go and stays has not been followed by anybody.
            if row.kind in whole_or_part:
                self.into[row.from_unit_id].append(row)
            self.out_of[row.to_unit_id].append(row)

    def day(self, on: date) -> Day:
        """Everything the closure should say of a day."""
        parents = self._parents(on)
        stands: Stands = set()
        for unit in parents:
            at: int | None = unit
            depth = 0
            while at is not None:
                assert at in parents, f"{unit} stands under {at}, which does not stand on {on}"
                assert depth <= len(parents), f"{unit} goes round in a circle on {on}"
                stands.add((unit, at, depth))
                at, depth = parents[at], depth + 1
        over: dict[int, set[int]] = defaultdict(set)
        for unit, ancestor, _depth in stands:
            over[unit].add(ancestor)
        lives: LivesOn = set()
        for unit in self.places.keys() - parents.keys():
            carriers = self.carriers(unit, on)
            for ancestor in set().union(*(over[one] for one in carriers)):
                sure = all(ancestor in over[one] for one in carriers)
                lives.add((unit, ancestor, sure))
        return stands, lives

    def _parents(self, on: date) -> dict[int, int | None]:
        found: dict[int, int | None] = {}
        for unit, rows in self.places.items():
            for row in rows:
                if on in row.valid:
                    assert unit not in found, f"{unit} has two places on {on}"
                    found[unit] = row.parent_id
        return found

    def carriers(self, unit: int, on: date, seen: frozenset[int] = frozenset()) -> set[int]:
        """The units that stand on a day and carry on the work of this one: itself if it stands."""
        rows = self.places.get(unit, [])
        if unit in seen or not rows:
            return set()
        if any(on in row.valid for row in rows):
            return {unit}
        first, last = rows[0].valid.lower, rows[-1].valid.upper
        if last is not None and on >= last:
            led = [row.to_unit_id for row in self.into[unit] if row.on >= last]
            parent = rows[-1].parent_id
        elif first is not None and on < first:
            led = [row.from_unit_id for row in self.out_of[unit] if row.on <= first]
            parent = rows[0].parent_id
        else:
            return set()
        led = led or ([parent] if parent is not None else [])
        return set().union(*(self.carriers(one, on, seen | {unit}) for one in led))


def recounted(tree: str, days: Iterable[date]) -> dict[date, Day]:
    """What the closure should say of these days."""
    recount = Recount(tree)
    return {on: recount.day(on) for on in days}


def stored(tree: str, days: Iterable[date]) -> dict[date, Day]:
    """What it says."""
    rows = list(Ancestry.objects.filter(tree=tree))
    told: dict[date, Day] = {}
    for on in days:
        here = [row for row in rows if on in row.valid]
        standing = [(row.unit_id, row.ancestor_id, row.depth) for row in here if _is_depth(row)]
        living = [(row.unit_id, row.ancestor_id, row.sure) for row in here if not _is_depth(row)]
        assert len(standing) == len(set(standing)), f"a row of the closure twice on {on}"
        assert len(living) == len(set(living)), f"a row of living on twice on {on}"
        told[on] = set(standing), set(living)
    return told


def _is_depth(row: Any) -> bool:
    assert row.depth is None or row.sure, "a unit that stands somewhere stands there surely"
    return row.depth is not None
