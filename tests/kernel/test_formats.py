"""Files of other formats: read where they are workbooks, told apart where they are not."""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Book

from banyan.kernel.hidden import spans
from banyan.kernel.sheets import UnreadableWorkbook, read_workbook

REGISTER = Path(__file__).parent.parent / "fixtures" / "register_kim_son_2024H1.xlsx"
NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
KIND = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows: str, head: str = "", more: dict[str, str] | None = None) -> bytes:
    """An OpenDocument spreadsheet of one sheet, as LibreOffice packs it."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content {NAMES}>'
        f'<office:body><office:spreadsheet><table:table table:name="Sổ">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", KIND)
        parts = {"META-INF/manifest.xml": manifest, "content.xml": content, **(more or {})}
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def cell(value: str) -> str:
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableWorkbook) as no:
        read_workbook(data, **limits)
    return no.value.note.code


def answered(data: bytes) -> bool:
    """Whether a file was read, or refused with its reason."""
    try:
        read_workbook(data)
        return True
    except UnreadableWorkbook as no:
        return bool(no.note.code)


def test_an_open_document_is_read_like_any_other():
    amount = '<table:table-cell office:value-type="float" office:value="85"/>'
    day = '<table:table-cell office:value-type="date" office:date-value="2024-03-05"/>'
    rows = f"<table:table-row>{cell('Tên mô hình')}{amount}{day}</table:table-row>"
    (sheet,) = read_workbook(ods(rows)).sheets
    assert sheet.name == "Sổ"
    assert list(sheet.rows[0]) == ["Tên mô hình", 85, date(2024, 3, 5)]


def test_an_open_document_that_unfolds_beyond_measure_is_refused_before_it_does():
    many = cell("a").replace(
        "<table:table-cell", '<table:table-cell table:number-columns-repeated="9000"'
    )
    rows = f'<table:table-row table:number-rows-repeated="1000000">{many}</table:table-row>'
    assert refused(ods(rows)) == "too_many_rows"
    rows = f'<table:table-row table:number-rows-repeated="100000">{many}</table:table-row>'
    assert refused(ods(rows)) == "too_many_cells"
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]>'
    assert (
        refused(ods(f"<table:table-row>{cell('&c;')}</table:table-row>", head=laughs)) == "damaged"
    )


def test_what_an_open_document_repeats_is_measured_with_its_text_and_formulas():
    cells = '<table:table-cell table:number-columns-repeated="900" table:formula="of:=1"/>'
    rows = f'<table:table-row table:number-rows-repeated="100000">{cells}</table:table-row>'
    assert refused(ods(rows)) == "too_many_cells"
    long = cell("ab" * 50_000).replace("-cell ", '-cell table:number-columns-repeated="9000" ', 1)
    assert refused(ods(f"<table:table-row>{long}</table:table-row>")) == "too_large"
    spaces = cell('a<text:s text:c="2000000000"/>')
    assert refused(ods(f"<table:table-row>{spaces}</table:table-row>")) == "too_large"
    spaces = cell('a<text:s text:c="3"/>b')
    (sheet,) = read_workbook(ods(f"<table:table-row>{spaces}</table:table-row>")).sheets
    assert list(sheet.rows[0]) == ["a   b"]
    minus = cell("a").replace("-cell ", '-cell table:number-columns-repeated="-5" ', 1)
    assert refused(ods(f"<table:table-row>{minus}</table:table-row>")) == "damaged"


def test_an_open_document_with_programs_is_refused():
    row = f"<table:table-row>{cell('a')}</table:table-row>"
    assert refused(ods(row, more={"Basic/Standard/Module1.xml": "<a/>"})) == "macro"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "is_empty"),
        (b" \r\n\t", "is_empty"),
        (b"%PDF-1.7\n1,2,3\n4,5,6\n", "is_pdf"),
        (b"MZ\x90\x00" + bytes(300), "is_program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "is_picture"),
        (b"{\\rtf1 a, b, c}", "is_text_document"),
        ("\ufeff<html><table><tr><td>a, b".encode(), "is_web_page"),
        (b"  <!-- x -->\n<!DOCTYPE html>a,b", "is_web_page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "is_text_document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook_VBA_PROJECT".encode("utf-16-le"), "macro"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + bytes(600), "damaged"),
        (b"PK\x03\x04" + bytes(200), "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_called_by_its_name(data, code):
    assert refused(data) == code


@pytest.mark.parametrize("part", ["word/document.xml", "ppt/presentation.xml"])
def test_a_text_document_under_another_name_is_called_so(part):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr(part, "<a/>")
    assert refused(out.getvalue()) == "is_text_document"


def test_hidden_rows_and_columns_are_read_and_said():
    book = Book()
    for number in range(1, 9):
        book.active.append([number, "a", "b"])
    for row in (3, 4, 5, 8):
        book.active.row_dimensions[row].hidden = True
    book.active.column_dimensions["B"].hidden = True
    out = io.BytesIO()
    book.save(out)
    (sheet,) = read_workbook(out.getvalue()).sheets
    assert len(sheet.rows) == 8
    told = {one.code: one.params for one in sheet.notes}
    assert told["hidden_rows"]["rows"] == "3–5; 8"
    assert told["hidden_columns"]["columns"] == "B"


def test_a_workbook_with_a_chart_of_its_own_is_read_without_it():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, chart = book.add_worksheet("Số liệu"), book.add_chart({"type": "bar"})
    sheet.write_row(0, 0, [1, 2, 3])
    chart.add_series({"values": "='Số liệu'!$A$1:$C$1"})
    book.add_chartsheet("Biểu đồ").set_chart(chart)
    book.close()
    assert [one.name for one in read_workbook(out.getvalue()).sheets] == ["Số liệu"]


@given(st.lists(st.integers(1, 400), unique=True).map(sorted))
def test_spans_name_every_number_once(numbers):
    said: Any = [part.split("–") for part in spans(numbers).split("; ") if part not in ("", "…")]
    named = [n for part in said for n in range(int(part[0]), int(part[-1]) + 1)]
    assert named == numbers[: len(named)]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_good_file_with_bytes_changed_is_read_or_refused_never_more(data):
    content = bytearray(REGISTER.read_bytes())
    for _change in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    assert answered(bytes(content))


ODD = st.text(alphabet=st.sampled_from("<>/&;\"'= \n0123456789abcdefghrstv:-xml"), max_size=60)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(ODD, ODD), max_size=6), ODD)
def test_a_sheet_of_odd_xml_is_read_or_refused_never_more(pieces, head):
    parts = "".join(f'<row r="{a}"><c r="A1" t="{a}"><v>{b}</v></c></row>{b}' for a, b in pieces)
    out = io.BytesIO()
    with zipfile.ZipFile(REGISTER) as good, zipfile.ZipFile(out, "w") as archive:
        for entry in good.infolist():
            content = good.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = f"<worksheet>{head}<sheetData>{parts}</sheetData></worksheet>".encode()
            archive.writestr(entry.filename, content)
    assert answered(out.getvalue())


def test_an_xls_is_read_with_its_days_and_merges():
    (sheet,) = read_workbook((REGISTER.parent / "register_small.xls").read_bytes()).sheets
    assert sheet.name == "Sổ 2024"
    assert list(sheet.rows[3])[:4] == [1, "Xã Hồi Ninh", "Tuyến đường hoa", "x"]
    assert sheet.rows[3][5] == date(2024, 3, 5)
    assert sheet.cell(4, 1).value == "Xã Hồi Ninh"


def test_a_process_that_serves_others_opens_no_old_format():
    old = (REGISTER.parent / "register_small.xls").read_bytes()
    for content in (old, ods(f"<table:table-row>{cell('a')}</table:table-row>")):
        assert refused(content, only_new=True) == "old_format"


def test_sheets_that_are_too_large_only_together_are_refused():
    book = Book()
    for name in ("a", "b", "c"):
        book.create_sheet(name)["J100"] = 1
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue(), limit_cells=1_000) == "too_many_cells_in_all"
    row = (
        '<table:table-row table:number-rows-repeated="100">' + cell("a") * 10 + "</table:table-row>"
    )
    sheets = f'{row}</table:table><table:table table:name="b">' * 2 + row
    assert refused(ods(sheets), limit_cells=1_000) == "too_many_cells_in_all"
    assert len(read_workbook(ods(sheets), limit_cells=1_500).sheets) == 3
