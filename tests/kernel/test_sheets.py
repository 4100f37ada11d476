"""Reading workbooks: the district's own register row by row, and files that must be refused."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Book
from openpyxl.styles import PatternFill

from banyan.kernel.headers import RUNNING, Column
from banyan.kernel.layouts import propose
from banyan.kernel.notes import CODES
from banyan.kernel.sheets import UnreadableWorkbook, read_workbook
from banyan.kernel.workbook_parts import measure, quick_measure
from tests.kernel.tables_found import Found, Table, find_tables

REGISTER = Path(__file__).parent.parent / "fixtures" / "register_kim_son_2024H1.xlsx"
HALF = (date(2024, 1, 1), date(2024, 6, 30))
WANTED = [
    Column("unit", ["Xã, thị trấn", "Đơn vị"], "unit"),
    Column("title", ["Tên mô hình, điển hình", "Tên mô hình"], "title"),
    Column("collective", ["Tập thể"], "flag", group="registrant"),
    Column("individual", ["Cá nhân"], "flag", group="registrant"),
    Column("field", ["Lĩnh vực"], "choice", choices={
        "economy": ["Kinh tế", "KT"],
        "culture": ["Văn hóa - xã hội", "VH-XH"],
        "defence": ["Quốc phòng - an ninh", "QP-AN"],
        "politics": ["Xây dựng hệ thống chính trị", "HTCT"],
    }),
    Column("registered_on", ["Ngày đăng ký"], "date"),
    Column("cost", ["Kinh phí"], "money"),
    Column("households", ["Số hộ hưởng lợi"], "count"),
    Column("state", ["Kết quả"], "choice", choices={
        "in_progress": ["Đang thực hiện"], "completed": ["Hoàn thành", "Đã hoàn thành"],
    }),
    Column("remark", ["Ghi chú"]),
]  # fmt: skip


def found(source: Path | bytes) -> Found:
    data = source if isinstance(source, bytes) else source.read_bytes()
    return find_tables(read_workbook(data), WANTED, within=HALF)


def saved(book: Book) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_of(*rows: list[object], merges: tuple[str, ...] = ()) -> bytes:
    book = Book()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    return saved(book)


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableWorkbook) as refused:
        read_workbook(data, **limits)
    assert set(refused.value.note.params) == set(CODES[refused.value.note.code])
    return refused.value.note.code


@pytest.fixture(scope="module")
def register() -> Table:
    return found(REGISTER).tables[0]


# What stands in the 44 rows, counted by hand on the sheet.
COUNTS = {
    "unit": {"as is": 3, "understood": 41},
    "title": {"as is": 20, "understood": 24},
    "collective": {"as is": 35, "empty": 9},
    "individual": {"as is": 9, "empty": 35},
    "registrant": {"as is": 44},
    "field": {"as is": 20, "understood": 24},
    "registered_on": {"as is": 21, "understood": 23},
    "cost": {"as is": 12, "understood": 32},
    "households": {"as is": 18, "understood": 18, "doubtful": 8},
    "state": {"as is": 12, "understood": 21, "empty": 11},
    "remark": {"as is": 30, "empty": 14},
}


def test_the_register_has_44_models_and_says_so_itself(register):
    assert len(register.records) == register.stated_total == 44
    assert [row.running for row in register.records] == list(range(1, 45))
    assert [row.number for row in register.records] == list(range(9, 53))
    assert register.notes == ()


@pytest.mark.parametrize("column", COUNTS)
def test_every_cell_of_the_register_is_understood_or_explained(register, column):
    hows = Counter(row.cells[column].how for row in register.records)
    assert hows == COUNTS[column]
    for row in register.records:
        read = row.cells[column]
        assert read.how in ("as is", "empty") or read.notes
        assert not read.needs_an_answer or read.value is None


def test_the_reasons_given_in_the_register_are_these(register):
    given_notes = Counter(
        (column, each.code)
        for row in register.records
        for column, read in row.cells.items()
        for each in read.notes
    )
    assert given_notes == {
        ("unit", "merged_down"): 30,
        ("unit", "unit_abbreviated"): 12,
        ("unit", "decomposed"): 10,
        ("unit", "unit_capitals"): 10,
        ("title", "decomposed"): 24,
        ("field", "choice_read"): 23,
        ("field", "as_above"): 1,
        ("registered_on", "date_short_year"): 12,
        ("registered_on", "date_day_first"): 7,
        ("registered_on", "after_document"): 6,
        ("cost", "money_words"): 17,
        ("cost", "number_grouped"): 15,
        ("households", "count_with_word"): 18,
        ("households", "count_in_words"): 8,
        ("state", "choice_by_legend"): 21,
    }


def test_the_heading_of_two_lines_and_what_stands_above_it_are_found(register):
    assert register.title.startswith("BIỂU TỔNG HỢP MÔ HÌNH")
    assert (register.document, register.period) == (date(2024, 6, 14), "2024H1")
    assert register.headings["individual"].text == "Chủ thể / Cá nhân"
    assert register.headings["cost"].text == "Kinh phí (đồng)"
    assert register.headings[RUNNING].text == "TT"
    assert (register.missing, register.unused) == ((), ())


def test_the_sheet_of_notes_is_set_aside_and_lends_its_legend(register):
    aside = found(REGISTER).set_aside
    assert [(each.code, each.params["sheet"]) for each in aside] == [("sheet_of_notes", "Ghi chú")]
    assert register.legend["HT"] == "hoàn thành"


def test_the_totals_row_and_the_signatures_are_set_aside_and_shown(register):
    totals, closing = register.set_aside
    assert (totals.number, totals.set_aside.code) == (53, "totals_row")
    assert totals.raw["title"] == "44 mô hình, điển hình"
    assert totals.cells["households"].note.code == "formula_without_value"
    assert (closing.number, closing.set_aside.code) == (55, "closing_row")
    assert "TRƯỞNG BAN" in closing.set_aside.params["text"]


def test_each_cell_knows_its_place_and_what_was_written(register):
    rows = {row.number: row for row in register.records}
    assert (rows[12].at["cost"], rows[12].raw["cost"]) == ("H12", "85,0 triệu")
    assert rows[12].cells["cost"].value == 85_000_000
    assert rows[16].cells["registered_on"].value == date(2024, 3, 5)
    assert rows[41].cells["field"].value == "defence"
    assert rows[41].cells["field"].note.params["cell"] == "F40"
    assert rows[10].cells["unit"].note.params["cell"] == "B9"
    assert rows[10].at["unit"] == "B10"
    assert rows[20].cells["unit"].value.text == "Xã Xuân Chính"
    assert rows[14].raw["households"] == "toàn xóm"
    assert {n for n, row in rows.items() if row.cells["registered_on"].warnings} == {
        21, 26, 34, 38, 44, 49,
    }  # fmt: skip


def test_the_communes_and_sums_of_the_register(register):
    communes = Counter(row.cells["unit"].value.fold for row in register.records)
    assert (len(communes), communes["dong huong"], communes["hung tien"]) == (14, 5, 2)
    assert sum(row.cells["cost"].value for row in register.records) == 20_593_000_000
    fields = Counter(row.cells["field"].value for row in register.records)
    assert fields == {"defence": 15, "culture": 15, "economy": 13, "politics": 1}


HEAD = ["TT", "Đơn vị", "Tên mô hình", "Kinh phí (đồng)", "Kết quả"]


def test_a_total_that_differs_from_the_rows_is_told():
    data = sheet_of(HEAD, [1, "Xã A", "Mô hình", 5000], [None, "Cộng", "3 mô hình"])
    notes = found(data).tables[0].notes
    assert [(n.code, n.params) for n in notes] == [
        ("total_differs", {"stated": "3", "read": "1", "cell": "C3"})
    ]


def test_a_blank_unit_that_is_not_merged_is_doubtful():
    data = sheet_of(HEAD, [1, "Xã A", "Một", 5000], [2, None, "Hai", 5000])
    second = found(data).tables[0].records[1].cells["unit"]
    assert (second.value, second.how, second.note.code) == (None, "doubtful", "blank_not_merged")
    assert second.note.params == {"above": "Xã A", "cell": "B2"}


def test_one_sum_merged_over_several_models_belongs_to_none_of_them():
    rows = [1, "Xã A", "Một", 5_000_000], [2, "Xã A", "Hai"]
    table = found(sheet_of(HEAD, *rows, merges=("D2:D3",))).tables[0]
    reads = [row.cells["cost"] for row in table.records]
    assert [(r.value, r.note.code) for r in reads] == [(None, "merged_amount")] * 2


def test_a_title_merged_over_two_rows_is_one_model():
    rows = [1, "Xã A", "Một", 5_000_000], [None, "Xã A", None, 7_000_000]
    table = found(sheet_of(HEAD, *rows, merges=("C2:C3",))).tables[0]
    assert [row.number for row in table.records] == [2]
    assert table.set_aside[0].set_aside.code == "row_of_above"


def test_rows_that_are_no_records_say_why():
    data = sheet_of(
        ["ĐVT: triệu đồng"], HEAD, [1, 2, 3, 4, 5], [1, "Xã A", "Cộng đồng an toàn", 85], HEAD,
        ["3", "Xã B", "Hai", "1,5 tỷ"], [4], [None, None, None, 7], [None, "NGƯỜI LẬP BIỂU"],
    )  # fmt: skip
    table = found(data).tables[0]
    assert [row.set_aside.code for row in table.set_aside] == [
        "column_numbers", "header_again", "only_a_number", "no_title", "closing_row",
    ]  # fmt: skip
    assert [row.cells["title"].value for row in table.records] == ["Cộng đồng an toàn", "Hai"]
    assert [n.params["found"] for n in table.notes if n.code == "running_number"] == ["3"]


def test_a_line_above_the_table_states_the_unit_of_money():
    head = ["TT", "Đơn vị", "Tên mô hình", "Kinh phí"]
    data = sheet_of(["Đơn vị tính: triệu đồng"], head, [1, "Xã A", "Một", 85])
    assert found(data).tables[0].records[0].cells["cost"].value == 85_000_000


def test_headings_nobody_asked_for_are_told():
    table = found(sheet_of([*HEAD, "Số điện thoại"], [1, "Xã A", "Một"])).tables[0]
    assert table.unused == ("Số điện thoại",)
    assert "registered_on" in table.missing


def test_a_hidden_sheet_is_never_read():
    book = Book()
    for row in (HEAD, [1, "Xã A", "Một"]):
        book.active.append(row)
    hidden = book.create_sheet("Ẩn")
    for row in (HEAD, [1, "Xã B", "Hai"]):
        hidden.append(row)
    hidden.sheet_state = "hidden"
    result = found(saved(book))
    assert (len(result.tables), result.set_aside[0].code) == (1, "sheet_hidden")


def test_a_sheet_without_such_a_table_is_not_read_but_can_be_laid_out_by_hand():
    (sheet,) = propose(read_workbook(sheet_of(["a", "b"], [1, 2])), WANTED)
    assert (sheet.use, sheet.why.code) == (False, "sheet_without_table")
    assert [(seen.letter, seen.heading, seen.meant) for seen in sheet.columns] == [
        ("A", "a", ""),
        ("B", "b", ""),
    ]


def test_a_workbook_without_anything_like_a_table_is_refused():
    with pytest.raises(UnreadableWorkbook) as refused:
        found(sheet_of(["a"]))
    assert refused.value.note.code == "no_table"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_like_a_sheet(separator, encoding):
    lines = [HEAD, ["1", "Xã A", '"Một, hai; ba"', "85 triệu", "Hoàn thành"]]
    data = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    record = found(data).tables[0].records[0]
    assert (record.cells["title"].value, record.cells["cost"].value) == ("Một, hai; ba", 85_000_000)


def test_a_table_that_begins_far_from_the_corner_keeps_its_places():
    book = Book()
    sheet = book.active
    sheet["D3"], sheet["F4"], sheet["F5"] = "Tên mô hình", 4.5, "Tên mô hình"
    (read,) = read_workbook(saved(book)).sheets
    assert [read.value(row, column) for row, column in ((2, 3), (3, 5), (4, 5))] == [
        "Tên mô hình", 4.5, "Tên mô hình",
    ]  # fmt: skip
    assert (read.columns, read.value(0, 0), read.value(2, 0)) == (6, None, None)


def test_a_formula_is_read_by_its_stored_value():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, [1, "Xã A", "Một"])
    sheet.write_formula(1, 3, "=2*5000", None, 10_000)
    book.close()
    assert found(file.getvalue()).tables[0].records[0].cells["cost"].value == 10_000
    without = found(sheet_of(HEAD, [1, "Xã A", "Một", "=2*5000"])).tables[0].records[0]
    assert without.cells["cost"].note.code == "formula_without_value"


def test_a_cell_in_the_last_corner_is_refused_but_a_colour_there_is_not():
    book = Book()
    book.active["A1"] = "x"
    book.active["XFD1048576"].fill = PatternFill("solid", fgColor="FF0000")
    assert len(read_workbook(saved(book)).sheets[0].rows) == 1
    book.active["XFD1048576"] = "x"
    assert refusal(saved(book)) == "too_many_rows"
    assert refusal(saved(book), limit_rows=2_000_000) == "too_many_cells"


def repacked(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(REGISTER) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name.rpartition("/")[2].split(".")[0], old.read(name)))
        for name, content in parts.items():
            new.writestr(name.replace("__", "/") + ".bin", content)
    return file.getvalue()


def test_files_that_are_no_plain_workbook_are_refused_with_the_reason(monkeypatch):
    register = REGISTER.read_bytes()
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refusal(b"just words") == "not_a_workbook"
    assert refusal("Đơn vị,Tên".encode()[:-1] + b"\xea,") == "csv_encoding"
    assert refusal(ole + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    assert refusal(repacked(xl__vbaProject=b"x")) == "macro"
    assert refusal(register[:5000]) == "damaged"
    assert refusal(repacked(sheet1=b"<worksheet><sheetData><row>")) == "damaged"
    entity = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>'
    assert refusal(repacked(sheet1=entity)) == "damaged"
    assert refusal(register, limit_rows=20) == "too_many_rows"
    assert refusal(register, limit_bytes=5000) == "too_large"
    monkeypatch.setattr("banyan.kernel.workbook_parts.MAX_UNPACKED", 10_000)
    assert refusal(register) == "too_large"


def test_the_quick_measure_never_says_less_than_the_careful_one():
    with zipfile.ZipFile(REGISTER) as archive:
        content = archive.read("xl/worksheets/sheet1.xml")
    quick, careful = quick_measure(content, (10**6, 10**7)), measure(content)
    assert quick is not None
    assert (quick.rows, quick.columns) >= (careful.rows, careful.columns)
    assert quick.formulas == careful.formulas == {(52, 8)}
    odd = (
        b'<c r="XFD9"><v>1</v></c>',
        b"<c\tr='XFD9'><v>1</v></c>",
        b'<x:c r="XFD9"><v>1</v></x:c>',
    )
    for cell in odd:
        sheet = b'<x:w xmlns:x="u"><row r="1">' + cell + b"</row></x:w>"
        assert (quick_measure(sheet, (5, 5)) or measure(sheet)).columns == 16384


def only_refuses(read: Callable[[], object]) -> None:
    """Whatever is read: it succeeds, or is refused by a listed note; nothing else is raised."""
    refused: UnreadableWorkbook | None = None
    try:
        read()
    except UnreadableWorkbook as reason:
        refused = reason
    assert refused is None or set(refused.note.params) == set(CODES[refused.note.code])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"TT,"]))
def test_junk_never_raises_anything_but_a_refusal(junk, start):
    only_refuses(lambda: read_workbook(start + junk))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_register_is_read_or_refused(place, junk):
    data = bytearray(REGISTER.read_bytes())
    data[place : place + len(junk)] = junk
    only_refuses(lambda: found(bytes(data)))
    inner = bytearray(zipfile.ZipFile(REGISTER).read("xl/worksheets/sheet1.xml"))
    inner[place : place + len(junk)] = junk
    only_refuses(lambda: found(repacked(sheet1=bytes(inner))))
