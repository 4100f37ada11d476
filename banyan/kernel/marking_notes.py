"""Notes at cells: the part with their words, and the drawing that old and new Excel want beside it."""

import re
from copy import deepcopy

from lxml import etree

from banyan.kernel.marking_package import MAIN, SHEET_TYPE, Element, Package, Uneditable
from banyan.kernel.marks import SIGN
from banyan.kernel.workbook_parts import column_index

_OURS = re.compile(rf"(?:^|\n)\s*{re.escape(SIGN)}")
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHAPE = re.compile(rb"<v:shape[\s>](?:(?!<v:shape[\s>]).)*?</v:shape>", re.DOTALL)
_AT = re.compile(rb"<x:(Row|Column)>\s*([0-9]+)\s*</x:\1>")
_NUMBER = re.compile(rb'id="_x0000_s([0-9]{1,9})"')
_LONGEST = 2_000
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

COMMENTS = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
_DECLARED = (
    b' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
DRAWING = (
    b"<xml" + _DECLARED + b'><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    b"</o:shapelayout></xml>"
)
_KIND = (
    b"<v:shapetype" + _DECLARED + b' id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    b' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t"'
    b' o:connecttype="rect"/></v:shapetype>'
)


def clean(text: str) -> str:
    """Text that may stand in XML."""
    return _NOT_XML.sub("\ufffd", text)


class Notes:
    """The notes of one sheet: ours may be taken out and put in, others stay."""

    def __init__(self, root: Element, drawing: bytes) -> None:
        self._root, self.drawing = root, drawing
        found = [root.find(f"{{{MAIN}}}{name}") for name in ("authors", "commentList")]
        if found[0] is None or found[1] is None:
            raise Uneditable("notes without a list")
        self._authors, self._list = found
        self._by_ref = {one.get("ref", ""): one for one in self._list}
        self._added: list[str] = []
        self._gone: set[tuple[int, int]] = set()

    def take_out_ours(self) -> None:
        """Remove what an earlier marking said."""
        for ref, comment in list(self._by_ref.items()):
            runs = [t for t in comment.iter(f"{{{MAIN}}}t")]
            whole = "".join(t.text or "" for t in runs)
            ours = _OURS.search(whole)
            if ours is None or self._is_threaded(comment):
                continue
            if not whole[: ours.start()].strip():
                self._list.remove(comment)
                del self._by_ref[ref]
                self._gone.add(_place(ref))
            else:
                _cut(runs, ours.start())

    def add(self, ref: str, text: str) -> None:
        """Say something at a cell, below what somebody else said there."""
        there = self._by_ref.get(ref)
        if there is not None and self._is_threaded(there):
            return  # shown as a conversation; its copy here is not
        head = f"{SIGN} "
        if there is None:
            about = {"ref": ref, "authorId": str(self._author()), "shapeId": "0"}
            there = etree.SubElement(self._list, f"{{{MAIN}}}comment", **about)
            etree.SubElement(there, f"{{{MAIN}}}text")
            self._by_ref[ref] = there
            self._added.append(ref)
        else:
            head = f"\n\n{head}"
        words = there.find(f"{{{MAIN}}}text")
        if words is None:
            raise Uneditable("a note without words")
        _one_run(words)
        _run(words, head, bold=True)
        _run(words, clean(text)[:_LONGEST], bold=False)

    def finished(self) -> bytes:
        """The drawing with a box for each note that came, without those that went."""
        drawing = self.drawing
        if self._gone:
            drawing = _SHAPE.sub(self._kept, drawing)
        start = max((int(n) for n in _NUMBER.findall(drawing)), default=1024)
        shapes = [_shape(start + n, ref) for n, ref in enumerate(self._added, 1)]
        if shapes and b"_x0000_t202" not in drawing:
            shapes.insert(0, _KIND)
        end = drawing.rfind(b"</xml>")
        if end < 0:
            raise Uneditable("a drawing of notes without an end")
        return drawing[:end] + b"".join(shapes) + drawing[end:]

    def _kept(self, shape: re.Match[bytes]) -> bytes:
        at = {name: int(number) for name, number in _AT.findall(shape[0])}
        return b"" if (at.get(b"Row"), at.get(b"Column")) in self._gone else shape[0]

    def _author(self) -> int:
        name = SIGN.rstrip(":")
        for place, author in enumerate(self._authors):
            if author.text == name:
                return place
        etree.SubElement(self._authors, f"{{{MAIN}}}author").text = name
        return len(self._authors) - 1

    def _is_threaded(self, comment: Element) -> bool:
        place = comment.get("authorId", "")
        known = place.isdecimal() and int(place) < len(self._authors)
        return known and (self._authors[int(place)].text or "").startswith("tc=")


def _place(ref: str) -> tuple[int, int]:
    told = _REF.fullmatch(ref)
    return (int(told[2]) - 1, column_index(told[1])) if told else (-1, -1)


def _cut(runs: list[Element], at: int) -> None:
    """Shorten words that stand in several runs."""
    for run in runs:
        length = len(run.text or "")
        run.text = (run.text or "")[: max(at, 0)].rstrip("\n") if at < length else run.text
        at -= length
        holder = run.getparent()
        if not run.text and etree.QName(holder).localname == "r":
            holder.getparent().remove(holder)


def _one_run(words: Element) -> None:
    """Words without runs become a run, so that more may follow."""
    for plain in words.findall(f"{{{MAIN}}}t"):
        run = etree.Element(f"{{{MAIN}}}r")
        run.append(deepcopy(plain))
        words.replace(plain, run)


def _run(words: Element, text: str, *, bold: bool) -> None:
    run = etree.SubElement(words, f"{{{MAIN}}}r")
    look = etree.SubElement(run, f"{{{MAIN}}}rPr")
    if bold:
        etree.SubElement(look, f"{{{MAIN}}}b")
    etree.SubElement(look, f"{{{MAIN}}}sz", val="9")
    etree.SubElement(look, f"{{{MAIN}}}rFont", val="Tahoma")
    told = etree.SubElement(run, f"{{{MAIN}}}t")
    told.set(_SPACE, "preserve")
    told.text = text


def _shape(number: int, ref: str) -> bytes:
    row, column = _place(ref)
    anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 4}, 30, {row + 5}, 4"
    told = (
        f' id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden"'
        ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black"'
        ' obscured="t"/><v:path o:connecttype="none"/><v:textbox/><x:ClientData ObjectType="Note">'
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False"
        f"</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )
    return b"<v:shape" + _DECLARED + told.encode()


def notes_of(package: Package, sheet: str, drawn_by: str) -> tuple[Notes, str, str]:
    """The notes of a sheet, made if there are none; the part of their drawing; its id when new.

    `drawn_by` is the id under which the sheet points to a drawing of notes, "" if to none.
    """
    part = package.part_from(sheet, "comments")
    if part is None:
        part = package.free_name("xl/comments{}.xml")
        package.relate(sheet, "comments", part)
        package.declare(part, f"{SHEET_TYPE}comments+xml")
    root = package.tree(part, COMMENTS)
    if drawn_by:
        drawing = package.relations(sheet).get(drawn_by, ("", ""))[1]
        return Notes(root, package.read(drawing)), drawing, ""
    drawing = package.free_name("xl/drawings/vmlDrawing{}.vml")
    package.declare_ending("vml", f"{SHEET_TYPE.replace('spreadsheetml.', '')}vmlDrawing")
    package.put(drawing, DRAWING)
    return Notes(root, DRAWING), drawing, package.relate(sheet, "vmlDrawing", drawing)
