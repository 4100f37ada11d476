"""What an administrator reads of the programmes installed."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.packs.models import Edition
from banyan.packs.operations import install
from tests.world import installer

PAGE = "/programmes/dan-van-kheo"
pytestmark = pytest.mark.django_db


def read(world: Any, url: str, language: str = "vi") -> str:
    """A page as the administrator reads it."""
    client = world.client(world.an)
    client.cookies["django_language"] = language
    answer = client.get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def newer(world: Any) -> Edition:
    """A second edition, which begins after the world's today."""
    content = Edition.objects.of("dan-van-kheo").get().content
    content["pack"] |= {"edition": 3, "valid_from": "2024-07-01"}
    content["pack"]["settings"]["models_a_year_most"] |= {"value": 77, "verified": True}
    return install(world.province, pack="dan-van-kheo", edition=3, content=content, by=installer())


def test_who_may_not_install_programmes_does_not_read_how_they_are_set_up(world):
    for url in ("/programmes/", PAGE, f"{PAGE}/forms/register"):
        assert world.client(world.lan).get(url).status_code == 403


def test_the_list_says_what_runs_here_and_how_much_is_unverified(world):
    page = read(world, "/programmes/")
    assert "Dân vận khéo" in page
    unverified = len(world.edition.pack.unverified)
    assert f"{unverified} con số chưa đối chiếu" in page
    assert "đang có hiệu lực" in page


def test_every_number_stands_with_its_source_and_that_nobody_verified_it(world):
    page = read(world, PAGE)
    pack = world.edition.pack
    assert page.count("chưa đối chiếu</span>") >= len(pack.settings)
    for setting in pack.settings:
        assert pack.text(f"sources.{setting.source}", "vi") in page
    assert pack.text("settings.models_a_year_most", "vi") in page


def test_the_page_names_edition_hash_forms_steps_sheet_indicators_and_roles(world):
    page = read(world, PAGE)
    pack, hashed = world.edition.pack, world.edition.content_hash
    assert f"{hashed[:8]} {hashed[8:16]}" in page
    keys = [f"forms.{form}.title" for form in pack.forms]
    keys += [f"moves.{move.name}" for move in pack.workflow.moves]
    keys += [f"indicators.{one}.label" for one in pack.indicators]
    keys += [f"criteria.{item.id}.label" for item in pack.criteria.items]
    keys += [f"roles.{role.id}" for role in pack.roles]
    for key in keys:
        assert pack.text(key, "vi") in page, key


def test_a_step_says_which_roles_may_take_it(world):
    client = world.client(world.an)
    tables = client.get(PAGE).context["tables"]
    steps = next(t for t in tables if t.columns[0] == "Bước")
    by_step = {row.label: row for row in steps.rows}
    assert by_step["Thẩm định"].cells[2].text == "Cán bộ tổng hợp, thẩm định · Lãnh đạo"
    assert "không phải người đã gửi hồ sơ" in by_step["Thẩm định"].sub
    assert by_step["Trả lại"].cells[3].text == "Lý do"


def test_the_page_speaks_english_too(world):
    page = read(world, PAGE, "en")
    assert "not yet verified" in page
    assert "Report completion" in page
    assert "1 Jan 2022" in page


def test_an_edition_to_come_is_read_beside_the_one_in_force(world):
    coming = newer(world)
    assert "77" not in read(world, PAGE, "en").split("Numbers and thresholds")[1].split("Forms")[0]
    later = read(world, f"{PAGE}?edition=3", "en")
    assert "not yet in force" in later
    assert ">77<" in later
    unverified = len(coming.pack.unverified)
    assert f"{unverified} numbers not yet verified" in later
    assert world.client(world.an).get(f"{PAGE}?edition=4").status_code == 404


def test_a_form_can_be_looked_at_but_not_filled_in(world):
    page = read(world, f"{PAGE}/forms/register")
    assert "<fieldset disabled" in page
    assert 'name="title"' in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert world.client(world.an).get(f"{PAGE}/forms/nothing").status_code == 404


@pytest.mark.parametrize("url", ["/programmes/", PAGE, f"{PAGE}/forms/register"])
def test_a_programme_s_pages_ask_the_database_at_most_twelve_times(world, url):
    client = world.client(world.an)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    said = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(said) <= 12, "\n".join(said)
