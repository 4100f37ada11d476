"""Tables of a Word report: ruled ones for figures, unruled ones that place text side by side."""

import re

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Row
from docx.text.paragraph import Paragraph

from banyan.kernel.docx_parts import clean, element, keep_row_whole, write_run
from banyan.reports.party_report import Table

STYLE = "Table Text"
_MM_OF_CAPITAL, _MM_OF_LETTER = 3.2, 2.2  # of the bold 12 point table face
_LONGEST_WORD = 38.0  # mm; longer words are broken rather than let them push the others out
_LONGEST_TEXT = 70.0  # mm; longer texts wrap and ask for no more room
_WHOLE = 4  # rows; a table of up to so many is kept on one page
_NARROWEST = 8.0  # mm, of a column, while the paper has room
_PADDING = 4.0  # mm, both sides of a cell


def side_by_side(document: Document, left: float, right: float, rows: int = 1) -> WordTable:
    """An unruled table of two columns, `left` and `right` millimetres wide, rows never split."""
    table: WordTable = document.add_table(rows, 2)
    table.autofit = False
    _no_padding(table)
    for row in table.rows:
        keep_row_whole(row)
    _set_widths(table, (left, right))
    return table


def figures_table(document: Document, table: Table, width: float) -> None:
    """Add a ruled table with a repeated header row, `width` millimetres wide.

    Headers and totals are bold. A table without a column adds nothing.
    """
    columns = max([len(table.headers), *map(len, table.rows)])
    if not columns:
        return
    made: WordTable = document.add_table(len(table.rows) + 1, columns)
    made.style = "Table Grid"
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    made._tbl.tblPr.append(element("tblCaption", val=clean(table.caption)))
    header, *rows = made.rows
    style_id = document.styles[STYLE].style_id
    _write_row(header, table.headers, style_id, bold=True)
    keep_row_whole(header, header=True)
    for cell in header.cells:
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        cell.paragraphs[0].paragraph_format.keep_with_next = True
    first_total = len(rows) - table.total_rows
    for index, (row, texts) in enumerate(zip(rows, table.rows, strict=True)):
        _write_row(row, texts, style_id, bold=index >= first_total)
        keep_row_whole(row)
    _align(table, rows, columns)
    _hold_together(table, rows)
    _set_widths(made, column_widths(table, columns, width))


def column_widths(table: Table, columns: int, width: float) -> tuple[float, ...]:
    """Millimetres for each column: room for its longest word, the rest by its longest text."""
    least, wanted = [], []
    floor = min(_NARROWEST, width / columns)
    for column in range(columns):
        texts = [clean(row[column]) for row in table.rows if column < len(row)]
        header = clean(table.headers[column]) if column < len(table.headers) else ""
        # Not at every white space: a number never parts from its sign.
        words = [word for text in (header, *texts) for word in re.split("[ \n]", text)]
        word = max(map(_printed_width, words), default=0.0)
        # A header may stand on two lines; what is under it preferably does not wrap.
        longest = max([_printed_width(header) / 2, *map(_printed_width, texts)])
        least.append(max(floor, _PADDING + min(word, _LONGEST_WORD)))
        wanted.append(_PADDING + min(longest, _LONGEST_TEXT))
    if sum(least) >= width:  # too many words for the paper: all give way, none vanishes
        return _shared(width, [floor] * columns, [m - floor for m in least])
    return _shared(width, least, [max(w - m, 0.0) for w, m in zip(wanted, least, strict=True)])


def _shared(width: float, start: list[float], wishes: list[float]) -> tuple[float, ...]:
    """Each column's start, and what is left of the width by its wishes (evenly if none has any)."""
    spare, wished = width - sum(start), sum(wishes)
    if not wished:
        return tuple(s + spare / len(start) for s in start)
    return tuple(s + spare * wish / wished for s, wish in zip(start, wishes, strict=True))


def _printed_width(text: str) -> float:
    return sum(_MM_OF_CAPITAL if letter.isupper() else _MM_OF_LETTER for letter in text)


def _align(table: Table, rows: list[_Row], columns: int) -> None:
    """Numbers to the right, ordinal numbers in the first column to the middle."""
    places = {column: WD_ALIGN_PARAGRAPH.RIGHT for column in table.numeric if column < columns}
    ordinals = [row[0] for row in table.rows if row and row[0]]
    if ordinals and all(len(text) < 4 and text.isdecimal() for text in ordinals):
        places.setdefault(0, WD_ALIGN_PARAGRAPH.CENTER)
    for row in rows:
        cells = row.cells
        for column, place in places.items():
            cells[column].paragraphs[0].alignment = place


def _hold_together(table: Table, rows: list[_Row]) -> None:
    """Keep a short table whole, and the totals of a long one with the rows above them."""
    first = 0 if len(rows) <= _WHOLE else len(rows) - table.total_rows - 2
    for row in rows[max(first, 0) : -1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _write_row(row: _Row, texts: tuple[str, ...], style_id: str, *, bold: bool = False) -> None:
    for index, cell in enumerate(row.cells):
        paragraph: Paragraph = cell.paragraphs[0]
        # By its id: python-docx would search all styles by name, for every cell of a long table.
        paragraph._p.style = style_id
        run = write_run(paragraph, texts[index] if index < len(texts) else "")
        if bold:
            run.font.bold = True


def _set_widths(table: WordTable, widths: tuple[float, ...]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _no_padding(table: WordTable) -> None:
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w="0", type="dxa"))
    properties = table._tbl.tblPr
    look = properties.find(element("tblLook").tag)
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def small_gap(document: Document, points: float = 6, *, keep_next: bool = False) -> None:
    """An empty paragraph of so many points: Word joins two tables that touch."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(points)
    paragraph.paragraph_format.keep_with_next = keep_next
