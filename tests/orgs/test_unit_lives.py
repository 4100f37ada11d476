"""The page of a unit tells what became of it, for any day; and so does the command."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.orgs.changes import Newcomer
from banyan.orgs.models import Covers, Placement, Succession, Unit
from banyan.orgs.operations import UNVERIFIED, cover, dissolve, form_group, found, merge, split
from banyan.orgs.shipped import manifest
from banyan.site.cli import main
from tests.submissions.rounds_of_tests import review, send
from tests.world import SINCE, installer

pytestmark = pytest.mark.django_db
ENDED = date(2024, 3, 1)
MOST_QUERIES = 12


def says(client, url):
    """The words of a page, without tags and needless blanks."""
    said = client.get(url, headers={"Accept-Language": "en"}).content.decode()
    main = said[said.find("<main") : said.find("</main>")]
    return re.sub(r"\s+([,.)])", r"\1", re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


def page(client, unit, on=""):
    return says(client, unit.get_absolute_url() + (f"?on={on}" if on else ""))


def links(client, unit, on=""):
    said = client.get(unit.get_absolute_url() + (f"?on={on}" if on else "")).content.decode()
    return re.findall(r'href="([^"]*)"', said)


@pytest.fixture
def reader(world):
    """A reviewer of the district who reads English."""
    client = world.client(world.minh)
    client.cookies["django_language"] = "en"
    world.minh.account.language = "en"
    world.minh.account.save()
    return client


def merged(world, on=ENDED):
    """The commune goes wholly over into its sister."""
    merge([world.commune], into=world.sister_commune, on=on, by=installer())
    Succession.objects.update(decision="1656/NQ-UBTVQH15")
    return world.commune


def divided(world, on=ENDED):
    """The commune is divided between its sister and the other commune."""
    into = [world.sister_commune, world.other_commune]
    split(world.commune, into=into, heir=world.sister_commune, on=on, by=installer())
    return world.commune


class TestWhatBecameOfIt:
    def test_a_merged_unit_names_who_took_it_in_the_day_and_the_decision(self, world, reader):
        said = page(reader, merged(world), "2024-02-29")
        assert "Ended. Wholly into Xã Đồng Mẫu" in said
        assert "by decision 1656/NQ-UBTVQH15" in said
        assert "1 Mar 2024" in said
        assert "ended 29 Feb 2024" in said

    def test_the_link_leads_to_the_successor_on_the_day_it_took_over(self, world, reader):
        unit = merged(world)
        assert f"{world.sister_commune.get_absolute_url()}?on=2024-03-01" in links(reader, unit)

    def test_the_successor_names_what_it_took_in_and_links_to_its_last_day(self, world, reader):
        unit = merged(world)
        assert "Took in: Xã Đồi Mẫu" in page(reader, world.sister_commune)
        assert f"{unit.get_absolute_url()}?on=2024-02-29" in links(reader, world.sister_commune)

    def test_a_divided_unit_names_all_who_took_a_part(self, world, reader):
        unit = divided(world)
        assert "Divided among: Xã Đồng Mẫu, Xã Cầu Giả" in page(reader, unit, "2024-02-01")
        assert "Took in: Xã Đồi Mẫu (in part)" in page(reader, world.sister_commune)

    def test_a_unit_that_let_a_part_go_and_stays_says_so(self, world, reader):
        into = [world.sister_commune, world.other_commune]
        split(world.commune, into=into, stays=True, on=ENDED, by=installer())
        said = page(reader, world.commune)
        assert "A part left for: Xã Đồng Mẫu, Xã Cầu Giả" in said
        assert "Ended" not in said

    def test_a_unit_formed_by_a_merger_names_what_it_was_formed_from(self, world, reader):
        new = found(world.district, new=Newcomer("commune", "Xã Mới"), on=ENDED, by=installer())
        merge([world.commune, world.sister_commune], into=new, on=ENDED, by=installer())
        assert "Formed from: Xã Đồi Mẫu, Xã Đồng Mẫu" in page(reader, new)

    def test_of_a_dissolved_unit_it_is_said_where_what_stood_below_went(self, world, reader):
        dissolve(world.commune, heir=world.sister_commune, on=ENDED, by=installer())
        said = page(reader, world.commune)
        assert "Dissolved. What stood below went to: Xã Đồng Mẫu" in said
        assert "Today its records count at: Huyện Suối Mẫu" in said

    def test_a_shipped_unit_whose_end_is_not_dated_is_not_called_dissolved(self, world, reader):
        dissolve(world.commune, heir=world.sister_commune, on=ENDED, by=installer())
        Unit.objects.filter(pk=world.commune.pk).update(source=manifest()["legacy_source"])
        Placement.objects.filter(unit=world.commune).update(note=UNVERIFIED)
        said = page(reader, world.commune, "2024-02-01")
        assert "What became of it is not in the sources." in said
        assert "date not verified" in said
        assert "Dissolved" not in said


class TestADayOnWhichItDoesNotStand:
    def test_after_its_end_the_page_leads_to_its_last_day_and_to_who_carries_on(
        self, world, reader
    ):
        unit = merged(world)
        said = page(reader, unit)
        assert "does not stand in the tree on 20 Jun 2024" in said
        assert "Its work is carried on by: Xã Đồng Mẫu" in said
        assert f"{unit.get_absolute_url()}?on=2024-02-29" in links(reader, unit)

    def test_a_divided_one_is_carried_on_in_parts(self, world, reader):
        said = page(reader, divided(world))
        assert "carried on by: Xã Cầu Giả (in part), Xã Đồng Mẫu (in part)" in said

    def test_before_its_beginning_it_leads_to_what_it_was_part_of(self, world, reader):
        new = found(world.district, new=Newcomer("commune", "Xã Mới"), on=ENDED, by=installer())
        merge([world.commune], into=new, on=ENDED, by=installer())
        said = page(reader, new, "2024-01-01")
        assert "On that day it was still part of: Xã Đồi Mẫu" in said
        assert f"{new.get_absolute_url()}?on=2024-03-01" in links(reader, new, "2024-01-01")

    def test_nothing_can_be_changed_on_a_day_on_which_it_does_not_stand(self, world):
        client, unit = world.client(world.an), merged(world)
        assert "Thay đổi đơn vị" not in page(client, unit)
        past = page(client, unit, "2024-02-01")
        assert "Đổi tên" in past, "its past may be corrected"
        assert "Giải thể" not in past, "it has ended already"


class TestAcrossTrees:
    def test_its_place_is_told_in_each_tree_it_stands_in(self, world, reader):
        new = Newcomer("committee", "Huyện ủy Suối Mẫu", tree="party")
        party = found(None, new=new, on=SINCE, by=installer())
        new = Newcomer("committee", "Đảng ủy xã Đồi Mẫu", tree="party")
        below = found(party, new=new, on=SINCE, by=installer())
        said = page(reader, below)
        assert "Party Huyện ủy Suối Mẫu" in said
        assert "Đảng ủy xã Đồi Mẫu" in page(reader, party)

    def test_links_across_trees_are_told_both_ways_on_their_days_alone(self, world, reader):
        new = Newcomer("cell", "Chi bộ Bến Mẫu", tree="party")
        cell = found(None, new=new, on=SINCE, by=installer())
        cover(cell, covered=world.village, on=date(2023, 1, 1), by=installer())
        assert "Works in the area of Thôn Bến Mẫu" in page(reader, cell)
        assert "In its area work Chi bộ Bến Mẫu" in page(reader, world.village)
        assert "In its area work" not in page(reader, world.village, "2022-12-31")
        assert Covers.objects.count() == 1


class TestWhatItOwes:
    def test_rounds_are_told_with_due_date_and_what_was_sent(self, world, reader):
        said = page(reader, world.commune)
        assert "due 15 Jun 2024 · 1 record sent" in said
        assert world.round.get_absolute_url() in links(reader, world.commune)
        assert "nothing sent, past its due date" in page(reader, world.sister_commune)

    def test_of_a_higher_unit_it_is_told_how_many_below_have_sent(self, world, reader):
        asked = review(world, unit=world.province, by=installer("round.open"))
        send(world, asked)
        assert "1 of 2 units below have sent records" in page(reader, world.district)

    def test_who_carries_on_owes_what_the_ended_unit_owed(self, world, reader):
        merged(world)
        assert "Xã Đồi Mẫu due 15 Jun 2024" in page(reader, world.sister_commune)
        assert "Xã Đồi Mẫu due" not in page(reader, world.sister_commune, "2024-02-01")

    def test_whoever_may_not_see_submissions_sees_nothing_of_it(self, world):
        assert "2024H1" not in page(world.client(world.stranger), world.commune)
        assert "2024H1" not in page(world.client(world.hoa), world.commune)

    def test_a_round_of_a_later_period_is_not_told_of_an_earlier_day(self, world, reader):
        assert "2024H1" not in page(reader, world.commune, "2023-06-01")


def test_its_groups_are_told_to_whoever_may_see_them(world, reader):
    units, by = [world.commune], world.actor(world.an)
    form_group(world.district, key="cum-1", name="Cụm số 1", units=units, on=SINCE, by=by)
    assert "Cụm số 1" in page(reader, world.commune)
    assert "Cụm số 1" not in page(world.client(world.hoa), world.commune)


def test_the_seven_changes_lead_to_a_decision(world):
    shown = links(world.client(world.an), world.commune)
    made = [url.replace("&amp;", "&") for url in shown if "/reorganisations/new?" in url]
    assert [url.split("verb=")[1].split("&")[0] for url in made] == [
        "found", "rename", "move", "merge", "split", "upgrade", "dissolve",
    ]  # fmt: skip
    assert made[3].endswith(f"?verb=merge&unit={world.commune.pk}&on=2024-06-20")


@pytest.mark.parametrize("end", [merged, divided])
def test_the_page_of_an_ended_unit_asks_few_times(world, end):
    client, unit = world.client(world.an), end(world)
    page(client, unit)
    for on in ("", "2024-02-01", "2019-01-01"):
        with CaptureQueriesContext(connection) as asked:
            page(client, unit, on)
        assert len(asked) <= MOST_QUERIES


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _no_server(self, monkeypatch):
        """The database of the test is up already."""
        monkeypatch.setattr("banyan.site.boot.django", lambda: None)

    def test_it_shows_what_the_page_tells(self, world, capsys):
        divided(world)
        assert main(["units", "show", "W111@2024-02-01"]) == 0
        said = capsys.readouterr().out
        for words in (
            "Xã Đồi Mẫu · Commune or ward · on 2024-02-01",
            "State administration: Tỉnh Thử Nghiệm › Huyện Suối Mẫu",
            "2024-03-01: Ended. Divided among: Xã Đồng Mẫu, Xã Cầu Giả",
            "today its records count at: Xã Cầu Giả (in part), Xã Đồng Mẫu (in part)",
            "2024H1, due 2024-06-15, 1 records",
            "W1111  Thôn Bến Mẫu",
        ):
            assert words in said

    def test_finding_tells_who_carries_on(self, world, capsys):
        merged(world)
        main(["units", "find", "doi", "mau"])
        assert "→ Ended. Wholly into Xã Đồng Mẫu" in capsys.readouterr().out

    def test_it_prints_the_tree_to_a_depth(self, world, capsys):
        assert main(["units", "tree", "W1@2024-06-20", "--depth", "1"]) == 0
        said = capsys.readouterr().out
        assert "Huyện Suối Mẫu  (2 below)" in said
        assert "Xã Đồi Mẫu" not in said
        main(["units", "tree", "W1@2024-06-20", "--depth", "3"])
        assert "      W1111    Thôn Bến Mẫu" in capsys.readouterr().out
