"""The compound file (OLE2) that an .xls lies in: one stream taken out of it, and packed anew.

The reader proper (calamine) follows every chain and believes every length that such a file states.
So the workbook's stream is taken out here, within bounds, and handed on in a plain container.
"""

import struct
import sys
from array import array
from collections.abc import Sequence

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RESERVED = 0xFFFFFFFA
_TABLE, _END, _FREE = 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF
_SHORT = 4_096
_SMALL = 64
_ENTRY = 128
_PLACES = 109
"""Parts of the table of sectors that the header itself names."""


def stream_of(data: bytes, *names: str) -> bytes:
    """The first stream there is of these names. Raises ValueError for a file that is not sound."""
    return _Compound(data).stream(names)


class _Compound:
    """A compound file; its sectors count from 0, behind the header."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512:
            raise ValueError("shorter than a header")
        large, small = struct.unpack_from("<HH", data, 30)
        if large not in (9, 12) or small != 6:
            raise ValueError("sectors of another size than 512, 4096 and 64")
        self.view, self.size = memoryview(data), 1 << large
        self.count = -(-len(data) // self.size) - 1
        self.table = self._table()
        (start,) = struct.unpack_from("<I", data, 48)
        self.directory = self._content(_chain(start, self.table))

    def stream(self, names: Sequence[str]) -> bytes:
        """The first stream there is of these names."""
        for name in names:
            wanted = name.encode("utf-16-le") + b"\0\0"
            for at in range(0, len(self.directory) - _ENTRY + 1, _ENTRY):
                if self.directory.startswith(wanted, at):
                    return self._stream(*self._place(at))
        raise ValueError("no such stream")

    def _place(self, at: int) -> tuple[int, int]:
        """Where the stream of an entry of the directory starts, and its length."""
        start, length, more = struct.unpack_from("<III", self.directory, at + 116)
        return start, length + ((more << 32) if self.size > 512 else 0)

    def _stream(self, start: int, length: int) -> bytes:
        if length > len(self.view):
            raise ValueError("a stream longer than the file")
        if length >= _SHORT:
            content = self._content(_chain(start, self.table, -(-length // self.size)))
        else:
            (table,) = struct.unpack_from("<I", self.view, 60)
            inner = _words(self._content(_chain(table, self.table)))
            within = self._content(_chain(self._place(0)[0], self.table))
            small = _chain(start, inner, -(-length // _SMALL))
            content = b"".join(within[at * _SMALL : (at + 1) * _SMALL] for at in small)
        if len(content) < length:
            raise ValueError("a stream shorter than it says")
        return content[:length]

    def _table(self) -> Sequence[int]:
        """Which sector follows each sector."""
        places = list(struct.unpack_from(f"<{_PLACES}I", self.view, 76))
        (more,) = struct.unpack_from("<I", self.view, 68)
        for _part in range(self.count):
            if more >= _RESERVED or len(places) > self.count + 2 * self.size:
                break
            *others, more = _words(self._sector(more))
            places += others
        if more < _RESERVED:
            raise ValueError("a list of the table's parts that never ends")
        # No more parts than there are sectors to tell of, whatever the list goes on to name.
        needed = -(-self.count * 4 // self.size)
        parts = [place for place in places if place < _RESERVED][:needed]
        return _words(b"".join(map(self._sector, parts)))

    def _sector(self, place: int) -> memoryview:
        if place >= self.count:
            raise ValueError("a sector beyond the end")
        return self.view[(place + 1) * self.size : (place + 2) * self.size]

    def _content(self, places: Sequence[int]) -> bytes:
        return b"".join(map(self._sector, places))


def _words(content: bytes | memoryview) -> Sequence[int]:
    words = array("I")
    words.frombytes(content[: len(content) // 4 * 4])
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _chain(start: int, table: Sequence[int], most: int | None = None) -> list[int]:
    """The sectors of a stream in their order, no more than are needed."""
    places: list[int] = []
    seen = bytearray(len(table))
    while start < _RESERVED and len(places) != most:
        if start >= len(table) or seen[start]:
            raise ValueError("a chain of sectors that leads nowhere, or in a circle")
        seen[start] = 1
        places.append(start)
        start = table[start]
    return places


def packed(name: str, stream: bytes) -> bytes:
    """A compound file with this stream alone, in sectors of 4,096 bytes."""
    sectors = max(1, -(-len(stream) // _SHORT))
    tables = 1
    while (sectors + 1 + tables) * 4 > tables * _SHORT:
        tables += 1
    if tables > _PLACES:
        raise ValueError("a stream of more than the header can tell of")
    chains = [*range(1, sectors), _END, _END, *[_TABLE] * tables]
    chains += [_FREE] * (tables * _SHORT // 4 - len(chains))
    head = OLE + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    head += struct.pack("<9I", 1, tables, sectors, 0, _SHORT, _END, 0, _END, 0)
    parts = [*range(sectors + 1, sectors + 1 + tables), *[_FREE] * (_PLACES - tables)]
    head += struct.pack(f"<{_PLACES}I", *parts)
    entries = _entry("Root Entry", 5, 1, (0, 0)) + _entry(name, 2, _FREE, (0, sectors * _SHORT))
    table = struct.pack(f"<{len(chains)}I", *chains)
    filled = (head.ljust(_SHORT, b"\0"), stream.ljust(sectors * _SHORT, b"\0"))
    return b"".join((*filled, entries.ljust(_SHORT, b"\0"), table))


def _entry(name: str, kind: int, child: int, place: tuple[int, int]) -> bytes:
    """One line of the directory: the root with its child, or the stream with its place."""
    label = name.encode("utf-16-le") + b"\0\0"
    head = label.ljust(64, b"\0") + struct.pack("<HBB", len(label), kind, 1)
    return head + struct.pack("<III36xIQ", _FREE, _FREE, child, *place)
