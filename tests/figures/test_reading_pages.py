"""Readings on pages, in lists, in the API and on paper: each number opens, each says how it reads."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.figures import words
from banyan.figures.models import Figure
from banyan.figures.showing import columns
from banyan.figures.units import by_unit
from banyan.orgs.models import Unit
from banyan.orgs.operations import dissolve, merge, move, split, upgrade
from banyan.orgs.places import locate, spec_of, written
from banyan.orgs.readings import Reading
from banyan.people.models import Role
from banyan.reports.operations import PLACING, Written, make
from banyan.reports.writing import word_file
from tests.figures.changes import (
    AFTER,
    BEFORE,
    CHANGE,
    NOW,
    THEN,
    dissolved,
    divided,
    newcomer,
    reckoned,
    reformed,
    registered,
)
from tests.world import PACK, installer

pytestmark = pytest.mark.django_db


# -- opening -------------------------------------------------------------------------------------


def reader(world: Any) -> Any:
    """The browser of a reviewer of the province."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from banyan.people.models import Post

    role = Role.objects.get(key=f"{PACK}-reviewer")
    role.capabilities = sorted({*role.capabilities, "submission.place"})
    role.save()
    days = DateRange(date(2020, 1, 1), None)
    Post.objects.create(person=world.stranger, unit=world.province, role=role, valid=days)
    return world.client(world.stranger)


@pytest.mark.parametrize("change", [divided, dissolved])
def test_every_row_of_the_table_by_units_opens_to_as_many_records_as_it_counts(change, world):
    change(world)
    client, opened = reader(world), 0
    for place in (world.province, world.district, world.other_district):
        for reading in (THEN, NOW, BEFORE):
            told = reckoned(world, place, reading)
            table = by_unit(told, columns(told.pack))
            for part in table.parts if table else ():
                for name in ("models", "completed"):
                    answer = client.get(f"{part.opens[name]}&as=json").json()
                    assert answer["total"] == part.values[name], part.opens[name]
                    opened += 1
            for one in words.unplaced(told):
                assert client.get(f"{one.opens}&as=json").json()["total"] == one.count, one.opens
    assert opened > 20


def test_the_register_names_the_unit_of_that_time_or_the_one_that_answers_today(world):
    new = newcomer(world, "Xã Hợp A")
    divided_off = registered(world, world.sister_commune, 1)
    merge([world.commune], into=new, on=CHANGE, by=installer())
    split(
        world.sister_commune, into=[new, world.other_commune], heir=new, on=CHANGE, by=installer()
    )
    client = reader(world)

    def units(query: str) -> dict[int, str]:
        return {r["id"]: r["unit"] for r in client.get(f"/api/initiatives?{query}").json()["rows"]}

    mine, torn = world.initiative.pk, divided_off[0]
    assert (units("")[mine], units("")[torn]) == ("Xã Đồi Mẫu", "Xã Đồng Mẫu")
    assert (units("reading=now")[mine], units("reading=now")[torn]) == (
        "Xã Hợp A",
        "chưa phân về đơn vị",
    )
    assert units("as_of=2024-05-31")[torn] == "Xã Đồng Mẫu"
    assert set(units("reading=now&unplaced=1")) == {torn}
    page = client.get("/initiatives/?reading=now").content.decode()
    assert NOW.sentence not in client.get("/initiatives/").content.decode()
    assert "Xã Đồi Mẫu" in page, "under the unit of today stands the one it came from"


@pytest.mark.parametrize("name", ["initiatives", "rounds", "documents", "reports"])
def test_a_list_by_place_and_reading_asks_at_most_eight_times_and_says_how_it_reads(name, world):
    dissolved(world)
    client = reader(world)
    for query in ("reading=now", "place=W11@2024-05-31&reading=now", "place=W1&as_of=2024-05-31"):
        client.get(f"/{name}/?{query}")
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/{name}/?{query}", headers={"Accept-Language": "en"})
        assert page.status_code == 200
        assert len(asked) <= 8, "\n".join(q["sql"][:150] for q in asked)
        assert 'class="small soft read"' in page.content.decode()


def test_the_page_says_that_a_district_ended_and_leads_to_the_units_of_today(world):
    dissolved(world)
    client = reader(world)
    address = "/figures/?place=W11@2024-05-31&period=2024H1"
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"{address}&reading=now").content.decode()
    assert len(asked) <= 12, "\n".join(q["sql"][:150] for q in asked)
    assert "tồn tại đến hết ngày 31/05/2024" in page
    assert "Xã Mới A" in page
    assert "Chưa phân về đơn vị: 3" in page
    assert "Huyện Suối Mẫu · W11@2024-05-31" in page
    assert "reading=now" in client.get(address).content.decode(), "then offers now"
    young = client.get("/figures/?place=NA@2024-06-20&period=2024Q1").content.decode()
    assert "được thành lập ngày 01/06/2024" in young


def test_a_place_is_found_by_its_name_and_shown_with_its_code(world):
    client = reader(world)
    page = client.get("/figures/", {"place": "Đồng Mẫu", "period": "2024H1"})
    assert page.status_code == 200
    assert "Xã Đồng Mẫu · W112@2024-06-30" in page.content.decode()
    assert client.get("/figures/", {"place": "Mẫu", "period": "2024H1"}).status_code == 404
    assert spec_of(written("Xã Đồng Mẫu", "W112@2024-06-30")) == "W112@2024-06-30"
    found_by_number = locate(f"~{world.village.pk}", AFTER)
    assert found_by_number is not None
    assert found_by_number.spec_on(AFTER, AFTER) == "W1111@2024-06-20"


def test_a_place_that_is_none_leaves_the_form_with_what_was_typed(world):
    client = reader(world)
    asked = {"place": "W999@2024-05-31", "period": "2024Q1", "reading": "now"}
    page = client.get("/figures/", asked)
    text = page.content.decode()
    assert page.status_code == 404
    assert 'value="W999@2024-05-31"' in text
    assert '<option value="2024Q1" selected>' in text
    assert 'id="r-now" value="now" checked' in text
    assert 'id="f-place_error"' in text
    assert "31/05/2024" in page.context["asked"]["wrong"]["place"]
    again = client.get("/figures/", {"place": "xyz"}, headers={"HX-Request": "true"})
    assert again.status_code == 200, "htmx shows nothing of an answer with an error's status"
    assert "“xyz”" in again.context["asked"]["wrong"]["place"]
    wrong = client.get("/figures/", {"reading": "sideways"})
    assert (wrong.status_code, list(wrong.context["asked"]["wrong"])) == (404, ["reading"])
    told = client.get("/figures/", {**asked, "as": "json"})
    assert (told.status_code, b"<form" in told.content) == (404, "json" not in told["Content-Type"])


def test_heirs_are_named_and_coded_on_the_day_of_the_reading(world):
    registered(world, world.commune, 2)
    by = installer()
    for unit in (world.commune, world.sister_commune):
        move(unit, parent=world.province, on=CHANGE, by=by)
    upgrade(world.commune, name="Phường Đồi Mẫu", code="W911", on=CHANGE, by=by)
    dissolve(world.district, on=CHANGE, by=by)
    told = by_unit(reckoned(world, world.district, NOW))
    assert told is not None
    assert (told.by_heirs, told.day) == (True, AFTER)
    assert [(part.name, part.spec) for part in told.parts] == [
        ("Phường Đồi Mẫu", f"W911@{AFTER.isoformat()}")
    ]
    page = reader(world).get("/figures/?place=W11@2024-05-31&period=2024H1&as_of=2024-06-20")
    assert "Theo đơn vị ngày 20/06/2024" in page.content.decode()
    assert "Phường Đồi Mẫu" in page.content.decode()


def test_a_permalink_keeps_its_reading(world):
    dissolved(world)
    client = reader(world)
    answer = client.get(f"/f/{PACK}/2024H1/W11@2024-05-31/models?reading=now")
    assert "reading=now" in answer.url


def test_the_api_names_the_reading_and_answers_by_it(world):
    dissolved(world)
    client = reader(world)
    paths = client.get("/api/openapi.json").json()["paths"]
    for path in ("/api/initiatives", "/api/figures", "/api/rounds"):
        named = {one["name"] for one in paths[path]["get"]["parameters"]}
        assert {"place", "reading", "as_of"} <= named, path
    told = client.get("/api/figures?place=W11@2024-05-31&period=2024H1&reading=now").json()
    assert told["reading"] == "now"
    assert told["not_placed"]["in_no_unit_below"] == 3
    assert {row["kind"] for row in told["units"]} == {"unit", "unplaced"}
    assert client.get("/api/figures?reading=sideways").status_code == 404


# -- reports -------------------------------------------------------------------------------------


def paper(world: Any, place: Any, reading: Reading) -> tuple[bytes, str]:
    """The Word file and the JSON of one instant."""
    at = datetime(2024, 6, 20, 3, tzinfo=UTC)
    told = replace(reckoned(world, place, reading), as_of=at)
    with words.speaking("vi"):
        file = word_file(told, language="vi", on=AFTER, host="http://127.0.0.1")
        said = words.as_json(told, "vi", by_unit(told, columns(told.pack)))
    return file, json.dumps(said, ensure_ascii=False)


def test_a_report_as_of_a_day_is_the_same_bytes_after_a_later_change(world):
    registered(world, world.sister_commune, 3)
    places = (world.province, world.district, world.commune)
    before = [paper(world, place, BEFORE) for place in places]
    reformed(world)
    after = [paper(world, Unit.objects.get(pk=place.pk), BEFORE) for place in places]
    assert [file for file, _said in after] == [file for file, _said in before]
    assert [said for _file, said in after] == [said for _file, said in before]
    assert len({file for file, _said in before}) == len(places)


def text_of(file: bytes) -> str:
    """The Word file's own text, in XML."""
    return zipfile.ZipFile(io.BytesIO(file)).read("word/document.xml").decode()


def test_the_word_report_states_its_reading_and_what_is_not_placed(world):
    dissolved(world)
    file, _said = paper(world, world.district, NOW)
    text = text_of(file)
    with words.speaking("vi"):
        assert NOW.sentence in text
    assert "Chưa phân về đơn vị: 3." in text
    assert "reading=now" in text, "the printed addresses read as the report does"


def test_a_frozen_report_keeps_its_figures_and_its_reading_whatever_happens_later(world):
    registered(world, world.sister_commune, 3)
    reckoning = reckoned(world, world.district, BEFORE)
    report = make(
        world.district,
        edition=world.edition,
        template=next(iter(world.edition.pack.reports)),
        reckoning=reckoning,
        file=Written(b"PK synthetic", "vi"),
        by=world.actor(world.minh),
    )
    frozen = list(Figure.objects.filter(source_id=report.pk).order_by("pk").values())
    new = newcomer(world, "Xã Hợp A")
    merge([world.commune, world.sister_commune], into=new, on=CHANGE, by=installer())
    assert list(Figure.objects.filter(source_id=report.pk).order_by("pk").values()) == frozen
    assert {row["reading"] for row in frozen} == {"as-of 2024-05-31"}
    assert {row["part"] for row in frozen if row["axis"] == PLACING} == {
        "may_belong_here",
        "in_no_unit_below",
    }
    report.refresh_from_db()
    assert report.reading == "as-of 2024-05-31"
