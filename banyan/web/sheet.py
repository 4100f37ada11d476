"""Rows out as a file: CSV with a byte-order mark, XLSX written row by row; no cell is a formula."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _Echo:
    def write(self, line: str) -> str:
        return line


def _csv(headings: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([harmless(h) for h in headings])
    for row in rows:
        yield writer.writerow(["" if v is None else harmless(v) for v in row])


def _xlsx(headings: list[str], rows: Iterable[list[Any]]) -> Any:
    out = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it after sending
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, min(max(len(heading) + 4, 14), WIDEST))
        sheet.write_string(0, place, heading, bold)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, bool) or value is None:
                continue
            if isinstance(value, date):
                sheet.write_datetime(line, place, value, day)
            elif isinstance(value, int | float | Decimal):
                sheet.write_number(line, place, value)
            else:
                sheet.write_string(line, place, str(value))
    book.close()
    out.seek(0)
    return out


def download(
    kind: str, name: str, headings: list[str], rows: Iterable[list[Any]]
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
