"""Where a unit lives on while it does not stand, and what that means for what is counted there."""

from datetime import timedelta
from typing import Any

import pytest

from banyan.orgs.changes import Found, Merge, Split
from banyan.orgs.models import Ancestry, Placement, Tree, Unit
from banyan.orgs.operations import dissolve, found, merge, move, split
from banyan.orgs.readings import perhaps_under, sole_heir, stands, under
from tests.orgs.country import DAYS, LOOKED_AT, TREES, decided, made, newcomer
from tests.orgs.recount import recounted, stored
from tests.world import installer

pytestmark = pytest.mark.django_db
BY = installer()
EVE = DAYS[3] - timedelta(days=1)


@pytest.fixture
def country(db: None) -> dict[str, Unit]:
    return made()


@pytest.fixture(autouse=True)
def _the_closure_is_what_a_recount_finds(db: None) -> Any:
    """After every test here, whatever it did."""
    yield
    for tree in TREES:
        assert stored(tree, LOOKED_AT) == recounted(tree, LOOKED_AT)


def over(unit: Unit, on: Any) -> dict[str, bool]:
    """Where the unit stands or lives on on a day: key of the ancestor → surely."""
    rows = Ancestry.objects.filter(unit=unit, valid__contains=on)
    return dict(rows.values_list("ancestor__source", "sure"))


def counted(top: Unit, on: Any) -> tuple[set[str], set[str]]:
    """Keys of the units whose records count under one, and of those that perhaps do."""
    units = Unit.objects.all()
    sure = units.filter(under([top.pk], Tree.STATE, unit="pk", day=on))
    perhaps = units.filter(perhaps_under([top.pk], Tree.STATE, unit="pk", day=on))
    return {u.source for u in sure}, {u.source for u in perhaps}


def founded(key: str, parent: Unit, *ends: Any, on: Any) -> Unit:
    """A commune founded by what ends others."""
    decided(Found(key, newcomer("commune", key), parent.pk), *ends, on=on)
    return Unit.objects.get(source=key)


def test_a_merged_unit_lives_on_in_the_one_that_took_it_in(country):
    merge([country["xa1"]], into=country["xa3"], on=DAYS[3], by=BY)
    assert over(country["xa1"], EVE) == {"xa1": True, "huyen1": True, "tinh": True}
    assert over(country["xa1"], DAYS[3]) == {"xa3": True, "huyen2": True, "tinh": True}
    assert "xa1" in counted(country["xa3"], DAYS[3])[0]
    assert "xa1" not in counted(country["huyen1"], DAYS[3])[0]


def test_units_merged_one_after_another_live_on_in_the_last_whatever_was_entered_first(country):
    """A into B, later B into C; the officer enters the later one first."""
    merge([country["xa2"]], into=country["xa3"], on=DAYS[5], by=BY)
    merge([country["xa1"]], into=country["xa4"], on=DAYS[2], by=BY)
    merge([country["xa4"]], into=country["xa3"], on=DAYS[5], by=BY)
    between = DAYS[5] - timedelta(days=1)
    assert over(country["xa1"], between) == {"xa4": True, "huyen2": True, "tinh": True}
    assert over(country["xa1"], DAYS[5]) == {"xa3": True, "huyen2": True, "tinh": True}
    assert counted(country["xa3"], DAYS[5])[0] >= {"xa1", "xa2", "xa4", "thon1"}


def test_a_merger_of_the_past_reaches_through_one_that_ended_since(country):
    merge([country["thon3"]], into=country["thon1"], on=DAYS[5], by=BY)
    merge([country["thon2"]], into=country["thon3"], on=DAYS[2], by=BY)
    assert over(country["thon2"], DAYS[3])["thon3"]
    assert over(country["thon2"], DAYS[6])["thon1"]
    assert "thon3" not in over(country["thon2"], DAYS[6])


def test_a_divided_unit_is_sure_only_where_all_its_parts_meet(country):
    parts = [country["xa2"], country["xa3"]]
    split(country["xa1"], into=parts, heir=country["xa2"], on=DAYS[3], by=BY)
    assert over(country["xa1"], DAYS[3]) == {
        "xa2": False,
        "huyen1": False,
        "xa3": False,
        "huyen2": False,
        "tinh": True,
    }
    sure, perhaps = counted(country["xa2"], DAYS[3])
    assert "xa1" not in sure
    assert "xa1" in perhaps
    assert "xa1" in counted(country["tinh"], DAYS[3])[0]
    heirs = Unit.objects.filter(pk=country["xa1"].pk).values_list(
        sole_heir("pk", "commune", Tree.STATE, DAYS[3]),
        sole_heir("pk", "province", Tree.STATE, DAYS[3]),
        stands("pk", Tree.STATE, DAYS[3]),
    )
    assert list(heirs) == [(None, country["tinh"].pk, False)]


def test_parts_that_merge_again_carry_the_divided_unit_on_surely(country):
    xa1, huyen1 = country["xa1"], country["huyen1"]
    decided(
        Found("a", newcomer("commune", "a"), huyen1.pk),
        Found("b", newcomer("commune", "b"), country["huyen2"].pk),
        Split(xa1.pk, ("a", "b"), "a"),
        on=DAYS[2],
    )
    a, b = (Unit.objects.get(source=key) for key in ("a", "b"))
    assert over(xa1, DAYS[2])["huyen1"] is False
    again = founded("again", huyen1, Merge((a.pk, b.pk), "again"), on=DAYS[4])
    assert over(xa1, DAYS[4]) == {"again": True, "huyen1": True, "tinh": True}
    # And back: before its founding the new one was in both, and before these in the first.
    assert over(again, DAYS[2])["huyen1"] is False
    assert over(again, DAYS[1]) == {"xa1": True, "huyen1": True, "tinh": True}


def test_a_part_split_off_was_in_the_unit_that_stays_and_goes_back_to_it(country):
    xa1 = country["xa1"]
    part = founded("part", country["huyen2"], Split(xa1.pk, ("part",), stays=True), on=DAYS[3])
    assert over(part, EVE) == {"xa1": True, "huyen1": True, "tinh": True}
    assert over(xa1, DAYS[3]) == {"xa1": True, "huyen1": True, "tinh": True}
    merge([part], into=xa1, on=DAYS[5], by=BY)
    assert over(part, DAYS[5]) == {"xa1": True, "huyen1": True, "tinh": True}


def test_a_part_given_to_a_unit_founded_that_day_by_a_decision_of_its_own_was_in_the_giver(country):
    part = found(country["huyen2"], new=newcomer("commune", "part"), on=DAYS[3], by=BY)
    assert over(part, EVE) == {"huyen2": True, "tinh": True}
    split(country["xa1"], into=[part], stays=True, on=DAYS[3], by=BY)
    assert over(part, EVE) == {"xa1": True, "huyen1": True, "tinh": True}


def test_a_dissolved_unit_lives_on_at_its_last_parent_and_follows_it(country):
    move(country["thon1"], parent=country["xa2"], on=DAYS[1], by=BY)
    dissolve(country["thon1"], on=DAYS[2], by=BY)
    assert over(country["thon1"], DAYS[2]) == {"xa2": True, "huyen1": True, "tinh": True}
    move(country["xa2"], parent=country["huyen2"], on=DAYS[4], by=BY)
    assert over(country["thon1"], DAYS[4]) == {"xa2": True, "huyen2": True, "tinh": True}
    merge([country["xa2"]], into=country["xa4"], on=DAYS[6], by=BY)
    assert over(country["thon1"], DAYS[6]) == {"xa4": True, "huyen2": True, "tinh": True}


def test_what_lives_on_at_a_parent_that_was_merged_itself_moves_with_whoever_took_that_in(country):
    dissolve(country["thon1"], on=DAYS[2], by=BY)
    merge([country["xa1"]], into=country["xa3"], on=DAYS[3], by=BY)
    assert "huyen1" not in over(country["thon1"], DAYS[3])
    move(country["huyen2"], parent=country["huyen1"], on=DAYS[4], by=BY)
    assert over(country["thon1"], DAYS[4])["huyen1"]


def test_a_founded_unit_was_where_those_were_that_it_came_from(country):
    ends = Merge((country["xa1"].pk, country["xa3"].pk), "new")
    new = founded("new", country["huyen1"], ends, on=DAYS[3])
    assert over(new, EVE) == {
        "xa1": False,
        "huyen1": False,
        "xa3": False,
        "huyen2": False,
        "tinh": True,
    }
    alone = found(country["huyen2"], new=newcomer("commune", "alone"), on=DAYS[3], by=BY)
    assert over(alone, EVE) == {"huyen2": True, "tinh": True}


def test_a_move_over_the_heir_is_felt_by_all_that_live_on_in_it(country):
    merge([country["thon1"]], into=country["thon2"], on=DAYS[2], by=BY)
    merge([country["thon2"]], into=country["thon3"], on=DAYS[3], by=BY)
    move(country["huyen2"], parent=country["huyen1"], on=DAYS[4], by=BY)
    for key in ("thon1", "thon2"):
        assert over(country[key], DAYS[4])["huyen1"]
        assert "huyen1" not in over(country[key], DAYS[3])


def test_who_has_charge_of_a_unit_has_charge_of_what_lives_on_below_it(country):
    merge([country["thon1"]], into=country["thon3"], on=DAYS[3], by=BY)
    charge = Unit.objects.filter(pk__in=country["xa3"].charge(on=DAYS[3]))
    assert {u.source for u in charge} == {"xa3", "thon1", "thon3"}
    subtree = Unit.objects.filter(pk__in=country["xa3"].subtree(on=DAYS[3]))
    assert {u.source for u in subtree} == {"xa3", "thon3"}
    assert not Placement.objects.filter(unit=country["thon1"], valid__contains=DAYS[3]).exists()
