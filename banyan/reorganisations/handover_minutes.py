"""The minutes of hand-over as a Word file: the same bytes for the same facts. They name no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from banyan.kernel.documents_layout import shipped_layout
from banyan.kernel.docx_parts import (
    Form,
    clean,
    file_bytes,
    keep_row_whole,
    page_number,
    restyle,
    rule_above,
    set_language,
    write_run,
)

LAYOUT = "handover-30-nd-cp"
LANGUAGE = "vi"
CENTRE, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Minutes:
    """What the minutes say. Counts tell what the package holds, so that both can be compared.

    `takers`: (unit, whether it took all of it). `records`: (programme, period, how many).
    `placed`: (unit, how many), an empty name for those not placed. `posts` None: not shown.
    """

    unit: str
    code: str
    decision: str
    decided_on: date
    on: date
    signer: str
    title: str
    takers: Sequence[tuple[str, bool]]
    records: Sequence[tuple[str, str, int]]
    placed: Sequence[tuple[str, int]]
    files: int
    size: int
    left_out: int
    lost: int
    posts: int | None
    synthetic: bool = False


def write(told: Minutes) -> bytes:
    """The file."""
    return _Writing(told).finish()


class _Writing:
    """One set of minutes on its way to paper."""

    def __init__(self, told: Minutes) -> None:
        self.told = told
        self.layout = shipped_layout(LAYOUT)
        self.words = self.layout.words[LANGUAGE]
        self.document: Document = docx.Document()

    def finish(self) -> bytes:
        """Write every part in its order and close the file."""
        self._frame()
        self._head()
        self._parties()
        self._records()
        self._rest()
        self._signatures()
        return file_bytes(self.document)

    def _frame(self) -> None:
        layout, document = self.layout, self.document
        set_language(document, self.words["locale"], layout.font)
        restyle(document.styles["Normal"], layout.faces["body"], Form(), layout.font)
        section = document.sections[0]
        section.page_width = Mm(layout.length("page", "width"))
        section.page_height = Mm(layout.length("page", "height"))
        for side in ("top", "bottom", "left", "right"):
            setattr(section, f"{side}_margin", Mm(layout.length("margins", side)))
        section.header_distance = Mm(layout.length("margins", "header"))
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = CENTRE
        page_number(number, layout.faces["page_number"])
        if self.told.synthetic:
            for header in (section.header, section.first_page_header):
                mark = header.add_paragraph()
                mark.alignment = CENTRE
                write_run(mark, self.words["synthetic"], layout.faces["section"])
        about = document.core_properties
        subject = self.words["subject"].format(unit=self.told.unit)
        about.title = clean(f"{self.words['kind']}: {subject}")[:255]
        about.author = about.last_modified_by = clean(self.told.unit)[:255]
        about.created = about.modified = _UNDATED
        about.revision = 1

    def _centred(self, cell: _Cell, text: str, face: str, *, first: bool = False) -> Paragraph:
        paragraph: Paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
        paragraph.alignment = CENTRE
        write_run(paragraph, text, self.layout.faces[face])
        return paragraph

    def _columns(self, left: float) -> tuple[_Cell, _Cell]:
        table = self.document.add_table(1, 2)
        table.autofit = False
        cells = table.rows[0].cells
        for cell, width in zip(cells, (left, self.layout.text_width - left), strict=True):
            cell.width = Mm(width)
        keep_row_whole(table.rows[0])
        return cells[0], cells[1]

    def _head(self) -> None:
        left_width = self.layout.length("columns", "heading_left")
        left, right = self._columns(left_width)
        self._centred(left, self.told.unit, "issuer", first=True)
        self._rule(left, left_width / 3)
        self._centred(right, self.words["title"], "title", first=True)
        self._centred(right, self.words["motto"], "motto")
        self._rule(right, (self.layout.text_width - left_width) / 4)
        self._centred(right, self.words["undated"], "place_date")
        for text, face in (
            (self.words["kind"], "kind"),
            (self.words["subject"].format(unit=self.told.unit), "subject"),
        ):
            paragraph = self.document.add_paragraph()
            paragraph.alignment = CENTRE
            paragraph.paragraph_format.space_before = Pt(12 if face == "kind" else 0)
            paragraph.paragraph_format.space_after = Pt(0 if face == "kind" else 12)
            write_run(paragraph, text, self.layout.faces[face])

    @staticmethod
    def _rule(cell: _Cell, indent: float) -> None:
        paragraph = cell.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(indent)
        paragraph.paragraph_format.right_indent = Mm(indent)
        paragraph.paragraph_format.line_spacing = Pt(6)
        rule_above(paragraph)

    def _say(self, text: str, face: str = "body") -> Paragraph:
        paragraph = self.document.add_paragraph()
        shape = paragraph.paragraph_format
        # Dots for the hand would be torn apart.
        shape.alignment = WD_ALIGN_PARAGRAPH.LEFT if "………" in text else JUSTIFY
        shape.first_line_indent = Mm(self.layout.length("paragraph", "indent"))
        shape.space_after = Pt(self.layout.length("paragraph", "after"))
        shape.keep_with_next = face == "section"
        write_run(paragraph, text, self.layout.faces[face])
        return paragraph

    def _parties(self) -> None:
        told, words = self.told, self.words
        self._say(
            words["basis"].format(
                decision=told.decision,
                decided_on=_day(told.decided_on),
                signer=words["signer"].format(signer=told.signer) if told.signer else "",
                about=words["about"].format(title=told.title) if told.title else "",
            ),
            "note",
        )
        code = words["code"].format(code=told.code) if told.code else ""
        self._say(words["force"].format(unit=told.unit, code=code, on=_day(told.on)))
        self._say(words["giver"].format(unit=told.unit), "section")
        self._say(words["person"])
        several = len(told.takers) > 1
        if several:
            self._say(words["takers"], "section")
        for place, (name, wholly) in enumerate(told.takers, 1):
            called = f"{name} ({words['whole'] if wholly else words['part']})"
            heading = words["taker_of_several"] if several else words["taker"]
            self._say(heading.format(n=place, unit=called), "section")
            self._say(words["person"])
        if not told.takers:
            self._say(words["no_taker"], "section")
            self._say(words["person"])

    def _records(self) -> None:
        told, words = self.told, self.words
        self._say(words["records"], "section")
        if not told.records:
            self._say(words["no_records"])
            return
        rows = [
            (str(place), programme, period, str(n))
            for place, (programme, period, n) in enumerate(told.records, 1)
        ]
        total = str(sum(n for _programme, _period, n in told.records))
        self._table(words["records_headers"], [*rows, ("", words["records_total"], "", total)])
        if told.placed:
            where = [
                (str(place), name or words["unplaced"], str(n))
                for place, (name, n) in enumerate(told.placed, 1)
            ]
            self._table(words["placed_headers"], where)
        self._say(words["records_file"].format(file="ho-so.xlsx"))

    def _table(self, headers: str, rows: Sequence[Sequence[str]]) -> None:
        heads = headers.split("|")
        table = self.document.add_table(len(rows) + 1, len(heads))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        face = self.layout.faces["table"]
        for line, (row, texts) in enumerate(zip(table.rows, [heads, *rows], strict=True)):
            keep_row_whole(row, header=line == 0)
            for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                run = write_run(cell.paragraphs[0], text, face)
                run.font.bold = line == 0
                if place in (0, len(heads) - 1):
                    cell.paragraphs[0].alignment = CENTRE
        after = self.document.add_paragraph().paragraph_format
        after.line_spacing = Pt(self.layout.length("paragraph", "after"))

    def _rest(self) -> None:
        told, words = self.told, self.words
        self._say(words["documents"], "section")
        said = words["documents_said" if told.files else "no_documents"]
        self._say(said.format(n=told.files, size=told.size, folder="tep/", file="danh-muc.csv"))
        if told.left_out:
            self._say(words["left_out"].format(n=told.left_out))
        if told.lost:
            self._say(words["lost"].format(n=told.lost))
        self._say(words["posts"], "section")
        if told.posts is None:
            self._say(words["posts_hidden"])
        else:
            self._say(words["posts_said"].format(n=told.posts, file="chuc-vu.csv"))
        self._say(words["hashes"], "section")
        self._say(words["hashes_said"])
        self._say(words["closing"]).paragraph_format.keep_with_next = True

    def _signatures(self) -> None:
        """A box for each side, two abreast; of several receivers each is named."""
        takers = [name for name, _wholly in self.told.takers]
        boxes = [("giver_signs", "")]
        boxes += [("taker_signs", name) for name in takers] if takers[1:] else [("taker_signs", "")]
        for place in range(0, len(boxes), 2):
            if place:  # else Word makes one table of two
                self.document.add_paragraph()
            cells = self._columns(self.layout.length("columns", "closing_left"))
            for cell, (who, name) in zip(cells, boxes[place : place + 2], strict=False):
                self._box(cell, self.words[who], name)

    def _box(self, cell: _Cell, who: str, name: str) -> None:
        self._centred(cell, who, "signer", first=True)
        if name:
            self._centred(cell, name, "subject")
        room = self._centred(cell, self.words["sign"], "note")
        room.paragraph_format.space_after = Pt(self.layout.length("closing", "signature"))


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
