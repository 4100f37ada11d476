"""How things stand, on one page: a line, four numbers, the units that need attention, both readings."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.initiatives.models import Initiative
from banyan.orgs.operations import form_group
from banyan.submissions.operations import move
from tests.analytics.years import above, counted, last_round, line, models, shown, text_of
from tests.figures.changes import dissolved, divided

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
ENDED = "?place=W11@2024-05-31&period=2024H1"


@pytest.fixture
def two_years(world: Any) -> Any:
    """This year 5 of 9 are completed (one is the world's own, registered), last year 2 of 4."""
    models(world, world.commune, 5, "completed", registered_on="2024-03-05")
    models(world, world.commune, 3, registered_on="2024-05-05")
    last = last_round(world)
    models(world, world.commune, 2, "completed", round=last)
    models(world, world.commune, 2, round=last)
    return last


# The line and the numbers -------------------------------------------------------------------------


def test_one_line_says_how_things_stand_and_how_much_more_than_last_year(world, two_years):
    told = line(shown(world.client(world.hung)))
    assert told.startswith("Đến 20/06/2024: 5 trên 9 mô hình hoàn thành (55,56\xa0%)")
    assert "tăng 3 so với cùng kỳ năm trước" in told
    assert "1 tập thể và 0 cá nhân đăng ký" in told
    assert told.endswith("1 xã, phường, thị trấn chưa đăng ký.")


def test_every_figure_of_the_line_and_the_strip_opens_to_its_records(world, two_years):
    client = world.client(world.hung)
    context = shown(client)
    for number in context["numbers"]:
        assert counted(client, number["url"]) == number["value"], number["label"]
        before = number["beside"]
        assert counted(client, before["url"]) == int(before["number"].split(" / ")[0])
    parts = {part.text: part.url for part in context["figures"]["sentence"] if part.url}
    assert counted(client, parts["5"]) == 5
    assert counted(client, parts["9"]) == 9
    assert counted(client, parts["3"]) == 2, "the difference opens to last year's records"
    assert parts["1 xã, phường, thị trấn"] == "#units"


def test_a_share_keeps_its_base_also_of_last_year(world, two_years):
    registered, completed, recognised, copied = shown(world.client(world.hung))["numbers"]
    assert (registered["value"], registered["base"]) == (9, None)
    assert (completed["value"], completed["base"]) == (5, 9)
    assert completed["beside"]["number"] == "2 / 4"
    assert (recognised["value"], recognised["base"]) == (0, 5)
    assert copied["label"] == "Nhân rộng"


def test_without_last_year_nothing_is_compared_and_the_page_says_so(world):
    context = shown(world.client(world.hung))
    assert "cùng kỳ năm trước không có hồ sơ để so sánh" in line(context)
    assert {number["beside"]["number"] for number in context["numbers"]} == {""}
    assert not context["table"]["compares"]
    assert "nét đứt" not in context["legend"]


def test_while_the_period_runs_last_year_is_called_whole(world, two_years):
    models(world, world.commune, 1, registered_on="2024-06-05")
    told = line(shown(world.client(world.hung), "?period=2024"))
    assert "cả kỳ năm trước là 2" in told
    assert "tăng" not in told


def test_the_line_adds_up_by_month_and_ends_where_the_year_has_come_to(world, two_years):
    registered = shown(world.client(world.hung))["numbers"][0]
    assert registered["line"] == [0, 0, 1, 6, 6, 9, 9]
    assert registered["before"] == [0, 0, 4, 4, 4, 4, 4]
    registered = shown(world.client(world.hung), "?period=2024")["numbers"][0]
    assert registered["line"] == [0, 0, 1, 6, 6, 9, 9]
    assert registered["steps"] == 13


def test_models_built_after_others_are_counted_and_both_ends_open_in_the_register(world):
    models(world, world.sister_commune, 2, replicated_from=world.initiative.code)
    client = world.client(world.hung)
    copied = shown(client)["numbers"][3]
    assert (copied["label"], copied["value"]) == ("Nhân rộng", 2)
    assert counted(client, copied["url"]) == 2
    assert client.get("/initiatives/?taken_over=yes&as=json").json()["total"] == 1
    assert client.get("/initiatives/?taken_over=no&as=json").json()["total"] == 2


def test_no_numbers_are_made_up_for_a_period_to_come(world):
    context = shown(world.client(world.hung), "?period=2025H1")
    assert line(context) == "Kỳ này bắt đầu từ ngày 01/01/2025, hiện chưa có số liệu."
    assert {number["value"] for number in context["numbers"]} == {0}


def test_a_period_without_records_is_a_page_too(world):
    context = shown(world.client(world.hung), "?period=2022H1")
    assert "chưa có hồ sơ nào của kỳ này được tính ở đây" in line(context)
    assert all(row["note"]["text"] == "chưa mở đợt" for row in context["table"]["rows"])


# The units below ----------------------------------------------------------------------------------


def test_units_are_put_in_the_order_of_what_needs_attention(world):
    models(world, world.commune, 3, "completed")
    table = shown(world.client(world.hung))["table"]
    assert [row["label"] for row in table["rows"]] == ["Xã Đồng Mẫu", "Xã Đồi Mẫu"]
    models(world, world.sister_commune, 1)
    models(world, world.sister_commune, 1, "completed")
    table = shown(world.client(world.hung))["table"]
    assert [row["label"] for row in table["rows"]] == ["Xã Đồng Mẫu", "Xã Đồi Mẫu"]
    assert [f"{row['part']}/{row['whole']}" for row in table["rows"]] == ["1/2", "3/4"]
    assert "xếp theo việc cần chú ý" in text_of(world.client(world.hung).get("/situation/"))


def test_who_has_not_reported_is_said_with_how_late_it_is(world):
    silent, there = shown(world.client(world.hung))["table"]["rows"]
    assert silent["note"] == {"text": "chưa đăng ký, quá hạn 5 ngày", "tone": "red"}
    assert there["note"]["text"] == ""


def test_every_number_of_a_row_opens_to_its_records_and_its_name_to_its_own_page(world, two_years):
    client = world.client(world.hung)
    for row in shown(client)["table"]["rows"]:
        assert counted(client, row["whole_url"]) == row["whole"]
        assert counted(client, row["part_url"]) == row["part"]
        assert shown(client, row["url"])["figures"]["title"] == row["label"]


def test_a_row_says_how_it_differs_from_last_year(world, two_years):
    rows = {row["label"]: row["change"] for row in shown(world.client(world.hung))["table"]["rows"]}
    assert rows == {"Xã Đồi Mẫu": 3, "Xã Đồng Mẫu": None}


def test_the_foot_tells_completeness_and_whether_it_came_in_time(world):
    foot = shown(world.client(world.hung))["foot"]
    assert foot[1:3] == ["1/2 đơn vị đã đăng ký", "hạn 15/06/2024, 1 đơn vị quá hạn"]


def test_one_goes_down_to_a_unit_and_up_again_as_far_as_one_reaches(world):
    client = world.client(world.hung)
    district = shown(client)
    assert district["figures"]["crumbs"] == []
    commune = shown(client, district["table"]["rows"][1]["url"])
    (up,) = commune["figures"]["crumbs"]
    assert up["label"] == "Huyện Suối Mẫu"
    assert shown(client, up["url"])["figures"]["title"] == "Huyện Suối Mẫu"


def test_all_rows_are_shown_when_asked_for(world, monkeypatch):
    monkeypatch.setattr("banyan.analytics.showing.FIRST", 1)
    client = world.client(world.hung)
    table = shown(client)["table"]
    assert (len(table["rows"]), table["more"]) == (1, "và 1 đơn vị khác")
    assert len(shown(client, table["all_url"].partition("#")[0])["table"]["rows"]) == 2


def test_a_province_tells_by_district_how_many_communes_are_missing(world):
    context = shown(world.client(above(world)))
    assert context["table"]["title"] == "Theo quận, huyện"
    notes = {row["label"]: row["note"]["text"] for row in context["table"]["rows"]}
    assert notes["Huyện Suối Mẫu"] == "1/2 đơn vị chưa đăng ký, quá hạn 5 ngày"
    assert notes["Huyện Sông Giả"] == ""
    assert "2/3 đơn vị đã đăng ký" in context["foot"]


def test_a_lowest_unit_has_a_page_without_empty_tables(world):
    context = shown(world.client(world.lan))
    assert context["figures"]["title"] == "Xã Đồi Mẫu"
    assert line(context).endswith("1 tập thể và 0 cá nhân đăng ký.")


def test_a_group_is_told_by_its_units(world):
    two = [world.commune, world.sister_commune]
    an = world.actor(world.an)
    form_group(world.district, key="hai-xa", name="Hai xã", units=two, on=world.today, by=an)
    context = shown(world.client(world.hung), "?place=hai-xa")
    assert context["figures"]["title"] == "Hai xã"
    assert context["table"]["title"] == "Theo đơn vị trong nhóm"
    assert len(context["table"]["rows"]) == 2


# Readings, reach, cost ----------------------------------------------------------------------------


@pytest.mark.parametrize("change", [divided, dissolved])
def test_the_page_reads_then_and_now_and_says_what_is_not_placed(change, world):
    change(world)
    client, where = world.client(above(world)), ENDED
    then, now = (shown(client, f"{where}{more}") for more in ("", "&reading=now"))
    assert [one["active"] for one in then["figures"]["readings"]] == [True, False]
    assert [one["active"] for one in now["figures"]["readings"]] == [False, True]
    notes = [note for note in now["figures"]["notes"] if note.get("act")]
    assert notes
    for note in notes:
        assert note["title"].startswith("Chưa phân về đơn vị: ")
        assert note["act"]["url"].startswith("/placing/")
    day = shown(client, f"{where}&as_of=2024-05-31")
    assert day["figures"]["readings"][2]["label"] == "ngày 31/05/2024"


def test_a_place_out_of_reach_is_refused_and_a_wrong_one_asked_again(world):
    client = world.client(world.hung)
    assert client.get("/situation/?place=W12").status_code == 403
    assert client.get("/situation/word?place=W12").status_code == 403
    answer = client.get("/situation/?place=khong-co")
    assert answer.status_code == 404
    assert 'value="khong-co"' in answer.content.decode()
    assert client.get("/situation/?period=2024Q9").status_code == 422


@pytest.mark.parametrize("query", ["", f"{ENDED}", f"{ENDED}&reading=now"])
def test_the_page_asks_at_most_twelve_times_also_after_the_unit_ended(query, world, two_years):
    dissolved(world)
    client = world.client(above(world))
    client.get(f"/situation/{query}")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/situation/{query}")
    assert answer.status_code == 200
    said = [q["sql"][:150] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(said) <= MOST_QUERIES, "\n".join(said)


def test_nothing_is_written_by_looking(world):
    before = Initiative.objects.values_list("submission__version", flat=True)
    seen = list(before)
    world.client(world.hung).get("/situation/")
    assert list(before) == seen


def test_the_menu_leads_there_right_after_ones_own_work(world):
    nav = world.client(world.hung).get("/situation/").context["nav"]
    assert [item["label"] for item in nav[:2]] == ["Việc của tôi", "Tình hình"]
    assert nav[1]["active"]


def test_a_withdrawn_model_is_not_counted_but_its_unit_has_reported(world):
    move(
        world.initiative.submission,
        move="withdraw",
        asked={"reason": "Ghi nhầm"},
        by=world.actor(world.lan),
    )
    notes = {
        r["label"]: r["note"]["text"] for r in shown(world.client(world.hung))["table"]["rows"]
    }
    assert notes["Xã Đồi Mẫu"] == "chưa đăng ký"
