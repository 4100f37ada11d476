"""An .xlsx written while it is sent: nothing on disk, nothing kept but the row at hand.

A program that builds a workbook must have all of it before the first byte goes out; a million rows
are then minutes of waiting. A workbook is a zip of XML, and a zip can be written front to back.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MOST_ROWS = 1_048_576
"""Rows of a sheet, its headings among them."""
MOST_BYTES = 1_800_000_000
"""A part of a zip that old programs can read is smaller than 2 GiB."""
LONGEST_TEXT = 32_767
LARGEST_NUMBER = 10**15
"""A spreadsheet keeps fifteen digits; what is larger goes out as text, with all of them."""
SAMPLE, PIECE = 500, 1 << 16
NARROWEST, WIDEST = 9, 60

STYLES = {"head": 1, "money": 2, "number": 3, "date": 4, "moment": 5}
_FORMATS = ("#,##0", "#,##0.####", "dd/mm/yyyy", "dd/mm/yyyy hh:mm")
_EPOCH, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
_MARKUP = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_AS_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _as_xml(found: re.Match[str]) -> str:
    text = found[0]
    if text in _AS_XML:
        return _AS_XML[text]
    if len(text) > 1:
        return "_x005F" + text  # else a spreadsheet takes it for a character
    return f"_x{ord(text):04X}_" if text < " " else "\ufffd"


def _text(value: str) -> str:
    """Words that may stand in the XML; too long for a cell, they end with a sign that says so."""
    if len(value) > LONGEST_TEXT // 2:
        units = value.encode("utf-16-le", "replace")
        if len(units) > 2 * LONGEST_TEXT:
            kept = units[: 2 * (LONGEST_TEXT - 4)].decode("utf-16-le", "ignore")
            value = kept + " […]"
    return _MARKUP.sub(_as_xml, value)


class _Column:
    """How the cells of one column are written."""

    def __init__(self, place: int, kind: str) -> None:
        letters, rest = "", place + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        self.letters = letters
        style = STYLES.get(kind, 0)
        self._number = f'" s="{style}"><v>' if kind in ("money", "number") else '"><v>'

    def cell(self, row: int, value: Any) -> str:
        """One cell by the type of its value; text is never a formula."""
        if value is None or value == "":
            return ""
        start = f'<c r="{self.letters}{row}'
        if isinstance(value, bool):
            value = _("Yes") if value else _("No")
        elif isinstance(value, int | float | Decimal):
            if -LARGEST_NUMBER < value < LARGEST_NUMBER:
                told = f"{value:f}" if isinstance(value, Decimal) else repr(value)
                return f"{start}{self._number}{told}</v></c>"
        elif isinstance(value, date):
            if isinstance(value, datetime):
                return self._moment(start, value)
            if value >= _FIRST_DAY:
                return f'{start}" s="4"><v>{(value - _EPOCH).days}</v></c>'
            value = f"{value:%d/%m}/{value.year}"
        text = _text(str(value))
        keep = ' xml:space="preserve"' if text != text.strip() else ""
        return f'{start}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'

    def _moment(self, start: str, value: datetime) -> str:
        """A moment, by the clock of the reader's country."""
        if timezone.is_aware(value):
            value = timezone.localtime(value).replace(tzinfo=None)
        since = (value - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001  as shown
        return f'{start}" s="5"><v>{since:.9f}</v></c>'


class _Out:
    """What a zip is written to: gives back what came since."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def take(self) -> bytes:
        """All that was written since the last time."""
        told, self._parts, self.size = b"".join(self._parts), [], 0
        return told


def streamed(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]], title: str
) -> Iterator[bytes]:
    """The workbook in pieces. `heads` are (heading, kind); a full sheet goes on in the next."""
    out = _Out()
    rows = iter(rows)
    sample = list(islice(rows, SAMPLE))
    widths = _widths(heads, sample)
    names: list[str] = []
    ends: list[int] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:  # type: ignore[call-overload]
        book.writestr("[Content_Types].xml", _types())
        book.writestr("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        rest: Iterator[Sequence[Any]] | None = chain(sample, rows)
        del sample
        while rest is not None:
            names.append(_sheet_name(title, len(names)))
            sheet = _Sheet(heads, widths, rest, first=len(names) == 1)
            with book.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as part:
                for piece in sheet.pieces():
                    part.write(piece)
                    if out.size >= PIECE:
                        yield out.take()
            ends.append(sheet.last)
            rest = sheet.rest
        book.writestr("xl/styles.xml", _styles())
        book.writestr("xl/workbook.xml", _workbook(names, ends, len(heads)))
        book.writestr("xl/_rels/workbook.xml.rels", _relations_of_sheets(len(names)))
    yield out.take()


class _Sheet:
    """One sheet; `last` row and the rows that are left are known once its pieces were taken."""

    def __init__(
        self, heads: Sequence[tuple[str, str]], widths: list[int], rows: Iterator[Sequence[Any]],
        first: bool,
    ) -> None:  # fmt: skip
        self._heads, self._widths, self._rows, self._first = heads, widths, rows, first
        self.last = 1
        self.rest: Iterator[Sequence[Any]] | None = None

    def pieces(self) -> Iterator[bytes]:
        """The XML."""
        columns = [_Column(place, kind) for place, (_label, kind) in enumerate(self._heads)]
        cells: list[Callable[[int, Any], str]] = [column.cell for column in columns]
        yield self._head(columns)
        number, size, held = 1, 0, []
        for row in self._rows:
            number += 1
            line = "".join([cell(number, value) for cell, value in zip(cells, row, strict=True)])
            held.append(f'<row r="{number}">{line}</row>')
            if len(held) == 200:
                piece = "".join(held).encode()
                held, size = [], size + len(piece)
                yield piece
            if number == MOST_ROWS or size > MOST_BYTES:
                following = next(self._rows, None)
                self.rest = None if following is None else chain([following], self._rows)
                break
        self.last = number
        yield "".join(held).encode()
        area = f"A1:{columns[-1].letters if columns else 'A'}{max(number, 2)}"
        yield f'</sheetData><autoFilter ref="{area}"/></worksheet>'.encode()

    def _head(self, columns: Sequence[_Column]) -> bytes:
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
            for n, width in enumerate(self._widths, 1)
        )
        labels = "".join(
            f'<c r="{column.letters}1" s="1" t="inlineStr"><is><t>{_text(label)}</t></is></c>'
            for column, (label, _kind) in zip(columns, self._heads, strict=True)
        )
        selected = ' tabSelected="1"' if self._first else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
            f'<sheetViews><sheetView{selected} workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
            ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            + (f"<cols>{widths}</cols>" if widths else "")
            + f'<sheetData><row r="1">{labels}</row>'
        ).encode()


def _widths(heads: Sequence[tuple[str, str]], sample: Sequence[Sequence[Any]]) -> list[int]:
    """Widths that fit the headings and the first rows."""
    widths = [len(label) * 2 // 3 for label, _kind in heads]
    for row in sample:
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                length = 16
            elif isinstance(value, date):
                length = 10
            elif isinstance(value, int | float | Decimal):
                length = len(f"{value:,}")
            else:
                length = len(str(value)) if value is not None else 0
            widths[place] = max(widths[place], length)
    return [min(max(width + 2, NARROWEST), WIDEST) for width in widths]


def _sheet_name(title: str, place: int) -> str:
    bare = "".join(" " if ch in "[]:*?/\\'" else ch for ch in _text(title)).strip()[:25] or "Banyan"
    return f"{bare} ({place + 1})" if place else bare


def _types() -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/></Types>'
    )


def _relations(told: Iterable[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, kind, target in told
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'
    )


def _relations_of_sheets(count: int) -> str:
    sheets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, count + 1)]
    return _relations([*sheets, (f"rId{count + 1}", "styles", "styles.xml")])


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(_FORMATS)
    )
    cells = "".join(
        f'<xf numFmtId="{164 + n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in range(len(_FORMATS))
    )
    font = '<font>{}<sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    side = "<left/><right/><top/>"
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{MAIN}">'
        f'<numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2">{font.format("")}{font.format("<b/>")}</fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{side}<bottom/><diagonal/></border>'
        f'<border>{side}<bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(_FORMATS)}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1"'
        ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        f'{cells}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    )


def _workbook(names: Sequence[str], ends: Sequence[int], width: int) -> str:
    last = _Column(max(width, 1) - 1, "").letters
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    areas = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{name}'!$A$1:${last}${max(end, 2)}</definedName>"
        for n, (name, end) in enumerate(zip(names, ends, strict=True))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<workbook xmlns="{MAIN}"'
        f' xmlns:r="{RELATIONS}"><bookViews><workbookView/></bookViews><sheets>{sheets}</sheets>'
        f"<definedNames>{areas}</definedNames></workbook>"
    )
