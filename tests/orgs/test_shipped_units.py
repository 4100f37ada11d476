"""The unit data that comes with Banyan: two snapshots, one dated tree, nothing invented."""

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import pytest

from banyan.orgs import shipped
from banyan.orgs.finding import find_unit, search, tell
from banyan.orgs.models import Ancestry, Unit, UnitName
from banyan.orgs.operations import UNVERIFIED
from tests.world import installer

BEFORE, AFTER = date(2024, 6, 30), date(2025, 6, 30)


@cache
def rows() -> dict[str, Any]:
    return {row.key: row for row in shipped.rows()}


def held(dated: Any, on: date) -> Any:
    """The value of dated items on a day."""
    found = [
        v for v, start, end, _n in dated if (not start or start <= on) and (not end or on < end)
    ]
    assert len(found) <= 1, "two values at one time"
    return found[0] if found else None


def count(kind: str, on: date) -> int:
    return sum(1 for row in rows().values() if row.kind == kind and held(row.codes, on))


def below(key: str, on: date) -> list[str]:
    return [row.key for row in rows().values() if held(row.parents, on) == key]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [("province", 63, 63), ("district", 705, 696), ("commune", 10_599, 10_035)],
)
def test_there_are_as_many_units_as_the_sources_count(kind, before, after):
    assert (count(kind, BEFORE), count(kind, AFTER)) == (before, after)


def test_five_island_districts_have_no_communes():
    parents = Counter(held(row.parents, AFTER) for row in rows().values())
    districts = [r.key for r in rows().values() if r.kind == "district" and held(r.codes, AFTER)]
    empty = [held(rows()[key].names, AFTER) for key in districts if not parents[key]]
    assert sorted(empty) == [
        "Huyện Bạch Long Vĩ", "Huyện Côn Đảo", "Huyện Cồn Cỏ", "Huyện Hoàng Sa", "Huyện Lý Sơn",
    ]  # fmt: skip


def test_thanh_tri_has_sixteen_communes_in_june_2024():
    assert len(below("2:020", BEFORE)) == 16


def test_ninh_binh_has_eight_districts_in_2024_and_seven_in_2025():
    assert (len(below("1:37", BEFORE)), len(below("1:37", AFTER))) == (8, 7)


def test_a_unit_of_both_sources_changes_its_name_on_the_switch_day_and_says_it_is_not_verified():
    switch = date(2025, 1, 1)
    assert rows()["2:374"].names == [
        ("Huyện Hoa Lư", None, switch, UNVERIFIED),
        ("Thành phố Hoa Lư", switch, None, UNVERIFIED),
    ]


def test_spellings_that_differ_in_tone_place_case_or_a_zero_are_one_name():
    assert shipped.one_name("Xã Minh Hoà", "Xã Minh Hòa")
    assert shipped.one_name("Xã Đại áng", "Xã Đại Áng")
    assert shipped.one_name("Phường 05", "Phường 5")
    assert not shipped.one_name("Xã Đắk Hà", "Xã Đăk Hà")
    assert [name for name, *_rest in rows()["1:17"].names] == ["Tỉnh Hòa Bình"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Xã Đại áng", "Xã Đại Áng"),
        ("Xã é Tòng", "Xã É Tòng"),
        ("Thị Trấn Prao", "Thị trấn Prao"),
        ("Thị trấn Nông trường Việt Lâm", "Thị trấn Nông trường Việt Lâm"),
        ("Huyện  Vũng Liêm", "Huyện Vũng Liêm"),
        ("Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
    ],
)
def test_lost_capitals_are_mended(written, read):
    assert shipped.tidy(written) == read


def test_a_unit_only_in_the_older_source_ends_and_one_only_in_the_newer_begins():
    yen_dung, chu = rows()["2:221"], rows()["2:224"]
    assert held(yen_dung.codes, BEFORE) == "221"
    assert held(yen_dung.parents, AFTER) is None
    assert held(chu.names, BEFORE) is None
    assert held(chu.names, AFTER) == "Thị xã Chũ"


def test_a_commune_that_changed_its_district_has_two_places():
    assert held(rows()["3:14353"].parents, BEFORE) == "2:369"
    assert held(rows()["3:14353"].parents, AFTER) == "2:374"


def test_what_is_not_dated_by_the_sources_is_marked_and_counted():
    """The README's numbers: nobody may take the switch day for a fact."""
    doubted = [row for row in rows().values() if any(note for *_v, note in row.parents)]
    ended = [row for row in doubted if held(row.codes, AFTER) is None]
    assert Counter(row.kind for row in ended) == {"commune": 567, "district": 11}
    dated = [n for row in rows().values() for n in [*row.names, *row.parents] if n[1] or n[2]]
    assert all(note == UNVERIFIED for *_v, note in dated)


@pytest.mark.django_db
def test_the_reform_of_july_2025_is_said_to_be_missing():
    assert shipped.pending(date(2025, 6, 30)) is None
    assert "01/7/2025" in shipped.pending(date(2025, 7, 1))["vi"]
    assert shipped.known_day(date(2026, 11, 21)) == AFTER


@pytest.mark.django_db
def test_the_whole_tree_stands_in_the_database_on_both_sides_of_the_switch():
    """One load for all of it: it takes a few seconds."""
    root = shipped.load(by=installer())
    assert shipped.load(by=installer()) == root, "a second load takes nothing over"
    for day, communes, districts in ((BEFORE, 10_599, 705), (AFTER, 10_035, 696)):
        inside = Unit.objects.below(root, on=day)
        assert inside.filter(kind="commune").count() == communes
        assert inside.filter(kind="district").count() == districts
    thanh_tri = find_unit("020@2024-06-30", AFTER).unit
    assert Unit.objects.children(thanh_tri, on=BEFORE).count() == 16
    ninh_phuc = find_unit("14353", BEFORE).unit
    assert above(ninh_phuc, BEFORE) == ["Thành phố Ninh Bình", "Tỉnh Ninh Bình", "Việt Nam"]
    assert above(ninh_phuc, AFTER) == ["Thành phố Hoa Lư", "Tỉnh Ninh Bình", "Việt Nam"]
    first = tell(search("kim son"), BEFORE)[0]
    assert (first.name, first.spec) == ("Huyện Kim Sơn", "376@2024-06-30")
    assert UnitName.objects.filter(note=UNVERIFIED).count() > 1_000


def above(unit: Unit, on: date) -> list[str]:
    steps = Ancestry.objects.filter(unit=unit, depth__gt=0, valid__contains=on).order_by("depth")
    return [step.ancestor.name_on(on) for step in steps]
