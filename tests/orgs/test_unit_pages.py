"""The pages of units: for a day, and for who may change them."""

from datetime import date

from django.urls import reverse

from banyan.orgs.operations import move, rename
from tests.world import installer

MOST_QUERIES = 12


def page(client, unit, on=""):
    return client.get(unit.get_absolute_url() + (f"?on={on}" if on else ""))


def test_the_list_shows_the_units_under_ones_own(world):
    said = world.client(world.minh).get(reverse("units")).content.decode()
    assert "Xã Đồi Mẫu" in said
    assert "Xã Cầu Giả" not in said


def test_the_search_finds_every_unit_by_an_old_name(world):
    rename(world.other_commune, name="Xã Mới", on=date(2023, 1, 1), by=installer())
    said = world.client(world.minh).get(reverse("units"), {"q": "cau gia"}).content.decode()
    assert "Xã Mới" in said


def test_a_page_shows_above_below_and_the_code_to_use(world):
    said = page(world.client(world.minh), world.district, "2024-01-31").content.decode()
    for words in ("W11@2024-01-31", "Tỉnh Thử Nghiệm", "Xã Đồi Mẫu", "Xã Đồng Mẫu"):
        assert words in said


def test_names_and_places_stand_with_their_days(world):
    rename(world.commune, name="Xã Mới", on=date(2023, 1, 1), by=installer())
    move(world.commune, parent=world.other_district, on=date(2023, 7, 1), by=installer())
    client = world.client(world.minh)
    said = page(client, world.commune).content.decode()
    for words in ("01/01/2020 – 31/12/2022", "từ 01/01/2023", "Huyện Suối Mẫu", "từ 01/07/2023"):
        assert words in said
    before = page(client, world.district, "2023-06-30").content.decode()
    after = page(client, world.district, "2023-07-01").content.decode()
    assert "Xã Mới" in before
    assert "Xã Mới" not in after


def test_a_day_before_the_unit_says_so_and_leads_to_a_day_it_stands(world):
    answer = page(world.client(world.minh), world.commune, "2019-06-01")
    assert answer.status_code == 200
    assert f"{world.commune.get_absolute_url()}?on=2020-01-01" in answer.content.decode()


def test_what_is_no_day_is_refused_in_words(world):
    answer = page(world.client(world.minh), world.commune, "2024-13-45")
    assert answer.status_code == 404
    assert "2024-13-45" in answer.content.decode()


def test_a_unit_that_is_not_there_is_not_found(world):
    assert world.client(world.minh).get(reverse("unit", args=[999_999])).status_code == 404


def test_who_holds_posts_is_shown_only_to_who_may_see_people(world):
    assert "Trần Văn Minh Thử" in page(world.client(world.an), world.district).content.decode()
    assert "Trần Văn Minh Thử" not in page(world.client(world.lan), world.district).content.decode()


def test_the_posts_held_at_a_unit_are_not_offered_as_one_s_own(world):
    shown = page(world.client(world.an), world.district).content.decode()
    assert "Trần Văn Minh Thử" in shown
    assert 'name="post"' not in shown, "who holds one post has nothing to switch to"


def test_a_page_asks_the_database_few_times(world, django_assert_max_num_queries):
    client, district = world.client(world.an), world.district
    page(client, district)  # the first visit of a session is also written down
    with django_assert_max_num_queries(MOST_QUERIES):
        page(client, district)


class TestChanging:
    def test_only_who_may_reorganise_sees_the_ways_to_do_it(self, world):
        ways = "Thay đổi đơn vị"
        assert ways in page(world.client(world.an), world.commune).content.decode()
        assert ways not in page(world.client(world.minh), world.commune).content.decode()
        assert ways not in page(world.client(world.an), world.other_commune).content.decode()
