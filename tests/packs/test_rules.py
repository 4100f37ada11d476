"""Rules by name: what may stand against a move, and how it is said."""

import pytest

from banyan.kernel.errors import Refusal
from banyan.packs.compiled import load
from banyan.packs.moves import checked, target
from banyan.packs.reading import shipped
from banyan.packs.rules import RULES, Case, unmet

PACK = load(next(folder for folder in shipped() if folder.name == "dan-van-kheo"))
REGISTER = PACK.form("register")
FULL = {
    "title": "Tiếng kẻng an ninh tại xóm 4",
    "registrant_kind": "collective",
    "registrant_name": "Chi hội Cựu chiến binh xóm 4",
    "field": "defence_security",
    "level": "district",
    "registered_on": "2024-02-26",
    "result": "Không để xảy ra trộm cắp.",
}
SCORES = {"necessity": 10, "method": 14, "result": 21, "participation": 11, "durability": 14}


def case(move, state, **more):
    """A full record about to move, changed where a test says so."""
    given = {"answers": FULL, "scores": SCORES, "language": "vi"} | more
    return Case(PACK, REGISTER, move, state, **given)


def test_the_rules_are_those_the_documentation_lists():
    assert set(RULES) == {"all_required_answered", "review_complete", "review_reaches_a_grade"}


def test_a_move_without_a_rule_has_nothing_against_it():
    assert unmet(case("begin", "registered", answers={})) == []


@pytest.mark.parametrize("missing", ["title", "registrant_kind", "level", "registered_on"])
def test_registering_needs_every_answer_the_registered_state_requires(missing):
    answers = {**FULL, missing: ""}
    found = unmet(case("register", "draft", answers=answers))
    assert [each.field for each in found] == [missing]
    label = PACK.text(f"forms.register.fields.{missing}.label", "vi")
    assert label in found[0].what
    assert unmet(case("register", "draft")) == []


def test_what_a_later_state_requires_is_not_asked_earlier():
    early = {name: FULL[name] for name in ("title", "registrant_kind", "level", "registered_on")}
    assert unmet(case("register", "draft", answers=early)) == []
    assert {e.field for e in unmet(case("review", "completed", answers=early))} == {
        "field",
        "registrant_name",
        "result",
    }


def test_a_review_needs_points_for_every_criterion_within_its_bounds():
    assert unmet(case("review", "completed")) == []
    assert [
        e.field for e in unmet(case("review", "completed", scores={**SCORES, "result": ""}))
    ] == ["result"]
    assert [
        e.field for e in unmet(case("review", "completed", scores={**SCORES, "method": 21}))
    ] == ["method"]
    assert len(unmet(case("review", "completed", scores=None))) == 5


def test_recognition_needs_the_lowest_grade():
    assert unmet(case("recognise", "reviewed")) == []
    found = unmet(case("recognise", "reviewed", scores={**SCORES, "result": "20.5"}))
    assert len(found) == 1
    assert "69.5" in found[0].what
    assert "70" in found[0].what


def test_nought_and_no_are_answers_and_blanks_are_none():
    ticked = {**FULL, "title": "   "}
    assert [each.field for each in unmet(case("register", "draft", answers=ticked))] == ["title"]


def test_a_move_that_is_allowed_gives_its_target():
    assert checked(case("register", "draft")) == "registered"
    assert target(PACK, "review", "completed") == "reviewed"


def test_a_move_from_the_wrong_state_is_refused_in_the_packs_words():
    with pytest.raises(Refusal) as refusal:
        target(PACK, "recognise", "registered", "vi")
    assert refusal.value.status == 409
    assert "Công nhận" in refusal.value.what
    assert "Đã đăng ký" in refusal.value.why
    assert "Trả lại" in refusal.value.mend
    with pytest.raises(Refusal) as at_the_end:
        target(PACK, "recognise", "withdrawn", "vi")
    assert at_the_end.value.mend == ""


def test_a_move_whose_rule_is_unmet_is_refused_with_every_reason():
    with pytest.raises(Refusal) as refusal:
        checked(case("register", "draft", answers={"title": "Nhà sạch"}))
    for label in ("Chủ thể đăng ký", "Cấp đăng ký", "Ngày đăng ký"):
        assert label in refusal.value.why
