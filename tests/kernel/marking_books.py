"""Workbooks as offices have them, and as few programs write them, for the tests of marking."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter
from openpyxl import load_workbook
from PIL import Image

from banyan.kernel.marking import Words, Wrong, marked

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


def prefixed(content: bytes) -> bytes:
    """The same workbook, its sheets written as some programs do: x:row, x:c, no places."""
    changed = parts(content)
    for name in changed:
        if name.startswith("xl/worksheets/sheet"):
            xml = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", changed[name])
            xml = xml.replace(b' xmlns="', b' xmlns:x="')
            changed[name] = re.sub(rb'(<x:row)( r="[0-9]+")([^>]*>)', rb"\1\2\3", xml)
    return packed(changed)


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
