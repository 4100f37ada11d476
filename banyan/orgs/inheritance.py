"""Where a unit lives on while it does not stand: rows of the closure that come from successions.

After it ended it lives on in its successors, before it was founded in those it came from, and
without any of these at its last or first parent. Nothing of it is moved or rewritten; the rows are
derived and are made anew for every unit that a change may concern.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.db import connection
from django.db.models import Q

from banyan.orgs.models import Ancestry, Placement, Succession

# Before the first and after the last day of anything; ranges here are half-open pairs of days.
EVER, NEVER = date.min, date.max
Span = tuple[date, date]
Leaf = tuple[int, Span]


def _meet(one: Span, other: Span) -> Span | None:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low < high else None


@dataclass
class _Life:
    """One unit in one tree: when it stands and under which first and last parent; what it became."""

    stands: list[Span] = field(default_factory=list)
    first_parent: int | None = None
    last_parent: int | None = None
    into: list[tuple[int, date]] = field(default_factory=list)
    out_of: list[tuple[int, date]] = field(default_factory=list)

    @property
    def begins(self) -> date:
        return self.stands[0][0] if self.stands else EVER

    @property
    def ends(self) -> date:
        return self.stands[-1][1] if self.stands else NEVER

    def later(self) -> list[tuple[int, date]]:
        """Who carries on, from which day: the successors, else the last parent."""
        if self.ends == NEVER:
            return []
        wholly = [(unit, on) for unit, on in self.into if on >= self.ends]
        parent = [(self.last_parent, self.ends)] if self.last_parent is not None else []
        return wholly or parent

    def earlier(self) -> list[tuple[int, date]]:
        """Where it came from, until which day: those before it, else the first parent."""
        if self.begins == EVER:
            return []
        before = [(unit, on) for unit, on in self.out_of if on <= self.begins]
        parent = [(self.first_parent, self.begins)] if self.first_parent is not None else []
        return before or parent


class _Lives:
    """The lives of some units and of all they lead to, in one tree; read a level at a time."""

    def __init__(self, tree: str) -> None:
        self.tree = tree
        self.of: dict[int, _Life] = {}

    def load(self, units: Iterable[int]) -> None:
        """Read these units and everything they lead to."""
        wanted = set(units) - self.of.keys()
        while wanted:
            self._read(wanted)
            led = {
                to for unit in wanted for to, _on in self.of[unit].later() + self.of[unit].earlier()
            }
            wanted = led - self.of.keys()

    def _read(self, units: set[int]) -> None:
        new = {unit: _Life() for unit in units}
        placed = Placement.objects.filter(tree=self.tree, unit__among=units).order_by("valid")
        for unit, parent, valid in placed.values_list("unit_id", "parent_id", "valid"):
            life, span = new[unit], (valid.lower or EVER, valid.upper or NEVER)
            if not life.stands:
                life.first_parent = parent
            life.last_parent = parent
            if life.stands and life.stands[-1][1] == span[0]:
                life.stands[-1] = (life.stands[-1][0], span[1])
            else:
                life.stands.append(span)
        rows = Succession.objects.filter(Q(from_unit__among=units) | Q(to_unit__among=units))
        for older, newer, on, kind in rows.values_list("from_unit_id", "to_unit_id", "on", "kind"):
            # Who lets a part go and stays answers for what he was.
            if older in new and kind != Succession.Share.SPLIT:
                new[older].into.append((newer, on))
            if newer in new:
                new[newer].out_of.append((older, on))
        self.of |= new

    def leaves(self, unit: int) -> Iterator[Leaf]:
        """Where the unit lives on: units that stand, each with a stretch of days."""
        life = self.of[unit]
        for heir, on in life.later():
            yield from self._after(heir, on, {unit})
        for older, on in life.earlier():
            yield from self._before(older, on, {unit})

    def _after(self, unit: int, on: date, seen: set[int]) -> Iterator[Leaf]:
        life = self.of[unit]
        for span in life.stands:
            if days := _meet(span, (on, NEVER)):
                yield unit, days
        for heir, then in life.later():
            if heir not in seen:
                yield from self._after(heir, max(on, then), seen | {unit})

    def _before(self, unit: int, on: date, seen: set[int]) -> Iterator[Leaf]:
        life = self.of[unit]
        for span in life.stands:
            if days := _meet(span, (EVER, on)):
                yield unit, days
        for older, then in life.earlier():
            if older not in seen:
                yield from self._before(older, min(on, then), seen | {unit})


def _concerned(changed: set[int], tree: str) -> set[int]:
    """The units that may live on in the changed ones, and these: found back along the links."""
    found, wanted = set(changed), set(changed)
    while wanted:
        led = set(
            Succession.objects.filter(to_unit__among=wanted).values_list("from_unit", flat=True)
        )
        led |= set(
            Succession.objects.filter(from_unit__among=wanted).values_list("to_unit", flat=True)
        )
        # Whoever ended or began under one of them, and may live on there.
        bounded = Q(valid__endswith__isnull=False) | Q(valid__startswith__isnull=False)
        under = Placement.objects.filter(bounded, parent__among=wanted, tree=tree)
        led |= set(under.values_list("unit", flat=True))
        wanted = led - found
        found |= led
    return found


def rebuild(changed: Iterable[int], tree: str) -> int:
    """Make the rows of living on right for all units that these changed ones may concern.

    Call after `ancestry.rebuild_below`, in the same transaction. Returns the number of rows.
    """
    concerned = _concerned(set(changed), tree)
    lives = _Lives(tree)
    lives.load(concerned)
    living = {unit: list(lives.leaves(unit)) for unit in concerned if lives.of[unit].stands}
    standing = _ancestors({leaf for leaves in living.values() for leaf, _days in leaves}, tree)
    rows = [
        (unit, ancestor, days, sure)
        for unit, leaves in living.items()
        if leaves
        for ancestor, days, sure in _over(leaves, standing)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM orgs_ancestry WHERE tree = %s AND unit_id = ANY(%s) AND depth IS NULL",
            [tree, list(concerned)],
        )
        with cursor.copy(
            "COPY orgs_ancestry (unit_id, ancestor_id, tree, depth, valid, sure) FROM STDIN"
        ) as copy:
            for unit, ancestor, days, sure in rows:
                copy.write_row((unit, ancestor, tree, None, _written(days), sure))
    return len(rows)


def _ancestors(units: set[int], tree: str) -> dict[int, list[Leaf]]:
    found: dict[int, list[Leaf]] = defaultdict(list)
    rows = Ancestry.objects.standing().filter(tree=tree, unit__among=units)
    for unit, over, valid in rows.values_list("unit_id", "ancestor_id", "valid"):
        found[unit].append((over, (valid.lower or EVER, valid.upper or NEVER)))
    return found


def _over(leaves: list[Leaf], standing: dict[int, list[Leaf]]) -> Iterator[tuple[int, Span, bool]]:
    """What stands over these leaves, on which days, and whether over all of them then."""
    above: dict[int, list[Leaf]] = defaultdict(list)  # ancestor → (leaf, days)
    for leaf, days in leaves:
        for over, when in standing[leaf]:
            if both := _meet(days, when):
                above[over].append((leaf, both))
    points = sorted({p for _leaf, days in leaves for p in days}
                    | {p for held in above.values() for _leaf, days in held for p in days})  # fmt: skip
    stretches = list(pairwise(points))
    alive = [{leaf for leaf, days in leaves if _meet(days, one)} for one in stretches]
    for over, held in above.items():
        run: tuple[date, date, bool] | None = None
        for one, all_of_them in zip(stretches, alive, strict=True):
            here = {leaf for leaf, days in held if _meet(days, one)}
            if not here:
                continue
            sure = here == all_of_them
            if run and run[1] == one[0] and run[2] == sure:
                run = (run[0], one[1], sure)
                continue
            if run:
                yield over, run[:2], run[2]
            run = (*one, sure)
        if run:
            yield over, run[:2], run[2]


def _written(days: Span) -> str:
    low = "" if days[0] == EVER else days[0].isoformat()
    high = "" if days[1] == NEVER else days[1].isoformat()
    return f"[{low},{high})"
