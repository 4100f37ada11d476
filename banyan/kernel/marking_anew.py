"""A workbook that cannot be edited in place, written anew with its values and the marks in it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any

import xlsxwriter

from banyan.kernel.marking_list import (
    MARK_COLUMN,
    MOST_LINKS,
    MOST_LISTED,
    WIDTHS,
    Listed,
    free_sheet_name,
    sheet_reference,
)
from banyan.kernel.marking_notes import clean
from banyan.kernel.marking_styles import TONES
from banyan.kernel.marks import (
    IMPORT_NAME,
    SHEET_NAME,
    SIGN,
    Words,
    Wrong,
    cell_mark,
    is_marks_sheet,
    quoted,
)
from banyan.kernel.notes import Raw
from banyan.kernel.sheets import Place, Sheet, read_workbook
from banyan.kernel.workbook_parts import coordinate

_LOOKED_AT, _NARROWEST, _WIDEST = 200, 8, 50
_LONGEST_TEXT = 32_767
_NOT_LIKED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def written_anew(
    content: bytes,
    wrong: Sequence[tuple[Wrong, Place | None]],
    words: Words,
    batch: str,
    out: IO[bytes],
) -> None:
    """The same values in a new workbook, row by row."""
    sheets = [sheet for sheet in read_workbook(content).sheets if not is_marks_sheet(sheet)]
    places = {sheet.name: n for n, sheet in enumerate(sheets)}
    wrong = sorted(wrong, key=lambda w: (places.get(w[0].sheet, len(places)), w[1] or (-1, -1)))
    linked = frozenset((one.sheet, one.cell) for one, at in wrong if at and one.sheet in places)
    listed = Listed(words, batch, [one for one, _at in wrong], linked, anew=True)
    book = xlsxwriter.Workbook(out, {"constant_memory": True, **_NOT_LIKED})
    names = [_named(sheet.name) for sheet in sheets]
    first = free_sheet_name(words.sheet, names)
    _list(book, book.add_worksheet(first), listed, dict(zip(places, names, strict=True)))
    for sheet, name in zip(sheets, names, strict=True):
        marks: dict[Place, list[Wrong]] = {}
        for one, at in wrong:
            if at and one.sheet == sheet.name:
                marks.setdefault(sheet.covered.get(at, at), []).append(one)
        made = book.add_worksheet(name)
        _values(book, made, sheet, marks)
        if not sheet.visible:
            made.hide()
    mark = coordinate(0, MARK_COLUMN)
    book.define_name(SHEET_NAME, f"={sheet_reference(first)}!${mark[:-1]}${mark[-1]}")
    book.define_name(IMPORT_NAME, "=" + quoted(batch))
    book.close()


def _named(name: str) -> str:
    bare = "".join(" " if ch in "[]:*?/\\" else ch for ch in clean(name)).strip(" '")
    return bare[:31] or "Sheet"


def _list(book: Any, sheet: Any, listed: Listed, names: dict[str, str]) -> None:
    """The first sheet."""
    wrap = {"text_wrap": True, "valign": "top"}
    text, head = (
        book.add_format(wrap),
        book.add_format({**wrap, "bold": True, "bottom": 1, "bg_color": "#E7F0EA"}),
    )
    link = book.add_format({"font_color": "#0B57A4", "underline": 1, "valign": "top"})
    tones = {t: book.add_format({**wrap, "bg_color": f"#{c[2:]}0"}) for t, c in TONES.items()}
    title = book.add_format({"bold": True, "font_size": 14})
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_column(MARK_COLUMN, MARK_COLUMN, None, None, {"hidden": True})
    for row, line in enumerate(listed.lead):
        sheet.write_string(row, 0, line, title if row == 0 else None)
        if row == 0:
            sheet.write_string(0, MARK_COLUMN, cell_mark(listed.batch))
    for place, word in enumerate(listed.words.headings):
        sheet.write_string(listed.head, place, word, head)
    for row, one in enumerate(listed.wrong[:MOST_LISTED], listed.head + 1):
        looks = [text, text, text, text, tones[one.tone], text, text]
        for place, told in enumerate(listed.cells(one)):
            if place == 1 and listed.target(one) and row - listed.head <= MOST_LINKS:
                target = f"internal:{sheet_reference(names[one.sheet])}!{one.cell}"
                sheet.write_url(row, 1, target, link, one.cell)
            else:
                sheet.write_string(row, place, clean(told), looks[place])
    sheet.freeze_panes(listed.head + 1, 0)
    sheet.autofilter(listed.head, 0, listed.last, len(WIDTHS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_tab_color("#C0392B")
    sheet.hide_gridlines(2)


def _values(book: Any, made: Any, sheet: Sheet, marks: dict[Place, list[Wrong]]) -> None:
    """One sheet of values, marked cells coloured and noted."""
    formats = _Formats(book)
    for place, width in enumerate(_widths(sheet)):
        made.set_column(place, place, width)
    for first, last in sheet.merges.items():
        # merge_range writes the rows below at once, which a book written row by row cannot.
        made.merge.append([*first, *last])
    late = {row for row, _column in marks if row >= len(sheet.rows)}
    by_row: dict[int, dict[int, list[Wrong]]] = {}
    for (row, column), ones in marks.items():
        by_row.setdefault(row, {})[column] = ones
    for row in [*range(len(sheet.rows)), *sorted(late)]:
        values = sheet.rows[row] if row < len(sheet.rows) else ()
        marked = by_row.get(row, {})
        for column in range(max(len(values), max(marked, default=-1) + 1)):
            value = values[column] if column < len(values) else None
            ones = marked.get(column, [])
            if value not in (None, "") or ones:
                tone = min((one.tone for one in ones), key=list(TONES).index, default="")
                _put(made, (row, column), value, formats, tone)
        for column, ones in marked.items():
            told = "\n\n".join(f"{SIGN} {one.rule}\n{one.mend}".strip() for one in ones)
            made.write_comment(row, column, clean(told)[:2_000], {"author": SIGN.rstrip(":")})


def _widths(sheet: Sheet) -> list[int]:
    """Widths that fit what the first rows hold, but no more than a title may take."""
    widths: list[int] = []
    for row in sheet.rows[:_LOOKED_AT]:
        widths += [_NARROWEST] * (len(row) - len(widths))
        for place, value in enumerate(row):
            length = 10 if isinstance(value, date) else len(str(value or ""))
            if length <= _WIDEST:
                widths[place] = max(widths[place], length + 2)
    return widths


class _Formats:
    """Each number format with each tone, made once a sheet."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, {}  # type: Any, dict[tuple[str, str], Any]

    def of(self, shape: str, tone: str) -> Any:
        """The format; None for the plain one."""
        if not (shape or tone):
            return None
        if (shape, tone) not in self._made:
            colour = {"bg_color": f"#{TONES[tone][2:]}0"} if tone in TONES else {}
            said = {"num_format": shape} if shape else {}
            self._made[shape, tone] = self._book.add_format({**said, **colour})
        return self._made[shape, tone]


def _put(made: Any, at: Place, value: Raw, formats: _Formats, tone: str) -> None:
    """One cell, by the type of its value; never a formula."""
    if value is None or value == "":
        made.write_blank(*at, None, formats.of("", tone))
    elif isinstance(value, bool):
        made.write_boolean(*at, value, formats.of("", tone))
    elif isinstance(value, datetime):
        shape = "dd/mm/yyyy hh:mm" if value.time() != time() else "dd/mm/yyyy"
        _put_date(made, at, value, formats.of(shape, tone))
    elif isinstance(value, date):
        _put_date(made, at, value, formats.of("dd/mm/yyyy", tone))
    elif isinstance(value, time | timedelta):
        made.write_datetime(*at, value, formats.of("[hh]:mm:ss", tone))
    elif isinstance(value, int | float):
        made.write_number(*at, value, formats.of("", tone))
    else:
        made.write_string(*at, clean(value)[:_LONGEST_TEXT], formats.of("", tone))


def _put_date(made: Any, at: Place, value: date, shape: Any) -> None:
    if value.year < 1900:
        made.write_string(*at, value.strftime("%d/%m/%Y"), shape)
    else:
        made.write_datetime(*at, value, shape)
