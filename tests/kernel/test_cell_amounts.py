"""Reading days, numbers, counts and money of a cell, and what must never be guessed."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.cells import read_count, read_date, read_money, read_number
from banyan.kernel.notes import Read

HALF = (date(2024, 1, 1), date(2024, 6, 30))


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


def test_times_and_durations_are_no_dates_and_no_money():
    for raw in (time(3, 4), timedelta(hours=3)):
        assert read_date(raw).how == read_money(raw).how == read_count(raw).how == "wrong"


@pytest.mark.parametrize("piece", ["một ", "1 tỷ ", "1.000 ", "mười/", "1-", "hộ "])
@pytest.mark.parametrize("read", [read_money, read_count, read_number])
def test_a_story_in_a_column_of_amounts_is_told_at_once(read, piece):
    started = process_time()
    told = read("1" + piece * 10_000 + "1")
    assert (told.how, told.note.code) == ("wrong", "too_long")
    assert read("1" + piece * 100 + "1").value is None
    assert process_time() - started < 1
