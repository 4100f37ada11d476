"""Packages as few programs write them: edited where that is safe, else written anew, or refused."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from banyan.kernel.marking import Words
from banyan.kernel.marks import is_marks_sheet, mark_in, mark_of
from banyan.kernel.sheets import UnreadableWorkbook, read_workbook
from tests.kernel.marking_books import (
    DOUBTFUL,
    PLAIN,
    WRONG,
    at,
    back,
    is_edited,
    links_of,
    minimal,
    office_book,
    packed,
    parts,
    prefixed,
)


def test_sheets_with_a_prefix_are_edited_too():
    odd = prefixed(office_book(chart_sheet=False))
    content = back(odd, at("B3"), at("E4"), at("A30"))
    assert is_edited(content)
    data = load_workbook(io.BytesIO(content))["Data"]
    for cell in ("B3", "E4", "A30"):
        assert data[cell].fill.fgColor.rgb[:-1] == WRONG
        assert data[cell].comment
    assert b"<x:c" in parts(content)["xl/worksheets/sheet2.xml"]
    assert read_workbook(content).sheets[2].rows[3][:2] == read_workbook(odd).sheets[1].rows[3][:2]


@pytest.mark.parametrize("sheet", [PLAIN, "<sheetData/>", "<sheetData></sheetData>"])
def test_the_barest_package_is_edited(sheet):
    content = back(minimal(sheet), at("A1"), at("B2"), at("B3"), at("C3"), at("A9"))
    assert is_edited(content)
    data = load_workbook(io.BytesIO(content))["Data"]
    for cell in ("A1", "B2", "B3", "C3", "A9"):
        assert data[cell].fill.fgColor.rgb[:-1] == WRONG
    assert [sheet.name for sheet in read_workbook(content).sheets] == ["To mend", "Data"]
    if sheet == PLAIN:
        assert [data[cell].value for cell in ("A1", "B1", "B3")] == ["a", 1, 2]


@pytest.mark.parametrize("oddity", [
    "<!-- <row r='1'/> -->", "<![CDATA[<row>]]>", "<row r='9'/><row r='3'/>",
    "<row r='8'><c r='C8'/><c r='A8'/></row>", "<y:row xmlns:y='u' r='8'/>",
])  # fmt: skip
def test_a_package_that_is_not_edited_comes_back_as_its_values_and_says_so(oddity):
    body = PLAIN.replace("</sheetData>", f"{oddity}</sheetData>")
    content = back(minimal(body), at("B1"), at("D2"), at("B8"))
    assert not is_edited(content)
    data = load_workbook(io.BytesIO(content))["Data"]
    assert data["A1"].value == "a"
    assert data["B1"].fill.fgColor.rgb[:-1] == data["D2"].fill.fgColor.rgb[:-1] == WRONG
    assert "Rule of B1" in data["B1"].comment.text
    assert mark_of(content) == "b-1"


def test_written_anew_every_value_merge_and_hidden_sheet_is_what_it_was():
    odd = parts(office_book(chart_sheet=False))
    sheet = odd["xl/worksheets/sheet2.xml"]
    odd["xl/worksheets/sheet2.xml"] = sheet.replace(b"<sheetData>", b"<!-- odd --><sheetData>")
    content = packed(odd)
    again = back(content, at("F4"), at("C3", tone="doubtful"), at("Q90"))
    assert not is_edited(again)
    was = read_workbook(content).sheets
    now = [sheet for sheet in read_workbook(again).sheets if not is_marks_sheet(sheet)]
    assert [(one.name, one.visible, dict(one.merges)) for one in now] == [
        (one.name, one.visible, dict(one.merges)) for one in was
    ]
    for old, new in zip(was, now, strict=True):
        for row in range(len(old.rows)):
            for column in range(old.columns):
                assert new.value(row, column) == old.value(row, column)
    data = load_workbook(io.BytesIO(again))["Data"]
    assert data["F2"].fill.fgColor.rgb[:-1] == data["Q90"].fill.fgColor.rgb[:-1] == WRONG
    assert data["C3"].number_format == "dd/mm/yyyy"


def test_a_csv_comes_back_as_a_workbook_and_says_so():
    csv = "Tên,Số,Mã\nMô hình,=1+1,00012\nHai,,7\n".encode()
    content = back(csv, at("B2", "csv"), at("B3", "csv", tone="doubtful"))
    book = load_workbook(io.BytesIO(content))
    first, data = book.worksheets
    assert first["A3"].value == Words().anew
    assert links_of(first) == ["'csv'!B2", "'csv'!B3"]
    assert [cell.value for cell in data[2]] == ["Mô hình", "=1+1", "00012"]
    assert data["B2"].data_type == "s", "never a formula"
    assert data["B3"].fill.fgColor.rgb[:-1] == DOUBTFUL
    assert mark_in(read_workbook(content).sheets) == "b-1"
    again = back(content, at("B3", "csv"))
    assert load_workbook(io.BytesIO(again)).sheetnames == ["To mend", "csv"]


def test_what_our_reader_refuses_is_refused_here_too():
    entity = b'<!DOCTYPE w [<!ENTITY a "b">]><workbook/>'
    with pytest.raises(UnreadableWorkbook):
        back(packed({"xl/workbook.xml": entity, "xl/worksheets/sheet1.xml": b"<a/>"}), at("A1"))


ODD = st.sampled_from(
    [b"", b"<row>", b"</c>", b"<c/>", b'r="A0"', b's="99999"', b'"', b"rId1", b"\xff"]
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_package_somebody_broke_comes_back_or_is_refused(data):
    """What the reader could open can be opened again; nothing ends in an error of ours."""
    broken = parts(BOOK)
    name = data.draw(st.sampled_from(sorted(broken)))
    place = data.draw(st.integers(0, len(broken[name])))
    gone = data.draw(st.integers(0, 30))
    broken[name] = broken[name][:place] + data.draw(ODD) + broken[name][place + gone :]
    content = packed(broken)
    try:
        marked_one = back(content, at("B3"), at("E3"), at("A2"), at("A30"))
    except UnreadableWorkbook:
        return
    try:
        read_workbook(content)
    except UnreadableWorkbook:
        return
    read_workbook(marked_one)


BOOK = back(office_book(chart_sheet=False), at("B3"), at("B4"), batch="before")
