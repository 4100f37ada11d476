"""A workbook to fill in can be filled in, and what comes back is understood as what it was."""

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook

from banyan.kernel.headers import Column
from banyan.kernel.marking import Words, Wrong, marked
from banyan.kernel.marks import is_ours
from banyan.kernel.sheets import read_workbook
from banyan.web.template_book import (
    HIDDEN_COLUMNS,
    THING,
    VERSION,
    BookColumn,
    BookRow,
    TemplateBook,
    template_in,
    template_mark,
    write,
)
from tests.kernel.tables_found import find_tables

MARK = {
    "target": "models",
    "programme": "dan-van-kheo",
    "edition": "2",
    "unit": "17",
    "period": "2024H1",
}
FIELDS = {"economy": "Kinh tế", "culture": "Văn hóa, xã hội"}
COLUMNS = (
    BookColumn("unit", "Đơn vị", "unit", True, [f"Xã Mẫu {n}" for n in range(400)], "Đơn vị đăng ký."),
    BookColumn("title", "Tên mô hình, điển hình", "title", True, examples=["Tuyến đường hoa", "Tổ tự quản"]),
    BookColumn("field", "Lĩnh vực", "choice", False, list(FIELDS.values()), "Chọn một lĩnh vực."),
    BookColumn("registered_on", "Ngày đăng ký", "date"),
    BookColumn("cost", "Kinh phí (đồng)", "money"),
    BookColumn("households", "Số hộ hưởng lợi", "count"),
    BookColumn("continuing", "Tiếp tục từ năm trước", "flag"),
    BookColumn("code", "Mã số", "text"),
)  # fmt: skip
WANTED = [
    Column("unit", ["Đơn vị"], "unit"),
    Column("title", ["Tên mô hình, điển hình"], "title"),
    Column("field", ["Lĩnh vực"], "choice", choices={key: [name] for key, name in FIELDS.items()}),
    Column("registered_on", ["Ngày đăng ký"], "date"),
    Column("cost", ["Kinh phí"], "money"),
    Column("households", ["Số hộ hưởng lợi"], "count"),
    Column("continuing", ["Tiếp tục từ năm trước"], "flag"),
    Column("code", ["Mã số"], "text"),
    *HIDDEN_COLUMNS,
]
ROWS = [
    ("Xã Mẫu 3", "Mô hình A", "Kinh tế", date(2024, 3, 5), 85_000_000, 115, True, "00658"),
    ("Xã Mẫu 4", "=1+1", "Văn hóa, xã hội", None, Decimal("1500000"), None, False, "-7"),
    ("Xã Mẫu 5", "Mô hình C", None, date(2024, 12, 31), None, 0, None, None),
]


def written(**changes: Any) -> bytes:
    told = {"title": "Đăng ký mô hình 2024", "columns": COLUMNS, "mark": MARK, **changes}
    with translation.override("vi"), write(TemplateBook(**told)) as file:
        return file.read()


def records(count: int = 3) -> Iterator[BookRow]:
    return (BookRow(ROWS[n % 3], thing=100 + n, version=n) for n in range(count))


def read(content: bytes) -> list[dict[str, Any]]:
    found = find_tables(read_workbook(content), WANTED)
    assert len(found.tables) == 1
    assert found.tables[0].missing == ()
    assert found.tables[0].unused == ()
    return [
        {
            key: getattr(cell.value, "text", cell.value)
            for key, cell in row.cells.items()
            if cell.how != "empty"
        }
        for row in found.tables[0].records
    ]


def test_every_column_is_found_again_and_every_value_is_what_it_was():
    first, second, third = read(written(rows=records()))
    assert first == {
        "unit": "Xã Mẫu 3", "title": "Mô hình A", "field": "economy", "registered_on": date(2024, 3, 5),
        "cost": 85_000_000, "households": 115, "continuing": True, "code": "00658", THING: 100, VERSION: 0,
    }  # fmt: skip
    assert second == {
        "unit": "Xã Mẫu 4", "title": "=1+1", "field": "culture", "cost": 1_500_000, "continuing": False,
        "code": "-7", THING: 101, VERSION: 1,
    }  # fmt: skip
    assert third == {
        "unit": "Xã Mẫu 5", "title": "Mô hình C", "registered_on": date(2024, 12, 31), "households": 0,
        THING: 102, VERSION: 2,
    }  # fmt: skip


def test_nothing_in_a_filled_book_needs_a_question():
    found = find_tables(read_workbook(written(rows=records())), WANTED)
    for row in found.tables[0].records:
        assert not any(cell.needs_an_answer or cell.warnings for cell in row.cells.values())


def test_an_edited_row_comes_back_as_the_record_it_was_and_a_new_row_as_none():
    book = load_workbook(io.BytesIO(written(rows=records())))
    sheet = book.worksheets[0]
    sheet["B5"] = "Mô hình A, đã sửa"
    sheet["A8"], sheet["B8"] = "Xã Mẫu 9", "Mô hình mới"
    out = io.BytesIO()
    book.save(out)
    rows = read(out.getvalue())
    assert [(row.get(THING), row["title"]) for row in rows] == [
        (100, "Mô hình A, đã sửa"), (101, "=1+1"), (102, "Mô hình C"), (None, "Mô hình mới"),
    ]  # fmt: skip
    assert template_in(read_workbook(out.getvalue()).sheets) == MARK


def test_what_it_was_made_for_is_read_without_reading_the_sheets():
    content = written()
    assert template_mark(content) == MARK
    assert template_in(read_workbook(content).sheets) == MARK
    long = written(mark={**MARK, "unit": 'Xã "Mẫu" ' * 40})
    assert set(template_mark(long)) == set(MARK) - {"unit"}
    assert template_in(read_workbook(long).sheets)["unit"].startswith('Xã "Mẫu"')
    assert template_mark(b"no workbook") is None


def test_all_sheets_but_the_first_hold_no_data():
    sheets = read_workbook(written(rows=records())).sheets
    assert [sheet.name for sheet in sheets] == ["Dữ liệu", "Hướng dẫn", "Danh mục", "_banyan"]
    assert [is_ours(sheet) for sheet in sheets] == [False, True, True, True]


def test_headings_are_locked_cells_open_and_there_is_no_password():
    sheet = load_workbook(io.BytesIO(written(rows=records()))).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert sheet["A4"].protection.locked
    assert not sheet["A5"].protection.locked
    assert sheet["I5"].protection.locked
    assert sheet.column_dimensions["I"].hidden
    assert not sheet.column_dimensions["B"].hidden
    assert sheet.freeze_panes == "B5"
    assert sheet.auto_filter.ref == "A4:H7"


def test_headings_say_what_is_meant_and_which_must_be_filled_in():
    sheet = load_workbook(io.BytesIO(written())).worksheets[0]
    assert sheet["A1"].value == "Đăng ký mô hình 2024"
    assert "*" in sheet["A2"].value
    assert [sheet["A4"].value, sheet["C4"].value] == ["Đơn vị *", "Lĩnh vực"]
    assert sheet["A4"].fill.fgColor.rgb != sheet["C4"].fill.fgColor.rgb
    assert sheet["A4"].comment.text == "Đơn vị đăng ký."
    assert "Tuyến đường hoa; Tổ tự quản" in sheet["B4"].comment.text
    assert sheet["D4"].comment is None


def test_lists_days_and_numbers_are_offered_and_checked_below_every_heading():
    book = load_workbook(io.BytesIO(written(rows=records())))
    rules = {
        str(rule.sqref).split(":")[0]: rule
        for rule in book.worksheets[0].data_validations.dataValidation
    }
    assert {cell: rule.type for cell, rule in rules.items()} == {
        "A5": "list", "C5": "list", "D5": "date", "E5": "decimal", "F5": "decimal", "G5": "list",
    }  # fmt: skip
    assert rules["A5"].formula1 == "'Danh mục'!$A$3:$A$402"
    lists = book["Danh mục"]
    assert [lists["A3"].value, lists["A402"].value] == ["Xã Mẫu 0", "Xã Mẫu 399"]
    assert [lists["B3"].value, lists["B4"].value] == list(FIELDS.values())
    assert all(rule.errorStyle == "warning" for rule in rules.values())


def test_an_empty_book_has_two_hundred_rows_ready_and_reads_as_empty():
    content = written()
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet["A204"].border.bottom.style == "thin"
    assert sheet["A204"].number_format == "@"
    assert sheet["D204"].number_format == "dd/mm/yyyy"
    assert sheet["A205"].border.bottom.style is None
    assert all(
        value in (None, "") for row in read_workbook(content).sheets[0].rows[4:] for value in row
    )


def test_a_filled_book_that_comes_back_marked_is_still_known_as_a_template():
    content = written(rows=records())
    wrong = [Wrong("Dữ liệu", "C5", "Kinh tế", "r", "m")]
    with marked(content, wrong, Words(), "b-1") as file:
        again = file.read()
    assert template_mark(again) == MARK
    assert [is_ours(sheet) for sheet in read_workbook(again).sheets] == [
        True,
        False,
        True,
        True,
        True,
    ]
    sheet = load_workbook(io.BytesIO(again))["Dữ liệu"]
    assert sheet.protection.sheet
    assert not sheet["C5"].protection.locked


@pytest.mark.parametrize(("language", "first"), [("vi", "Dữ liệu"), ("en", "Data")])
def test_the_book_speaks_the_language_of_the_page(language, first):
    with translation.override(language), write(TemplateBook("T", COLUMNS, MARK)) as file:
        assert read_workbook(file.read()).sheets[0].name == first


def test_rows_are_taken_one_by_one_and_written_as_they_come():
    import tracemalloc

    peaks = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        with write(TemplateBook("T", COLUMNS, MARK, rows=records(count))):
            peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000
