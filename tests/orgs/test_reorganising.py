"""Officers reorganise a country in whatever order of days, and every promise about it holds.

All seven changes, alone and several in one decision, in two trees linked by covers, with members.
After each step: what stands is what was decided, the closure is what a naive recount finds, nobody
is lost, parts add up to the whole, and what was read before the day of a change reads the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import Dissolve, Found, Merge, Move, Split
from banyan.orgs.models import Covers, Placement, Tree, Unit, UnitCode, UnitName
from banyan.orgs.operations import cover, dissolve, found, merge, move, rename, split, upgrade
from banyan.people.models import Membership
from banyan.people.operations import enrol
from tests.orgs.country import (
    DAYS,
    LOOKED_AT,
    TREES,
    UNITS,
    decided,
    dump,
    made,
    members,
    newcomer,
)
from tests.orgs.recount import Day, recounted, stored
from tests.world import installer

pytestmark = pytest.mark.django_db

ON = st.sampled_from(DAYS)
ANY = st.data()
# Codes are few, so that they are wanted again; an empty text: none.
CODES = st.sampled_from(["", "", "", "1", "2", "7", "8", "9"])
TREE = st.sampled_from([Tree.STATE, Tree.STATE, Tree.PARTY])
KINDS = {Tree.STATE: "commune", Tree.PARTY: "cell"}
BY = installer("membership.manage")
SEVEN = ("found", "rename", "move", "merge", "split", "upgrade", "dissolve")


class Told:
    """What the officers decided, in the simplest words: each unit's parent on each looked-at day."""

    def __init__(self) -> None:
        # Per day (number of the stretch, parent); None where the unit does not stand.
        self.days: dict[int, list[tuple[int, int | None] | None]] = {}
        self.tree: dict[int, Tree] = {}
        self.stretches = 0

    def founded(self, unit: int, parent: int | None, on: date | None, tree: Tree) -> None:
        self.stretches += 1
        one = (self.stretches, parent)
        self.days[unit] = [one if on is None or day >= on else None for day in LOOKED_AT]
        self.tree[unit] = tree

    def moved(self, unit: int, parent: int | None, on: date) -> None:
        """From the day on, until whatever was decided about the unit for later."""
        days = self.days[unit]
        present = days[LOOKED_AT.index(on)]
        assert present is not None, "a unit was moved on a day on which it does not stand"
        self.stretches += 1
        for place, day in enumerate(LOOKED_AT):
            here = days[place]
            if day >= on and here is not None and here[0] == present[0]:
                days[place] = (self.stretches, parent)

    def ended(self, unit: int, heir: int | None, on: date) -> None:
        """What stood under it goes to the heir."""
        at = LOOKED_AT.index(on)
        for child in list(self.days):
            place = self.days[child][at]
            if place is not None and place[1] == unit and child != unit:
                self.moved(child, heir, on)
        self.days[unit] = [
            None if day >= on else self.days[unit][place] for place, day in enumerate(LOOKED_AT)
        ]

    def standing(self, on: date, tree: Tree) -> dict[int, int | None]:
        """Unit → parent."""
        at = LOOKED_AT.index(on)
        return {
            unit: place[1]
            for unit, days in self.days.items()
            if (place := days[at]) is not None and self.tree[unit] == tree
        }

    def begins(self, unit: int) -> date | None:
        """The first looked-at day on which it stands."""
        return next((d for d, place in zip(LOOKED_AT, self.days[unit], strict=True) if place), None)


class Reorganising(RuleBasedStateMachine):
    """Officers decide; about the past as often as about the future."""

    country: dict[str, Unit]
    people: list[Any]
    done: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.told = Told()
        for key in ("tinh", "dang"):
            tree = Tree.STATE if key == "tinh" else Tree.PARTY
            self.told.founded(self.country[key].pk, None, None, tree)
        for key, (kind, parent) in UNITS.items():
            tree = Tree.PARTY if kind == "cell" else Tree.STATE
            above = self.country[parent].pk
            self.told.founded(self.country[key].pk, above, DAYS[0], tree)
        # (unit, day, number): records that stay on their unit whatever becomes of it.
        self.facts = [(unit, DAYS[0], 2 * n + 1) for n, unit in enumerate(self.told.days)]
        self.lost_roots = False
        self.seen = dump()
        self.closure = self._closure()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    @staticmethod
    def _closure() -> dict[Tree, dict[date, Day]]:
        return {tree: stored(tree, LOOKED_AT) for tree in TREES}

    # What officers do ----------------------------------------------------------------------------

    def _pick(self, data: Any, on: date, tree: Tree, least: int = 1) -> list[int]:
        """Units to act on: such as stand in the tree on the day, now and then any others."""
        standing = sorted(self.told.standing(on, tree))
        if len(standing) < least or data.draw(st.integers(0, 11)) == 0:
            standing = sorted(self.told.days)
        chosen = st.lists(
            st.sampled_from(standing), min_size=least, max_size=least, unique=least > 1
        )
        return list(data.draw(chosen))

    def _attempt(self, what: str, on: date | None, act: Callable[[], Any]) -> Any:
        """What was done, or None where it was refused, which leaves everything as it was."""
        try:
            result = act()
        except Refusal:
            self.done[f"{what} refused"] += 1
            assert dump() == self.seen, f"a refused {what} left something behind"
            return None
        self.done[what] += 1
        before, self.closure, self.seen = self.closure, self._closure(), dump()
        if on is not None:
            self._reads_as_before(before, on)
        return result

    def _reads_as_before(self, before: dict[Tree, dict[date, Day]], on: date) -> None:
        """Days before the change: the same for every unit that stood before it."""
        older = {unit for unit in self.told.days if (self.told.begins(unit) or on) < on}
        for tree in TREES:
            for day in LOOKED_AT:
                if day < on:
                    then, now = before[tree][day], self.closure[tree][day]
                    for kind in (0, 1):
                        assert {row for row in then[kind] if row[0] in older} == {
                            row for row in now[kind] if row[0] in older
                        }, f"a change on {on} altered what is read as of {day}"

    @rule(data=ANY, tree=TREE, on=st.sampled_from([*DAYS, None]), code=CODES)
    def found_one(self, data: Any, tree: Tree, on: date | None, code: str) -> None:
        [parent] = self._pick(data, on or LOOKED_AT[0], tree)
        above = None if data.draw(st.integers(0, 15)) == 0 else parent
        new = newcomer(KINDS[tree], f"m{len(self.told.days)}", code)
        under = Unit.objects.get(pk=above) if above else None
        unit = self._attempt("found", on, lambda: found(under, new=new, on=on, by=BY))
        if unit is not None:
            self.told.founded(unit.pk, above, on, tree)
            self.facts.append((unit.pk, on or DAYS[0], 2 * len(self.facts) + 1))

    @rule(data=ANY, tree=TREE, on=ON, code=CODES, raised=st.booleans())
    def rename_one(self, data: Any, tree: Tree, on: date, code: str, raised: bool) -> None:
        [unit] = map(_unit, self._pick(data, on, tree))
        name, act = (
            data.draw(st.sampled_from(["Phường Mới", "Xã Cũ"])),
            upgrade if raised else rename,
        )
        if self._attempt(act.__name__, on, lambda: act(unit, name=name, on=on, code=code, by=BY)):
            unit = _unit(unit.pk)
            assert unit.name_on(on) == name
            if code and unit.kind == "commune":
                assert unit.code_on(on) == code

    @rule(data=ANY, tree=TREE, on=ON)
    def move_one(self, data: Any, tree: Tree, on: date) -> None:
        unit, parent = map(_unit, self._pick(data, on, tree, 2))
        if self._attempt("move", on, lambda: move(unit, parent=parent, on=on, tree=tree, by=BY)):
            self.told.moved(unit.pk, parent.pk, on)

    @rule(data=ANY, tree=TREE, on=ON, count=st.integers(1, 2))
    def merge_some(self, data: Any, tree: Tree, on: date, count: int) -> None:
        into, *units = map(_unit, self._pick(data, on, tree, count + 1))
        if self._attempt("merge", on, lambda: merge(units, into=into, on=on, by=BY)):
            for unit in units:
                self.told.ended(unit.pk, into.pk, on)

    @rule(data=ANY, tree=TREE, on=ON, heir=st.booleans(), stays=st.booleans())
    def split_one(self, data: Any, tree: Tree, on: date, heir: bool, stays: bool) -> None:
        unit, *into = map(_unit, self._pick(data, on, tree, 3))
        to = into[0] if heir else None
        if (
            self._attempt(
                "split", on, lambda: split(unit, into=into, on=on, heir=to, stays=stays, by=BY)
            )
            and not stays
        ):
            self.told.ended(unit.pk, to.pk if to else None, on)

    @rule(data=ANY, tree=TREE, on=ON, heir=st.integers(0, 2))
    def dissolve_one(self, data: Any, tree: Tree, on: date, heir: int) -> None:
        unit, other = map(_unit, self._pick(data, on, tree, 2))
        to = other if heir else None
        if self._attempt("dissolve", on, lambda: dissolve(unit, on=on, heir=to, by=BY)):
            root = self.told.standing(on, self.told.tree[unit.pk]).get(unit.pk, 0) is None
            self.lost_roots |= root
            self.told.ended(unit.pk, to.pk if to else None, on)

    @rule(data=ANY, tree=TREE, on=ON, code=CODES, split_up=st.booleans())
    def merge_or_split_into_new_ones(
        self, data: Any, tree: Tree, on: date, code: str, split_up: bool
    ) -> None:
        """As the decisions of the state do it: the new unit is founded by what ends the old one."""
        first, second = self._pick(data, on, tree, 2)
        keys = [f"m{len(self.told.days)}a", f"m{len(self.told.days)}b"][: 2 if split_up else 1]
        above = self.told.standing(on, tree).get(first)
        changes: list[Any] = [
            Found(key, newcomer(KINDS[tree], key, code if key == keys[0] else ""), above)
            for key in keys
        ]
        ends = [first] if split_up else [first, second]
        goes = Split(first, tuple(keys), keys[0]) if split_up else Merge(tuple(ends), keys[0])
        done = self._attempt("new ones", on, lambda: decided(*changes, goes, on=on))
        if done is not None:
            for unit in done.founded.values():
                self.told.founded(unit, above, on, tree)
                self.facts.append((unit, on, 2 * len(self.facts) + 1))
            for unit in ends:
                self.told.ended(unit, done.founded[keys[0]], on)

    @rule(data=ANY, tree=TREE, on=ON)
    def dissolve_and_place_each_child(self, data: Any, tree: Tree, on: date) -> None:
        """Without an heir, where the decision says of everyone under the unit where it goes."""
        unit, other = self._pick(data, on, tree, 2)
        children = [c for c, above in self.told.standing(on, tree).items() if above == unit]
        changes = [Dissolve(unit), *(Move(child, other, tree) for child in children)]
        root = self.told.standing(on, tree).get(unit, 0) is None
        if self._attempt("dissolve and place", on, lambda: decided(*changes, on=on)):
            self.lost_roots |= root
            for child in children:
                self.told.moved(child, other, on)
            self.told.ended(unit, None, on)

    @rule(data=ANY, on=ON)
    def cover_one(self, data: Any, on: date) -> None:
        [cell], [village] = self._pick(data, on, Tree.PARTY), self._pick(data, on, Tree.STATE)
        self._attempt(
            "cover", None, lambda: cover(_unit(cell), covered=_unit(village), on=on, by=BY)
        )

    @rule(data=ANY, on=ON)
    def enrol_one(self, data: Any, on: date) -> None:
        [cell] = map(_unit, self._pick(data, on, Tree.PARTY))
        person = data.draw(st.sampled_from(self.people))
        self._attempt("enrol", None, lambda: enrol(cell, person=person, kind="party", on=on, by=BY))

    # What must hold ------------------------------------------------------------------------------

    @invariant()
    def every_unit_stands_where_it_was_put(self) -> None:
        places = list(Placement.objects.all())
        for day in LOOKED_AT:
            here = [(p.tree, p.unit_id, p.parent_id) for p in places if day in p.valid]
            assert len(here) == len({unit for _tree, unit, _parent in here}), "twice on a day"
            for tree in TREES:
                found = {unit: parent for held, unit, parent in here if held == tree}
                assert found == self.told.standing(day, tree)

    @invariant()
    def the_closure_is_what_a_recount_finds(self) -> None:
        for tree in TREES:
            assert self.closure[tree] == recounted(tree, LOOKED_AT)

    @invariant()
    def names_and_codes_are_borne_by_units_that_stand_and_by_one_at_a_time(self) -> None:
        names, codes = list(UnitName.objects.all()), list(UnitCode.objects.all())
        for day in LOOKED_AT:
            standing = [u for tree in TREES for u in self.told.standing(day, tree)]
            assert sorted(n.unit_id for n in names if day in n.valid) == sorted(standing)
            borne = [c for c in codes if day in c.valid]
            assert {c.unit_id for c in borne} <= set(standing)
            assert max(Counter((c.scheme, c.code) for c in borne).values(), default=1) == 1
            assert max(Counter((c.scheme, c.unit_id) for c in borne).values(), default=1) == 1

    @invariant()
    def covers_link_units_that_stand(self) -> None:
        rows = list(Covers.objects.all())
        for day in LOOKED_AT:
            standing = {u for tree in TREES for u in self.told.standing(day, tree)}
            here = [(row.unit_id, row.covered_id) for row in rows if day in row.valid]
            assert len(here) == len(set(here))
            assert {unit for pair in here for unit in pair} <= standing

    @invariant()
    def nobody_who_ever_stood_is_lost_from_his_founding_on(self) -> None:
        for unit, tree in self.told.tree.items():
            begins = self.told.begins(unit)
            for day in LOOKED_AT:
                if begins is not None and day >= begins and not self.lost_roots:
                    stands, lives = self.closure[tree][day]
                    over = {row[1] for row in (*stands, *lives) if row[0] == unit}
                    roots = {u for u, up in self.told.standing(day, tree).items() if up is None}
                    assert over & roots, f"{unit} is nowhere on {day}"

    @invariant()
    def every_member_is_in_one_cell_each_day(self) -> None:
        rows = list(Membership.objects.all())
        for person in self.people:
            mine = [row for row in rows if row.person_id == person.pk]
            begun = min(row.valid.lower for row in mine)
            for day in LOOKED_AT:
                cells = [row.unit_id for row in mine if day in row.valid]
                assert len(cells) == (1 if day >= begun else 0)
                assert set(cells) <= {u for tree in TREES for u in self.told.standing(day, tree)}

    @invariant()
    def parts_add_up_to_the_whole(self) -> None:
        """Children, what is at the unit itself, and what waits to be placed: nothing twice."""
        for tree in TREES:
            for day in LOOKED_AT:
                stands, lives = self.closure[tree][day]
                rows = [(unit, top, True) for unit, top, _depth in stands] + list(lives)
                sure, perhaps = defaultdict(set), defaultdict(set)
                for unit, top, is_sure in rows:
                    (sure if is_sure else perhaps)[top].add(unit)
                children = defaultdict(set)
                for unit, parent in self.told.standing(day, tree).items():
                    children[parent].add(unit)
                for top in self.told.standing(day, tree):
                    self._adds_up(sure, perhaps, top, children[top])

    def _adds_up(self, sure: Any, perhaps: Any, top: int, children: set[int]) -> None:
        whole = self._sum(sure[top])
        parts = sum(self._sum(sure[child]) for child in children)
        below = set().union(*(sure[child] for child in children))
        maybe = set().union(*(perhaps[child] for child in children)) & sure[top]
        itself = sure[top] - below - maybe
        not_placed = maybe - below
        assert whole == parts + self._sum(itself) + self._sum(not_placed)
        assert not below & maybe, "placed surely here and perhaps there"

    def _sum(self, units: set[int]) -> int:
        return sum(number for unit, _day, number in self.facts if unit in units)


def _unit(pk: int) -> Unit:
    return Unit.objects.get(pk=pk)


def test_every_promise_about_the_tree_holds_whatever_officers_decide_in_whatever_order():
    Reorganising.country = made()
    Reorganising.people = members(Reorganising.country)
    Reorganising.done = Counter()
    how = settings(
        max_examples=18,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(Reorganising, settings=how)
    done = Reorganising.done
    # Whatever can be decided was decided, and refused too: else the promises prove little.
    for what in SEVEN:
        assert done[what] >= 2, done
        assert done[f"{what} refused"] >= 1, done
