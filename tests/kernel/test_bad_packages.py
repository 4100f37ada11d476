"""Packages that could hurt the reader, or that some program got wrong: read, or refused in time."""

import io
import random
import struct
import time
import tracemalloc
import zipfile
from datetime import date

import pytest

from banyan.kernel.hidden import hidden_in
from banyan.kernel.marks import mark_of
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, read_workbook
from banyan.kernel.workbook_parts import measure
from tests.kernel.packages import HEAD, NAMES, cell, of_one_sheet, package, row, shared, sheet

CORNER = row(1, cell("A1")) + row(200_000, cell("DZZ200000"))
SMALL = row(1, cell("A1"))


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableWorkbook) as no:
        read_workbook(data)
    return no.value.note.code


def read(data: bytes) -> Sheet:
    (one,) = read_workbook(data).sheets
    return one


# --- what would unfold ----------------------------------------------------------------------------


def test_a_place_told_twice_is_damage_not_the_first_of_the_two():
    for written in ('r="A1" r="DZZ200000"', 'r="A1" s="0" r="DZZ200000"'):
        assert refused(of_one_sheet(row(1, f"<c {written}><v>1</v></c>"))) == "damaged"


@pytest.mark.parametrize(
    "name", ["A99999999999", "AAAAAAAAAAAAAA1", "B", "12", "", "$A$1", "A1:B2"]
)
def test_a_cell_with_an_impossible_name_is_damage(name):
    assert refused(of_one_sheet(row(1, cell(name)))) == "damaged"


@pytest.mark.parametrize(
    "target",
    [
        "worksheets/sheet1.xml",
        "/xl//worksheets/sheet1.xml",
        "./worksheets/sheet1.xml",
        "styles9.xml",
    ],
)
def test_a_sheet_is_measured_wherever_the_book_says_it_lies(target):
    parts = {"worksheets/sheet1.xml": sheet(CORNER), "styles9.xml": sheet(CORNER)}
    assert refused(package(parts, [("A", target)])) == "too_many_cells"


def test_two_sheets_of_one_name_and_two_parts_of_one_name_are_refused():
    first, second = "worksheets/sheet1.xml", "worksheets/sheet2.xml"
    parts = {first: sheet(CORNER), second: sheet(SMALL)}
    assert refused(package(parts, [("A", first), ("A", second)])) == "too_many_cells"
    parts = {first: sheet(SMALL), second: sheet(SMALL)}
    assert refused(package(parts, [("A", first), ("A", second)])) == "damaged"
    parts = {first: sheet(SMALL), "worksheets/Sheet1.xml": sheet(SMALL)}
    assert refused(package(parts, [("A", first)])) == "damaged"


@pytest.mark.parametrize(
    "stated", [' uniqueCount="4000000000"', ' count="4000000000" uniqueCount="1000000000"']
)
def test_a_number_of_shared_texts_that_are_not_there_makes_no_room_for_them(stated):
    rows = row(1, cell("A1", 0, "s"))
    assert read(of_one_sheet(rows, texts=shared("Xã", stated=stated))).rows == [["Xã"]]
    inner = shared("Xã").replace("</sst>", f"<sst{stated}/></sst>")
    assert refused(of_one_sheet(rows, texts=inner)) == "damaged"
    odd = shared("Xã", stated=stated.replace('"', "'"))
    assert refused(of_one_sheet(rows, texts=odd)) == "damaged"


@pytest.mark.parametrize("inside", ["", "<![CDATA[</si>]]>" * 600, "<!--</si>-->" * 600])
def test_one_long_shared_text_in_a_hundred_thousand_cells_is_refused(inside):
    rows = "".join(row(number, cell(f"A{number}", 0, "s")) for number in range(1, 60_001))
    assert refused(of_one_sheet(rows, texts=shared("x" * 4_000 + inside))) == "too_large"


def test_many_cells_with_short_texts_are_read_beside_one_long():
    rows = "".join(row(number, cell(f"A{number}", number > 1, "s")) for number in range(1, 60_001))
    rows = rows.replace("True", "1").replace("False", "0")
    assert len(read(of_one_sheet(rows, texts=shared("x" * 30_000, "y"))).rows) == 60_000


def test_merges_without_measure_are_refused():
    rows = row(1, cell("A1")) + row(150_000, cell("Z150000"))
    one = '<mergeCells><mergeCell ref="A1:Z150000"/></mergeCells>'
    assert refused(of_one_sheet(rows, one)) == "too_many_merged"
    many = "".join(f'<mergeCell ref="A{place}:B{place}"/>' for place in range(1, 1_000_002))
    assert refused(of_one_sheet(rows, f"<mergeCells>{many}</mergeCells>")) == "damaged"


# --- what is no package of a workbook -------------------------------------------------------------


def zipped(entries: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_fifty_megabytes_of_junk_are_refused():
    junk = random.Random(1).randbytes(49_999_000)
    assert refused(junk) == "not_a_workbook"
    assert refused(b"PK\x03\x04" + junk) == "damaged"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + junk) == "not_a_workbook"
    assert refused(b"a;b,c\n" * 8_000_000) == "too_many_rows"


def test_a_workbook_within_a_package_is_not_unpacked():
    assert refused(zipped({"so.xlsx": of_one_sheet(SMALL)})) == "not_a_workbook"
    assert refused(zipped({"xl/workbook.xml": of_one_sheet(SMALL)})) == "damaged"


def test_a_package_of_tens_of_thousands_of_entries_is_refused_unopened(monkeypatch):
    many = zipped({f"{place}": b"" for place in range(20_001)})
    monkeypatch.setattr("banyan.kernel.formats.zipfile.ZipFile", None)
    assert refused(many) == "damaged"


def test_packings_that_no_office_uses_are_refused():
    for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        entries = {"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"<a/>"}
        assert refused(zipped(entries, kind)) == "damaged"


def test_parts_that_share_their_bytes_are_bounded_by_what_they_state():
    """The bomb of David Fifield: many entries of the directory over one and the same stream."""
    content = b"<a>" + b" " * 30_000_000
    whole = zipped({"xl/workbook.xml": content}, zipfile.ZIP_DEFLATED)
    start, size = (struct.unpack_from("<I", whole, len(whole) - 22 + at)[0] for at in (16, 12))
    entry = whole[start : start + size]
    names = [b"xl/worksheets/s%03d.xml" % place for place in range(200)]
    one = entry[:46].replace(struct.pack("<H", 15), struct.pack("<H", len(names[0])), 1)
    directory = entry + b"".join(one + name for name in names)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 201, 201, len(directory), start, 0)
    bomb = whole[:start] + directory + end
    assert len(bomb) < 100_000
    assert len(zipfile.ZipFile(io.BytesIO(bomb)).infolist()) == 201
    started = time.process_time()
    assert refused(bomb) == "too_large"
    assert time.process_time() - started < 2


def test_a_package_with_a_password_of_its_own_is_told_so():
    whole = bytearray(of_one_sheet(SMALL))
    at = whole.find(b"PK\x01\x02")
    while at >= 0:
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 4)
    assert refused(bytes(whole)) == "encrypted"


def test_a_line_of_millions_of_cells_is_refused_before_it_is_cut_up():
    tracemalloc.start()
    assert refused(b"ab," * 6_000_000) == "too_many_cells"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_a_sheet_that_is_too_long_is_walked_no_further_than_that():
    rows = "".join(f'<row r="{at}"><c r="A{at}"><f>1</f></c></row>' for at in range(1, 4_001))
    assert measure(sheet(rows).encode()).rows == 4_000
    extent = measure(sheet(rows).encode(), (300, 10**6))
    assert (extent.rows, len(extent.formulas)) == (301, 301)
    with pytest.raises(UnreadableWorkbook):
        read_workbook(of_one_sheet(rows), limit_rows=300)


def test_no_text_is_tried_in_all_ways_there_are():
    started = time.process_time()
    assert refused(b"<!---->" * 500 + b"x") == "not_a_workbook"
    assert refused(b"<!-- > -->\n<!---->" * 100 + b"<html>") == "is_web_page"
    hidden = b"<sheetData><row " + b'hidden="1" ' * 200_000
    assert hidden_in(hidden, 5, 5) == ([], [])
    assert hidden_in(b'<sheetData><row r="3" hidden="1" spans="1:2">', 5, 5) == ([3], [])
    assert hidden_in(b'<cols><col min="2" hidden="1" max="3"/></cols><sheetData>', 5, 5)[1] == [
        2,
        3,
    ]
    assert time.process_time() - started < 2


# --- what cells hold ------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["7", "1000000000"])
def test_a_shared_text_that_is_not_there_is_damage(place):
    assert refused(of_one_sheet(row(1, cell("A1", place, "s")), texts=shared("Xã"))) == "damaged"


def test_merges_that_overlap_hold_in_their_order():
    rows = row(1, cell("A1"), cell("C1", 4)) + row(3, cell("C3", 5))
    over = '<mergeCell ref="A1:B2"/><mergeCell ref="B2:C3"/><mergeCell ref="A1:C1"/>'
    one = read(of_one_sheet(rows, f"<mergeCells>{over}</mergeCells>"))
    assert one.cell(1, 1).value == 1
    assert one.cell(2, 2).value == 5
    for odd in ("C3:A1", "B2", "A1:A1"):
        behind = f'<mergeCells><mergeCell ref="{odd}"/></mergeCells>'
        assert read(of_one_sheet(rows, behind)).cell(2, 2).value == 5


def test_long_texts_are_read_whole():
    rows = row(1, cell("A1", "ô" * 10_000, "inlineStr"), cell("B1", "ô" * 40_000, "inlineStr"))
    rows += row(2, cell("A2", 0, "s"))
    one = read(of_one_sheet(rows, texts=shared("ẫ" * 32_767)))
    assert [len(str(value)) for value in one.rows[0]] == [10_000, 40_000]
    assert one.rows[1][0] == "ẫ" * 32_767


def test_a_sheet_from_right_to_left_with_its_marks_and_emoji_is_read_as_written():
    said = "\u200fاسم\u202b שם 👩‍🌾🇻🇳"
    before = '<sheetViews><sheetView rightToLeft="1" workbookViewId="0"/></sheetViews>'
    rows = row(1, cell("A1", said, "inlineStr"), cell("B1", 2))
    assert read(of_one_sheet(rows, before=before)).rows == [[said, 2]]


def test_signs_no_database_takes_are_left_out():
    rows = row(1, cell("A1", "a_xD83D_b_x0000_c_x000A_d", "inlineStr"))
    assert read(of_one_sheet(rows)).rows == [["a_xD83D_bc\nd"]]
    assert read(of_one_sheet(row(1, cell("A1", "a\0b", "inlineStr")))).rows == [["ab"]]
    for odd in ("a&#0;b", "a&#xD83D;b"):
        assert refused(of_one_sheet(row(1, cell("A1", odd, "inlineStr")))) == "damaged"
    long = b"a,b\n" * 60_000 + b"x\0y,z\n"
    assert read(long).rows[-1] == ["xy", "z"]


def test_numbers_that_are_none_are_errors_of_the_sheet():
    rows = row(1, cell("A1", "1e400"), cell("B1", "nan"), cell("C1", "-inf"), cell("D1", "1e300"))
    assert read(of_one_sheet(rows)).rows == [["#NUM!", "#NUM!", "#NUM!", 1e300]]


def test_days_of_long_ago_and_of_the_last_year_are_read():
    styles = f'{HEAD}<styleSheet {NAMES}><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    days = {"A1": "2958465", "B1": "2958466", "C1": "-5", "D1": "60", "E1": "0"}
    cells = [f'<c r="{name}" s="0"><v>{value}</v></c>' for name, value in days.items()]
    cells.append(cell("F1", "1024-05-06", "d"))
    cells.append(cell("G1", "99999-01-01", "d"))
    one = read(of_one_sheet(row(1, *cells), styles=styles)).rows[0]
    assert (one[0], one[5]) == (date(9999, 12, 31), date(1024, 5, 6))
    assert len(one) == 7


def test_a_sheet_of_all_columns_is_read():
    rows = "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"
    assert read(of_one_sheet(rows)).columns == 16_384


def test_the_names_of_a_package_are_looked_through_in_time():
    name = f'<definedName name="_banyan_import">"{chr(10) * 8_000_000}"</definedName>'
    book = f"{HEAD}<workbook {NAMES}><definedNames>{name}</definedNames></workbook>"
    started = time.process_time()
    assert mark_of(zipped({"xl/workbook.xml": book.encode()}, zipfile.ZIP_DEFLATED)) is None
    assert mark_of(zipped({f"{place}": b"" for place in range(20_001)})) is None
    assert mark_of(zipped({"xl/workbook.xml": b"<a/>"}, zipfile.ZIP_LZMA)) is None
    assert time.process_time() - started < 8
