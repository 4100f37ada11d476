"""The units that a workbook names are found as of the day, or those meant are offered."""

from datetime import date, timedelta

import pytest

from banyan.imports.places import Places
from banyan.kernel.cells import read_unit_name
from banyan.orgs.changes import Newcomer
from banyan.orgs.operations import found, merge, rename, split
from tests.world import SINCE, TODAY, installer

KINDS = ("district", "commune")
LATER = date(2025, 7, 1)


@pytest.fixture
def places(world):
    """The province of the world, on a day."""

    def on(day=TODAY):
        return Places(world.province, day, KINDS)

    return on


def new(parent, name, code, kind="commune"):
    about = Newcomer(kind, name, code, source="synthetic")
    return found(parent, new=about, on=SINCE, by=installer())


def offered(places, written, **also):
    return [name for _pk, name in places.alike(read_unit_name(written))]


def found_as(places, written):
    read = places.find(read_unit_name(written))
    name = places.names[read.value.pk] if read.value else None
    return name, read.how, read.note.code if read.note else ""


@pytest.mark.parametrize(
    ("written", "how", "code"),
    [
        ("Xã Đồi Mẫu", "as is", ""),
        ("Đồi Mẫu", "understood", "unit_short"),
        ("xa doi mau", "understood", "unit_without_accents"),
        ("Doi Mau", "understood", "unit_without_accents"),
        ("Xã Đồi Mẫu, huyện Suối Mẫu", "as is", ""),
        ("Xã Đồi Mẫu (Suối Mẫu)", "as is", ""),
        ("Xã Đồi Mẫu - H. Suối Mẫu, tỉnh Thử Nghiệm", "as is", ""),
        ("UBND xã Đồi Mẫu", "understood", "unit_of_body"),
        ("Ủy ban MTTQ Việt Nam xã Đồi Mẫu", "understood", "unit_of_body"),
        ("Hội Liên hiệp Phụ nữ xã Đồi Mẫu", "understood", "unit_of_body"),
        ("Khối Dân vận X. Đồi Mẫu", "understood", "unit_of_body"),
    ],
)
def test_a_unit_is_found_by_the_ways_offices_write_it(places, written, how, code):
    assert found_as(places(), written) == ("Xã Đồi Mẫu", how, code)


@pytest.mark.parametrize(
    "written",
    [
        "Xã Đội Mẫu", "Đồi Mâu", "Xã Đồi Mẫn", "Xã Đồii Mẫu", "Đồi  Mẫu 2", "ĐồiMẫu", "Doi Mauu",
        "Phường Đồi Mẫu", "Đồi Mẫu - Suối Giả", "UBND xã Đồi Mẩuu", "Thôn 5, xã Đồi Mẫu",
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_not_guessed_but_offered(places, written):
    asked = places()
    read = asked.find(read_unit_name(written))
    assert read.value is None
    assert read.needs_an_answer
    assert offered(asked, written)[0] == "Xã Đồi Mẫu"


def test_other_accents_are_told_as_such_with_or_without_the_kind(places):
    for written in ("Xã Đội Mẫu", "Đội Mẫu"):
        assert found_as(places(), written) == (None, "doubtful", "unit_other_accents")
    assert found_as(places(), "Phường Đồi Mẫu") == (None, "doubtful", "unit_other_kind")


def test_the_place_of_the_tone_mark_makes_no_other_name(world, places):
    new(world.district, "Xã Hoà Giả", "W113")
    for written in ("Xã Hòa Giả", "Xã Hoà Giả", "XÃ HÒA GIẢ", "X. Hoà Giả"):
        assert found_as(places(), written)[0] == "Xã Hoà Giả"
    assert found_as(places(), "Hòa Giả")[2] == "unit_short"


def test_a_name_of_two_districts_is_told_apart_by_the_district(world, places):
    mine = new(world.district, "Xã Ao Mẫu", "W113")
    other = new(world.other_district, "Xã Ao Mẫu", "W122")
    asked = places()
    assert found_as(asked, "Xã Ao Mẫu") == (None, "doubtful", "unit_several")
    for written, unit in (
        ("Xã Ao Mẫu, huyện Suối Mẫu", mine),
        ("Ao Mẫu, Sông Giả", other),
        ("X. Ao Mẫu (H. Sông Giả)", other),
    ):
        assert asked.find(read_unit_name(written)).value == unit
    # Misspelt, the one of the district that is written goes first.
    first = [int(asked.alike(read_unit_name(f"Xã Ao Mẫuu, {name}"))[0][0])
             for name in ("Huyện Suối Mẫu", "Huyện Sông Giả")]  # fmt: skip
    assert first == [mine.pk, other.pk]


def test_a_district_that_contradicts_is_doubtful(places):
    assert found_as(places(), "Xã Đồi Mẫu, huyện Sông Giả")[1:] == ("doubtful", "unit_not_within")
    assert found_as(places(), "Xã Đồi Mẫu, -")[1] == "as is"


def test_an_older_name_leads_to_the_unit_and_misspelt_it_is_offered(world, places):
    rename(world.commune, name="Xã Tân Lập Giả", on=LATER, by=installer())
    after, before = places(LATER), places(LATER - timedelta(days=1))
    assert found_as(after, "Xã Đồi Mẫu") == ("Xã Tân Lập Giả", "understood", "unit_known_until")
    assert found_as(before, "Xã Tân Lập Giả") == ("Xã Đồi Mẫu", "understood", "unit_known_from")
    assert offered(after, "Xã Đồi Mẫuu")[0] == "Xã Tân Lập Giả"
    assert offered(before, "Xã Tân Lập Giã")[0] == "Xã Đồi Mẫu"


def test_a_unit_that_went_over_into_another_is_counted_there(world, places):
    merge([world.sister_commune], into=world.commune, on=LATER, by=installer())
    after = places(LATER)
    assert found_as(after, "Xã Đồng Mẫu") == ("Xã Đồi Mẫu", "understood", "unit_gone_over")
    assert "Xã Đồi Mẫu" in offered(after, "Xã Đồngg Mẫu")
    assert found_as(places(), "Xã Đồng Mẫu") == ("Xã Đồng Mẫu", "as is", "")


def test_a_unit_that_was_divided_is_doubtful_and_its_heirs_are_offered(world, places):
    into = [world.commune, world.other_commune]
    split(world.sister_commune, into=into, on=LATER, heir=world.commune, by=installer())
    after = places(LATER)
    assert found_as(after, "Xã Đồng Mẫu") == (None, "doubtful", "unit_divided")
    assert {"Xã Đồi Mẫu", "Xã Cầu Giả"} <= set(offered(after, "Xã Đồng Mẫu"))


def test_a_unit_of_later_is_counted_where_it_came_from(world, places):
    later = Newcomer("commune", "Xã Mới Lập Giả", "W119", source="synthetic")
    made = found(world.district, new=later, on=LATER, by=installer())
    merge([world.sister_commune], into=made, on=LATER, by=installer())
    assert found_as(places(), "Xã Mới Lập Giả") == ("Xã Đồng Mẫu", "understood", "unit_gone_over")
    assert offered(places(), "Xã Mới Lập") == ["Xã Đồng Mẫu"]
    merge([world.commune], into=made, on=LATER, by=installer())
    assert found_as(places(), "Xã Mới Lập Giả") == (None, "doubtful", "unit_divided")


def test_what_is_like_nothing_is_offered_nothing(places):
    assert found_as(places(), "Xã Vô Danh") == (None, "wrong", "unit_unknown")
    assert offered(places(), "Xã Vô Danh") == []


def test_units_are_found_by_few_queries(world, places, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        asked = places(LATER)
        for written in ("Xã Đồi Mẫu", "Xã Đồi Mẫuu, huyện Suối Mẫu", "Xã Cầu Giả, huyện Suối Mẫu"):
            asked.find(read_unit_name(written))
            asked.alike(read_unit_name(written))


def test_units_of_one_name_are_offered_with_the_unit_above_and_found_by_it(world):
    for parent in (world.commune, world.sister_commune):
        new(parent, "Thôn 1 (mẫu)", f"V{parent.pk}", "village")
    places = Places(world.province, TODAY, ("commune", "village"))
    wanted = ["Thôn 1 (mẫu), Xã Đồi Mẫu", "Thôn 1 (mẫu), Xã Đồng Mẫu"]
    assert [name for _pk, name in places.offered if name.startswith("Thôn 1 (")] == wanted
    read = places.find(read_unit_name("Thôn 1 (mẫu)"))
    assert (read.note.code, read.note.params["names"]) == ("unit_several", "; ".join(wanted))
    found = [places.find(read_unit_name(name)) for name in wanted]
    assert [one.how for one in found] == ["as is", "as is"]
    assert [places.called[one.value.pk] for one in found] == wanted
