"""The records of an .xls (BIFF 5 and 8), walked before the reader proper opens them.

The reader proper (calamine) unfolds every sheet at once and makes room by what a record says. So
the records are walked here, measured, and only those that hold values are handed on to it.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banyan.kernel.compound import packed, stream_of
from banyan.kernel.notes import note
from banyan.kernel.workbook_parts import MAX_UNPACKED, Room, UnreadableWorkbook

_END, _CONTINUED, _PASSWORD = 0x000A, 0x003C, 0x002F
_SHEET, _SHARED, _BEGIN = 0x0085, 0x00FC, 0x0809
_NUMBER, _LABEL, _BOOLEAN, _RK, _RICH = 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6
_TEXT, _MANY, _FORMULA, _STRING, _MERGED = 0x00FD, 0x00BD, 0x0006, 0x0207, 0x00E5
_OF_BOOK = {_BEGIN, _SHEET, _SHARED, 0x0042, 0x0022, 0x041E, 0x00E0}
"""Beside sheets and shared texts: code page, the first year, formats of numbers."""
_CELLS = {_NUMBER, _LABEL, _BOOLEAN, _RK, _RICH, _TEXT, _MANY, _FORMULA}
_HEAD, _WORD, _PLACE = struct.Struct("<HH"), struct.Struct("<H"), struct.Struct("<HH")
_LAST = _HEAD.pack(_END, 0)
_MOST_SHARED, _MOST_MERGED, _MOST_CONTINUED = 2_000_000, 500_000, 20_000

Record = tuple[int, int, int]
"""Kind of a record, and where its content starts and ends."""


def tidied(data: bytes, limits: tuple[int, int]) -> bytes:
    """An .xls with its values alone, no larger than the limits (rows, cells) when unfolded.

    Raises UnreadableWorkbook.
    """
    try:
        return packed("Workbook", _Book(stream_of(data, "Workbook", "Book"), limits).tidied())
    except (ValueError, LookupError, struct.error) as reason:
        raise UnreadableWorkbook(note("damaged")) from reason


@dataclass(frozen=True)
class _About:
    """A sheet as the book tells of it, and where that stands in what is handed on."""

    at: int
    name: str
    begins: int
    is_table: bool


class _Book:
    """The stream of a workbook, on its way into a smaller one."""

    def __init__(self, stream: bytes, limits: tuple[int, int]) -> None:
        self.stream, self.made = stream, bytearray()
        self.room = Room(limits)
        self.lengths: Sequence[int] = ()
        self.characters, self.merged = 0, 0
        # Sheets may be told to lie one in another, as often as one likes.
        self.left = 2 * len(stream) + 1_000

    def tidied(self) -> bytes:
        """The stream with what holds values, each sheet with records of its own."""
        sheets = self._globals()
        if len({sheet.name for sheet in sheets}) < len(sheets):
            raise ValueError("two sheets of one name")
        for sheet in sheets:
            struct.pack_into("<I", self.made, sheet.at, len(self.made))
            if sheet.is_table:
                self._sheet(sheet)
            self.made += _LAST
        return bytes(self.made)

    def _records(self, at: int) -> Iterator[Record]:
        """The records of a part, to its end."""
        while at + 4 <= len(self.stream):
            kind, length = _HEAD.unpack_from(self.stream, at)
            start, at = at + 4, at + 4 + length
            if at > len(self.stream):
                raise ValueError("a record beyond the end")
            self.left -= at - start + 4
            if self.left < 0:
                raise ValueError("sheets that lie one in another")
            if kind == _END:
                return
            yield kind, start, at

    def _keep(self, kind: int, content: bytes) -> None:
        self.made += _HEAD.pack(kind, len(content)) + content

    def _globals(self) -> list[_About]:
        """What the book says of itself, kept; its sheets."""
        sheets: list[_About] = []
        shared: list[bytes] = []
        wide, before = True, 0
        for kind, start, end in self._records(0):
            content = self.stream[start:end]
            if kind == _PASSWORD:
                raise UnreadableWorkbook(note("encrypted"))
            if kind == _CONTINUED and before == _SHARED:
                shared.append(content)
                continue
            before = kind
            if kind == _SHARED:
                if shared:
                    raise ValueError("shared texts told twice")
                shared.append(content)
            elif kind in _OF_BOOK:
                if kind == _BEGIN:
                    wide = _WORD.unpack_from(content)[0] != 0x0500
                elif kind == _SHEET:
                    sheets.append(_about(len(self.made) + 4, content, wide))
                self._keep(kind, content)
        if shared:
            self._shared(shared)
        self.made += _LAST
        return sheets

    def _shared(self, parts: list[bytes]) -> None:
        """The texts that cells share: their lengths, and how many there truly are."""
        if len(parts) > _MOST_CONTINUED:
            raise ValueError("shared texts in too many pieces")
        (said,) = struct.unpack_from("<I", parts[0], 4)
        self.lengths = array("H", _Texts(parts).lengths(min(said, _MOST_SHARED)))
        parts[0] = parts[0][:4] + struct.pack("<I", len(self.lengths)) + parts[0][8:]
        self._keep(_SHARED, parts[0])
        for part in parts[1:]:
            self._keep(_CONTINUED, part)

    def _sheet(self, sheet: _About) -> None:
        rows = columns = 0
        if sheet.begins > len(self.stream) - 4:
            raise ValueError("a sheet beyond the end")
        for kind, start, end in self._records(sheet.begins):
            if kind in _CELLS:
                row, column = _PLACE.unpack_from(self.stream, start)
                if kind == _MANY:
                    column += max(0, (end - start) // 6 - 2)
                if self._cell(kind, start, end):
                    rows, columns = max(rows, row + 1), max(columns, column + 1)
            elif kind in (_STRING, _MERGED, _BEGIN):
                self._beside(kind, start, end)
        self.room.take(sheet.name, rows, columns)

    def _cell(self, kind: int, start: int, end: int) -> bool:
        """Keep one record of cells; whether it holds anything."""
        content = self.stream[start:end]
        if kind == _TEXT:
            length = self.lengths[struct.unpack_from("<I", content, 6)[0]]
            if not length:
                return False
            self._read(length)
        elif kind in (_LABEL, _RICH):
            self._read(_WORD.unpack_from(content, 6)[0])
        elif kind == _FORMULA:
            # Its value; what it reckons is of no use here, and long to spell out.
            if len(content) < 20:
                raise ValueError("a formula without a value")
            content = content[:20] + b"\0\0"
        self._keep(kind, content)
        return True

    def _beside(self, kind: int, start: int, end: int) -> None:
        """Keep what belongs to cells: the text of a formula, merges, the first record of a sheet."""
        if kind == _STRING:
            self._read(_WORD.unpack_from(self.stream, start)[0])
        elif kind == _MERGED:
            self.merged += (end - start) // 8
            if self.merged > _MOST_MERGED:
                raise ValueError("more merges than any table has")
        self._keep(kind, self.stream[start:end])

    def _read(self, characters: int) -> None:
        """Each cell gets a copy of its text: one long text could be asked for a million times."""
        self.characters += characters
        if self.characters > MAX_UNPACKED:
            size, limit = str(self.characters), str(MAX_UNPACKED)
            raise UnreadableWorkbook(note("too_large", size=size, limit=limit))


def _about(at: int, content: bytes, wide: bool) -> _About:
    begins, kind, length = struct.unpack_from("<IxBB", content)
    if not wide:
        name = content[7 : 7 + length].decode("cp1252", "replace")
    elif content[7] & 1:
        name = content[8 : 8 + 2 * length].decode("utf-16-le", "replace")
    else:
        name = content[8 : 8 + length].decode("latin-1")
    return _About(at, name, begins, kind == 0)


class _Texts:
    """The shared texts, walked for their lengths; a text may run on in the next part."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self.parts, self.part, self.at = parts, 0, 8

    def lengths(self, most: int) -> Iterator[int]:
        """The length of each text, to the last that is whole."""
        for _text in range(most):
            if self.at >= len(self.parts[self.part]) and not self._next():
                return
            part = self.parts[self.part]
            if self.at + 3 > len(part):
                return
            length, flags = struct.unpack_from("<HB", part, self.at)
            self.at += 3
            behind = 0
            if flags & 8:
                behind += 4 * _WORD.unpack_from(part, self.at)[0]
                self.at += 2
            if flags & 4:
                behind += struct.unpack_from("<I", part, self.at)[0]
                self.at += 4
            if not self._pass(length, 2 if flags & 1 else 1) or not self._skip(behind):
                return
            yield length

    def _next(self) -> bool:
        if self.part + 1 >= len(self.parts):
            return False
        self.part, self.at = self.part + 1, 0
        return True

    def _pass(self, left: int, width: int) -> bool:
        """Go behind the letters; a part that takes them up anew says first how wide they are."""
        while True:
            there = min(left, max(0, len(self.parts[self.part]) - self.at) // width)
            left, self.at = left - there, self.at + there * width
            if not left:
                return True
            if not self._next() or not self.parts[self.part]:
                return False
            width, self.at = 2 if self.parts[self.part][0] & 1 else 1, 1

    def _skip(self, left: int) -> bool:
        while left:
            there = min(left, max(0, len(self.parts[self.part]) - self.at))
            left, self.at = left - there, self.at + there
            if left and not self._next():
                return False
        return True
