"""What each of the seven changes does, and what it refuses in words that help."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import (
    Change,
    Dissolve,
    Found,
    Merge,
    Move,
    Rename,
    Split,
    Unfit,
    Upgrade,
)
from banyan.orgs.models import Covers, Placement, Succession, Unit, UnitCode
from banyan.orgs.operations import cover, dissolve, found, merge, move, rename, split, upgrade
from banyan.people.models import Membership
from banyan.people.operations import enrol
from tests.orgs.country import DAYS, LOOKED_AT, TREES, decided, dump, made, members, newcomer
from tests.orgs.recount import recounted, stored
from tests.world import installer

pytestmark = pytest.mark.django_db
BY = installer("membership.manage")


@pytest.fixture
def country(db: None) -> dict[str, Unit]:
    return made()


@pytest.fixture(autouse=True)
def _the_closure_is_what_a_recount_finds(db: None) -> Any:
    """After every test here, whatever it did; what is refused is read in English."""
    with override("en"):
        yield
    for tree in TREES:
        assert stored(tree, LOOKED_AT) == recounted(tree, LOOKED_AT)


def under(unit: Unit, on: Any) -> set[str]:
    """Keys of the units directly under one on a day."""
    tree = unit.placements.values_list("tree", flat=True)[0]
    return set(Unit.objects.children(unit, on=on, tree=tree).values_list("source", flat=True))


def refused(*changes: Change, on: Any = DAYS[3]) -> list[str]:
    """What stands in the way of a decision, which leaves everything as it was."""
    before = dump()
    with pytest.raises(Unfit) as unfit:
        decided(*changes, on=on)
    assert dump() == before
    return [f"{one.what} {one.why} {one.mend}" for one in unfit.value.problems]


# Merging ------------------------------------------------------------------------------------------


def test_a_unit_merged_into_another_ends_and_leaves_it_what_stood_under_it(country):
    merge([country["xa1"]], into=country["xa2"], on=DAYS[3], by=BY)
    assert under(country["xa2"], DAYS[3]) == {"thon1", "thon2"}
    assert under(country["huyen1"], DAYS[3]) == {"xa2"}
    before = DAYS[3] - timedelta(days=1)
    assert under(country["xa1"], before) == {"thon1", "thon2"}
    assert under(country["huyen1"], before) == {"xa1", "xa2"}
    link = Succession.objects.get()
    assert (link.from_unit, link.to_unit, link.on) == (country["xa1"], country["xa2"], DAYS[3])
    assert link.kind == Succession.Share.WHOLE
    assert country["xa1"].code_on(before) == "1"
    assert not country["xa1"].codes.filter(valid__contains=DAYS[3]).exists()


def test_units_merge_into_one_that_the_same_decision_founds_and_gives_their_code(country):
    done = decided(
        Found("new", newcomer("commune", "new", "1"), country["huyen1"].pk),
        Merge((country["xa1"].pk, country["xa2"].pk), "new"),
        on=DAYS[3],
    )
    new = Unit.objects.get(pk=done.founded["new"])
    assert under(new, DAYS[3]) == {"thon1", "thon2"}
    assert under(country["huyen1"], DAYS[3]) == {"new"}
    assert new.code_on(DAYS[3]) == "1"
    assert done.wholly == {country["xa1"].pk: new.pk, country["xa2"].pk: new.pk}
    assert set(UnitCode.objects.filter(code="1").values_list("unit__source", flat=True)) == {
        "xa1",
        "new",
    }


def test_a_merger_across_trees_is_refused(country):
    [said] = refused(Merge((country["chibo1"].pk,), country["thon1"].pk))
    assert "thon1” does not stand in that tree" in said


def test_a_merger_into_a_unit_that_stands_under_the_ending_one_is_refused(country):
    [said] = refused(Merge((country["xa1"].pk,), country["thon1"].pk))
    assert "thon1” takes in what stands under" in said
    done = decided(
        Merge((country["xa1"].pk,), country["thon1"].pk),
        Move(country["thon1"].pk, country["huyen1"].pk),
        on=DAYS[3],
    )
    assert done.wholly == {country["xa1"].pk: country["thon1"].pk}
    assert under(country["thon1"], DAYS[3]) == {"thon2"}


def test_members_and_links_of_a_merged_cell_go_over_to_the_one_that_takes_it_in(country):
    members(country)
    merge([country["chibo1"]], into=country["chibo2"], on=DAYS[3], by=BY)
    here = Membership.objects.filter(valid__contains=DAYS[3])
    assert here.filter(unit=country["chibo2"]).count() == 4
    assert not here.filter(unit=country["chibo1"]).exists()
    covered = Covers.objects.filter(unit=country["chibo2"], valid__contains=DAYS[3])
    assert set(covered.values_list("covered__source", flat=True)) == {"thon1", "thon2"}
    merge([country["thon1"]], into=country["thon2"], on=DAYS[5], by=BY)
    covered = Covers.objects.filter(valid__contains=DAYS[5])
    assert set(covered.values_list("unit__source", "covered__source")) == {
        ("chibo2", "thon2"),
        ("chibo3", "thon3"),
    }


# Splitting ----------------------------------------------------------------------------------------


def test_what_stood_under_a_divided_unit_goes_to_the_heir_unless_it_is_moved_itself(country):
    parts = [country["xa2"].pk, country["xa3"].pk]
    decided(
        Split(country["xa1"].pk, tuple(parts), country["xa2"].pk),
        Move(country["thon2"].pk, country["xa3"].pk),
        on=DAYS[3],
    )
    assert under(country["xa2"], DAYS[3]) == {"thon1"}
    assert under(country["xa3"], DAYS[3]) == {"thon2", "thon3"}
    links = Succession.objects.values_list("to_unit__source", "kind")
    assert set(links) == {("xa2", "part"), ("xa3", "part")}


def test_a_unit_with_others_under_it_cannot_be_divided_without_saying_where_these_go(country):
    with pytest.raises(Unfit) as unfit:
        split(country["xa1"], into=[country["xa2"], country["xa3"]], on=DAYS[3], by=BY)
    assert "Đơn vị thon1" in unfit.value.what
    assert "Đơn vị thon2" in unfit.value.what
    decided(
        Split(country["xa1"].pk, (country["xa2"].pk, country["xa3"].pk)),
        Move(country["thon1"].pk, country["xa2"].pk),
        Move(country["thon2"].pk, country["xa3"].pk),
        on=DAYS[3],
    )
    assert under(country["xa2"], DAYS[3]) == {"thon1"}


def test_a_unit_that_lets_a_part_go_stays_with_its_name_its_code_and_its_villages(country):
    split(country["xa1"], into=[country["xa2"]], on=DAYS[3], stays=True, by=BY)
    assert under(country["xa1"], DAYS[3]) == {"thon1", "thon2"}
    assert Unit.objects.get(pk=country["xa1"].pk).code_on(DAYS[6]) == "1"
    assert Succession.objects.get().kind == Succession.Share.SPLIT


def test_a_division_into_one_or_twice_into_the_same_or_to_a_stranger_is_refused(country):
    one, two, three = (country[key].pk for key in ("xa1", "xa2", "xa3"))
    assert "at least two" in refused(Split(one, (two, two), two))[0]
    assert (
        "one of those that take a part" in refused(Split(one, (two, three), country["xa4"].pk))[0]
    )
    assert "into itself" in refused(Split(one, (two, one), two))[0]
    decided(Split(one, (two,), stays=True), on=DAYS[3])
    assert "changed twice" in refused(Split(one, (two,), stays=True))[0]
    assert "changed twice" in refused(Merge((one,), two))[0]


# Dissolving, upgrading, naming --------------------------------------------------------------------


def test_a_dissolved_unit_leaves_no_successor_and_what_stood_under_it_to_the_heir(country):
    dissolve(country["huyen1"], heir=country["tinh"], on=DAYS[3], by=BY)
    assert under(country["tinh"], DAYS[3]) == {"huyen2", "xa1", "xa2"}
    assert not Succession.objects.exists()


def test_a_unit_with_others_under_it_or_with_members_is_not_dissolved_without_an_heir(country):
    members(country)
    assert "xa1" in refused(Dissolve(country["huyen1"].pk))[0]
    assert "2 members" in refused(Dissolve(country["chibo1"].pk))[0]
    assert (
        "does not stand in that tree"
        in refused(Dissolve(country["chibo1"].pk, country["xa1"].pk))[0]
    )
    dissolve(country["thon1"], on=DAYS[3], by=BY)
    assert under(country["xa1"], DAYS[3]) == {"thon2"}


def test_an_upgraded_unit_is_the_same_unit_under_another_name_and_code(country):
    before = Placement.objects.filter(unit=country["xa1"]).get()
    upgrade(country["xa1"], name="Phường Một", code="9", on=DAYS[3], by=BY)
    unit = Unit.objects.get(pk=country["xa1"].pk)
    eve = DAYS[3] - timedelta(days=1)
    assert (unit.name_on(eve), unit.code_on(eve)) == ("Đơn vị xa1", "1")
    assert (unit.name_on(DAYS[3]), unit.code_on(DAYS[3])) == ("Phường Một", "9")
    assert Placement.objects.get(unit=unit) == before
    assert not Succession.objects.exists()


def test_a_code_in_use_is_refused_and_its_holder_named(country):
    said = refused(Rename(country["xa1"].pk, "Xã Một", "2"))
    assert "“2” is in use" in said[0]
    assert "Đơn vị xa2" in said[0]
    said = refused(
        Found("a", newcomer("commune", "a", "9"), country["huyen1"].pk),
        Found("b", newcomer("commune", "b", "9"), country["huyen1"].pk),
    )
    assert "“9” is given twice" in said[0]
    decided(
        Rename(country["xa1"].pk, "Xã Một", "2"),
        Rename(country["xa2"].pk, "Xã Hai", "1"),
        on=DAYS[3],
    )
    assert Unit.objects.get(pk=country["xa1"].pk).code_on(DAYS[4]) == "2"


def test_a_code_given_for_an_earlier_day_lasts_until_the_one_that_was_decided_for_later(country):
    village = country["thon1"]
    rename(village, name="Thôn Một", code="b", on=DAYS[5], by=BY)
    rename(village, name="Thôn Nhất", code="a", on=DAYS[2], by=BY)
    held = village.codes.order_by("valid").values_list("code", "valid")
    assert [(code, days.lower, days.upper) for code, days in held] == [
        ("a", DAYS[2], DAYS[5]),
        ("b", DAYS[5], None),
    ]
    assert "is in use" in refused(Found("x", newcomer("village", "x"), country["xa1"].pk),
                                  Upgrade(country["xa1"].pk, "Phường", "2"))[0]  # fmt: skip


# Time ---------------------------------------------------------------------------------------------


def test_an_ended_unit_is_not_changed_any_more(country):
    gone, other = country["thon1"], country["thon2"]
    merge([gone], into=other, on=DAYS[3], by=BY)
    for change in (
        Rename(gone.pk, "Thôn Mới"),
        Move(gone.pk, country["xa2"].pk),
        Merge((gone.pk,), other.pk),
        Merge((other.pk,), gone.pk),
        Dissolve(gone.pk),
        Split(gone.pk, (other.pk, country["thon3"].pk), other.pk),
        Split(gone.pk, (other.pk,), stays=True),
        Found("x", newcomer("village", "x"), gone.pk),
    ):
        assert refused(change, on=DAYS[4])


def test_a_unit_with_later_decisions_about_it_does_not_end_before_them(country):
    rename(country["xa1"], name="Xã Một", on=DAYS[5], by=BY)
    assert f"{DAYS[5]:%d/%m/%Y}" in refused(Merge((country["xa1"].pk,), country["xa2"].pk))[0]
    merge([country["xa3"]], into=country["xa2"], on=DAYS[5], by=BY)
    assert f"{DAYS[5]:%d/%m/%Y}" in refused(Merge((country["xa2"].pk,), country["xa3"].pk))[0]
    found(country["xa4"], new=newcomer("village", "late"), on=DAYS[5], by=BY)
    assert "late" in refused(Merge((country["xa4"].pk,), country["huyen2"].pk))[0]
    enrol_later(country)
    assert "1 memberships begin" in refused(Merge((country["chibo1"].pk,), country["chibo2"].pk))[0]


def enrol_later(country: dict[str, Unit]) -> None:
    person = members(country)[-1]
    enrol(country["chibo1"], person=person, kind="party", on=DAYS[5], by=BY)


def test_a_unit_does_not_end_on_the_day_of_its_founding(country):
    new = found(country["xa1"], new=newcomer("village", "new"), on=DAYS[3], by=BY)
    assert "was changed on or after that day" in refused(Dissolve(new.pk))[0]
    dissolve(new, on=DAYS[3] + timedelta(days=1), by=BY)


def test_a_move_and_a_merger_of_the_past_are_read_from_their_day_on(country):
    """Decided last, the earliest comes first."""
    move(country["thon1"], parent=country["xa2"], on=DAYS[5], by=BY)
    move(country["thon1"], parent=country["xa3"], on=DAYS[1], by=BY)
    merge([country["xa4"]], into=country["xa3"], on=DAYS[7], by=BY)
    merge([country["thon2"]], into=country["thon3"], on=DAYS[2], by=BY)
    parents = Placement.objects.filter(unit=country["thon1"]).order_by("valid")
    assert list(parents.values_list("parent__source", flat=True)) == ["xa1", "xa3", "xa2"]
    assert under(country["xa1"], DAYS[2]) == set()


def test_nobody_is_put_under_a_unit_that_ends_before_him(country):
    merge([country["xa1"]], into=country["xa2"], on=DAYS[5], by=BY)
    said = refused(Found("x", newcomer("village", "x"), country["xa1"].pk), on=DAYS[2])
    assert "on days on which that unit does not stand" in said[0]


def test_members_do_not_pass_to_a_cell_that_itself_ends_later(country):
    members(country)
    merge([country["chibo2"]], into=country["chibo3"], on=DAYS[5], by=BY)
    said = refused(Merge((country["chibo1"].pk,), country["chibo2"].pk), on=DAYS[2])
    assert "ends later itself" in said[0]


# Whole decisions ----------------------------------------------------------------------------------


def test_a_decision_with_several_faults_names_all_of_them(country):
    said = refused(
        Rename(country["xa1"].pk, ""),
        Move(country["xa2"].pk, country["xa2"].pk),
        Merge((country["xa3"].pk,), 999_999),
        Found("x", newcomer("commune", "x", "4"), "nowhere"),
        Rename(888_888, "Xã Ma", "77"),
        Dissolve(country["huyen1"].pk),
    )
    for words in (
        "needs a name",
        "under itself",
        "no unit “999999”",
        "no unit “nowhere”",
        "no unit “888888”",
        "“4” is in use",
        "left without a parent",
    ):
        assert any(words in one for one in said), words


def test_two_units_that_go_under_each_other_are_refused_as_a_circle(country):
    said = refused(
        Move(country["xa1"].pk, country["xa2"].pk),
        Move(country["xa2"].pk, country["thon1"].pk),
        Move(country["thon3"].pk, country["xa4"].pk),
    )
    assert "circle" in said[0]
    assert "thon3" not in said[0]


def test_a_founded_unit_takes_in_others_and_stands_under_another_founded_one(country):
    decided(
        Found("below", newcomer("commune", "below"), "above"),
        Found("above", newcomer("district", "above"), country["tinh"].pk),
        Merge((country["xa1"].pk,), "below"),
        Move(country["xa3"].pk, "above"),
        on=DAYS[3],
    )
    above, below = (Unit.objects.get(source=key) for key in ("above", "below"))
    assert under(above, DAYS[3]) == {"below", "xa3"}
    assert under(below, DAYS[3]) == {"thon1", "thon2"}


def test_links_are_made_for_the_days_on_which_both_stand(country):
    merge([country["thon1"]], into=country["thon2"], on=DAYS[5], by=BY)
    cover(country["chibo3"], covered=country["thon1"], on=DAYS[2], by=BY)
    link = Covers.objects.get(unit=country["chibo3"], covered=country["thon1"])
    assert (link.valid.lower, link.valid.upper) == (DAYS[2], DAYS[5])
    with pytest.raises(Refusal):
        cover(country["chibo2"], covered=country["thon1"], on=DAYS[6], by=BY)


def test_a_unit_since_ever_stands_only_under_one_that_has_always_stood(country):
    top = found(country["tinh"], new=newcomer("district", "ever"), on=None, by=BY)
    assert under(country["tinh"], LOOKED_AT[0]) == {"ever"}
    with pytest.raises(Refusal, match="has not always stood"):
        found(country["xa1"], new=newcomer("village", "x"), on=None, by=BY)
    with pytest.raises(Refusal, match="in use"):
        found(top, new=newcomer("commune", "x", "1"), on=None, by=BY)


def test_more_tiers_than_the_closure_reaches_are_refused(country):
    chain = [
        Found(f"n{n}", newcomer("village", f"Thôn {n}"), f"n{n - 1}" if n else country["xa1"].pk)
        for n in range(25)
    ]
    before = dump()
    with pytest.raises(Refusal, match="under one another"):
        decided(*chain, on=DAYS[3])
    assert dump() == before
