"""Opening an .xlsx that a stranger sent, so that nothing in it can hurt the reader.

The reader proper (calamine) allocates a dense grid: one cell at XFD1048576 would end the process,
and it unpacks whatever the archive claims. So only the parts it needs are unpacked, by the size
the archive's directory states, walked once for their extent, and packed again for it.
"""

import contextlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from banyan.kernel.hidden import hidden_in
from banyan.kernel.notes import Note, note
from banyan.kernel.shared_texts import told_plainly, unfolded

MAX_UNPACKED = 200_000_000
"""Bytes all needed parts may have when unpacked."""

_NEEDED = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/_rels/[^/]+\.rels"
    r"|xl/(?:workbook|styles|sharedstrings)[^/]*\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
# Its place first, then nothing that could tell another one.
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: (?:s|t|cm|vm|ph)="[^"<>&]*")*\s*/?>')
_ANY_CELL = re.compile(rb"<(?:[^\s<>/!?]*:)?c[\s/>]")
_USUAL_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>\s*<f[\s/>]')
_MOST_MERGED = 500_000
_REF = re.compile(r"([A-Za-z]{1,9})([0-9]{1,9})")


class UnreadableWorkbook(Exception):
    """A file that cannot be read as a workbook; `note` says why."""

    def __init__(self, reason: Note) -> None:
        self.note = reason
        super().__init__(reason.code, reason.params)


@dataclass
class Room:
    """What the sheets of a workbook may span: each `limits` (rows, cells), and together twice that."""

    limits: tuple[int, int]
    cells: int = 0

    def check(self, name: str, rows: int, columns: int) -> None:
        """Raise UnreadableWorkbook when this sheet alone is too large."""
        most_rows, most = self.limits
        if rows > most_rows:
            told = {"sheet": name, "rows": str(rows), "limit": str(most_rows)}
            raise UnreadableWorkbook(note("too_many_rows", **told))
        if rows * columns > most:
            told = {"sheet": name, "cells": str(rows * columns), "limit": str(most)}
            raise UnreadableWorkbook(note("too_many_cells", **told))

    def take(self, name: str, rows: int, columns: int) -> None:
        """One more sheet. Raises UnreadableWorkbook when it, or all with it, are too large."""
        self.check(name, rows, columns)
        self.cells += rows * columns
        most = 2 * self.limits[1]
        if self.cells > most:
            raise UnreadableWorkbook(note("too_many_cells_in_all", limit=str(most)))


@dataclass
class Extent:
    """How far a sheet reaches, and which of its cells hold formulas."""

    rows: int = 0
    columns: int = 0
    text_cells: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)

    def hide(self, rows: list[int], columns: list[int]) -> None:
        """Keep what nobody sees."""
        self.hidden_rows, self.hidden_columns = rows, columns


@dataclass(frozen=True)
class Parts:
    """A workbook packed again from the needed parts, with the extents by sheet name."""

    packed: bytes
    extents: dict[str, Extent]


def column_index(letters: str) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def coordinate(row: int, column: int) -> str:
    """The name of a cell, counted from 0: (8, 2) is C9."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def open_parts(data: bytes, enough: tuple[int, int]) -> Parts:
    """Unpack, measure and repack an .xlsx. Raises UnreadableWorkbook.

    Within `enough` (rows, cells of the rectangle) the extents need not be exact, only not too small.
    """
    try:
        parts = _unpacked(data, MAX_UNPACKED)
        extents = _extents(parts, Room(enough))
    except UnreadableWorkbook:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError,
            RuntimeError, LookupError, expat.ExpatError, AttributeError) as reason:  # fmt: skip
        raise UnreadableWorkbook(note("damaged")) from reason
    packed = io.BytesIO()
    # Quickly packed, and each part let go at once: the reader proper unpacks them beside this.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as again:
        for name in list(parts):
            again.writestr(name, parts.pop(name))
    return Parts(packed.getvalue(), extents)


def _unpacked(data: bytes, max_unpacked: int) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [entry.filename.lower().replace("\\", "/") for entry in archive.infolist()]
        if any(name.endswith("vbaproject.bin") for name in names):
            raise UnreadableWorkbook(note("macro"))
        if any(name.endswith(".bin") and "workbook" in name for name in names):
            raise UnreadableWorkbook(note("old_format"))
        needed = [e for e in archive.infolist() if _NEEDED.fullmatch(e.filename.replace("\\", "/"))]
        if not any(e.filename.lower().startswith("xl") for e in needed):
            raise UnreadableWorkbook(note("not_a_workbook"))
        total = sum(entry.file_size for entry in needed)
        if total > max_unpacked:
            size, limit = str(total), str(max_unpacked)
            raise UnreadableWorkbook(note("too_large", size=size, limit=limit))
        # zipfile stops at the stated size, whatever the stream would go on to give.
        return {entry.filename.replace("\\", "/"): archive.read(entry) for entry in needed}


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        # No office program writes a document type; only attacks by entities need one.
        raise UnreadableWorkbook(note("damaged"))

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _attributes(content: bytes, element: str) -> list[dict[str, str]]:
    """The attributes of every such element of a small part, names without their prefix."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == element:
            found.append({_local(key): value for key, value in attributes.items()})

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return found


def _extents(parts: dict[str, bytes], room: Room) -> dict[str, Extent]:
    """How far each sheet reaches. The shared texts no longer say how many they are."""
    lower = {name.lower(): content for name, content in parts.items()}
    if "xl/workbook.xml" not in lower:
        raise UnreadableWorkbook(note("not_a_workbook"))
    if b"macroEnabled" in lower.get("[content_types].xml", b""):
        raise UnreadableWorkbook(note("macro"))
    if len(lower) < len(parts):
        raise ValueError("parts whose names differ in capitals alone")
    targets = {
        rel["Id"]: rel.get("Target", "").lower().lstrip("/").removeprefix("xl/")
        for rel in _attributes(lower.get("xl/_rels/workbook.xml.rels", b"<r/>"), "Relationship")
        if "Id" in rel
    }
    if sum(content.count(b"mergeCell") for content in lower.values()) > 2 * _MOST_MERGED:
        raise ValueError("more merges than any table has")
    measured = {
        name: quick_measure(content, room.limits) or measure(content, room.limits)
        for name, content in lower.items()
        if name.startswith("xl/") and name.endswith(".xml")
    }
    extents: dict[str, Extent] = {}
    for sheet in _attributes(lower["xl/workbook.xml"], "sheet"):
        name, part = sheet.get("name", ""), "xl/" + targets.get(sheet.get("id", ""), "")
        if name in extents:
            raise ValueError("two sheets of one name")
        extents[name] = measured.get(part, Extent())
        extents[name].hide(
            *hidden_in(lower.get(part, b""), extents[name].rows, extents[name].columns)
        )
        room.take(name, extents[name].rows, extents[name].columns)
    # A part that we find no sheet for may be one to the reader proper.
    for name, extent in measured.items():
        room.check(name, extent.rows, extent.columns)
    _check_text(parts, sum(extent.text_cells for extent in measured.values()))
    return extents


def _check_text(parts: dict[str, bytes], text_cells: int) -> None:
    """Refuse one long shared text that a million cells repeat: a small file, many gigabytes."""
    for name in [name for name in parts if name.lower() == "xl/sharedstrings.xml"]:
        parts[name], lengths = told_plainly(parts[name])
        size = unfolded(parts.values(), text_cells, lengths, MAX_UNPACKED)
        if size > MAX_UNPACKED:
            limit = str(MAX_UNPACKED)
            raise UnreadableWorkbook(note("too_large", size=str(size), limit=limit))


def quick_measure(content: bytes, enough: tuple[int, int]) -> Extent | None:
    """The extent of a sheet written the usual way, six times faster; None when that is not sure.

    Sure means: UTF-8, no document type, and every `c` element names its place in the usual form.
    Cells without a value count too, so a sheet beyond `enough` is left to `measure`.
    """
    head = content[:200].lower()
    if b"<!DOCTYPE" in content or not head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        return None
    if b"encoding=" in head and not re.search(rb"encoding=[\"']utf-8[\"']", head):
        return None
    rows, columns, cells = set(), set(), 0
    for found in _USUAL_CELL.finditer(content):
        columns.add(found[1])
        rows.add(found[2])
        cells += 1
    if cells != sum(1 for _ in _ANY_CELL.finditer(content)):
        return None
    extent = Extent(
        rows=max(map(int, rows), default=0),
        columns=max((column_index(c.decode()) + 1 for c in columns), default=0),
        text_cells=content.count(b't="s"'),
    )
    if extent.rows > enough[0] or extent.rows * extent.columns > enough[1]:
        return None
    for found in _USUAL_FORMULA.finditer(content):
        extent.formulas.add((int(found[2]) - 1, column_index(found[1].decode())))
    return extent


def _place(written: str) -> tuple[int, int]:
    """Column and row of a cell by its name."""
    ref = _REF.fullmatch(written)
    if ref is None:
        raise ValueError("no name of a cell")
    return column_index(ref[1]), int(ref[2]) - 1


class _Beyond(Exception):
    """A sheet reaches further than is read."""


def measure(content: bytes, enough: tuple[int, int] | None = None) -> Extent:
    """Walk one sheet's XML: last row and column with a value, filled cells, cells with formulas.

    Cells that only have a colour or a border do not count: they often reach to the last row.
    The walk ends at the first cell beyond `enough` (rows, cells of the rectangle).
    """
    extent = Extent()
    row, column, cell_row = -1, -1, -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, cell_row
        name = _local(name)
        if name in ("v", "is", "f"):
            extent.rows = max(extent.rows, cell_row + 1)
            extent.columns = max(extent.columns, column + 1)
            if name == "f":
                extent.formulas.add((cell_row, column))
            reach = extent.rows, extent.rows * extent.columns
            if enough and (reach[0] > enough[0] or reach[1] > enough[1]):
                raise _Beyond
        elif name == "c":
            column, cell_row = _place(attributes["r"]) if "r" in attributes else (column + 1, row)
            extent.text_cells += attributes.get("t") == "s"
        elif name == "row":
            row = int(attributes["r"]) - 1 if "r" in attributes else row + 1
            column, cell_row = -1, row

    parser = _parser()
    parser.StartElementHandler = start
    with contextlib.suppress(_Beyond):
        parser.Parse(content, True)
    return extent
