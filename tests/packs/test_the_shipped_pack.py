"""The pack 'dan-van-kheo' as it ships."""

from decimal import Decimal

import pytest

from banyan.packs.check import check
from banyan.packs.compiled import compile_pack, load
from banyan.packs.reading import read, shipped
from banyan.packs.reckon import reckon
from banyan.packs.slots import FactSlot, FigureSlot, parse, slots_in


@pytest.fixture(scope="module")
def pack():
    return load(next(folder for folder in shipped() if folder.name == "dan-van-kheo"))


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_every_shipped_pack_passes_its_check(folder):
    assert [str(problem) for problem in check(folder)] == []


def test_the_same_content_is_compiled_once_and_has_the_same_hash(pack):
    content = read(shipped()[0])
    assert compile_pack(content) is pack
    # jsonb returns tables in an order of its own; nothing may hang on theirs.
    turned = {key: content[key] for key in reversed(content)}
    assert compile_pack(turned) is pack


def test_numbers_without_a_verified_source_are_settings_marked_unverified(pack):
    by_id = {setting.id: setting for setting in pack.settings}
    assert by_id["criteria.items.necessity.maximum"].value == 15
    assert by_id["criteria.grades.typical.at_least"].value == 85
    assert by_id["criteria.grades.recognised.at_least"].value == 70
    assert set(pack.unverified) == set(pack.settings)
    assert all(pack.has_text(f"sources.{setting.source}") for setting in pack.settings)


def test_the_review_sheet_is_fifteen_twenty_thirty_fifteen_twenty(pack):
    assert [item.maximum for item in pack.criteria.items] == [15, 20, 30, 15, 20]
    assert pack.criteria.grade(Decimal("84.5")) == "recognised"
    assert pack.criteria.grade(Decimal("69.5")) is None


def test_the_life_of_a_model_leads_from_draft_to_recognition_by_another_persons_review(pack):
    route = [move.name for move in pack.workflow.route("draft", "recognised")]
    assert route == ["register", "complete", "review", "recognise"]
    assert pack.workflow.move("review").other_person
    assert pack.workflow.move("recognise").ask == (
        "decision_number",
        "decision_date",
        "signer",
        "reward",
    )


def test_every_move_can_be_made_by_some_role(pack):
    held = {right for role in pack.roles for right in role.capabilities}
    assert {move.by for move in pack.workflow.moves} <= held


def test_report_a_of_thanh_tri_comes_out_of_its_rows(pack):
    rows = [
        {
            "state": "completed" if number < 185 else "in_progress",
            "registrant": f"c{number % 7}" if number < 7 else f"d{number % 157}",
            "registrant_kind": "individual" if number >= 7 and number % 157 < 18 else "collective",
            "level": "province" if number < 7 else "district",
            "commemorative_mark": number < 2,
        }
        for number in range(261)
    ]
    assert reckon(pack, "models", rows).value == 261
    assert reckon(pack, "models", rows).parts["level"]["province"] == 7
    assert reckon(pack, "models", rows).parts["level"]["district"] == 254
    assert reckon(pack, "collectives", rows).value == 146
    assert reckon(pack, "collectives", rows).parts["level"]["district"] == 139
    assert reckon(pack, "individuals", rows).value == 18
    assert reckon(pack, "put_forward", rows).value == 2
    completed = reckon(pack, "completed", rows)
    assert (completed.value, completed.base) == (185, 261)
    assert round(completed.percent, 2) == Decimal("70.88")


def test_the_nine_mountain_districts_keep_their_unclassified_models(pack):
    fields = {"economy": 59, "culture_society": 74, "defence_security": 5, "political_system": 38}
    rows = [{"state": "registered", "field": name} for name, n in fields.items() for _ in range(n)]
    rows += [{"state": "registered"}] * 110
    models = reckon(pack, "models", rows)
    assert models.value == 286
    assert models.parts["field"] == {**fields, "unclassified": 110}


@pytest.mark.parametrize(
    ("unit", "committee"),
    [
        ("Huyện Thanh Trì", "Huyện ủy Thanh Trì"),
        ("Thành phố Ninh Bình", "Thành ủy Ninh Bình"),
        ("Thị xã Quảng Yên", "Thị ủy Quảng Yên"),
        ("Xã Đại Áng", "Đảng ủy xã Đại Áng"),
        ("Thị trấn Phát Diệm", "Đảng ủy thị trấn Phát Diệm"),
        ("Trường Chính trị", "Trường Chính trị"),
    ],
)
def test_a_units_committee_is_named_as_officials_name_it(pack, unit, committee):
    assert pack.reports["half-year"].committee_of(unit) == committee


def test_the_slots_of_the_report_mean_something_in_both_languages(pack):
    seen = set()
    for language in pack.languages:
        for key, text in pack.texts[language].items():
            if key.startswith("reports."):
                for written in slots_in(text):
                    assert parse(written, pack) is not None, (language, key, written)
                    seen.add(written)
    assert {"models", "completed.percent", "completed.base", "models.field.unclassified"} <= seen


def test_slots_are_read_as_figures_parts_aspects_and_facts(pack):
    assert parse("unit", pack) == FactSlot("unit", "unit")
    assert parse("models", pack) == FigureSlot("models", "models")
    part = FigureSlot("models.level.district", "models", axis="level", part="district")
    assert parse("models.level.district", pack) == part
    base = FigureSlot("completed.base", "completed", aspect="base")
    assert parse("completed.base", pack) == base
    for meaningless in (
        "model",
        "models.base",
        "models.level.cell",
        "models.level",
        "models.state.draft",
    ):
        assert parse(meaningless, pack) is None


def test_texts_fall_back_to_vietnamese_then_english_then_the_key(pack):
    assert pack.text("states.draft", "en") == "Draft"
    assert pack.text("states.draft", "el") == "Bản nháp"
    assert pack.text("states.nowhere", "en") == "states.nowhere"
