"""A workbook to fill in, or to change and send back: one table with lists, notes and protection.

It knows columns, not features. What it was made for stands in it as a mark, so that an upload is
known again; hidden columns name the record of a row and the version it was exported at.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal

import xlsxwriter
from django.utils import timezone
from django.utils.translation import pgettext

from banyan.kernel.headers import Column
from banyan.kernel.marks import template_in, template_mark
from banyan.web.template_sheets import Lists, add_guidance, add_lists, add_mark

__all__ = [
    "HIDDEN_COLUMNS", "THING", "VERSION", "BookColumn", "BookRow", "TemplateBook", "template_in",
    "template_mark", "write",
]  # fmt: skip

BookKind = Literal[
    "title", "text", "longtext", "unit", "choice", "date", "money", "count", "number", "flag"
]
THING, VERSION = "@thing", "@version"
HIDDEN_COLUMNS = (
    Column(THING, ("Banyan id",), "count"),
    Column(VERSION, ("Banyan version",), "count"),
)
"""To be looked for beside the table's own columns: which record a row is, as of which version."""

PREPARED, MORE_ROWS = 200, 2_000
WIDTHS = {
    "longtext": 48,
    "title": 42,
    "unit": 30,
    "date": 13,
    "money": 16,
    "count": 12,
    "number": 12,
}
FORMATS = {"date": "dd/mm/yyyy", "money": "#,##0", "count": "#,##0", "number": "#,##0.####"}
LONGEST_TEXT = 32_767
LARGEST_NUMBER = 10**15
"""A spreadsheet keeps fifteen digits; longer numbers are written as text."""
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
# What may be done to the open cells though headings and hidden columns are locked.
_ALLOWED = ("format_cells", "format_columns", "format_rows", "insert_rows", "autofilter", "sort")


@dataclass(frozen=True)
class BookColumn:
    """One column as it is filled in.

    label      the heading; one of those the reader looks for
    choices    what may be chosen, in order; other words are warned of, not refused
    help       what the column means, and its rule
    examples   shown in the guidance
    """

    id: str
    label: str
    kind: BookKind = "text"
    required: bool = False
    choices: Sequence[str] = ()
    help: str = ""
    width: int = 0
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class BookRow:
    """One record: its values in the order of the columns; which it is, as of which version."""

    values: Sequence[Any]
    thing: int | None = None
    version: int = 0


@dataclass(frozen=True)
class TemplateBook:
    """What a workbook holds.

    mark       what it was made for (target, programme, edition, unit, period, made_at …), as text
    rows       records to be changed; without any, empty rows are prepared
    tracked    whether hidden columns name the record of a row and its version
    guidance   sentences about the whole
    """

    title: str
    columns: Sequence[BookColumn]
    mark: Mapping[str, str]
    lead: str = ""
    guidance: Sequence[str] = ()
    rows: Iterable[BookRow] = ()
    prepared: int = PREPARED
    tracked: bool = True
    sheet: str = field(default="")


def write(book: TemplateBook) -> IO[bytes]:
    """The workbook as an open file on disk, at its beginning; the caller closes it."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        made = xlsxwriter.Workbook(out, _OPTIONS)
        name = book.sheet or pgettext("workbook", "Data")
        table = made.add_worksheet(name[:31])
        lists = Lists(book.columns, pgettext("workbook", "Lists"))
        _Table(made, table, book, lists).write()
        add_guidance(made, book)
        add_lists(made, lists)
        add_mark(made, book.mark)
        made.close()
        out.seek(0)
    except BaseException:
        out.close()
        raise
    return out


class _Table:
    """The first sheet."""

    def __init__(self, made: Any, sheet: Any, book: TemplateBook, lists: Lists) -> None:
        self._sheet, self._book, self._lists = sheet, book, lists
        edge = {"border": 1, "border_color": "#C9D4CD", "valign": "top"}
        head = {**edge, "bold": True, "text_wrap": True, "bg_color": "#E7F0EA", "valign": "vcenter"}
        self._title = made.add_format({"bold": True, "font_size": 14})
        self._quiet = made.add_format({"font_color": "#5B6B62"})
        self._head = made.add_format(head)
        self._needed = made.add_format({**head, "bg_color": "#CFE3D6", "bottom": 2})
        self._open = [made.add_format(_shape(column, edge)) for column in book.columns]
        self._locked = made.add_format({"locked": True, "num_format": "0"})
        self._headings = 3  # title, how to fill it in, an empty row

    @property
    def _lead(self) -> str:
        told = [self._book.lead]
        if any(column.required for column in self._book.columns):
            told.append(pgettext("workbook", "Columns with * must be filled in."))
        told.append(
            pgettext("workbook", "How to fill in each column stands on the sheet “Guidance”.")
        )
        return " ".join(text for text in told if text)

    def write(self) -> None:
        """Title, headings, rows, rules."""
        sheet, width = self._sheet, len(self._book.columns)
        sheet.write_string(0, 0, self._book.title, self._title)
        sheet.write_string(1, 0, self._lead, self._quiet)
        self._write_headings()
        last = self._write_rows()
        for place, column in enumerate(self._book.columns):
            open_cell = self._open[place]
            sheet.set_column(place, place, column.width or WIDTHS.get(column.kind, 20), open_cell)
            self._rule(place, column, last + MORE_ROWS)
        if self._book.tracked:
            sheet.set_column(width, width + 1, None, self._locked, {"hidden": True})
        sheet.freeze_panes(self._headings + 1, 1)
        sheet.autofilter(self._headings, 0, max(last, self._headings + 1), width - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self._headings)
        sheet.protect("", dict.fromkeys(_ALLOWED, True))

    def _write_headings(self) -> None:
        row = self._headings
        self._sheet.set_row(row, 45)
        for place, column in enumerate(self._book.columns):
            label = f"{column.label} *" if column.required else column.label
            self._sheet.write_string(
                row, place, label, self._needed if column.required else self._head
            )
            if told := note_of(column):
                size = {"x_scale": 2, "y_scale": 1 + len(told) / 120}
                self._sheet.write_comment(row, place, told, {"author": "Banyan", **size})
        tracked = HIDDEN_COLUMNS if self._book.tracked else ()
        for place, hidden in enumerate(tracked, len(self._book.columns)):
            self._sheet.write_string(row, place, hidden.headings[0], self._head)

    def _write_rows(self) -> int:
        """The records, or empty rows; the last row used."""
        row, width = self._headings, len(self._book.columns)
        for row, record in enumerate(self._book.rows, self._headings + 1):
            for place, value in enumerate(record.values):
                _put(self._sheet, (row, place), value, self._open[place])
            if record.thing is not None:
                self._sheet.write_number(row, width, record.thing, self._locked)
                self._sheet.write_number(row, width + 1, record.version, self._locked)
        if row == self._headings:
            for row in range(self._headings + 1, self._headings + 1 + self._book.prepared):
                for place in range(width):
                    self._sheet.write_blank(row, place, None, self._open[place])
        return row

    def _rule(self, place: int, column: BookColumn, last: int) -> None:
        """What is expected in a column: other values are warned of, and read with a question."""
        rule: dict[str, Any] = {}
        if source := self._lists.source(column):
            rule = {"validate": "list", "source": source}
            told = pgettext("workbook", "This is not in the list. Keep it?")
        elif column.kind == "date":
            span = {"minimum": date(1900, 1, 1), "maximum": date(2199, 12, 31)}
            rule = {"validate": "date", "criteria": "between", **span}
            told = pgettext("workbook", "A day is written 31/12/2024. Keep it?")
        elif column.kind in ("money", "count", "number"):
            least = -LARGEST_NUMBER if column.kind == "number" else 0
            rule = {
                "validate": "decimal",
                "criteria": "between",
                "minimum": least,
                "maximum": LARGEST_NUMBER,
            }
            told = pgettext("workbook", "A number is expected here. Keep it?")
        if rule:
            wording = {
                "error_type": "warning",
                "error_title": column.label[:32],
                "error_message": told,
            }
            first = self._headings + 1
            self._sheet.data_validation(first, place, last, place, {**rule, **wording})


def note_of(column: BookColumn) -> str:
    """What the note at a heading says."""
    told = [column.help]
    if column.examples:
        examples = "; ".join(column.examples)
        told.append(pgettext("workbook", "For example: %(examples)s") % {"examples": examples})
    return "\n".join(text for text in told if text)


def _shape(column: BookColumn, edge: Mapping[str, Any]) -> dict[str, Any]:
    """How the open cells of a column look. Codes are text: 00658 keeps its zeros."""
    wraps = column.kind in ("title", "text", "longtext", "unit")
    number = FORMATS.get(column.kind, "@")
    return {**edge, "locked": False, "num_format": number, "text_wrap": wraps}


def _put(sheet: Any, at: tuple[int, int], stored: Any, shape: Any) -> None:
    """One value by its type, so that reading it again gives the same."""
    value: Any = stored
    if isinstance(stored, bool):
        value = "x" if stored else pgettext("workbook", "no")
    if value is None or value == "":
        sheet.write_blank(*at, None, shape)
    elif isinstance(value, date):
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.localtime(value).replace(tzinfo=None)
        if value.year < 1900:
            sheet.write_string(*at, f"{value:%d/%m}/{value.year}", shape)
        else:
            sheet.write_datetime(*at, value, shape)
    elif isinstance(value, int | float | Decimal) and -LARGEST_NUMBER < value < LARGEST_NUMBER:
        sheet.write_number(*at, value, shape)
    else:
        sheet.write_string(*at, str(value)[:LONGEST_TEXT], shape)
