"""The values of a file that cannot be edited in place, in a plain workbook that can."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr

from banyan.kernel.marking_notes import clean
from banyan.kernel.marking_package import MAIN, OFFICE, PACKAGE, SHEET_TYPE, TYPES
from banyan.kernel.marking_styles import EMPTY
from banyan.kernel.marks import is_marks_sheet
from banyan.kernel.notes import Raw
from banyan.kernel.sheets import Sheet, read_workbook
from banyan.kernel.workbook_parts import coordinate

_LOOKED_AT, _NARROWEST, _WIDEST = 200, 8, 50
_LONGEST_TEXT, _LONGEST_NAME = 32_767, 31
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet knows no zones
_FIRST_DAY = date(1900, 3, 1)
_FORMATS = ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "[hh]:mm:ss")
_DAY, _MOMENT, _TIME = 1, 2, 3
"""Places of the styles below."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def written_anew(content: bytes) -> tuple[bytes, dict[str, str]]:
    """A plain workbook of the same values, and what each of its sheets was called before."""
    sheets = [sheet for sheet in read_workbook(content).sheets if not is_marks_sheet(sheet)]
    names = _names([sheet.name for sheet in sheets])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("[Content_Types].xml", _types(len(sheets)))
        book.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        book.writestr("xl/workbook.xml", _workbook(sheets, names))
        parts = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
        book.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        book.writestr("xl/styles.xml", _styles())
        for number, sheet in enumerate(sheets, 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                for piece in _sheet(sheet):
                    part.write(piece.encode())
    return out.getvalue(), dict(zip((sheet.name for sheet in sheets), names, strict=True))


def _names(wanted: Sequence[str]) -> list[str]:
    """Names that Excel takes, each once."""
    names: list[str] = []
    for name in wanted:
        bare = "".join(" " if ch in "[]:*?/\\" else ch for ch in clean(name)).strip(" '")
        made = bare = bare[:_LONGEST_NAME] or "Sheet"
        number = 2
        while made.casefold() in {one.casefold() for one in names}:
            made, number = f"{bare[: _LONGEST_NAME - 5]} {number}", number + 1
        names.append(made)
    return names


def _sheet(sheet: Sheet) -> Iterator[str]:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(_widths(sheet), 1)
    )
    yield f'{_HEAD}<worksheet xmlns="{MAIN}">' + (f"<cols>{widths}</cols>" if widths else "")
    yield "<sheetData>"
    letters = [coordinate(0, column)[:-1] for column in range(sheet.columns)]
    for number, row in enumerate(sheet.rows, 1):
        cells = [
            _cell(f"{letter}{number}", value)
            for letter, value in zip(letters, row, strict=False)
            if value is not None and value != ""
        ]
        if cells:
            yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData>"
    merges = [
        f'<mergeCell ref="{coordinate(*first)}:{coordinate(*last)}"/>'
        for first, last in sheet.merges.items()
        if first != last
    ]
    yield (f"<mergeCells>{''.join(merges)}</mergeCells>" if merges else "") + "</worksheet>"


def _cell(place: str, value: Raw) -> str:
    """One cell, by the type of its value; never a formula."""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if isinstance(value, datetime) and value.date() >= _FIRST_DAY:
        style = _MOMENT if value.time() != time() else _DAY
        return _number(place, style, value.replace(tzinfo=None) - _EPOCH)
    if isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
        return _number(place, _DAY, value - _EPOCH.date())
    if isinstance(value, timedelta):
        return _number(place, _TIME, value)
    if isinstance(value, time):
        since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return _number(place, _TIME, since)
    if isinstance(value, date):
        value = f"{value:%d/%m}/{value.year}"
    text = escape(clean(str(value))[:_LONGEST_TEXT])
    keep = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{place}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'


def _number(place: str, style: int, since: timedelta) -> str:
    told = since / timedelta(days=1)
    return f'<c r="{place}" s="{style}"><v>{told:.10g}</v></c>'


def _widths(sheet: Sheet) -> list[int]:
    """Widths that fit what the first rows hold, but no more than a title may take."""
    widths = [_NARROWEST] * sheet.columns
    for row in sheet.rows[:_LOOKED_AT]:
        for place, value in enumerate(row):
            length = 10 if isinstance(value, date) else len(str(value or ""))
            if length <= _WIDEST:
                widths[place] = max(widths[place], length + 2)
    return widths


def _types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE}worksheet+xml"/>'
        for n in range(1, count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{TYPES}"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}styles+xml"/>{sheets}</Types>'
    )


def _relations(told: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(told, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'


def _workbook(sheets: Sequence[Sheet], names: Sequence[str]) -> str:
    lines = ""
    for number, (sheet, name) in enumerate(zip(sheets, names, strict=True), 1):
        state = "visible" if sheet.visible else "hidden"
        lines += (
            f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        )
    return (
        f'{_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{lines}</sheets></workbook>"
    )


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(_FORMATS)
    )
    cells = "".join(
        f'<xf numFmtId="{164 + n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in range(len(_FORMATS))
    )
    told = EMPTY.replace("<fonts", f'<numFmts count="{len(_FORMATS)}">{formats}</numFmts><fonts', 1)
    told = told.replace('<xf xfId="0"/>', f'<xf xfId="0"/>{cells}')
    return _HEAD + told.replace('<cellXfs count="1">', f'<cellXfs count="{1 + len(_FORMATS)}">')
