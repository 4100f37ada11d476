"""Forms from a pack: one takes the browser's post, JSON and a sheet's row alike."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from banyan.packs.compiled import load
from banyan.packs.forms import (
    answer_text,
    answers_json,
    form_class,
    initial_of,
    move_form_class,
    review_form_class,
)
from banyan.packs.kinds import MAKERS, from_json, read_number, shown_number, to_json
from banyan.packs.reading import shipped
from banyan.packs.schema import Choice, FieldSpec
from banyan.packs.texts import field_key
from banyan.packs.vocabulary import KINDS

PACK = load(next(folder for folder in shipped() if folder.name == "dan-van-kheo"))
REGISTER = PACK.form("register")


def made(spec, **more):
    """The bare Django field of a spec."""
    return MAKERS[spec.kind](spec, required=spec.required, **more)


@given(st.integers(-(10**15), 10**15))
def test_a_shown_whole_number_is_read_back(number):
    assert read_number(shown_number(number)) == number


@given(st.decimals(-(10**9), 10**9, places=2))
def test_a_shown_decimal_is_read_back(number):
    assert read_number(shown_number(number), decimals=2) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234567", 1234567),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1 234 567", 1234567),
        (" 446.000.000 ", 446000000),
        ("1\u00a0234", 1234),
        ("−5", -5),
        ("0", 0),
    ],
)
def test_numbers_are_read_as_people_group_them(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "1.23", "12.34.567", "1.234,567.8", "85,0 triệu", "toàn xóm", "1e3", "٣", "4 5", "--1"],
)
def test_what_is_no_clear_number_is_not_guessed(text):
    assert read_number(text) is None


def test_a_decimal_comma_is_read_and_three_digits_are_thousands():
    assert read_number("12,5", decimals=1) == Decimal("12.5")
    assert read_number("12.5", decimals=1) == Decimal("12.5")
    assert read_number("1.234", decimals=1) == 1234
    assert read_number("1.234,5", decimals=1) == Decimal("1234.5")
    assert read_number("1,234.56", decimals=2) == Decimal("1234.56")
    assert read_number("12,55", decimals=1) is None


def test_every_kind_of_the_vocabulary_has_a_field():
    assert set(KINDS) == set(MAKERS)


KINDS_AND_VALUES = [
    (FieldSpec("a", "text"), " Tuyến đường hoa ", "Tuyến đường hoa", "Tuyến đường hoa"),
    (FieldSpec("a", "longtext"), "Hai\ndòng", "Hai\ndòng", "Hai\ndòng"),
    (FieldSpec("a", "number"), "1.234", 1234, 1234),
    (FieldSpec("a", "number", decimals=1), "12,5", Decimal("12.5"), "12.5"),
    (FieldSpec("a", "money"), "85.000.000 đồng", 85000000, 85000000),
    (FieldSpec("a", "money"), 85000000, 85000000, 85000000),
    (FieldSpec("a", "date"), "05/03/2024", date(2024, 3, 5), "2024-03-05"),
    (FieldSpec("a", "date"), "2024-03-05", date(2024, 3, 5), "2024-03-05"),
    (FieldSpec("a", "date"), datetime(2024, 3, 5, tzinfo=UTC), date(2024, 3, 5), "2024-03-05"),
    (FieldSpec("a", "choice", choices=(Choice("b"),)), "b", "b", "b"),
    (FieldSpec("a", "boolean"), "on", True, True),
    (FieldSpec("a", "boolean"), False, False, False),
    (FieldSpec("a", "unit"), "12", 12, 12),
    (FieldSpec("a", "person"), 12, 12, 12),
    (FieldSpec("a", "file"), "7", 7, 7),
]


@pytest.mark.parametrize(("spec", "given_", "cleaned", "stored"), KINDS_AND_VALUES)
def test_an_answer_is_cleaned_stored_as_json_and_read_back(spec, given_, cleaned, stored):
    assert made(spec).clean(given_) == cleaned
    assert to_json(spec, cleaned) == stored
    assert from_json(spec, stored) == cleaned


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "boolean"])
def test_no_answer_is_stored_as_none_at_all(kind):
    spec = FieldSpec("a", kind, choices=(Choice("b"),) if kind == "choice" else ())
    assert to_json(spec, made(spec).clean("")) is None
    assert from_json(spec, None) is None
    assert answers_json([spec], {"a": None}) == {}


@pytest.mark.parametrize(
    ("spec", "given_", "code"),
    [
        (FieldSpec("a", "date"), "05/03/24", "invalid"),
        (FieldSpec("a", "date"), "30/02/2024", "invalid"),
        (FieldSpec("a", "date"), datetime(2024, 3, 5, 12, tzinfo=UTC), "invalid"),
        (FieldSpec("a", "date", minimum="2024-01-01"), "31/12/2023", "least"),
        (FieldSpec("a", "date", maximum="2024-01-01"), "02/01/2024", "most"),
        (FieldSpec("a", "number"), "45 hộ", "number"),
        (FieldSpec("a", "number"), True, "number"),
        (FieldSpec("a", "number"), "1.5", "number"),
        (FieldSpec("a", "number", minimum=0), "-1", "least"),
        (FieldSpec("a", "number", maximum=9), "10", "most"),
        (FieldSpec("a", "number", required=True), "", "required"),
        (FieldSpec("a", "money"), "85,0 triệu", "number"),
        (FieldSpec("a", "text", maximum=3), "bốn chữ", "max_length"),
        (FieldSpec("a", "choice", choices=(Choice("b"),)), "c", "invalid_choice"),
        (FieldSpec("a", "unit"), "0", "min_value"),
    ],
)
def test_what_does_not_fit_is_refused(spec, given_, code):
    with pytest.raises(forms.ValidationError) as error:
        made(spec).clean(given_)
    assert error.value.error_list[0].code == code


def test_the_browser_json_and_a_sheets_row_give_the_same_answers():
    form = form_class(PACK, REGISTER, at="registered", language="vi")
    post = QueryDict(mutable=True)
    post.update(
        {
            "title": "Tuyến đường hoa",
            "registrant_kind": "collective",
            "level": "district",
            "registered_on": "05/03/2024",
            "resources_money": "446.000.000",
            "continuing": "on",
        }
    )
    as_json = {**post.dict(), "registered_on": "2024-03-05", "resources_money": 446000000}
    as_row = {**post.dict(), "registered_on": date(2024, 3, 5), "continuing": True}
    answers = []
    for data in (post, as_json, as_row):
        filled = form(data)
        assert filled.is_valid(), filled.errors
        answers.append(filled.answers())
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["continuing"] is True
    assert answers[0]["commemorative_mark"] is False
    assert "note" not in answers[0]
    again = form(initial=initial_of(REGISTER.fields, answers[0]))
    assert 'value="446.000.000"' in str(again["resources_money"])
    assert 'value="2024-03-05"' in str(again["registered_on"])


def test_what_is_required_grows_with_the_state():
    required = {
        state: {
            name
            for name, field in form_class(PACK, REGISTER, at=state).base_fields.items()
            if field.required
        }
        for state in ("draft", "registered", "completed", "reviewed", "recognised", "withdrawn")
    }
    assert required["draft"] == required["withdrawn"] == {"title"}
    assert required["registered"] == {"title", "registrant_kind", "level", "registered_on"}
    assert required["completed"] == required["registered"]
    assert required["reviewed"] - required["completed"] == {"field", "registrant_name", "result"}
    assert required["recognised"] == required["reviewed"]


def test_fields_carry_the_packs_words_in_the_readers_language_and_fit_a_phone():
    vietnamese = form_class(PACK, REGISTER, at="draft", language="vi")()
    english = form_class(PACK, REGISTER, at="draft", language="en")()
    assert vietnamese["resources_money"].label == "Kinh phí huy động (đồng)"
    assert english["resources_money"].label == "Money raised (VND)"
    assert ("economy", "Kinh tế") in vietnamese.fields["field"].choices
    assert "85.000.000" in vietnamese["resources_money"].help_text
    assert 'inputmode="numeric"' in str(vietnamese["beneficiary_households"])
    assert 'type="date"' in str(vietnamese["registered_on"])
    assert "<textarea" in str(vietnamese["result"])


def test_a_picker_replaces_the_id_field_of_its_kind_and_its_row_is_stored_by_id():
    spec = FieldSpec("host", "unit")

    class Row:
        pk = 41

    class UnitField(forms.Field):
        def to_python(self, value):
            return Row()

    form = type(REGISTER)("hosting", "submission", (spec,))
    plain = form_class(PACK, form, at="draft")
    picking = form_class(
        PACK, form, at="draft", pickers={"unit": lambda spec, **kw: UnitField(**kw)}
    )
    assert isinstance(plain.base_fields["host"], forms.IntegerField)
    filled = picking({"host": "x"})
    assert filled.is_valid()
    assert filled.answers() == {"host": 41}


def test_a_move_asks_what_the_pack_says():
    recognise = move_form_class(PACK, "recognise", language="vi")
    filled = recognise({"decision_number": "127-QĐ/HU", "decision_date": "01/07/2024"})
    assert filled.is_valid()
    assert filled.answers() == {"decision_number": "127-QĐ/HU", "decision_date": "2024-07-01"}
    assert set(recognise({}).errors) == {"decision_number", "decision_date"}
    assert move_form_class(PACK, "begin")({}).is_valid()


def test_the_review_sheet_takes_points_within_each_maximum():
    sheet = review_form_class(PACK, language="vi")
    scores = {"necessity": 15, "method": "17,5", "result": 30, "participation": 15, "durability": 0}
    filled = sheet(scores)
    assert filled.is_valid(), filled.errors
    assert filled.answers()["method"] == "17.5"
    assert PACK.criteria.sum(filled.answers()) == Decimal("77.5")
    assert set(sheet({**scores, "necessity": 16, "durability": -1}).errors) == {
        "necessity",
        "durability",
    }
    assert set(sheet({}).errors) == set(scores)


@pytest.mark.parametrize(
    ("id", "stored", "shown"),
    [
        ("field", "economy", "Kinh tế"),
        ("registered_on", "2024-03-05", "05/03/2024"),
        ("resources_money", 1234567, "1.234.567"),
        ("title", "Nhà sạch", "Nhà sạch"),
        ("continuing", True, ""),
        ("note", None, ""),
    ],
)
def test_a_stored_answer_is_shown_in_words(id, stored, shown):
    spec, key = REGISTER.field(id), field_key("register", id)
    assert answer_text(PACK, spec, stored, key=key, language="vi") == shown


@pytest.mark.parametrize("value", [5, 1.5, False, [1], {"day": 5}])
def test_json_of_another_kind_is_refused_where_a_day_belongs(value):
    with pytest.raises(forms.ValidationError):
        made(FieldSpec("on", "date")).clean(value)


@pytest.mark.parametrize("value", [1.5, {"id": 5}, [[1]], Decimal("1.5")])
def test_json_of_another_kind_is_refused_where_files_belong(value):
    with pytest.raises(forms.ValidationError):
        made(FieldSpec("papers", "files")).clean(value)
