"""A pack describes its rounds, and a form may have a life of its own: checked, read, shown."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from banyan.packs.check import check
from banyan.packs.compiled import compile_pack, load
from banyan.packs.forms import form_class, move_form_class
from banyan.packs.reading import read, shipped
from banyan.packs.rules import Case, unmet

SHIPPED = next(folder for folder in shipped() if folder.name == "dan-van-kheo")
ROUND = 'id = "half_year_review"\nform = "review-half-year"'
FAULTS = {
    "a form that is not there": (
        "pack",
        ROUND,
        ROUND.replace("half-year", "half"),
        "There is no form",
    ),
    "a form asked twice": (
        "pack",
        'form = "review-year"',
        'form = "review-half-year"',
        "Two rounds",
    ),
    "a kind it does not concern": (
        "pack",
        '["district", "commune"]',
        '["cell"]',
        "does not concern",
    ),
    "nobody asked": ("pack", 'asks = ["commune"]', "asks = []", "names nothing in `asks`"),
    "a setting that is not there": (
        "pack",
        '"remind_first",',
        '"remind_fist",',
        "There is no setting",
    ),
    "a setting that is no number of days": (
        "pack",
        "[settings.remind_first]\nvalue = 5",
        "[settings.remind_first]\nvalue = 5.5",
        "no whole number",
    ),
    "a kind of period": ("pack", 'periods = ["year"]', 'periods = ["week"]', "does not know"),
    "a workflow that is not there": (
        "forms/review-year",
        'workflow = "review"',
        'workflow = "revew"',
        "There is no workflow",
    ),
    "a state of another life": (
        "forms/review-year",
        'required_at = "sent_in"',
        'required_at = "registered"',
        "not a state",
    ),
    "a register form with a life of its own": (
        "forms/register",
        'purpose = "initiative"',
        'purpose = "initiative"\nworkflow = "review"',
        "by the states of workflow.toml",
    ),
    "a move that asks for what nobody described": (
        "workflows/review",
        'ask = ["reason"]',
        'ask = ["raeson"]',
        "Nothing of the name",
    ),
}


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_rounds_or_lives_is_found_and_said(fault: str, tmp_path: Path) -> None:
    name, there, planted, said = FAULTS[fault]
    copy = shutil.copytree(SHIPPED, tmp_path / "dan-van-kheo")
    path = copy / f"{name}.toml"
    source = path.read_text(encoding="utf-8")
    assert there in source
    path.write_text(source.replace(there, planted, 1), encoding="utf-8")
    problems = check(copy)
    assert any(said in one.what for one in problems), [str(one) for one in problems]


def test_a_workflow_that_no_form_names_is_found(tmp_path: Path) -> None:
    copy = shutil.copytree(SHIPPED, tmp_path / "dan-van-kheo")
    shutil.copy(copy / "workflows/review.toml", copy / "workflows/idle.toml")
    assert any("No form names" in one.what for one in check(copy))


def test_the_shipped_rounds_remind_5_3_and_1_days_and_invent_no_due_date() -> None:
    pack = load(SHIPPED)
    assert {one.form for one in pack.rounds.values()} == {
        "register",
        "review-half-year",
        "review-year",
    }
    for one in pack.rounds.values():
        assert one.remind_days == (5, 3, 1)
        assert one.due_days is None
    assert not any(one.verified for one in pack.settings if one.id.startswith("remind_"))


def test_a_due_date_is_suggested_where_a_setting_says_one() -> None:
    content = read(SHIPPED)
    pack = content["pack"]
    pack["settings"]["days"] = {"value": 10, "source": "reminders", "verified": False}
    pack["rounds"][1]["due_days"] = "days"
    found = compile_pack(content).round_of("review-half-year")
    assert found is not None
    assert found.due_days == 10


def test_a_form_is_required_and_moved_by_its_own_life() -> None:
    pack = load(SHIPPED)
    form = pack.form("review-half-year")
    assert form_class(pack, form, at="draft", language="en")({}).is_valid()
    wanting = form_class(pack, form, at="sent_in", language="en")({}).errors
    assert set(wanting) == {"leadership", "results", "limits", "tasks", "figures_right"}
    case = Case(pack=pack, form=form, move="send_in", state="draft", answers={}, language="en")
    assert {one.field for one in unmet(case)} == set(wanting)
    asked = move_form_class(pack, "send_back", language="en", form=form.id)
    assert list(asked.base_fields) == ["reason"]


def test_the_register_s_life_is_untouched_by_it() -> None:
    pack = load(SHIPPED)
    assert pack.workflow_of("register") is pack.workflow
    assert "sent_in" not in pack.parts_of("state")


@pytest.mark.django_db
def test_an_administrator_reads_the_rounds_and_both_lives(world: Any) -> None:
    client = world.client(world.an)
    page = client.get("/programmes/dan-van-kheo", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Sơ kết sáu tháng" in page
    assert "Tiếp nhận" in page
