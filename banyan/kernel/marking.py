"""The same workbook back, with its wrong cells coloured and noted and a first sheet that lists them.

Only what must change is changed: the package is edited part by part, sheets as a stream, so that
formulas, pictures, print set-up and whatever else an office put in stays. What cannot be edited
that way (old formats, odd packages) comes back as a new workbook of the same values, and says so.
"""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import IO

from lxml import etree

from banyan.kernel.marking_anew import written_anew
from banyan.kernel.marking_list import (
    MARK_COLUMN,
    Listed,
    free_sheet_name,
    sheet_reference,
    sheet_xml,
)
from banyan.kernel.marking_notes import notes_of
from banyan.kernel.marking_package import (
    MAIN,
    OFFICE,
    SHEET_TYPE,
    Element,
    Package,
    Uneditable,
    children,
)
from banyan.kernel.marking_rows import About, Place, Plan, changed, look_at
from banyan.kernel.marking_styles import EMPTY, FILL_NAME, Styles
from banyan.kernel.marks import (
    IMPORT_NAME,
    SHEET_NAME,
    Tone,
    Words,
    Wrong,
    names_of,
    quoted,
)
from banyan.kernel.workbook_parts import column_index, coordinate

__all__ = ["Words", "Wrong", "marked"]

MOST_NOTES = 10_000
"""Cells that get a note; the others are coloured and listed. Excel opens many notes slowly."""
_OURS = re.compile(f"{IMPORT_NAME}|{SHEET_NAME}|{FILL_NAME.format('.')}")
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")


def marked(content: bytes, wrong: Sequence[Wrong], words: Words, batch: str) -> IO[bytes]:
    """The workbook as an open file on disk, at its beginning. The caller closes it.

    `content` was opened by our reader before. Marks of an earlier time are replaced.
    """
    out = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        try:
            _Book(content, wrong, words, batch).write(out)
        except (Uneditable, zipfile.BadZipFile, zlib.error, etree.LxmlError, ValueError, TypeError,
                AttributeError, EOFError, RuntimeError, LookupError):  # fmt: skip
            out.seek(0)
            out.truncate()
            plain, names = written_anew(content)
            wrong = [replace(one, sheet=names.get(one.sheet, one.sheet)) for one in wrong]
            _Book(plain, wrong, words, batch, anew=True).write(out)
        out.seek(0)
    except BaseException:
        out.close()
        raise
    return out


def _placed(wrong: Sequence[Wrong]) -> list[tuple[Wrong, Place | None]]:
    """Each with its row and column; None for what is about no single cell."""
    return [(one, place_of(one.cell)) for one in wrong]


def place_of(cell: str) -> Place | None:
    """Row and column of C9, counted from 0; None for what is no cell."""
    letters = cell.rstrip("0123456789")
    number = cell[len(letters) :]
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and number):
        return None
    place = int(number) - 1, column_index(letters)
    return place if 0 <= place[0] < 1_048_576 and place[1] < 16_384 else None


class _Book:
    """A workbook on its way through."""

    def __init__(
        self, content: bytes, wrong: Sequence[Wrong], words: Words, batch: str, anew: bool = False
    ) -> None:
        self._package = Package(content)
        self._words, self._batch, self._anew = words, batch, anew
        self._part = self._package.part_from("", "officeDocument") or "xl/workbook.xml"
        self._root = self._package.tree(self._part)
        if etree.QName(self._root).namespace != MAIN:
            raise Uneditable("another dialect")
        sheets = children(self._root, "sheets")
        if not sheets:
            raise Uneditable("no sheets")
        self._sheets = sheets[0]
        self._order = list(self._sheets)  # as local names count them
        self._names = names_of(content)
        self._take_out_old_list()
        self._styles = self._styles_of()
        self._wrong = self._in_order(wrong)

    # Earlier marks ----------------------------------------------------------------------------

    def _take_out_old_list(self) -> None:
        """Take out the first sheet of an earlier time, and our names."""
        ours = ""
        for name in self._defined():
            if name.get("name") == SHEET_NAME:
                ours = (name.text or "").rpartition("!")[0].strip("'").replace("''", "'")
            if _OURS.fullmatch(name.get("name", "")):
                name.getparent().remove(name)
        for sheet in self._order:
            if ours and sheet.get("name") == ours and len(self._order) > 1:
                _kind, part = self._related(sheet)
                self._sheets.remove(sheet)
                self._package.unrelate(self._part, part)
                self._package.drop(part)

    def _defined(self) -> list[Element]:
        return [name for group in children(self._root, "definedNames") for name in group]

    def _styles_of(self) -> Styles:
        part = self._package.part_from(self._part, "styles")
        if part is None:
            part = self._package.free_name("xl/styles{}.xml", "xl/styles.xml")
            self._package.relate(self._part, "styles", part)
            self._package.declare(part, f"{SHEET_TYPE}styles+xml")
        kept = {
            digit: self._names[name]
            for digit in "123456789ABCDEF"
            if (name := FILL_NAME.format(digit)) in self._names
        }
        return Styles(self._package.tree(part, EMPTY), kept)

    # What goes where --------------------------------------------------------------------------

    def _related(self, sheet: Element) -> tuple[str, str]:
        """Of what kind a sheet is, and its part."""
        related = self._package.relations(self._part)
        return related.get(sheet.get(f"{{{OFFICE}}}id", ""), ("", ""))

    def _in_order(self, wrong: Sequence[Wrong]) -> list[tuple[Wrong, Place | None]]:
        places = {sheet.get("name"): n for n, sheet in enumerate(self._sheets)}

        def order(told: tuple[Wrong, Place | None]) -> tuple[int, Place]:
            return places.get(told[0].sheet, len(places)), told[1] or (-1, -1)

        return sorted(_placed(wrong), key=order)

    def write(self, out: IO[bytes]) -> None:
        """Everything, into an open file."""
        by_sheet: dict[str, dict[Place, list[Wrong]]] = {}
        for one, place in self._wrong:
            if place is not None:
                by_sheet.setdefault(one.sheet, {}).setdefault(place, []).append(one)
        known = set()
        notes_left = MOST_NOTES
        for sheet in self._sheets:
            name = sheet.get("name", "")
            known.add(name)
            notes_left -= self._one_sheet(sheet, by_sheet.get(name, {}), notes_left)
        linked = frozenset(
            (one.sheet, one.cell) for one, place in self._wrong if place and one.sheet in known
        )
        wrong = [one for one, _place in self._wrong]
        listed = Listed(self._words, self._batch, wrong, linked, self._anew)
        name = self._put_list_first(listed)
        # Which fills are remembered is known once the sheets have passed.
        self._package.write(out, then=partial(self._name_all, name, listed))

    def _one_sheet(self, sheet: Element, wrong: dict[Place, list[Wrong]], notes_left: int) -> int:
        """Plan one sheet; how many notes it takes."""
        kind, part = self._related(sheet)
        if kind != "worksheet":
            if wrong:
                raise Uneditable("cells on something that is no sheet of cells")
            self._deselect(part)
            return 0
        has_old = bool(self._styles.old)
        with self._package.open(part) as stream:
            about = look_at(stream, to_the_end=bool(wrong) or has_old)
        if not (wrong or has_old or about.selected):
            return 0
        origins = about.origins(set(wrong))
        told: dict[Place, list[Wrong]] = {}
        for place, ones in wrong.items():
            told.setdefault(origins.get(place, place), []).extend(ones)
        plan = Plan(old=self._styles.old, mended=self._styles.mended)
        for (row, column), ones in told.items():
            plan.marks.setdefault(row, {})[column] = self._colour(ones)
        noted = list(told.items())[:notes_left]
        if noted or has_old:
            plan.drawn_by = self._notes(part, about, noted)
        self._package.put(part, self._passed(part, plan))
        return len(noted)

    def _colour(self, ones: list[Wrong]) -> Callable[[int], int]:
        tone: Tone = "wrong" if any(one.tone == "wrong" for one in ones) else "doubtful"
        return partial(self._styles.marked, tone=tone)

    def _passed(self, part: str, plan: Plan) -> Iterator[bytes]:
        with self._package.open(part) as stream:
            yield from changed(stream, plan)

    def _notes(self, part: str, about: About, noted: list[tuple[Place, list[Wrong]]]) -> str:
        """Put the notes in; the id of a drawing that is new to the sheet."""
        if not noted and self._package.part_from(part, "comments") is None:
            return ""
        notes, drawing, drawn_by = notes_of(self._package, part, about.drawn_by)
        notes.take_out_ours()
        for place, ones in noted:
            text = "\n\n".join(f"{one.rule}\n{one.mend}".strip() for one in ones)
            notes.add(coordinate(*place), text)
        self._package.put(drawing, notes.finished())
        return drawn_by

    def _deselect(self, part: str) -> None:
        """A sheet of another kind (a chart) is no longer the open one."""
        if part and part in self._package:
            for view in self._package.tree(part).iter(f"{{{MAIN}}}sheetView"):
                view.attrib.pop("tabSelected", None)

    # The first sheet --------------------------------------------------------------------------

    def _put_list_first(self, listed: Listed) -> str:
        package = self._package
        part = package.free_name("xl/worksheets/sheet{}.xml")
        name = free_sheet_name(self._words.sheet, [s.get("name", "") for s in self._sheets])
        package.declare(part, f"{SHEET_TYPE}worksheet+xml")
        number = max((int(s.get("sheetId", "0")) for s in self._sheets), default=0) + 1
        about = {"name": name, "sheetId": str(number)}
        first = etree.Element(f"{{{MAIN}}}sheet", **about)
        first.set(f"{{{OFFICE}}}id", package.relate(self._part, "worksheet", part))
        self._sheets.insert(0, first)
        package.put(part, b"".join(sheet_xml(listed, self._styles)))
        for view in self._root.iter(f"{{{MAIN}}}workbookView"):
            view.set("activeTab", "0")
            view.attrib.pop("firstSheet", None)
        self._count_names_anew()
        return name

    def _count_names_anew(self) -> None:
        """Names of one sheet say which by its place: that has changed."""
        now = {sheet: n for n, sheet in enumerate(self._sheets)}
        for name in self._defined():
            place = name.get("localSheetId")
            if place is None:
                continue
            was = self._order[int(place)] if int(place) < len(self._order) else None
            if was in now:
                name.set("localSheetId", str(now[was]))
            else:
                name.getparent().remove(name)

    def _name_all(self, sheet: str, listed: Listed) -> None:
        """The names by which the file is known again, and the filter of the first sheet."""
        groups = children(self._root, "definedNames")
        if not groups:
            before = [e for e in self._root if etree.QName(e).localname in _BEFORE_NAMES]
            groups = [etree.Element(f"{{{MAIN}}}definedNames")]
            self._root.insert(self._root.index(before[-1]) + 1, groups[0])
        first, last = (re.sub(r"([A-Z]+)", r"$\1$", end) for end in listed.area.split(":"))
        at = sheet_reference(sheet)
        mark = re.sub(r"([A-Z]+)", r"$\1$", coordinate(0, MARK_COLUMN))
        told = {SHEET_NAME: f"{at}!{mark}", IMPORT_NAME: quoted(self._batch)}
        for digit, fill in self._styles.before.items():
            told[FILL_NAME.format(digit)] = quoted(fill)
        for name, formula in told.items():
            made = etree.SubElement(groups[0], f"{{{MAIN}}}definedName", name=name, hidden="1")
            made.text = formula
        about = {"name": "_xlnm._FilterDatabase", "localSheetId": "0", "hidden": "1"}
        etree.SubElement(groups[0], f"{{{MAIN}}}definedName", **about).text = f"{at}!{first}:{last}"
