"""Parts of a Word file that python-docx has no word for: fields, rules, links, fixed bytes.

Everything that reaches the file passes `clean`, so no text can break the XML or turn a line round.
"""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Row
from docx.text.paragraph import Paragraph
from docx.text.parfmt import ParagraphFormat
from docx.text.run import Run

from banyan.kernel.documents_layout import Face

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\u0085\u2028\u2029]")
_PERCENT_GAP = re.compile(r"(?<=\d) (?=%)")
_LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]+")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)

# Adobe font metrics of Times Bold, which Times New Roman Bold shares, in 1/1000 em. Marks above
# and below Vietnamese letters add no width.
_CAPITAL_WIDTHS = """A722 B667 C722 D722 E667 F611 G778 H778 I389 J500 K778 L667 M944 N722
    O778 P611 Q778 R722 S556 T667 U722 V722 W1000 X722 Y722 Z667"""
_CAPITALS = {" ": 250} | {one[0]: int(one[1:]) for one in _CAPITAL_WIDTHS.split()}


@dataclass(frozen=True)
class Form:
    """How a paragraph stands. Points, except `indent` (first line) in millimetres; `line` is the
    least height of a line, None for single spacing."""

    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    indent: float = 0
    before: float = 0
    after: float = 0
    line: float | None = None
    keep_next: bool = False


def clean(text: str) -> str:
    """Text that is safe in XML and in print: composed Vietnamese letters, no control characters,
    no marks that turn the reading direction, lines broken by a line feed only."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    text = _TURNS.sub("", _NOT_XML.sub("", text))
    return _PERCENT_GAP.sub("\u00a0", unicodedata.normalize("NFC", text))


def capitals_width(text: str, size: float) -> float:
    """Width in points of a line of bold Times New Roman capitals of `size` points."""
    bare = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    letters = [c for c in bare if not unicodedata.combining(c)]
    return sum(_CAPITALS.get(c, 722) for c in letters) * size / 1000


def element(tag: str, **attributes: str) -> BaseOxmlElement:
    """An element of the w: namespace, its attributes too."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def stand(paragraph_format: ParagraphFormat, form: Form) -> None:
    """Give a paragraph or a paragraph style its form."""
    paragraph_format.alignment = form.align
    paragraph_format.first_line_indent = Mm(form.indent)
    paragraph_format.space_before = Pt(form.before)
    paragraph_format.space_after = Pt(form.after)
    paragraph_format.keep_with_next = form.keep_next
    if form.line is None:
        paragraph_format.line_spacing = 1.0
    else:
        paragraph_format.line_spacing = Pt(form.line)
        paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST


def restyle(style: ParagraphStyle, face: Face, form: Form, font: str) -> None:
    """Replace all that a built-in style says, except its place in the outline."""
    for holder in (style.element.rPr, style.element.pPr):
        for child in list(holder) if holder is not None else []:
            if child.tag != qn("w:outlineLvl"):
                holder.remove(child)
    style.font.name = font
    fonts = style.element.rPr.rFonts
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    style.font.size = Pt(face.size)
    style.font.bold = face.bold
    style.font.italic = face.italic
    style.font.all_caps = face.upper
    style.font.underline = face.underline
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.quick_style = True
    style.hidden = False
    stand(style.paragraph_format, form)


def write_run(paragraph: Paragraph, text: str, face: Face | None = None) -> Run:
    """Add text to a paragraph, in a face of its own where it differs from the paragraph's style."""
    run = paragraph.add_run(clean(text))
    if face is not None:
        run.font.size = Pt(face.size)
        run.font.bold = face.bold
        run.font.italic = face.italic
        run.font.underline = face.underline
        # Capitals are an appearance: the text stays as it is written, for search and for reading.
        run.font.all_caps = face.upper
    return run


def page_number(paragraph: Paragraph, face: Face) -> None:
    """Add the field that prints the number of the page."""
    for piece in ("begin", "PAGE", "separate", "2", "end"):
        run = write_run(paragraph, "", face)
        if piece == "PAGE":
            code = element("instrText")
            code.text = " PAGE "
            run._r.append(code)
        elif piece == "2":
            run.text = piece
        else:
            run._r.append(element("fldChar", fldCharType=piece))


def rule_above(paragraph: Paragraph, weight: int = 6) -> None:
    """Draw a solid rule along the top of a paragraph, as wide as its indents leave; weight in
    eighths of a point."""
    borders = element("pBdr")
    borders.append(element("top", val="single", sz=str(weight), space="0", color="000000"))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def inner_link(paragraph: Paragraph, runs: list[Run], bookmark: str) -> None:
    """Make runs of a paragraph a link to a bookmark of the same file; their look is unchanged."""
    link = element("hyperlink", anchor=bookmark, history="1")
    runs[0]._r.addprevious(link)
    for run in runs:
        link.append(run._r)
    assert link.getparent() is paragraph._p


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Put a bookmark round what the paragraph holds so far."""
    start = element("bookmarkStart", id=str(number), name=name)
    first = paragraph.runs[0]._r if paragraph.runs else None
    if first is None:
        paragraph._p.append(start)
    else:
        first.addprevious(start)
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def outer_link(paragraph: Paragraph, run: Run, address: str) -> None:
    """Make a run a link to a web address; any other address stays plain text, because Word calls
    a file with a malformed address damaged."""
    if not _LINK.fullmatch(address):
        return
    rel = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), rel)
    run._r.addprevious(link)
    link.append(run._r)


def keep_row_whole(row: _Row, *, header: bool = False) -> None:
    """Never split a row over two pages; a header row is repeated on each page and marked so."""
    properties = row._tr.get_or_add_trPr()
    properties.append(element("cantSplit"))
    if header:
        properties.append(element("tblHeader"))


def set_language(document: Document, locale: str, font: str) -> None:
    """State the language of the whole text and its font, instead of the template's English."""
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    properties = defaults.find(qn("w:rPr"))
    properties.clear()
    properties.append(element("rFonts", ascii=font, hAnsi=font, eastAsia=font, cs=font))
    properties.append(element("lang", val=locale, eastAsia=locale, bidi="ar-SA"))
    spacing = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:pPrDefault')}")
    spacing.clear()
    settings = document.settings.element
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), locale)
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


def file_bytes(document: Document) -> bytes:
    """The .docx file. The same document gives the same bytes: sorted entries, a fixed time."""
    relations = document.part.package.rels
    for rel_id in [i for i, rel in relations.items() if rel.reltype.endswith("/thumbnail")]:
        del relations[rel_id]
    saved, packed = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w") as target:
        # Readers expect the list of content types first.
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            target.writestr(entry, source.read(name))
    return packed.getvalue()
