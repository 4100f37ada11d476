"""Reading one cell: what people write, and what must never be guessed."""

import ast
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.kernel import notes
from banyan.kernel.cells import (
    Above,
    read_choice,
    read_code,
    read_count,
    read_date,
    read_flag,
    read_money,
    read_number,
    read_text,
    read_two_flags,
    read_unit,
    read_unit_name,
)
from banyan.kernel.notes import Read, as_is, doubtful

FIELDS = {
    "economy": ["Kinh tế", "KT"],
    "culture": ["Văn hóa - xã hội", "VH-XH"],
    "defence": ["Quốc phòng - an ninh", "QP-AN"],
}
RAW = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.dates(),
    st.datetimes(), st.times(), st.timedeltas(),
    st.from_regex(r"[0-9.,]{1,12} ?(triệu|tỷ|đ|hộ|tr)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}[/.-][0-9]{1,3}[/.-][0-9]{1,5}", fullmatch=True),
)  # fmt: skip
READERS = (
    read_date, read_money, read_count, read_number, read_flag, read_text, read_unit,
    lambda raw: read_choice(raw, FIELDS), lambda raw: read_code(raw, width=3),
)  # fmt: skip


def code(read: Read[object]) -> str:
    return read.note.code if read.note else ""


def test_a_choice_is_known_by_name_abbreviation_or_without_accents():
    assert read_choice("Kinh tế", FIELDS) == as_is("economy")
    for writing in ("KT", "kinh te", "KINH TẾ"):
        read = read_choice(writing, FIELDS)
        assert (read.value, read.how) == ("economy", "understood")
    assert read_choice("VH - XH", FIELDS).value == "culture"
    assert read_choice("Văn hoá - xã hội", FIELDS).value == "culture"


def test_a_choice_is_known_by_its_initials_when_only_one_has_them():
    choices = {
        "economy": ["Kinh tế"],
        "culture": ["Văn hóa và xã hội"],
        "defence": ["Quốc phòng - an ninh"],
        "party": ["Xây dựng Đảng, hệ thống chính trị"],
        "doing": ["Đang thực hiện"],
        "done": ["Hoàn thành"],
    }
    meant = {
        "QP-AN": "defence", "QPAN": "defence", "qp-an": "defence", "VH-XH": "culture",
        "vhxh": "culture", "VH&XH": "culture", "K.T": "economy", "XDĐ": "party",
        "đã HT": "done", "HT": "done", "đang TH": "doing", "ĐTH": "doing",
    }  # fmt: skip
    for writing, choice in meant.items():
        read = read_choice(writing, choices)
        assert (read.value, code(read)) == (choice, "choice_by_initials"), writing
    assert code(read_choice("Đã hoàn thành", choices)) == "choice_read"
    for writing in ("TH", "H", "KT-XH", "kt", "XH", "AN"):
        assert code(read_choice(writing, choices)) == "choice_unknown", writing
    two = {"a": ["Hoàn thành"], "b": ["Hợp tác"]}
    read = read_choice("HT", two)
    assert (read.value, code(read)) == (None, "choice_two_ways")
    assert read_choice("–", choices).how == "empty"


def test_an_unknown_choice_is_doubtful_and_tells_the_nearest():
    read = read_choice("Kinh tê xã", FIELDS)
    assert (read.value, read.how, code(read)) == (None, "doubtful", "choice_unknown")
    assert "Kinh tế" in read.note.params["nearest"]


def test_a_writing_of_two_choices_is_doubtful():
    read = read_choice("TH", {"a": ["Thực hiện", "TH"], "b": ["Tiểu học", "TH"]})
    assert (read.value, code(read)) == (None, "choice_two_ways")


def test_accents_tell_two_choices_apart_when_they_are_written():
    choices = {"village": ["Xóm chùa"], "shop": ["Xóm chưa"]}
    assert read_choice("xóm chưa", choices).value == "shop"
    assert code(read_choice("xom chua", choices)) == "choice_two_ways"


def test_the_workbooks_own_legend_spells_abbreviations_out():
    states = {"completed": ["Đã hoàn thành"], "cooperation": ["Hợp tác"]}
    read = read_choice("HT", states)
    assert (read.value, code(read)) == ("cooperation", "choice_by_initials")
    read = read_choice("HT", states, legend={"HT": "đã hoàn thành"})
    assert (read.value, code(read)) == ("completed", "choice_by_legend")


@pytest.mark.parametrize("sign", ["nt", "NT", "n.t", "Như trên", '"', "″"])
def test_nt_takes_the_value_above_and_says_where_from(sign):
    read = read_choice(sign, FIELDS, above=Above(as_is("defence"), "F40"))
    assert (read.value, read.how, read.note.params["cell"]) == ("defence", "understood", "F40")


def test_nt_under_a_doubtful_cell_or_under_nothing_stays_doubtful():
    below = read_choice("nt", FIELDS, above=Above(doubtful("choice_unknown"), "F40"))
    assert (below.value, code(below)) == (None, "above_unreadable")
    assert code(read_choice("nt", FIELDS)) == "nothing_above"


def test_marks_are_known_in_their_many_forms():
    assert read_flag("x") == as_is(True)
    for sign in ("X", "✓", "1", 1, 1.0, True, "có", "х", "X.", "Ｘ", "☑\ufe0f"):
        assert (read_flag(sign).value, read_flag(sign).how) == (True, "understood")
    assert read_flag("\u200fx") == as_is(True)
    for sign in ("không", "Không có", "0", 0, "-"):
        assert read_flag(sign).value is False
    assert read_flag(None).how == "empty"
    assert code(read_flag("Bà Hoa")) == "flag_unknown"


def test_exactly_one_of_two_columns_must_be_marked():
    names = {"group": "Tập thể", "person": "Cá nhân"}
    marked, blank = read_flag("x"), read_flag("")
    assert read_two_flags({"group": marked, "person": blank}, names).value == "group"
    assert code(read_two_flags({"group": marked, "person": marked}, names)) == "flags_several"
    assert code(read_two_flags({"group": blank, "person": blank}, names)) == "flags_none"
    unclear = read_two_flags({"group": marked, "person": read_flag("?")}, names)
    assert (unclear.value, code(unclear)) == (None, "flag_unknown")


def test_text_with_its_marks_apart_is_composed_and_told():
    apart = unicodedata.normalize("NFD", "Tuyến đường hoa")
    assert read_text(apart).value == "Tuyến đường hoa"
    assert code(read_text(apart)) == "decomposed"
    assert read_text("  Tuyến \n đường ") == as_is("Tuyến đường")
    assert read_text("\u200b ").how == "empty"
    assert code(read_text("a" * 11, limit=10)) == "too_long"


def test_text_keeps_its_emoji_and_loses_invisible_signs():
    assert read_text("Tuyến\u00a0đường \u202bhoa\u202c 🌼") == as_is("Tuyến đường hoa 🌼")
    assert read_text("👨\u200d👩\u200d👧 và a\u200db") == as_is("👨\u200d👩\u200d👧 và ab")
    assert code(read_text("#REF!")) == "formula_error"


def test_leading_zeros_are_kept_or_told():
    assert read_text("0912345678") == as_is("0912345678")
    assert code(read_text(912345678)) == "zero_maybe_lost"
    assert read_text(912345678.0).value == "912345678"
    assert code(read_text(45)) == "number_as_text"
    assert read_code("020", width=3) == as_is("020")
    for raw in (20, 20.0, "20"):
        read = read_code(raw, width=3)
        assert (read.value, code(read)) == ("020", "zeros_restored")
    assert read_code("KS-20", width=3).value == "KS-20"
    assert read_text(9_007_199_254_740_000.0).value == "9007199254740000"


@pytest.mark.parametrize(
    ("raw", "kind", "bare", "how"),
    [
        ("Xã Kim Định", "xa", "Kim Định", "as is"),
        ("X. Hồi Ninh", "xa", "Hồi Ninh", "understood"),
        ("x.Hồi Ninh", "xa", "Hồi Ninh", "understood"),
        ("XÃ HÙNG TIẾN", "xa", "Hùng Tiến", "understood"),
        ("TT Phát Diệm", "thi-tran", "Phát Diệm", "understood"),
        ("Thị trấn Bình Minh", "thi-tran", "Bình Minh", "as is"),
        ("TP. Ninh Bình", "thanh-pho", "Ninh Bình", "understood"),
        ("P. 7", "phuong", "7", "understood"),
        ("Xà Phìn", None, "Xà Phìn", "as is"),
        ("Phương Thiện", None, "Phương Thiện", "as is"),
        ("Xa Hoi Ninh", "xa", "Hoi Ninh", "understood"),
        ("Hồi Ninh", None, "Hồi Ninh", "as is"),
        ("Xã", None, "Xã", "as is"),
    ],
)
def test_the_kind_of_a_unit_is_taken_apart_from_its_name(raw, kind, bare, how):
    read = read_unit(raw)
    assert (read.value.kind, read.value.bare, read.how) == (kind, bare, how)


def test_unit_names_meet_whatever_their_writing():
    writings = ("X. Ân Hoà", "XÃ ÂN HÒA", unicodedata.normalize("NFD", "Xã Ân Hòa"))
    assert {read_unit_name(each).fold for each in writings} == {"an hoa"}
    assert read_unit_name("xã Ân Hòa, huyện Kim Sơn").within == "huyện Kim Sơn"
    assert read_unit_name("Xã Ân Hòa (Kim Sơn)").within == "Kim Sơn"
    assert read_unit_name("Xã Ân Hòa - H. Kim Sơn, tỉnh Ninh Bình").bare == "Ân Hòa"
    assert read_unit_name("Thành phố Phan Rang - Tháp Chàm").bare == "Phan Rang - Tháp Chàm"
    assert read_unit_name("X. Ân Hòa").full == "Xã Ân Hòa"


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(RAW)
def test_no_reader_ever_raises_and_doubt_never_carries_a_value(raw):
    for reader in READERS:
        read = reader(raw)
        if read.how in ("doubtful", "wrong", "empty"):
            assert read.value is None
        else:
            assert read.value is not None
        assert (read.how == "as is") == (not read.notes) or read.how == "empty"
        for each in read.notes:
            assert set(each.params) == set(notes.CODES[each.code])
            assert all(isinstance(value, str) for value in each.params.values())


def test_every_note_in_the_code_is_listed_with_its_parameters():
    used: dict[str, set[str]] = {}
    for path in Path(notes.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id not in ("note", "doubtful", "wrong", "understood"):
                continue
            first = call.args[1:] if call.func.id == "understood" else call.args
            if not first or not isinstance(first[0], ast.Constant):
                continue
            keywords = {k.arg for k in call.keywords if k.arg}
            if not any(k.arg is None for k in call.keywords):
                assert keywords == set(notes.CODES[first[0].value]), (path.name, call.lineno)
            used[first[0].value] = keywords
    # Codes chosen by a condition stand as plain strings; the rest must be raised somewhere.
    texts = "".join(p.read_text("utf-8") for p in Path(notes.__file__).parent.glob("*.py"))
    assert {c for c in notes.CODES if c not in used and texts.count(f'"{c}"') < 2} == set()
