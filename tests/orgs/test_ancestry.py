"""The tree in time: founding, renaming and moving with dates in any order keep the closure true."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import Newcomer
from banyan.orgs.models import Ancestry, Placement, Tree, Unit, UnitName
from banyan.orgs.operations import found, move, rename
from tests.world import installer

pytestmark = pytest.mark.django_db
# The days on which something may happen; each is also looked at, and the day before it.
DAYS = [date(2020, 1, 1) + timedelta(days=97 * n) for n in range(8)]
LOOKED_AT = sorted({*DAYS, *(day - timedelta(days=1) for day in DAYS)})


Path = tuple[int, int, int]


def recounted(placements: list[Any]) -> list[set[Path]]:
    """(unit, ancestor, depth) for each day looked at, walked up naively from the placements alone."""
    told = []
    for day in LOOKED_AT:
        parents = {p.unit_id: p.parent_id for p in placements if day in p.valid}
        found: set[Path] = set()
        for unit in parents:
            at: int | None = unit
            depth = 0
            while at is not None:
                found.add((unit, at, depth))
                at, depth = parents.get(at), depth + 1
                assert depth <= len(parents) + 1, f"going round in a circle on {day}"
        told.append(found)
    return told


def stored() -> list[set[Path]]:
    """The same, from the closure."""
    rows = list(Ancestry.objects.standing().filter(tree=Tree.STATE))
    return [
        {(a.unit_id, a.ancestor_id, a.depth) for a in rows if day in a.valid} for day in LOOKED_AT
    ]


def stored_on(day: date) -> set[Path]:
    """The closure of one day."""
    return stored()[LOOKED_AT.index(day)]


class TreeInTime(RuleBasedStateMachine):
    """Officers found, rename and move units, and decide about the past as often as the future."""

    units = Bundle("units")

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        # What should stand: unit → for each day looked at, (stretch, parent), or None.
        self.expected: dict[int, list[tuple[int, int | None] | None]] = {}
        self.stretches = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    def attempt(self, act: Any) -> Any:
        """An operation as a request runs it: refused, it leaves nothing."""
        try:
            with transaction.atomic():
                return act()
        except Refusal:
            return None

    @rule(target=units, on=st.sampled_from(DAYS))
    def found_a_root(self, on: date) -> Any:
        return self._found(None, on)

    @rule(target=units, parent=units, on=st.sampled_from(DAYS))
    def found_below(self, parent: Any, on: date) -> Any:
        return self._found(parent, on)

    def _found(self, parent: Any, on: date) -> Any:
        new = Newcomer("commune", f"Xã {len(self.expected)}")
        made = self.attempt(lambda: found(parent, new=new, on=on, by=installer()))
        if made is None:
            return multiple()
        self.stretches += 1
        above = parent.pk if parent is not None else None
        self.expected[made.pk] = [
            (self.stretches, above) if day >= on else None for day in LOOKED_AT
        ]
        return made

    @rule(unit=units, parent=units, on=st.sampled_from(DAYS))
    def move_below(self, unit: Any, parent: Any, on: date) -> None:
        moved = self.attempt(lambda: move(unit, parent=parent, on=on, by=installer()))
        if moved is None:
            return
        days = self.expected[unit.pk]
        present = days[LOOKED_AT.index(on)]
        assert present is not None, "a unit was moved on a day on which it does not stand"
        self.stretches += 1
        for place, day in enumerate(LOOKED_AT):
            if day >= on and days[place] is not None and days[place][0] == present[0]:  # type: ignore[index]
                days[place] = (self.stretches, parent.pk)

    @rule(unit=units, on=st.sampled_from(DAYS), name=st.sampled_from(["Xã Mới", "Xã Cũ"]))
    def rename_it(self, unit: Any, on: date, name: str) -> None:
        renamed = self.attempt(lambda: rename(unit, name=name, on=on, by=installer()))
        if renamed is not None:
            assert Unit.objects.get(pk=unit.pk).name_on(on) == name

    @invariant()
    def every_unit_stands_where_it_was_put_and_the_closure_is_what_a_recount_finds(self) -> None:
        placements = list(Placement.objects.all())
        for place, day in enumerate(LOOKED_AT):
            standing = [(p.unit_id, p.parent_id) for p in placements if day in p.valid]
            wanted = {unit: days[place][1] for unit, days in self.expected.items() if days[place]}  # type: ignore[index]
            assert dict(standing) == wanted
            assert len(standing) == len(wanted), "a unit stands in two places"
        assert stored() == recounted(placements)

    @invariant()
    def nobody_bears_two_names_on_a_day(self) -> None:
        names = list(UnitName.objects.all())
        for day in LOOKED_AT:
            units = [name.unit_id for name in names if day in name.valid]
            assert len(units) == len(set(units))


def test_the_tree_stays_true_whatever_officers_decide_in_whatever_order():
    how = settings(
        max_examples=20,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(TreeInTime, settings=how)


def three() -> list[Any]:
    """A unit, one under it, one under that."""
    made: list[Any] = [None]
    for n in range(3):
        new = Newcomer("commune", f"Đơn vị {n}")
        made.append(found(made[-1], new=new, on=DAYS[0], by=installer()))
    return made[1:]


def test_a_unit_cannot_be_put_under_one_that_stands_below_it():
    top, _middle, bottom = three()
    before = stored_on(DAYS[3])
    with pytest.raises(Refusal), transaction.atomic():
        move(top, parent=bottom, on=DAYS[2], by=installer())
    assert stored_on(DAYS[3]) == before
    assert Placement.objects.filter(unit=top).count() == 1


def test_what_stood_before_a_move_is_read_as_it_was():
    top, middle, bottom = three()
    other = found(None, new=Newcomer("district", "Nơi khác"), on=DAYS[0], by=installer())
    early = stored_on(DAYS[1])
    move(middle, parent=other, on=DAYS[2], by=installer())
    assert stored_on(DAYS[1]) == early
    below = Unit.objects.below(other, on=DAYS[2]).values_list("pk", flat=True)
    assert set(below) == {other.pk, middle.pk, bottom.pk}
    assert set(Unit.objects.below(top, on=DAYS[2]).values_list("pk", flat=True)) == {top.pk}


def test_a_move_in_the_past_leaves_later_moves_alone():
    top, middle, _bottom = three()
    first, second = (
        found(None, new=Newcomer("district", name), on=DAYS[0], by=installer())
        for name in ("A", "B")
    )
    move(middle, parent=second, on=DAYS[5], by=installer())
    move(middle, parent=first, on=DAYS[2], by=installer())
    told = [middle.placements.get(valid__contains=DAYS[n]).parent for n in (1, 3, 6)]
    assert told == [top, first, second]


def test_a_unit_stands_under_another_in_one_tree_and_not_in_the_others():
    top, middle, _bottom = three()
    rows = Ancestry.objects.filter(unit=middle, ancestor=top)
    assert set(rows.values_list("tree", flat=True)) == {Tree.STATE}
