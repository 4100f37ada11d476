"""The page of the situation as a Word file of one page: the same content in the same order.

A pure function of what the page shows and the layout: the same question at the same instant gives
the same bytes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from banyan.figures.words import language_now
from banyan.kernel.documents_layout import Face, Layout
from banyan.kernel.docx_parts import (
    Form,
    clean,
    element,
    file_bytes,
    outer_link,
    restyle,
    set_language,
    write_run,
)
from banyan.web.templatetags.banyan import signed, vn

ROWS = 8
MARGIN = 15  # mm: one sheet must hold it all
_RIGHT = WD_ALIGN_PARAGRAPH.RIGHT
_LOCALES = {"vi": "vi-VN", "en": "en-GB"}
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
TITLE, BODY, SMALL, HEAD, STRONG = (
    Face(17, bold=True),
    Face(11.5),
    Face(9),
    Face(12, bold=True),
    Face(11.5, bold=True),
)


def word_page(context: dict[str, Any], layout: Layout, host: str) -> bytes:
    """The .docx bytes; every figure is a link to its records at `host`."""
    return _Sheet(context, layout, host).finish()


class _Sheet:
    def __init__(self, context: dict[str, Any], layout: Layout, host: str) -> None:
        self.told = context
        self.layout = layout
        self.host = host
        self.document: Document = docx.Document()

    def finish(self) -> bytes:
        """Write every part in its order."""
        self._frame()
        figures = self.told["figures"]
        reading = next((one["label"] for one in figures["readings"] if one["active"]), "")
        self._line(f"{figures['over']} · {reading}", SMALL)
        self._line(figures["title"], TITLE, style="Title")
        self._sentence(figures["sentence"])
        for note in figures["notes"]:
            self._line(" ".join(filter(None, [note.get("title"), note["text"]])), SMALL, after=3)
        self._numbers()
        self._decisions()
        if self.told["table"]:
            self._units(self.told["table"])
        self._line(" · ".join(self.told["foot"]), SMALL, before=6)
        self._line(self.told["reading_means"], SMALL)
        return file_bytes(self.document)

    def _frame(self) -> None:
        document, layout = self.document, self.layout
        section = document.sections[0]
        section.page_width = Mm(layout.length("page", "width"))
        section.page_height = Mm(layout.length("page", "height"))
        section.top_margin = section.bottom_margin = Mm(MARGIN)
        section.left_margin = section.right_margin = Mm(MARGIN)
        language = language_now()
        set_language(document, _LOCALES.get(language, language), layout.font)
        styles = {
            "Normal": (BODY, Form()),
            "Title": (TITLE, Form(after=4, keep_next=True)),
            "Heading 1": (HEAD, Form(before=8, after=3, keep_next=True)),
        }
        for name, (face, form) in styles.items():
            if name not in document.styles:
                document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            restyle(document.styles[name], face, form, layout.font)
        properties = document.core_properties
        properties.title = clean(
            f"{self.told['figures']['title']} · {self.told['figures']['over']}"
        )
        properties.author = properties.last_modified_by = "Banyan"
        properties.comments = " · ".join(self.told["foot"])[:255]
        properties.created = properties.modified = _UNDATED
        properties.revision = 1

    # -- pieces

    def _line(
        self, text: str, face: Face, *, style: str = "Normal", before: float = 0, after: float = 0
    ) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        if before:
            paragraph.paragraph_format.space_before = Mm(before / 2.8)
        if after:
            paragraph.paragraph_format.space_after = Mm(after / 2.8)
        if text:
            write_run(paragraph, text, face)
        return paragraph

    def _link(self, paragraph: Paragraph, text: str, url: str, face: Face) -> None:
        run = write_run(paragraph, text, face)
        if url.startswith("/"):
            # Word takes commas and @ as they are; escaped, they would leave plain text.
            plain = url.replace("%2C", ",").replace("%40", "@")
            outer_link(paragraph, run, f"{self.host}{plain}")

    def _sentence(self, parts: Sequence[Any]) -> None:
        paragraph = self._line("", BODY, after=6)
        for part in parts:
            if part.strong:
                self._link(paragraph, part.text, part.url, STRONG)
            else:
                write_run(paragraph, part.text, BODY)

    def _table(self, rows: int, widths: Sequence[float]) -> Any:
        table = self.document.add_table(rows=rows, cols=len(widths))
        table.autofit = False
        borders = element("tblBorders")
        for side in ("top", "bottom", "insideH"):
            borders.append(element(side, val="single", sz="4", space="0", color="BFBFBF"))
        table._tbl.tblPr.append(borders)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)
        return table

    def _cell(
        self, cell: _Cell, text: str, face: Face, url: str = "", *, right: bool = False
    ) -> None:
        paragraph = cell.paragraphs[0]
        if paragraph.runs:
            paragraph = cell.add_paragraph()
        if right:
            paragraph.alignment = _RIGHT
        if text:
            self._link(paragraph, text, url, face)

    def _numbers(self) -> None:
        numbers = self.told["numbers"]
        table = self._table(1, [180 / max(len(numbers), 1)] * len(numbers))
        for cell, number in zip(table.rows[0].cells, numbers, strict=True):
            base = f" / {vn(number['base'])}" if number["base"] is not None else ""
            beside = " ".join(filter(None, [number["beside"]["text"], number["beside"]["number"]]))
            self._cell(cell, number["label"], SMALL)
            self._cell(cell, f"{vn(number['value'])}{base}", TITLE, number["url"])
            self._cell(cell, " · ".join(filter(None, [number["share"], beside])), SMALL)

    def _decisions(self) -> None:
        self._line(_("Needs a decision"), HEAD, style="Heading 1")
        waiting = self.told["decisions"]
        if not waiting:
            self._line(_("Nothing waits for a decision of yours here."), BODY)
            return
        table = self._table(len(waiting), (115, 65))
        for row, one in zip(table.rows, waiting, strict=True):
            self._cell(row.cells[0], one["text"], BODY, one["url"])
            self._cell(row.cells[1], one["sub"], SMALL, right=True)

    def _units(self, told: dict[str, Any]) -> None:
        self._line(told["title"], HEAD, style="Heading 1")
        rows = told["rows"][:ROWS]
        table = self._table(len(rows) + 1, (62, 24, 28, 24, 42))
        heads = (
            _("Unit"),
            told["main"],
            told["share"],
            _("On last year"),
            pgettext("of a unit", "Remark"),
        )
        for n, (cell, text) in enumerate(zip(table.rows[0].cells, heads, strict=True)):
            self._cell(cell, text, SMALL, right=0 < n < 4)
        for line, row in zip(table.rows[1:], rows, strict=True):
            change = "–" if row["change"] is None else signed(row["change"])
            done = f"{vn(row['part'])}/{vn(row['whole'])}" if told["share"] else ""
            self._cell(line.cells[0], row["label"], BODY)
            self._cell(line.cells[1], vn(row["whole"]), BODY, row["whole_url"], right=True)
            self._cell(line.cells[2], done, BODY, row["part_url"], right=True)
            self._cell(line.cells[3], change if told["compares"] else "", BODY, right=True)
            self._cell(line.cells[4], row["note"]["text"], SMALL)
        more = len(told["rows"]) - ROWS
        if told["more"] and (more > 0 or not told["is_all"]):
            self._line(told["more"], SMALL)
