"""A workbook goes back with its wrong cells marked, and is otherwise the workbook that came."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from banyan.kernel.marking import Words
from banyan.kernel.marks import is_marks_sheet, mark_in, mark_of
from banyan.kernel.sheets import read_workbook
from tests.kernel.marking_books import (
    DOUBTFUL,
    REGISTER,
    WRONG,
    Office,
    at,
    back,
    filled,
    is_edited,
    links_of,
    office_book,
    parts,
)


@pytest.fixture(scope="module")
def office() -> Office:
    """What offices put in a workbook: nearly everything that openpyxl would lose or move."""
    return office_book()


def test_wrong_and_doubtful_cells_are_coloured_and_noted_and_keep_their_look(office):
    book = load_workbook(io.BytesIO(back(office, at("B3"), at("B4"), at("C5", tone="doubtful"))))
    data = book["Data"]
    assert data["B3"].fill.fgColor.rgb[:-1] == data["B4"].fill.fgColor.rgb[:-1] == WRONG
    assert data["C5"].fill.fgColor.rgb[:-1] == DOUBTFUL
    assert data["B4"].font.bold
    assert data["B4"].number_format == "#,##0"
    assert data["C5"].border.left.style == "thin"
    assert "Rule of B3\nWrite a number." in data["B3"].comment.text
    assert data["B2"].fill.fgColor.rgb == "00000000"


def test_the_first_sheet_lists_each_cell_with_a_way_to_it(office):
    wrong = [at("C5", column="Day", tone="doubtful"), at("B3", value=""), at("A1", "It's last")]
    book = load_workbook(io.BytesIO(back(office, *wrong, at("", "Nowhere"))))
    first = book.worksheets[0]
    lines = list(first.iter_rows(min_row=4, max_col=7, values_only=True))
    assert lines == [
        Words().headings,
        ("Data", "B3", None, "(empty)", "Wrong", "Rule of B3", "Write a number."),
        ("Data", "C5", "Day", "x", "In doubt", "Rule of C5", "Write a number."),
        ("It's last", "A1", None, "x", "Wrong", "Rule of A1", "Write a number."),
        ("Nowhere", None, None, "x", "Wrong", "Rule of ", "Write a number."),
    ]
    assert links_of(first) == ["'Data'!B3", "'Data'!C5", "'It''s last'!A1"]
    assert first.freeze_panes == "A5"
    assert first.auto_filter.ref == "A4:G8"
    assert first.column_dimensions["G"].width > 40
    assert first.column_dimensions["H"].hidden


def test_everything_else_stays_byte_for_byte(office):
    before, after = parts(office), parts(back(office, at("B3")))
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet2.xml",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    # The sheet itself is the same but for the style of the one cell, and which sheet is open.
    was, now = before["xl/worksheets/sheet2.xml"], after["xl/worksheets/sheet2.xml"]
    now = re.sub(rb'<c r="B3" s="[0-9]+"', b'<c r="B3"', now)
    assert now == was.replace(b' tabSelected="1"', b"")


def test_names_filters_and_print_set_up_still_mean_their_sheets(office):
    book = load_workbook(io.BytesIO(back(office, at("B3"))))
    assert book.sheetnames == ["To mend", "Ẩn", "Data", "Chart", "It's last"]
    assert book.active.title == "To mend"
    assert book["Ẩn"].sheet_state == "hidden"
    data = book["Data"]
    assert data.defined_names["local"].attr_text == "Data!$B$2"
    assert data.print_area == "'Data'!$A$1:$E$10"
    assert data.print_title_rows == "$1:$1"
    assert book["It's last"].auto_filter.ref == "A1:C5"
    assert book.defined_names["everywhere"].attr_text == "'It''s last'!$A$1"
    assert [sheet.sheet_view.tabSelected for sheet in book.worksheets] == [True, None, None, None]


def test_formulas_pictures_lists_and_merges_stay(office):
    data = load_workbook(io.BytesIO(back(office, at("D4"), at("F3"))))["Data"]
    assert data["D4"].value == "=B4*2"
    assert data["D4"].fill.fgColor.rgb[:-1] == WRONG
    assert str(data.merged_cells) == "F2:F5"
    assert len(data._images) == 1
    assert len(data.data_validations.dataValidation) == 1
    assert set(data.tables) == {"Table1"}
    # A cell under a merge is not seen: what is shown is the first cell of it.
    assert data["F2"].fill.fgColor.rgb[:-1] == WRONG
    assert "Rule of F3" in data["F2"].comment.text


def test_cells_and_rows_that_are_not_there_are_put_in_at_their_place(office):
    content = back(office, at("E3"), at("A15"), at("B21"), at("ZZ400"), at("A11"))
    data = load_workbook(io.BytesIO(content))["Data"]
    for cell in ("E3", "A15", "B21", "ZZ400", "A11"):
        assert data[cell].fill.fgColor.rgb[:-1] == WRONG
        assert data[cell].value is None
    assert data["A15"].font.italic, "the style of its column"
    assert data["B21"].font.color.rgb == "FF0000FF", "the style of its row"
    sheet = parts(content)["xl/worksheets/sheet2.xml"]
    rows = [int(n) for n in re.findall(rb'<row r="([0-9]+)"', sheet)]
    assert rows == sorted(set(rows))


def test_a_note_that_was_there_stays_above_ours_and_alone_when_the_cell_is_mended(office):
    once = back(office, at("A2"), at("B3"))
    note = load_workbook(io.BytesIO(once))["Data"]["A2"].comment
    assert note.text.startswith("Somebody's note")
    assert "Banyan: Rule of A2" in note.text
    twice = load_workbook(io.BytesIO(back(once, at("B4"))))["Data"]
    assert twice["A2"].comment.text == "Somebody's note"
    assert twice["A2"].comment.author == "Lan"
    assert twice["B3"].comment is None
    assert parts(back(once, at("B4")))["xl/drawings/vmlDrawing1.vml"].count(b"<v:shape ") == 2


def test_marking_again_replaces_marks_and_list_and_gives_each_cell_its_own_look_back(office):
    once = back(office, at("B3"), at("B4"), at("C5", tone="doubtful"), batch="first")
    twice = back(once, at("C5"), batch="second")
    assert mark_of(twice) == "second"
    book = load_workbook(io.BytesIO(twice))
    assert book.sheetnames == ["To mend", "Ẩn", "Data", "Chart", "It's last"]
    data = book["Data"]
    assert data["B3"].fill.patternType is None
    assert data["B4"].fill.fgColor.rgb == "FFFFFF00"
    assert data["C5"].fill.fgColor.rgb[:-1] == WRONG
    none = parts(back(twice, batch="third"))
    was = parts(office)["xl/worksheets/sheet2.xml"].replace(b' tabSelected="1"', b"")
    assert re.sub(rb' s="0"| s="[0-9]+"', b"", none["xl/worksheets/sheet2.xml"]) == re.sub(
        rb' s="[0-9]+"', b"", was
    )


def test_looks_do_not_pile_up_when_a_file_goes_to_and_fro(office):
    content, sizes = office, set()
    for batch in range(4):
        content = back(content, at("B3"), at("B4"), batch=str(batch))
        sizes.add(parts(content)["xl/styles.xml"].count(b"<xf "))
    assert len(sizes) == 1


def test_the_file_is_known_again_and_its_first_sheet_is_no_data():
    office = office_book(chart_sheet=False)
    content = back(office, at("B3"), batch="7f1c")
    assert mark_of(content) == "7f1c"
    assert mark_of(office) is None
    assert mark_of(b"PK junk") is None
    was, now = read_workbook(office).sheets, read_workbook(content).sheets
    assert mark_in(now) == "7f1c"
    assert mark_in(was) is None
    assert [is_marks_sheet(sheet) for sheet in now] == [True, False, False, False]
    assert [sheet.rows for sheet in now[1:]] == [sheet.rows for sheet in was]


def test_the_district_register_comes_back_with_its_look():
    content = REGISTER.read_bytes()
    name = read_workbook(content).sheets[0].name
    marked_one = back(content, at("C9", name), at("B11", name), at("J60", name))
    assert is_edited(marked_one)
    was, now = load_workbook(io.BytesIO(content))[name], load_workbook(io.BytesIO(marked_one))[name]
    assert [[c.value for c in row] for row in now.iter_rows(max_row=was.max_row)] == [
        [c.value for c in row] for row in was.iter_rows(max_col=now.max_column)
    ]
    assert now.merged_cells == was.merged_cells
    assert now.column_dimensions["C"].width == was.column_dimensions["C"].width


CELLS = st.builds("{}{}".format, st.sampled_from("ABCDEFKZ"), st.integers(1, 40))


@settings(max_examples=40, deadline=None)
@given(st.sets(CELLS, max_size=30), st.sets(CELLS, max_size=5))
def test_whatever_is_marked_values_stay_and_marks_go_again(office, first, second):
    once = back(office, *(at(cell) for cell in first))
    twice = back(once, *(at(cell, tone="doubtful") for cell in second))
    assert is_edited(once)
    assert is_edited(twice)
    was = load_workbook(io.BytesIO(office))["Data"]
    merged = {"F3", "F4", "F5"}
    for content, cells, tone in ((once, first, WRONG), (twice, second, DOUBTFUL)):
        now = load_workbook(io.BytesIO(content))["Data"]
        shown = {"F2" if cell in merged else cell for cell in cells}
        for row in now.iter_rows(max_row=45, max_col=27):
            for cell in row:
                assert cell.value == was[cell.coordinate].value
                if cell.coordinate in merged:
                    continue
                if cell.coordinate in shown:
                    assert cell.fill.fgColor.rgb[:-1] == tone
                else:
                    assert filled(cell) == filled(was[cell.coordinate])
