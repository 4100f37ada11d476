"""Marks by which a workbook of ours is known again: one sent back to be mended, one to fill in.

A mark is a name in the workbook and a cell that nobody sees: the name is found without reading the
sheets, the cell also in a file saved again in another format. Sheets of ours that hold no data
(the list of what is wrong, lists to choose from, guidance) bear one too.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from xml.parsers import expat

from banyan.kernel.formats import ENTRY, MOST_ENTRIES, PACKINGS

Tone = Literal["wrong", "doubtful"]

IMPORT_NAME, SHEET_NAME = "_banyan_import", "_banyan_marks"
"""Names in the workbook: the import it belongs to, and where in the first sheet the mark stands."""

SIGN = "Banyan:"
"""How every note of ours begins."""

TEMPLATE_NAME = "_banyan_template_"
"""Before the keys of what a template was made for, as names in the workbook."""

ASIDE, TEMPLATE_CELL = "banyan:aside", "banyan:template"
"""Cells of sheets that hold no data; the second stands above keys and values of a template's mark."""

_CELL_MARK = "banyan:marks:"
_LOOKED_AT = 3  # rows of a sheet where the mark may stand
_LARGEST = 20_000_000
_LONGEST = 1_000


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be taken over as it stands.

    sheet, cell   where; a cell of "" is about the whole sheet
    value         what stands there, as people see it
    rule, mend    what it breaks, and how to put it right
    column        the heading, as the file words it
    """

    sheet: str
    cell: str
    value: str
    rule: str
    mend: str
    column: str = ""
    tone: Tone = "wrong"


@dataclass(frozen=True)
class Words:
    """The words of the first sheet, in the reader's language."""

    sheet: str = "To mend"
    title: str = "Cells to mend"
    lead: str = (
        "Mend the coloured cells on their sheets, save, and upload this file again: the import"
        " goes on from there. This sheet is not read."
    )
    anew: str = (
        "The file as it came cannot hold colours and notes. This is a new workbook with the same"
        " values."
    )
    headings: Sequence[str] = (
        "Sheet", "Cell", "Column", "Value", "Kind", "What is wrong", "How to mend it",
    )  # fmt: skip
    wrong: str = "Wrong"
    doubtful: str = "In doubt"
    blank: str = "(empty)"

    def tone(self, tone: Tone) -> str:
        """A tone in words."""
        return self.wrong if tone == "wrong" else self.doubtful


class _Sheet(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def rows(self) -> Any: ...


def cell_mark(batch: str) -> str:
    """What the hidden cell of the first sheet holds."""
    return _CELL_MARK + batch


def mark_of_sheet(sheet: _Sheet) -> str | None:
    """The import a sheet of marks belongs to; None for any other sheet."""
    for row in sheet.rows[:_LOOKED_AT]:
        for value in row:
            if isinstance(value, str) and value.startswith(_CELL_MARK):
                return value.removeprefix(_CELL_MARK).strip()
    return None


def is_marks_sheet(sheet: _Sheet) -> bool:
    """Whether this is the first sheet we put in: nothing in it is a record."""
    return mark_of_sheet(sheet) is not None


def is_ours(sheet: _Sheet) -> bool:
    """Whether a sheet is ours and holds no data, so that a reader passes over it without a word."""
    ours = (_CELL_MARK, ASIDE, TEMPLATE_CELL)
    return any(
        isinstance(value, str) and value.startswith(ours)
        for row in sheet.rows[:_LOOKED_AT]
        for value in row
    )


def mark_in(sheets: Iterable[_Sheet]) -> str | None:
    """The import a workbook belongs to, by its cells: for files saved again in another format."""
    return next((mark for sheet in sheets if (mark := mark_of_sheet(sheet)) is not None), None)


def mark_of(content: bytes) -> str | None:
    """The import an .xlsx belongs to, without reading its sheets; None without a mark."""
    said = names_of(content).get(IMPORT_NAME, "")
    return said or None


def template_mark(content: bytes) -> dict[str, str] | None:
    """What an .xlsx was made for as a template, without reading its sheets; None for other files."""
    told = {
        name.removeprefix(TEMPLATE_NAME): said
        for name, said in names_of(content).items()
        if name.startswith(TEMPLATE_NAME)
    }
    return told or None


def template_in(sheets: Iterable[_Sheet]) -> dict[str, str] | None:
    """The same by the cells, for files saved again in another format."""
    for sheet in sheets:
        if sheet.rows and sheet.rows[0] and sheet.rows[0][0] == TEMPLATE_CELL:
            pairs = [[str(value or "") for value in row[:2]] for row in sheet.rows[1:]]
            return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and pair[0]}
    return None


def names_of(content: bytes) -> dict[str, str]:
    """The names of an .xlsx that stand for a short text, with that text."""
    if content.count(ENTRY) > MOST_ENTRIES:
        return {}
    try:
        return _names(content)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, LookupError,
            NotImplementedError, ValueError, RuntimeError):  # fmt: skip
        return {}


def _names(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {entry.filename.lower(): entry for entry in archive.infolist()}
        about = parts["xl/workbook.xml"]
        if about.file_size > _LARGEST or about.compress_type not in PACKINGS:
            return {}
        told = archive.read(about)
    found: dict[str, str] = {}
    open_name = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal open_name
        if name.rpartition(":")[2] == "definedName" and "localSheetId" not in attributes:
            open_name = attributes.get("name", "")

    def text(words: str) -> None:
        if open_name and len(before := found.get(open_name, "")) < _LONGEST:
            found[open_name] = before + words[:_LONGEST]

    def end(_name: str) -> None:
        nonlocal open_name
        open_name = ""

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler, parser.StartDoctypeDeclHandler = end, refuse
    parser.Parse(told, True)
    return {name: said for name, formula in found.items() if (said := unquoted(formula))}


def quoted(text: str) -> str:
    """A text as a formula says it."""
    return '"' + text.replace('"', '""') + '"'


def unquoted(formula: str) -> str:
    """The text a formula stands for; "" when it is not a plain text."""
    told = re.fullmatch(r'\s*=?\s*"((?:[^"]|"")*)"\s*', formula)
    return told[1].replace('""', '"') if told else ""
