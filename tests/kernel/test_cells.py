"""Reading one cell: what people write, and what must never be guessed."""

import ast
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
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

HALF = (date(2024, 1, 1), date(2024, 6, 30))
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


@pytest.mark.parametrize(
    ("raw", "day", "how", "why"),
    [
        (datetime(2024, 2, 2), date(2024, 2, 2), "as is", ""),  # noqa: DTZ001 (sheets have no zone)
        (date(2024, 2, 2), date(2024, 2, 2), "as is", ""),
        ("05/03/2024", date(2024, 3, 5), "understood", "date_day_first"),
        ("27/06/2024", date(2024, 6, 27), "as is", ""),
        ("2/2/24", date(2024, 2, 2), "understood", "date_short_year"),
        ("2024-03-05", date(2024, 3, 5), "as is", ""),
        ("ngày 5 tháng 3 năm 2024", date(2024, 3, 5), "understood", "date_words"),
        (45327, date(2024, 2, 5), "understood", "date_serial"),
        ("3/2024", None, "doubtful", "date_month_only"),
        ("tháng 3", None, "doubtful", "date_month_only"),
        ("2024", None, "doubtful", "date_year_only"),
        (2024, None, "doubtful", "date_year_only"),
        ("5/3", None, "doubtful", "date_without_year"),
        ("03/25/2024", None, "doubtful", "date_month_first"),
        ("5/3/20244", None, "doubtful", "date_odd_year"),
        ("31/02/2024", None, "wrong", "date_impossible"),
        ("đầu năm", None, "doubtful", "date_month_only"),
        ("quý I/2024", None, "doubtful", "date_month_only"),
        ("Q.1/2024", None, "doubtful", "date_month_only"),
        ("T3/2024", None, "doubtful", "date_month_only"),
        ("6 tháng đầu năm 2024", None, "doubtful", "date_month_only"),
        ("Mar-24", None, "doubtful", "date_month_only"),
        ("năm học 2023-2024", None, "doubtful", "date_year_only"),
        (1024, None, "doubtful", "date_odd_year"),
        ("9999", None, "doubtful", "date_odd_year"),
        ("5/3/9999", None, "doubtful", "date_odd_year"),
        (date(9999, 12, 31), None, "doubtful", "date_odd_year"),
        (datetime(1024, 3, 5), None, "doubtful", "date_odd_year"),  # noqa: DTZ001
        (datetime(2024, 3, 5, 8), date(2024, 3, 5), "understood", "date_time_dropped"),  # noqa: DTZ001
        ("01/03/2024 - 15/03/2024", None, "doubtful", "date_several"),
        ("5/3/2024 và 9/4/2024", None, "doubtful", "date_several"),
        ("từ ngày 27/6/2024", date(2024, 6, 27), "as is", ""),
        ("27/6/2024 0:00:00", date(2024, 6, 27), "as is", ""),
        ("27/6/2024 08:30", date(2024, 6, 27), "understood", "date_time_dropped"),
        ("2024/06/27", date(2024, 6, 27), "as is", ""),
        ("5-Mar-24", date(2024, 3, 5), "understood", "date_words"),
        ("45327", date(2024, 2, 5), "understood", "date_serial"),
        ("２７/６/２０２４", date(2024, 6, 27), "as is", ""),
        ("\u200e27/\u200f6/2024", date(2024, 6, 27), "as is", ""),
        ("27\u00a0/6/2024", date(2024, 6, 27), "as is", ""),
        ("'27/6/2024", date(2024, 6, 27), "as is", ""),
        ("hôm qua", None, "wrong", "date_unreadable"),
        ("-", None, "empty", "dash_is_empty"),
        ("chưa có", None, "empty", "dash_is_empty"),
        ("", None, "empty", ""),
    ],
)
def test_a_date_is_read_day_first_or_not_at_all(raw, day, how, why):
    read = read_date(raw)
    assert (read.value, read.how, code(read)) == (day, how, why)


def test_a_day_outside_the_period_is_kept_with_a_warning():
    read = read_date("15/7/2024", within=HALF)
    assert (read.value, code(read), read.note.warns) == (date(2024, 7, 15), "outside_period", True)


def test_a_day_that_would_fit_when_swapped_says_so_but_is_not_swapped():
    read = read_date(date(2024, 9, 2), within=HALF)
    assert read.value == date(2024, 9, 2)
    assert (code(read), read.note.params["swapped"]) == ("outside_period_swapped", "2024-02-09")


def test_a_day_after_the_sheet_was_signed_is_kept_with_a_warning():
    read = read_date("24/6/24", within=HALF, document=date(2024, 6, 14))
    assert (read.value, read.how) == (date(2024, 6, 24), "understood")
    assert [n.code for n in read.notes] == ["after_document", "date_short_year"]
    assert read_date("14/6/24", document=date(2024, 6, 14)).warnings == ()


@pytest.mark.parametrize(
    ("raw", "dong", "how"),
    [
        (881000000, 881_000_000, "as is"),
        (881000000.0, 881_000_000, "as is"),
        (0, 0, "as is"),
        ("446.000.000", 446_000_000, "understood"),
        ("446,000,000", 446_000_000, "understood"),
        ("446 000 000", 446_000_000, "understood"),
        ("446000000", 446_000_000, "understood"),
        ("85,0 triệu", 85_000_000, "understood"),
        ("12,5 triệu đồng", 12_500_000, "understood"),
        ("85 tr", 85_000_000, "understood"),
        ("85tr.", 85_000_000, "understood"),
        ("1,2 tỷ", 1_200_000_000, "understood"),
        ("1 tỉ 200 triệu", 1_200_000_000, "understood"),
        ("1.234,5 triệu", 1_234_500_000, "understood"),
        ("500 nghìn", 500_000, "understood"),
        ("500.000 đồng", 500_000, "understood"),
        ("500.000đ", 500_000, "understood"),
        ("85tr đồng", 85_000_000, "understood"),
        ("85\u00a0000\u00a0000", 85_000_000, "understood"),
        ("８５ triệu", 85_000_000, "understood"),
        ("\u202a85 triệu\u202c", 85_000_000, "understood"),
        ("85.000.000 đồng (xã hội hóa)", 85_000_000, "understood"),
        ("Không có", 0, "understood"),
        ("không", 0, "understood"),
        ("0 đồng", 0, "understood"),
    ],
)
def test_money_is_read_in_dong(raw, dong, how):
    read = read_money(raw)
    assert (read.value, read.how) == (dong, how)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("1.234", "number_two_ways"),
        ("500.000", "number_two_ways"),
        ("1.234 triệu", "number_two_ways"),
        ("85,0", "money_unit_missing"),
        ("1 tỷ 200", "money_unit_missing"),
        (85, "money_too_small"),
        ("85", "money_too_small"),
        (-5000, "number_negative"),
        ("khoảng 85 triệu", "number_approximate"),
        ("trên 7 tỷ", "number_approximate"),
        ("~85 triệu", "number_approximate"),
        ("85 - 90 triệu", "number_range"),
        ("1.234,5", "money_unit_missing"),
        ("-5.000.000", "number_negative"),
        ("(5.000.000)", "number_negative"),
        ("1,5E+08", "number_exponent"),
        ("85%", "number_percent"),
        ("2 triệu/hộ", "money_for_each"),
        ("2 triệu đồng mỗi hộ", "money_for_each"),
        ("85 triệu (dân góp 20 triệu)", "money_unreadable"),
        (1e20, "money_too_large"),
        ("200 USD", "money_unreadable"),
        ("vận động", "money_unreadable"),
        (1234.5, "money_fraction"),
        (True, "money_unreadable"),
        (10**15, "money_too_large"),
    ],
)
def test_money_that_could_mean_two_things_is_never_guessed(raw, why):
    read = read_money(raw)
    assert (read.value, read.needs_an_answer, code(read)) == (None, True, why)


def test_the_heading_states_the_unit_of_bare_money():
    assert read_money(85, heading="Kinh phí (triệu đồng)").value == 85_000_000
    assert read_money("85,5", heading="Kinh phí (tr.đ)").value == 85_500_000
    assert read_money("2 tỷ", heading="Kinh phí (triệu đồng)").value == 2_000_000_000
    assert read_money("500.000", heading="Kinh phí (đồng)").value == 500_000
    assert code(read_money("1.234", heading="Kinh phí (triệu đồng)")) == "number_two_ways"
    assert code(read_money("446.000.000", heading="Kinh phí (triệu đồng)")) == "money_too_large"


@pytest.mark.parametrize(
    ("raw", "count", "how", "why"),
    [
        (45, 45, "as is", ""),
        ("115 hộ", 115, "understood", "count_with_word"),
        ("115 hộ dân", 115, "understood", "count_with_word"),
        ("1.234 hộ", 1234, "understood", "count_with_word"),
        ("45", 45, "understood", "number_from_text"),
        ("toàn xóm", None, "doubtful", "count_in_words"),
        ("20 người", None, "doubtful", "count_other_unit"),
        ("2 nghìn hộ", None, "doubtful", "count_unclear"),
        ("50-60 hộ", None, "doubtful", "number_range"),
        ("100-120", None, "doubtful", "number_range"),
        ("từ 100 đến 120 hộ", None, "doubtful", "number_range"),
        ("~115", None, "doubtful", "number_approximate"),
        ("khoảng 115", None, "doubtful", "number_approximate"),
        ("trên 100", None, "doubtful", "number_approximate"),
        ("80%", None, "doubtful", "number_percent"),
        ("1,15E+02", None, "doubtful", "number_exponent"),
        ("-5", None, "doubtful", "number_negative"),
        ("115 hộ/450 khẩu", None, "doubtful", "count_unclear"),
        ("１１５", 115, "understood", "number_from_text"),
        ("115\u00a0hộ", 115, "understood", "count_with_word"),
        ("115 hộ (toàn xóm)", 115, "understood", "count_with_word"),
        ("0115", 115, "understood", "number_from_text"),
        ("Không có", 0, "understood", "none_is_zero"),
        ("0", 0, "understood", "number_from_text"),
        ("chưa có", None, "empty", "dash_is_empty"),
        ("hơn 100 hộ", None, "doubtful", "number_approximate"),
        (2.5, None, "doubtful", "count_fraction"),
        ("-", None, "empty", "dash_is_empty"),
    ],
)
def test_a_count_needs_a_number(raw, count, how, why):
    read = read_count(raw, heading="Số hộ hưởng lợi")
    assert (read.value, read.how, code(read)) == (count, how, why)


def test_a_number_with_one_dot_and_three_digits_has_two_readings():
    assert read_number("1.234,5").value == Decimal("1234.5")
    assert read_number("12,5").value == Decimal("12.5")
    read = read_number("1.234")
    assert (read.how, read.note.params["small"], read.note.params["large"]) == (
        "doubtful", "1.234", "1234",
    )  # fmt: skip


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


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_written_date_comes_back(day):
    for form in (f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}", f"{day.day}-{day.month}-{day:%y}", str(day)):
        assert read_date(form).value == day
    assert read_date((day - date(1899, 12, 30)).days).value == day


@given(st.integers(1_000, 10**14))
def test_written_money_comes_back(dong):
    dots = f"{dong:,}".replace(",", ".")
    assert read_money(dong).value == read_money(f"{dong}").value == dong
    assert read_money(f"{dots} đồng").value == dong
    if dong >= 10**6:
        assert read_money(dots).value == dong


@given(st.integers(1, 10**7), st.integers(0, 9))
def test_written_millions_come_back(whole, tenth):
    assert read_money(f"{whole},{tenth} triệu").value == whole * 10**6 + tenth * 10**5


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_written_number_comes_back(whole, part):
    text = f"{whole:,}".replace(",", ".") + f",{part:02}"
    assert read_number(text).value == Decimal(f"{whole}.{part:02}")


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


def test_times_and_durations_are_no_dates_and_no_money():
    for raw in (time(3, 4), timedelta(hours=3)):
        assert read_date(raw).how == read_money(raw).how == read_count(raw).how == "wrong"
