"""What a file is by its first bytes and its parts, before anything reads it as a workbook."""

import io
import re
import zipfile
from xml.parsers import expat

from banyan.kernel.notes import note
from banyan.kernel.workbook_parts import MAX_UNPACKED, Room, UnreadableWorkbook

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_WORD, _SLIDES = "WordDocument".encode("utf-16-le"), "PowerPoint Document".encode("utf-16-le")
_BOOK = "Workbook".encode("utf-16-le")
MOST_ENTRIES, ENTRY = 20_000, b"PK\x01\x02"
"""Entries a package may have, and how each begins in its directory."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_STARTS = {
    b"%PDF": "is_pdf",
    b"MZ": "is_program",
    b"\x7fELF": "is_program",
    b"{\\rtf": "is_text_document",
    b"\x89PNG": "is_picture",
    b"\xff\xd8\xff": "is_picture",
    b"GIF8": "is_picture",
}
# Each comment ends at its first sign of an end: else many of them are split up in all ways there are.
_PAGE = re.compile(
    rb"\s*(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html|table|meta|head)\b", re.I | re.S
)


def refuse_others(data: bytes) -> None:
    """Raise UnreadableWorkbook for a file that is plainly something else, with what it is."""
    if not data.strip(b"\0 \r\n\t"):
        raise UnreadableWorkbook(note("is_empty"))
    for start, code in _STARTS.items():
        if data.startswith(start):
            raise UnreadableWorkbook(note(code))
    if _PAGE.match(data[:4_000].removeprefix(b"\xef\xbb\xbf")):
        raise UnreadableWorkbook(note("is_web_page"))


def refuse_ole(data: bytes) -> None:
    """Raise UnreadableWorkbook for an old Office file that is no plain workbook."""
    if _ENCRYPTED in data:
        raise UnreadableWorkbook(note("encrypted"))
    if _WORD in data or _SLIDES in data:
        raise UnreadableWorkbook(note("is_text_document"))
    if _VBA in data:
        raise UnreadableWorkbook(note("macro"))
    if _BOOK not in data and "Book".encode("utf-16-le") not in data:
        raise UnreadableWorkbook(note("not_a_workbook"))


def is_ods(data: bytes) -> bool:
    """Whether a package is an OpenDocument spreadsheet. Raises UnreadableWorkbook for other kinds."""
    if data.count(ENTRY) > MOST_ENTRIES:
        raise UnreadableWorkbook(note("damaged"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower().replace("\\", "/") for entry in entries}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as reason:
        raise UnreadableWorkbook(note("damaged")) from reason
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableWorkbook(note("encrypted"))
    if any(entry.compress_type not in PACKINGS for entry in entries):
        raise UnreadableWorkbook(note("damaged"))
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableWorkbook(note("is_text_document"))
    return "content.xml" in names and "xl/workbook.xml" not in names


def check_ods(data: bytes, limits: tuple[int, int]) -> None:
    """Refuse an OpenDocument that is protected, bears programs, or unfolds beyond the limits.

    Rows and cells may be repeated by a number: a few bytes could ask for a billion cells.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            about = {entry.filename: entry for entry in archive.infolist()}
            if "META-INF/manifest.xml" in about and b"encryption-data" in archive.read(
                about["META-INF/manifest.xml"]
            ):
                raise UnreadableWorkbook(note("encrypted"))
            if any(name.startswith("Basic/") and name.endswith(".xml") for name in about):
                raise UnreadableWorkbook(note("macro"))
            size = about["content.xml"].file_size
            if size > MAX_UNPACKED:
                limit = str(MAX_UNPACKED)
                raise UnreadableWorkbook(note("too_large", size=str(size), limit=limit))
            _Extents(limits).walk(archive.read(about["content.xml"]))
    except UnreadableWorkbook:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, LookupError, RuntimeError, EOFError,
            NotImplementedError, expat.ExpatError) as reason:  # fmt: skip
        raise UnreadableWorkbook(note("damaged")) from reason


class _Extents:
    """How far the filled cells of each table reach, and how much text they hold, once unfolded."""

    def __init__(self, limits: tuple[int, int]) -> None:
        self.room = Room(limits)
        self.sheet, self.row, self.rows, self.columns = "", 0, 0, 0
        self.column, self.repeat, self.row_repeat, self.filled = 0, 1, 1, False
        self.letters = self.in_row = self.in_all = 0

    def walk(self, content: bytes) -> None:
        """Read the content once. Raises UnreadableWorkbook."""
        parser = expat.ParserCreate()

        def refuse(*_: object) -> None:
            raise UnreadableWorkbook(note("damaged"))

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(content, True)
        self.room.take(self.sheet, self.rows, self.columns)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "table:table":
                self.room.take(self.sheet, self.rows, self.columns)
                self.sheet, self.row = attributes.get("table:name", ""), 0
                self.rows = self.columns = 0
            case "table:table-row":
                self.row_repeat = _repeated(attributes, "table:number-rows-repeated")
                self.column, self.in_row, self.filled = 0, 0, False
            case "table:table-cell" | "table:covered-table-cell":
                self.repeat = _repeated(attributes, "table:number-columns-repeated")
                self.column += self.repeat
                self.letters = sum(map(len, attributes.values()))
                if "office:value-type" in attributes or "table:formula" in attributes:
                    self.filled = True
                    self.columns = max(self.columns, self.column)
            case "text:s":
                self.letters += _repeated(attributes, "text:c")

    def _text(self, text: str) -> None:
        self.letters += len(text)

    def _end(self, name: str) -> None:
        match name:
            case "table:table-cell" | "table:covered-table-cell":
                self.in_row += self.letters * self.repeat
            case "table:table-row":
                self.row += self.row_repeat
                if self.filled:
                    self.rows = self.row
                    self.room.check(self.sheet, self.rows, self.columns)
                    self.in_all += self.in_row * self.row_repeat
        if max(self.letters, self.in_row, self.in_all) > MAX_UNPACKED:
            size = max(self.letters, self.in_row, self.in_all)
            raise UnreadableWorkbook(note("too_large", size=str(size), limit=str(MAX_UNPACKED)))


def _repeated(attributes: dict[str, str], name: str) -> int:
    times = int(attributes.get(name, "1"))
    if times < 0:
        raise ValueError("less than nothing")
    return times
