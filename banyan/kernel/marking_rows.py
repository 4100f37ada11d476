"""One sheet's XML passed through in pieces, with the look of some of its cells changed.

Nothing is built from the sheet but a piece of it: head, rows, tail. What is not written the way
office programs write it is refused (`Uneditable`), never guessed.
"""

import bisect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from banyan.kernel.marking_package import OFFICE, PIECE, Uneditable
from banyan.kernel.workbook_parts import column_index, coordinate

_NAME = rb"(?:[\w.\-]+:)?"
_ATTRIBUTES = rb"(?:\s+[\w:.\-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*"
_TAG = re.compile(rb"<(/?)(" + _NAME + rb"[\w.\-]+)(" + _ATTRIBUTES + rb")(/?)>")
_ROOT = re.compile(rb"<(" + _NAME + rb")worksheet[\s>]")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([\w.\-]+)[\"']")
_SELECTED = re.compile(rb"\s+tabSelected\s*=\s*(?:\"(?:1|true)\"|'(?:1|true)')")
_STYLE = re.compile(rb"(\s)s\s*=\s*(?:\"[0-9]*\"|'[0-9]*')")
_REF = re.compile(rb"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_LONGEST_END = 60_000_000
# What stands in a sheet after the drawing of its notes.
_LATER = frozenset({
    b"AlternateContent", b"legacyDrawingHF", b"drawingHF", b"picture", b"oleObjects", b"controls",
    b"webPublishItems", b"tableParts", b"extLst",
})  # fmt: skip

Place = tuple[int, int]
"""Row and column of a cell, counted from 0."""


@dataclass
class Plan:
    """What one sheet gets.

    marks      row → column → what makes the new style out of the present one
    mended     the styles of earlier marks, and what makes the cell's own style out of one
    drawn_by   id of a new drawing of notes, "" for none
    """

    marks: dict[int, dict[int, Callable[[int], int]]] = field(default_factory=dict)
    old: frozenset[int] = frozenset()
    mended: Callable[[int], int] = int
    drawn_by: str = ""


@dataclass
class About:
    """What is known of a sheet before it is changed."""

    drawn_by: str = ""
    selected: bool = False
    _merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def origins(self, places: set[Place]) -> dict[Place, Place]:
        """Cells hidden under a merge → the first cell of it."""
        rows: dict[int, list[Place]] = {}
        for place in places:
            rows.setdefault(place[0], []).append(place)
        ordered = sorted(rows)
        found: dict[Place, Place] = {}
        for top, left, bottom, right in self._merges:
            for at in range(bisect.bisect_left(ordered, top), bisect.bisect_right(ordered, bottom)):
                for place in rows[ordered[at]]:
                    if left <= place[1] <= right:
                        found.setdefault(place, (top, left))
        return found


def attribute(attributes: bytes, name: bytes) -> bytes:
    """One attribute of a tag; b"" without."""
    told = re.search(rb"\s" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", b" " + attributes)
    return (told[1] if told[1] is not None else told[2]) if told else b""


class _Feed:
    """A part's bytes, taken from the front."""

    def __init__(self, stream: IO[bytes], checked: bool) -> None:
        self._stream, self.held, self.ended = stream, b"", False
        self._check = expat.ParserCreate() if checked else None

    def more(self) -> None:
        """Take in one piece more."""
        piece = self._stream.read(PIECE)
        self.ended = not piece
        if b"<!" in piece or (self.held[-1:] == b"<" and piece[:1] == b"!"):
            # A comment, a document type or character data: no office program writes them here.
            raise Uneditable("odd XML")
        try:
            # Some readers stop at a fault and are content; a program that opens the file is not.
            if self._check:
                self._check.Parse(piece, self.ended)
        except expat.ExpatError as reason:
            raise Uneditable("not well formed") from reason
        self.held += piece

    def take(self, length: int) -> bytes:
        """The first bytes."""
        taken, self.held = self.held[:length], self.held[length:]
        return taken


class _Sheet:
    """The three parts of a sheet, one after the other."""

    def __init__(self, stream: IO[bytes], *, checked: bool) -> None:
        self._feed = _Feed(stream, checked)
        self.head = self._head()
        root = _ROOT.search(self.head)
        if root is None:
            raise Uneditable("not a worksheet")
        self.prefix = root[1]
        self.is_empty = self.head.rstrip()[-2:] == b"/>"

    def _head(self) -> bytes:
        opened = re.compile(rb"<" + _NAME + rb"sheetData\s*/?>")
        feed = self._feed
        while (found := opened.search(feed.held)) is None:
            feed.more()
            if feed.ended or len(feed.held) > _LONGEST_END:
                raise Uneditable("no rows")
        encoding = _ENCODING.search(feed.held[:200])
        if encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
            raise Uneditable("another encoding")
        return feed.take(found.end())

    def blocks(self) -> Iterator[bytes]:
        """Whole rows, about a megabyte at a time; afterwards `tail` is there."""
        feed = self._feed
        if self.is_empty:
            return
        opened, closed = b"<" + self.prefix + b"row", b"</" + self.prefix + b"sheetData"
        while (end := feed.held.find(closed)) < 0:
            if feed.ended or len(feed.held) > _LONGEST_END:
                raise Uneditable("rows without an end")
            if (cut := feed.held.rfind(opened)) > 0:
                yield feed.take(cut)
            feed.more()
        yield feed.take(end)

    def tail(self) -> bytes:
        """All after the rows."""
        feed = self._feed
        while not feed.ended:
            feed.more()
            if len(feed.held) > _LONGEST_END:
                raise Uneditable("a long end")
        return feed.held


def look_at(stream: IO[bytes], *, to_the_end: bool) -> About:
    """What must be known first: which notes it has, whether it is open, where cells are merged."""
    sheet = _Sheet(stream, checked=False)
    about = About(selected=_SELECTED.search(sheet.head) is not None)
    if not to_the_end:
        return about
    for _block in sheet.blocks():
        pass
    for _at, depth, name, attributes in _tags(sheet.tail()):
        if depth == 0 and name == b"legacyDrawing":
            about.drawn_by = attribute(attributes, rb"[\w.\-]+:id").decode()
        elif name == b"mergeCell":
            first, _colon, last = attribute(attributes, b"ref").partition(b":")
            corner, other = _REF.fullmatch(first), _REF.fullmatch(last or first)
            if corner and other:
                about._merges.append((*_place(corner), *_place(other)))
    return about


def _place(ref: re.Match[bytes]) -> Place:
    return int(ref[2]) - 1, column_index(ref[1].decode())


def _tags(tail: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Where each start tag of the tail stands, how deep, its name and attributes."""
    depth = -1  # the tail begins with the end of the rows, or follows an empty list of rows
    if not re.match(rb"\s*</" + _NAME + rb"sheetData\s*>", tail):
        depth = 0
    for tag in _TAG.finditer(tail):
        name = tag[2].rpartition(b":")[2]
        if tag[1]:
            depth = depth - 1 if depth >= 0 else 0
            continue
        yield tag.start(), depth, name, tag[3]
        depth += not tag[4]


def changed(stream: IO[bytes], plan: Plan) -> Iterator[bytes]:
    """The sheet again, with the plan carried out."""
    sheet = _Sheet(stream, checked=True)
    head = _SELECTED.sub(b"", sheet.head)
    rows = _Rows(sheet, plan)
    if sheet.is_empty and plan.marks:
        head = head.rstrip()[:-2].rstrip() + b">"
    yield head
    for block in sheet.blocks():
        yield rows.block(block)
    yield rows.missing(None)
    if sheet.is_empty and plan.marks:
        yield b"</" + sheet.prefix + b"sheetData>"
    tail = sheet.tail()
    yield _with_drawing(tail, sheet.prefix, plan.drawn_by) if plan.drawn_by else tail


def _with_drawing(tail: bytes, prefix: bytes, drawn_by: str) -> bytes:
    made = b"<" + prefix + f'legacyDrawing xmlns:r="{OFFICE}" r:id="{drawn_by}"/>'.encode()
    at = next((at for at, depth, name, _a in _tags(tail) if depth == 0 and name in _LATER), None)
    if at is None:
        at = tail.rfind(b"</" + prefix + b"worksheet")
    if at < 0:
        raise Uneditable("a sheet without an end")
    return tail[:at] + made + tail[at:]


class _Rows:
    """The rows of a sheet, with cells coloured and missing ones put in."""

    def __init__(self, sheet: _Sheet, plan: Plan) -> None:
        self._plan, self._prefix = plan, sheet.prefix
        self._row = re.compile(rb"<" + sheet.prefix + rb"row(" + _ATTRIBUTES + rb")(/?)>")
        self._any_row = re.compile(rb"<" + _NAME + rb"row[\s/>]")
        self._cell = re.compile(rb"<" + sheet.prefix + rb"c(" + _ATTRIBUTES + rb")(/?)>")
        self._any_cell = re.compile(rb"<" + _NAME + rb"c[\s/>]")
        self._old = self._old_styles()
        self._columns = _column_styles(sheet.head)
        self._waiting = sorted(plan.marks)
        self._at = 0  # of the waiting rows, the next
        self._number = -1

    def _old_styles(self) -> re.Pattern[bytes] | None:
        if not self._plan.old:
            return None
        places = "|".join(map(str, sorted(self._plan.old))).encode()
        return re.compile(rb"\ss\s*=\s*[\"'](?:" + places + rb")[\"']")

    def block(self, block: bytes) -> bytes:
        """Some whole rows."""
        starts = list(self._row.finditer(block))
        if len(starts) != len(self._any_row.findall(block)):
            raise Uneditable("odd rows")
        out: list[bytes] = []
        done = 0
        for at, start in enumerate(starts):
            given = attribute(start[1], b"r")
            number = int(given) - 1 if given.isdigit() else self._number + 1
            if number <= self._number:
                raise Uneditable("rows out of order")
            before = self.missing(number)
            self._number = number
            wanted = self._plan.marks.get(number, {})
            if wanted:
                self._at += 1
            last = starts[at + 1].start() if at + 1 < len(starts) else len(block)
            if not (
                wanted or before or (self._old and self._old.search(block, start.start(), last))
            ):
                continue
            out += (block[done : start.start()], before)
            out.append(self._changed(block[start.start() : last], start, wanted))
            done = last
        out.append(block[done:])
        return b"".join(out)

    def missing(self, until: int | None) -> bytes:
        """Waiting rows that should have come before a row; all that wait, at the end."""
        made: list[bytes] = []
        while self._at < len(self._waiting):
            number = self._waiting[self._at]
            if until is not None and number >= until:
                break
            cells = b"".join(
                self._blank(number, column, self._base(b"", column), make)
                for column, make in sorted(self._plan.marks[number].items())
            )
            name = self._prefix + b"row"
            made.append(b'<%s r="%d">%s</%s>' % (name, number + 1, cells, name))
            self._at += 1
        return b"".join(made)

    def _changed(
        self, text: bytes, start: re.Match[bytes], wanted: Mapping[int, Callable[[int], int]]
    ) -> bytes:
        """One row, from its tag to the next row's."""
        attributes, is_closed = start[1], bool(start[2])
        length = start.end() - start.start()
        cells = list(self._cell.finditer(text, length))
        if len(cells) != len(self._any_cell.findall(text, length)):
            raise Uneditable("odd cells")
        waiting = sorted(wanted.items())
        out: list[bytes] = []
        done, column, had = length, -1, set()
        for cell in cells:
            ref = _REF.fullmatch(attribute(cell[1], b"r"))
            before, column = column, column_index(ref[1].decode()) if ref else column + 1
            if column <= before:
                raise Uneditable("cells out of order")
            out.append(text[done : cell.start()])
            while waiting and waiting[0][0] < column:
                place, make = waiting.pop(0)
                out.append(self._blank(self._number, place, self._base(attributes, place), make))
            had.add(column)
            style = self._plan.mended(int(attribute(cell[1], b"s") or 0))
            if waiting and waiting[0][0] == column:
                style = waiting.pop(0)[1](style)
            out.append(_restyled(cell[0], style))
            done = cell.end()
            if not cell[2]:
                closed = b"</" + self._prefix + b"c>"
                end = text.find(closed, done)
                if end < 0:
                    raise Uneditable("a cell without an end")
                out.append(text[done : end + len(closed)])
                done = end + len(closed)
        late = [
            self._blank(self._number, p, self._base(attributes, p), make) for p, make in waiting
        ]
        tag = text[:length]
        if wanted.keys() - had:
            tag = re.sub(rb"\s+spans\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", tag)
        if is_closed and late:
            closing = b"</" + self._prefix + b"row>"
            return tag[: tag.rindex(b"/")] + b">" + b"".join(late) + closing + text[done:]
        return tag + b"".join(out) + b"".join(late) + text[done:]

    def _base(self, row: bytes, column: int) -> int:
        """The style of a cell that is not there: its row's, else its column's."""
        if attribute(row, b"customFormat") in (b"1", b"true"):
            return int(attribute(row, b"s") or 0)
        return next((s for first, last, s in self._columns if first <= column <= last), 0)

    def _blank(self, row: int, column: int, base: int, make: Callable[[int], int]) -> bytes:
        told = (self._prefix, coordinate(row, column).encode(), make(base))
        return b'<%sc r="%s" s="%d"/>' % told


def _restyled(tag: bytes, style: int) -> bytes:
    """A cell's tag with another style."""
    told = b's="%d"' % style
    if _STYLE.search(tag):
        return _STYLE.sub(lambda had: had[1] + told, tag, count=1)
    if not style:
        return tag
    end = -2 if tag.endswith(b"/>") else -1
    # Behind the cell's place, where office programs and so readers look for it.
    return tag[:end].rstrip() + b" " + told + tag[end:]


def _column_styles(head: bytes) -> list[tuple[int, int, int]]:
    """First and last column, counted from 0, and the style of their empty cells."""
    found = []
    for tag in re.finditer(rb"<" + _NAME + rb"col(" + _ATTRIBUTES + rb")/?>", head):
        told = [attribute(tag[1], name) for name in (b"min", b"max", b"style")]
        if all(one.isdigit() for one in told):
            first, last, style = map(int, told)
            found.append((first - 1, last - 1, style))
    return found
