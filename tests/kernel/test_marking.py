"""A workbook goes back with its wrong cells marked, and is otherwise the workbook that came."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from PIL import Image

from banyan.kernel.marking import Words, Wrong, marked
from banyan.kernel.marks import is_marks_sheet, mark_in, mark_of
from banyan.kernel.sheets import UnreadableWorkbook, read_workbook

REGISTER = Path(__file__).parent.parent / "fixtures" / "register_kim_son_2024H1.xlsx"
WRONG, DOUBTFUL = "FFFBC9C", "FFFCE9A"


def back(content: bytes, *wrong: Wrong, batch: str = "b-1") -> bytes:
    with marked(content, wrong, Words(), batch) as file:
        return file.read()


def at(cell: str, sheet: str = "Data", tone: str = "wrong", **told: str) -> Wrong:
    said = {"value": "x", "rule": f"Rule of {cell}", "mend": "Write a number.", **told}
    return Wrong(sheet, cell, tone=tone, **said)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return out.getvalue()


def filled(cell: Any) -> tuple[str | None, str]:
    return cell.fill.patternType, cell.fill.fgColor.rgb


def links_of(sheet: Any) -> list[str]:
    return [cell.hyperlink.location for cell in sheet["B"] if cell.hyperlink]


class Office(bytes):
    def __repr__(self) -> str:
        return "office"


def is_edited(content: bytes) -> bool:
    return "new workbook" not in str(load_workbook(io.BytesIO(content)).worksheets[0]["A3"].value)


@pytest.fixture(scope="module")
def office() -> bytes:
    """What offices put in a workbook: nearly everything that openpyxl would lose or move."""
    return office_book()


def office_book(*, chart_sheet: bool = True) -> Office:
    out, picture = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    yellow = book.add_format({"bg_color": "#FFFF00", "bold": True, "num_format": "#,##0"})
    date = book.add_format({"num_format": "dd/mm/yyyy", "border": 1})
    hidden = book.add_worksheet("Ẩn")
    hidden.write("A1", "secret")
    hidden.hide()
    data = book.add_worksheet("Data")
    data.set_column("A:A", 30, book.add_format({"italic": True}))
    data.set_row(20, 15, book.add_format({"font_color": "#0000FF"}))
    data.write_row("A1", ["Name", "Amount", "Day", "Twice", "Kind"])
    for row in range(1, 10):
        data.write(row, 0, f"Mô hình {row}")
        data.write(row, 1, row * 1000, yellow if row == 3 else None)
        data.write(row, 2, 45_000 + row, date)
        data.write_formula(row, 3, f"=B{row + 1}*2", None, row * 2000)
    data.merge_range("F2:F5", "merged", date)
    data.write_comment("A2", "Somebody's note", {"author": "Lan"})
    data.data_validation("E2:E10", {"validate": "list", "source": ["a", "b"]})
    data.conditional_format("B2:B10", {"type": "data_bar"})
    data.conditional_format(
        "B2:B10", {"type": "cell", "criteria": ">", "value": 5, "format": yellow}
    )
    data.insert_image("H2", "p.png", {"image_data": picture})
    data.add_table("J1:K4", {"columns": [{"header": "P"}, {"header": "Q"}]})
    data.write_url("A12", "https://example.org")
    data.print_area("A1:E10")
    data.repeat_rows(0)
    data.freeze_panes(1, 1)
    data.set_landscape()
    data.set_header("&CHeader")
    data.activate()
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Data!$B$2:$B$10"})
    if chart_sheet:
        book.add_chartsheet("Chart").set_chart(chart)
    else:
        data.insert_chart("H9", chart)
    last = book.add_worksheet("It's last")
    last.write("A1", "=Data!B2")
    last.autofilter("A1:C5")
    book.define_name("Data!local", "=Data!$B$2")
    book.define_name("everywhere", "='It''s last'!$A$1")
    book.close()
    return Office(out.getvalue())


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


def prefixed(content: bytes) -> bytes:
    """The same workbook, its sheets written as some programs do: x:row, x:c, no places."""
    changed = parts(content)
    for name in changed:
        if name.startswith("xl/worksheets/sheet"):
            xml = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", changed[name])
            xml = xml.replace(b' xmlns="', b' xmlns:x="')
            changed[name] = re.sub(rb'(<x:row)( r="[0-9]+")([^>]*>)', rb"\1\2\3", xml)
    return packed(changed)


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


def minimal(sheet: str) -> bytes:
    """A package of as few parts as a program may write: no styles, no texts, no places of cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    relation = (
        '<Relationships xmlns="{}/relationships"><Relationship Id="rId1" Type="{}/{}"'
        ' Target="{}"/></Relationships>'
    )
    to_sheet = relation.format(package, office, "worksheet", "worksheets/sheet1.xml")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{kind}.worksheet+xml"/></Types>'.encode(),
        "_rels/.rels": relation.format(package, office, "officeDocument", "xl/workbook.xml").encode(),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Data"'
        ' sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": to_sheet.encode(),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>'.encode(),
    })  # fmt: skip


PLAIN = (
    "<sheetData><row><c t='inlineStr'><is><t>a</t></is></c><c><v>1</v></c></row><row/>"
    "<row><c/><c><v>2</v></c></row></sheetData>"
)


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
