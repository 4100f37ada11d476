"""Packages of an .xlsx made by hand, with what no office program writes."""

import io
import zipfile
from collections.abc import Mapping, Sequence

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
NAMES = (
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def sheet(rows: str, behind: str = "", before: str = "") -> str:
    """The part of one sheet."""
    return f"{HEAD}<worksheet {NAMES}>{before}<sheetData>{rows}</sheetData>{behind}</worksheet>"


def shared(*texts: str, stated: str = "") -> str:
    """The part of the texts that cells share."""
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f"{HEAD}<sst {NAMES}{stated}>{items}</sst>"


def cell(name: str, value: object = 1, kind: str = "") -> str:
    told = f' t="{kind}"' if kind else ""
    if kind == "inlineStr":
        return f'<c r="{name}"{told}><is><t>{value}</t></is></c>'
    return f'<c r="{name}"{told}><v>{value}</v></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def package(
    parts: Mapping[str, str | bytes], sheets: Sequence[tuple[str, str]], more: str = ""
) -> bytes:
    """A package: its parts below `xl/`, its sheets by name and the part they are said to lie in."""
    links = more + "".join(
        f'<Relationship Id="rId{place}" Type="{OFFICE}/worksheet" Target="{part}"/>'
        for place, (_name, part) in enumerate(sheets, 1)
    )
    book = "".join(
        f'<sheet name="{name}" sheetId="{place}" r:id="rId{place}"/>'
        for place, (name, _part) in enumerate(sheets, 1)
    )
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    whole: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
        ),
        "xl/workbook.xml": f"{HEAD}<workbook {NAMES}><sheets>{book}</sheets></workbook>",
        **{f"xl/{name}": content for name, content in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return out.getvalue()


def of_one_sheet(
    rows: str, behind: str = "", before: str = "", texts: str = "", styles: str = ""
) -> bytes:
    """A package of one sheet "A"."""
    parts = {"worksheets/sheet1.xml": sheet(rows, behind, before)}
    more = ""
    if texts:
        parts["sharedStrings.xml"] = texts
        more = f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    if styles:
        parts["styles.xml"] = styles
    return package(parts, [("A", "worksheets/sheet1.xml")], more)
