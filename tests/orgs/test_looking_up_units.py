"""Looking units up: the search, the tree opened a level at a time, and everything below as a file."""

import csv
import io
from datetime import date
from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banyan.orgs import reform, shipped
from banyan.orgs.browser import everything_of, levels
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Newcomer
from banyan.orgs.finding import find_unit
from banyan.orgs.following import Way
from banyan.orgs.models import Unit
from banyan.orgs.operations import dissolve, found, merge, rename
from banyan.orgs.unit_page import carried_on_by, sight_of
from tests.world import SINCE, installer

pytestmark = pytest.mark.django_db
ENDED = date(2024, 3, 1)
MOST_QUERIES = 8


def searched(world, text, **asked):
    """The rows of a search as the page shows them: cells by their labels."""
    answer = world.client(world.minh).get(reverse("units"), {"q": text, **asked})
    listing = answer.context["listing"]
    return [
        {column.key: cell for column, cell in zip(listing.columns_all, row.cells, strict=True)}
        | {"url": row.url}
        for row in listing.rows
    ]


class TestTheSearch:
    def test_who_writes_accents_finds_the_name_as_written_first(self, world):
        for name in ("Xã Hóa", "Xã Hoa", "Xã Hoá Sơn"):
            found(world.district, new=Newcomer("commune", name), on=SINCE, by=installer())
        assert searched(world, "hoa")[0]["name"].text == "Xã Hoa"
        # The two ways of setting the tone mark are one spelling.
        assert [row["name"].text for row in searched(world, "hoá")] == [
            "Xã Hóa", "Xã Hoá Sơn", "Xã Hoa",
        ]  # fmt: skip

    def test_an_old_name_says_the_name_now_and_leads_to_a_day_it_was_borne(self, world):
        rename(world.commune, name="Xã Mới", on=date(2023, 1, 1), by=installer())
        [row] = searched(world, "doi mau")
        assert (row["name"].text, row["name"].sub) == ("Xã Đồi Mẫu", "nay là Xã Mới")
        assert row["url"].endswith("?on=2022-12-31")
        assert row["above"].text == "Huyện Suối Mẫu, Tỉnh Thử Nghiệm"

    def test_a_unit_that_has_ended_says_when_and_what_became_of_it(self, world):
        merge([world.commune], into=world.sister_commune, on=ENDED, by=installer())
        [row] = searched(world, "Đồi Mẫu")
        assert row["time"].text == "01/01/2020 – 29/02/2024"
        assert row["became"].text == "Kết thúc. Toàn bộ nhập vào Xã Đồng Mẫu"

    @pytest.mark.parametrize("text", ["W111", "W111@2024-02-01"])
    def test_a_code_finds_its_unit(self, world, text):
        assert [row["name"].text for row in searched(world, text)] == ["Xã Đồi Mẫu"]

    def test_a_code_of_another_day_finds_nothing(self, world):
        assert searched(world, "W111@2019-01-01") == []

    def test_it_asks_few_times(self, world):
        client, url = world.client(world.an), f"{reverse('units')}?q=mau"
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        assert len(asked) <= MOST_QUERIES


class TestTheFile:
    def rows(self, world, **asked):
        answer = world.client(world.an).get(reverse("units"), {"as": "csv", **asked})
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def test_everything_below_a_unit_comes_with_its_past_and_its_future(self, world):
        merge([world.commune], into=world.sister_commune, on=ENDED, by=installer())
        before = {row["Tên"]: row for row in self.rows(world, below="W11@2024-02-29")}
        assert set(before) == {"Huyện Suối Mẫu", "Xã Đồi Mẫu", "Xã Đồng Mẫu", "Thôn Bến Mẫu"}
        ended = before["Xã Đồi Mẫu"]
        assert (ended["Mã"], ended["Trực thuộc"]) == ("W111", "Huyện Suối Mẫu")
        assert (ended["Ngày bắt đầu"], ended["Ngày cuối cùng"]) == ("2020-01-01", "2024-02-29")
        assert ended["Đơn vị kế thừa"] == "Xã Đồng Mẫu"
        after = {row["Tên"]: row for row in self.rows(world, below="W11@2024-03-01")}
        assert set(after) == {"Huyện Suối Mẫu", "Xã Đồng Mẫu", "Thôn Bến Mẫu"}
        assert after["Xã Đồng Mẫu"]["Hình thành từ"] == "Xã Đồi Mẫu"

    def test_a_code_that_nobody_bears_is_explained(self, world):
        answer = world.client(world.an).get(reverse("units"), {"below": "X9@2024-02-29"})
        assert answer.status_code == 404
        assert "X9" in answer.content.decode()

    def test_the_page_of_a_unit_leads_to_it(self, world):
        said = world.client(world.an).get(world.district.get_absolute_url()).content.decode()
        assert "below=W11%402024-06-20" in said

    def test_it_asks_few_times_however_many_rows(self, world):
        client = world.client(world.an)
        counted = set()
        client.get(reverse("units"))
        for planted in (3, 40):
            for n in range(planted):
                new = Newcomer("commune", f"Xã {planted} {n}")
                found(world.district, new=new, on=SINCE, by=installer())
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(reverse("units"), {"as": "csv", "below": "W11@2024-06-20"})
                assert b"".join(answer.streaming_content).count(b"\r\n") > planted
            counted.add(len(asked))
        assert max(counted) <= MOST_QUERIES


class TestTheTree:
    def get(self, world, part=False, **asked):
        headers = {"HX-Request": "true"} if part else {}
        return world.client(world.minh).get(reverse("unit_tree"), asked, headers=headers)

    def test_it_opens_with_the_top_and_what_stands_below_it(self, world):
        said = self.get(world).content.decode()
        assert "Huyện Suối Mẫu" in said
        assert "Xã Đồi Mẫu" not in said

    def test_a_unit_opens_with_the_way_to_it(self, world):
        said = self.get(world, open=world.commune.pk).content.decode()
        assert "Thôn Bến Mẫu" in said
        assert "Xã Cầu Giả" not in said
        assert f'id="u-{world.commune.pk}" class="asked"' in said

    def test_without_scripts_a_closed_unit_is_a_link_that_opens_it(self, world):
        said = self.get(world).content.decode()
        assert f"open={world.district.pk}#u-{world.district.pk}" in said

    def test_a_part_holds_only_the_level_asked_for(self, world):
        said = self.get(world, part=True, open=world.district.pk).content.decode()
        assert "<html" not in said
        assert "Xã Đồi Mẫu" in said
        assert "Huyện Sông Giả" not in said

    def test_each_day_has_its_tree(self, world):
        dissolve(world.commune, heir=world.sister_commune, on=ENDED, by=installer())
        opened = {"open": world.district.pk}
        assert "Xã Đồi Mẫu" in self.get(world, **opened, on="2024-02-29").content.decode()
        assert "Xã Đồi Mẫu" not in self.get(world, **opened, on="2024-03-01").content.decode()

    def test_the_party_has_a_tree_of_its_own(self, world):
        new = Newcomer("committee", "Huyện ủy Suối Mẫu", tree="party")
        found(None, new=new, on=SINCE, by=installer())
        assert "Huyện ủy Suối Mẫu" in self.get(world, tree="party").content.decode()
        assert "Huyện ủy Suối Mẫu" not in self.get(world, tree="state").content.decode()
        assert "chưa có đơn vị" in self.get(world, tree="front").content.decode()

    def test_a_unit_that_does_not_stand_there_leads_to_its_page(self, world):
        dissolve(world.commune, heir=world.sister_commune, on=ENDED, by=installer())
        said = self.get(world, open=world.commune.pk).content.decode()
        assert "không có trong hệ thống đang xem" in said
        assert f'href="{world.commune.get_absolute_url()}"' in said

    def test_all_communes_stand_grouped_by_province(self, world):
        answer = self.get(world, all="commune")
        [bunch] = answer.context["bunches"]
        assert bunch.name == "Tỉnh Thử Nghiệm"
        assert [name for _url, name in bunch.units] == ["Xã Cầu Giả", "Xã Đồi Mẫu", "Xã Đồng Mẫu"]

    def test_it_asks_few_times(self, world):
        client = world.client(world.an)
        for asked in ({}, {"open": world.village.pk}, {"all": "commune"}):
            client.get(reverse("unit_tree"), asked)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("unit_tree"), asked)
            assert len(queries) <= MOST_QUERIES


def test_the_communes_after_the_reform_open_at_once():
    """3,321 of them, on the shipped tree. What is bounded is the work of this process, and widely."""
    root = shipped.load(by=installer())
    carry_out(reform.changes(), Way(reform.facts()["day"], reform.facts()["number"]))
    after = date(2025, 8, 1)
    begun = process_time()
    bunches = everything_of("commune", after, str)
    assert process_time() - begun < 2
    assert sum(len(bunch.units) for bunch in bunches) == 3_321
    assert len(bunches) == 34
    begun = process_time()
    [provinces] = levels([root.pk], "state", after).values()
    largest = max(provinces, key=lambda twig: twig.count)
    assert len(levels([largest.unit], "state", after)[largest.unit]) == largest.count == 168
    assert process_time() - begun < 1
    thanh_tri = find_unit("020@2025-06-30", after).unit
    seen = sight_of(Unit.objects.all(), thanh_tri.pk, after, after)
    _moved, took = seen.heirs_of_what_stood_below()
    assert "Xã Đại Thanh" in [one.name for one in took]
    assert [one.name for one in carried_on_by(thanh_tri, after)] == ["Thành phố Hà Nội"]
    dai_ang = find_unit("00679@2025-06-30", after).unit
    told = sight_of(Unit.objects.all(), dai_ang.pk, after, after).sentences[-1]
    assert (told.is_end, told.on, told.decision) == (True, date(2025, 7, 1), "1656/NQ-UBTVQH15")


@pytest.mark.browser
def test_the_tree_opens_by_keyboard_and_fits_a_phone(world, browser):
    page = browser.open(world.minh, reverse("unit_tree"), width=390)
    page.locator("summary", has_text="Huyện Suối Mẫu").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Xã Đồi Mẫu").first.wait_for(state="visible")
    page.locator("summary", has_text="Xã Đồi Mẫu").focus()
    page.keyboard.press("Space")
    page.get_by_text("Thôn Bến Mẫu").first.wait_for(state="visible")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
