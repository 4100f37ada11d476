"""A periodic report as a Word file in the layout of Party documents (Guide 36-HD/VPTW).

A pure function of the report and the layout: `write` gives the same bytes for the same input.
Sizes, margins and fixed words are data: `data/layouts/party-36-hd-vptw.toml`.
"""

from datetime import UTC, date, datetime

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.section import Section as WordSection
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from banyan.kernel.documents_layout import Face, Layout
from banyan.kernel.docx_parts import (
    Form,
    bookmark,
    capitals_width,
    clean,
    file_bytes,
    inner_link,
    outer_link,
    page_number,
    restyle,
    rule_above,
    set_language,
    stand,
    write_run,
)
from banyan.reports.docx_tables import STYLE, figures_table, side_by_side, small_gap
from banyan.reports.party_report import (
    Annex,
    AnnexSource,
    BarePercentage,
    Block,
    Figure,
    FiguresNote,
    Heading,
    Paragraph,
    PartyReport,
    Section,
    Shown,
    Slot,
    Table,
    check_bases,
    number_line,
    sentence,
)

__all__ = [
    "Annex",
    "AnnexSource",
    "BarePercentage",
    "Figure",
    "FiguresNote",
    "Heading",
    "Paragraph",
    "PartyReport",
    "Section",
    "Shown",
    "Slot",
    "Table",
    "number_line",
    "sentence",
    "write",
]

_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_NOTE = "Note"
_RECIPIENT = "Recipient"
_MM_IN_POINT = 25.4 / 72
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def write(report: PartyReport, layout: Layout) -> bytes:
    """The report as .docx bytes, the same for the same input.

    Raises BarePercentage when a shown percentage has no base, KeyError for a language the layout
    has no words for.
    """
    check_bases(report)
    return _Writing(report, layout).finish()


class _Writing:
    """One report on its way to paper: the open document and what every part needs to know."""

    def __init__(self, report: PartyReport, layout: Layout) -> None:
        self.report = report
        self.layout = layout
        self.words = layout.words[report.language]
        self.document: Document = docx.Document()
        self.width = layout.text_width
        self.marks = {s.key: f"nguon_{i}" for i, s in enumerate(report.annex_sources, 1)}

    def finish(self) -> bytes:
        """Write every part in its order and close the file."""
        self._styles()
        self._page(self.document.sections[0])
        self._headers(self.document.sections[0])
        self._properties()
        self._heading_block()
        self._kind_and_subject()
        for block in (*self.report.intro, *self.report.sections):
            self._block(block)
        self._figures_note()
        self._closing()
        for number, annex in enumerate(self._annexes(), 1):
            self._annex(annex, number)
        return file_bytes(self.document)

    # -- the frame: styles, page, header, properties

    def _styles(self) -> None:
        faces, after = self.layout.faces, self.layout.length("paragraph", "after")
        indent = self.layout.length("paragraph", "indent")
        line = self.layout.length("paragraph", "line")
        head = Form(indent=indent, before=after, after=after, line=line, keep_next=True)
        body = Form(WD_ALIGN_PARAGRAPH.JUSTIFY, indent, after=after, line=line)
        forms: dict[str, tuple[str, Form]] = {
            "Normal": ("body", Form()),
            "Header": ("page_number", Form(_CENTRE)),
            "Title": ("kind", Form(_CENTRE, before=18, keep_next=True)),
            "Subtitle": ("subject", Form(_CENTRE, keep_next=True)),
            "Body Text": ("body", body),
            "Heading 1": ("section", head),
            "Heading 2": ("subsection", head),
            "Heading 3": ("minor", head),
            "Heading 4": ("minor", head),
            "Caption": ("caption", Form(_CENTRE, before=after, after=after, keep_next=True)),
            STYLE: ("table", Form(before=2, after=2)),
            _NOTE: ("note", Form(WD_ALIGN_PARAGRAPH.JUSTIFY, before=after)),
            _RECIPIENT: ("recipients", Form()),
        }
        styles = self.document.styles
        set_language(self.document, self.words["locale"], self.layout.font)
        for name, (face, form) in forms.items():
            if name not in styles:
                styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            restyle(styles[name], faces[face], form, self.layout.font)

    def _page(self, section: WordSection, *, landscape: bool = False) -> None:
        width = Mm(self.layout.length("page", "width"))
        height = Mm(self.layout.length("page", "height"))
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (height, width) if landscape else (width, height)
        section.top_margin = Mm(self.layout.length("margins", "top"))
        section.bottom_margin = Mm(self.layout.length("margins", "bottom"))
        section.left_margin = Mm(self.layout.length("margins", "left"))
        section.right_margin = Mm(self.layout.length("margins", "right"))
        section.header_distance = Mm(self.layout.length("margins", "header"))

    def _headers(self, section: WordSection) -> None:
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.style = "Header"
        page_number(number, self.layout.faces["page_number"])
        first = section.first_page_header
        first.paragraphs[0].style = "Header"
        if self.report.synthetic:
            self._mark(section.header.add_paragraph(style="Header"))
            self._mark(first.paragraphs[0])

    def _mark(self, paragraph: WordParagraph) -> None:
        write_run(paragraph, self.words["synthetic"], self.layout.faces["mark"])

    def _properties(self) -> None:
        report, properties = self.report, self.document.core_properties
        on = report.heading.on
        issued = datetime(on.year, on.month, on.day, tzinfo=UTC) if on else _UNDATED
        properties.title = clean(" ".join((report.kind, *report.subject)))[:255]
        properties.author = clean(report.heading.issuer)[:255]
        properties.last_modified_by = properties.author
        properties.language = self.words["locale"]
        properties.comments = self.words["synthetic"] if report.synthetic else ""
        properties.created = properties.modified = issued
        properties.revision = 1

    # -- the first page

    def _heading_block(self) -> None:
        heading, faces = self.report.heading, self.layout.faces
        title = self.words["title"]
        title_width = capitals_width(title, faces["title"].size) * _MM_IN_POINT
        left = self.layout.length("columns", "heading_left")
        right = max(self.width - left, title_width + 2)
        table = side_by_side(self.document, self.width - right, right, rows=2)
        above, below = table.rows[0].cells, table.rows[1].cells
        if heading.superior:
            self._centred(above[0], heading.superior, "superior")
        self._centred(above[0], heading.issuer, "issuer")
        self._centred(above[0], self.words["star"], "number")
        self._centred(above[1], title, "title")
        rule = above[1].add_paragraph()
        rule.paragraph_format.left_indent = Mm((right - title_width) / 2)
        rule.paragraph_format.right_indent = Mm((right - title_width) / 2)
        rule.paragraph_format.line_spacing = Pt(4)
        rule_above(rule)
        self._centred(below[0], _blanks(heading.number or ""), "number")
        self._centred(below[1], self._place_and_day(), "place_date")

    def _centred(self, cell: _Cell, text: str, face: str) -> None:
        paragraph = cell.paragraphs[0]
        if paragraph.runs:
            paragraph = cell.add_paragraph()
        paragraph.alignment = _CENTRE
        write_run(paragraph, text, self.layout.faces[face])

    def _place_and_day(self) -> str:
        place, on = self.report.heading.place, self.report.heading.on
        if on is None:
            return _blanks(self.words["undated"].format(place=place))
        return self.words["date"].format(place=place, **self._day(on))

    def _day(self, on: date) -> dict[str, object]:
        # A zero stands before days below 10 and before January and February (the guide's samples).
        month = f"{on.month:02}" if on.month < 3 else str(on.month)
        names = self.words["months"].split("|")
        name = names[on.month - 1] if len(names) == 12 else month
        return {"day": on.day, "month": month, "month_name": name, "year": on.year}

    def _kind_and_subject(self) -> None:
        write_run(self.document.add_paragraph(style="Title"), self.report.kind)
        subject = self.document.add_paragraph(style="Subtitle")
        write_run(subject, "\n".join(self.report.subject))
        if self.report.synthetic:
            plain = Face(self.layout.faces["subject"].size, italic=True)
            write_run(subject, "\n" + self.words["synthetic_subject"], plain)
        rule = self.document.add_paragraph()
        stand(rule.paragraph_format, Form(_CENTRE, after=12))
        write_run(rule, self.words["rule"])

    # -- the text

    def _block(self, block: Block) -> None:
        if isinstance(block, Section):
            self._section(block)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Slot):
            self._slot(block)
        else:
            self._paragraph(block)

    def _section(self, section: Section) -> None:
        level = min(max(section.level, 1), 4)
        heading = self.document.add_paragraph(style=f"Heading {level}")
        write_run(heading, f"{section.numeral} {section.title}".strip())
        for block in section.blocks:
            self._block(block)

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self.document.add_paragraph(style="Body Text")
        done = 0
        for figure in block.figures:
            write_run(paragraph, block.text[done : figure.start])
            shown = block.text[figure.start : figure.end]
            run = write_run(paragraph, shown, self.layout.faces["figure"])
            if figure.source in self.marks:
                inner_link(paragraph, [run], self.marks[figure.source])
            done = figure.end
        write_run(paragraph, block.text[done:])

    def _slot(self, slot: Slot) -> None:
        prompt = self.document.add_paragraph(style="Body Text")
        prompt.paragraph_format.keep_with_next = True
        write_run(prompt, f"[{slot.prompt}]").italic = True
        for _ in range(max(slot.lines, 1)):
            dots = self.document.add_paragraph(style="Body Text")
            dots.alignment = WD_ALIGN_PARAGRAPH.LEFT
            dots.paragraph_format.first_line_indent = Mm(0)
            dots.paragraph_format.tab_stops.add_tab_stop(
                Mm(self.width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
            )
            dots.add_run("\t")

    def _table(self, table: Table) -> None:
        if table.caption:
            write_run(self.document.add_paragraph(style="Caption"), table.caption)
        figures_table(self.document, table, self.width)
        if table.note:
            note = self.document.add_paragraph(style=_NOTE)
            write_run(note, f"{self.words['note']} {table.note}")
        small_gap(self.document)

    # -- the end

    def _figures_note(self) -> None:
        sentences = self.report.figures_note.sentences()
        if sentences:
            self.document.paragraphs[-1].paragraph_format.keep_with_next = True
            note = self.document.add_paragraph(style=_NOTE)
            write_run(note, " ".join((self.words["figures_note"], *sentences)))

    def _closing(self) -> None:
        # The block must not stand alone on a page: at least the last lines of the text go with it.
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        small_gap(self.document, 12, keep_next=True)
        left = self.layout.length("columns", "closing_left")
        table = side_by_side(self.document, left, self.width - left)
        recipients, signing = table.rows[0].cells
        if self.report.recipients:
            face = self.layout.faces["recipients_head"]
            write_run(recipients.paragraphs[0], self.words["recipients"], face)
        for recipient in self.report.recipients:
            write_run(recipients.add_paragraph(style=_RECIPIENT), f"- {recipient}")
        self._centred(signing, self.report.authority, "authority")
        if self.report.signer_post:
            self._centred(signing, self.report.signer_post, "post")
        name = signing.add_paragraph()
        name.alignment = _CENTRE
        name.paragraph_format.space_before = Pt(self.layout.length("closing", "signature"))
        write_run(name, self.report.signer_name or "", self.layout.faces["signer"])

    def _annexes(self) -> tuple[Annex, ...]:
        if not self.report.annex_sources:
            return self.report.annexes
        headers = tuple(self.words["sources_headers"].split("|"))
        rows = tuple(
            (str(number), source.name, source.value, source.base, source.path)
            for number, source in enumerate(self.report.annex_sources, 1)
        )
        table = Table("", headers, rows, numeric=frozenset({2}))
        return (*self.report.annexes, Annex(self.words["sources_title"], (table,)))

    def _annex(self, annex: Annex, number: int) -> None:
        new_page = self._turn_page(annex)
        heading = self.document.add_paragraph(style="Heading 1")
        heading.paragraph_format.page_break_before = not new_page
        stand(heading.paragraph_format, Form(_CENTRE, keep_next=True))
        alone = len(self._annexes()) == 1
        form = "annex" if alone else "annex_number"
        write_run(heading, f"{self.words[form].format(number=number)}\n{annex.title}")
        attached = self.document.add_paragraph()
        stand(attached.paragraph_format, Form(_CENTRE, after=12, keep_next=True))
        write_run(attached, self._attached(), self.layout.faces["place_date"])
        for block in annex.blocks:
            self._block(block)
        if number == len(self._annexes()) and self.report.annex_sources:
            self._link_sources()

    def _turn_page(self, annex: Annex) -> bool:
        """Begin a new page section when the paper is turned; say whether one was begun."""
        upright = self.document.sections[-1].orientation == WD_ORIENT.PORTRAIT
        if upright != annex.landscape:
            return False
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self._page(section, landscape=annex.landscape)
        section.different_first_page_header_footer = False
        turned = "width" if not annex.landscape else "height"
        margins = self.layout.lengths["margins"]
        self.width = self.layout.length("page", turned) - margins["left"] - margins["right"]
        return True

    def _attached(self) -> str:
        heading = self.report.heading
        number = (heading.number or "").strip()
        values = {
            "kind": self.report.kind.capitalize(),
            "number": _blanks(number[:1].lower() + number[1:]),
        }
        if heading.on is None:
            return self.words["attached_undated"].format(**values)
        return self.words["attached"].format(**values, **self._day(heading.on))

    def _link_sources(self) -> None:
        """Let figures in the text lead to their row, and each row to its records."""
        rows = self.document.tables[-1].rows[1:]
        pairs = zip(rows, self.report.annex_sources, strict=True)
        for number, (row, source) in enumerate(pairs, 1):
            cells = row.cells
            bookmark(cells[2].paragraphs[0], f"nguon_{number}", number)
            target = cells[4].paragraphs[0]
            outer_link(target, target.runs[0], source.path)


def _blanks(text: str) -> str:
    """Keep a run of blanks, the place where a number is written in, from being closed up."""
    return text.replace("  ", "\u00a0\u00a0")
