"""Rows out as a file: CSV with a byte-order mark, XLSX written row by row; no cell is a formula."""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

# What a spreadsheet takes for the beginning of a formula or of a command, also in full width and
# behind blanks that it drops.
_FORMULA = re.compile(r"[\s\u00a0\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"-[0-9]+(?:[.,][0-9]+)*")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROWEST, WIDEST = 9, 60
FORMATS = {"money": "#,##0", "number": "#,##0.####", "date": "dd/mm/yyyy"}


@dataclass(frozen=True)
class Heading:
    """The head of a column and the kind of what stands under it."""

    label: str
    kind: str = "text"


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers never."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


class _Echo:
    def write(self, line: str) -> str:
        return line


def _csv(headings: list[Heading], rows: Iterable[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([harmless(h.label) for h in headings])
    for row in rows:
        yield writer.writerow(["" if v is None else harmless(v) for v in row])


def _xlsx(headings: list[Heading], rows: Iterable[list[Any]]) -> Any:
    out = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it after sending
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    kinds = {kind: book.add_format({"num_format": said}) for kind, said in FORMATS.items()}
    formats = [kinds.get(heading.kind) for heading in headings]
    widths = [len(heading.label) * 2 // 3 for heading in headings]
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading.label, bold)
    sheet.freeze_panes(1, 0)
    line = 0
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            dated = isinstance(value, date)
            shape = kinds["date"] if dated else formats[place]
            widths[place] = max(widths[place], _put(sheet, (line, place), value, shape))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(max(width + 2, NARROWEST), WIDEST))
    sheet.autofilter(0, 0, max(line, 1), max(len(headings) - 1, 0))
    book.close()
    out.seek(0)
    return out


def _put(sheet: Any, where: tuple[int, int], value: Any, shape: Any) -> int:
    """Write one cell by the type of its value; how many characters it takes."""
    if isinstance(value, bool) or value is None or value == "":
        return 0
    if isinstance(value, datetime):
        value = (
            timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        )
    if isinstance(value, date):
        sheet.write_datetime(*where, value, shape)
        return 10
    if isinstance(value, int | float | Decimal):
        sheet.write_number(*where, value, shape)
        return len(f"{value:,}")
    sheet.write_string(*where, str(value))
    return len(str(value))


def download(
    kind: str, name: str, headings: list[Heading], rows: Iterable[list[Any]]
) -> HttpResponseBase:
    """The file as an attachment; CSV streams, XLSX is written to disk row by row first."""
    if kind == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            _csv(headings, rows), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    return FileResponse(
        _xlsx(headings, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )
