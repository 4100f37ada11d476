"""One's own tree of units from a workbook: code, name, kind, and what each stands under.

Nothing is guessed: a row that cannot be read is named by its cell, with what to write instead.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.notes import Raw, shown
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, coordinate, read_workbook
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Kind
from banyan.orgs.operations import Adopted

MOST_ROWS = 20_000
SEARCHED_ROWS = 20
SCHEME = "own"
TOP = "top"

HEADINGS = {
    "code": ("code", "ma", "ma don vi", "ma so", "unit code"),
    "name": ("name", "ten", "ten don vi", "don vi", "unit", "unit name"),
    "kind": ("kind", "loai", "loai don vi", "cap", "type", "level"),
    "parent": (
        "parent", "parent code", "parent name", "parent code/name", "truc thuoc", "thuoc",
        "don vi cap tren", "cap tren", "ma cap tren", "ma don vi cap tren", "ten don vi cap tren",
    ),
}  # fmt: skip
# With their marks: bản is a village, ban a committee.
KINDS = {
    Kind.PROVINCE: ("tỉnh", "tỉnh, thành phố", "cấp tỉnh", "thành phố trực thuộc trung ương"),
    Kind.DISTRICT: ("huyện", "quận", "thị xã", "thành phố thuộc tỉnh", "cấp huyện"),
    Kind.COMMUNE: ("xã", "phường", "thị trấn", "đặc khu", "xã, phường", "cấp xã"),
    Kind.VILLAGE: (
        "thôn", "ấp", "bản", "làng", "buôn", "khóm", "xóm", "tổ dân phố", "khu phố", "khu dân cư",
    ),
    Kind.COMMITTEE: ("đảng ủy", "đảng bộ", "ủy ban", "ban", "hội đồng", "ban dân vận"),
    Kind.AGENCY: ("cơ quan", "sở", "phòng", "ban ngành", "trường", "trạm"),
    Kind.CELL: ("chi bộ", "chi hội"),
    Kind.ORGANISATION: ("tổ chức", "hội", "đoàn thể", "đoàn"),
}  # fmt: skip
_KIND_OF = {same_tone(word): kind for kind, words in KINDS.items() for word in words}
_KIND_OF |= {kind.value: kind for kind in Kind if kind != Kind.COUNTRY}


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file."""

    number: int
    code: str
    name: str
    kind: str
    parent: str


@dataclass(frozen=True)
class Sent:
    """What was read of a file: its name, the sheet, the column letter of each part, the rows."""

    filename: str
    sheet: str
    letters: dict[str, str]
    lines: list[Line]

    def stored(self) -> dict[str, Any]:
        """As the session keeps it."""
        rows = [[one.number, one.code, one.name, one.kind, one.parent] for one in self.lines]
        return {"file": self.filename, "sheet": self.sheet, "letters": self.letters, "rows": rows}

    @classmethod
    def restored(cls, kept: dict[str, Any]) -> "Sent":
        """Back from the session."""
        return cls(
            kept["file"], kept["sheet"], kept["letters"], [Line(*row) for row in kept["rows"]]
        )


@dataclass(frozen=True)
class Wrong:
    """What stands in the way in one cell, and how to mend it."""

    line: int
    part: str
    cell: str
    said: str


@dataclass
class Tree:
    """The tree understood: each line's kind and parent (None: at the top), and what is wrong."""

    sent: Sent
    kinds: dict[int, Kind] = field(default_factory=dict)
    parents: dict[int, int | None] = field(default_factory=dict)
    wrongs: list[Wrong] = field(default_factory=list)

    @property
    def tops(self) -> list[Line]:
        """Lines that stand under nothing."""
        return [one for one in self.sent.lines if self.parents.get(one.number, 0) is None]

    def say(self, line: Line, part: str, said: str) -> None:
        """Note what is wrong in a cell."""
        cell = f"{self.sent.sheet}!{self.sent.letters.get(part, 'A')}{line.number}"
        self.wrongs.append(Wrong(line.number, part, cell, said))


def read_tree(data: bytes, filename: str) -> Sent:
    """The rows of the first visible sheet with a heading for names. Raises Refusal in words."""
    try:
        book = read_workbook(data, limit_rows=MOST_ROWS + SEARCHED_ROWS, only_new=True)
    except UnreadableWorkbook as no:
        raise _unreadable(no.note.code) from no
    for sheet in book.sheets:
        if sheet.visible and (found := _headings(sheet)):
            row, columns = found
            letters = {
                part: coordinate(row, at).rstrip("0123456789") for part, at in columns.items()
            }
            lines = list(_lines(sheet, row, columns))
            if lines:
                return Sent(filename[:200], sheet.name, letters, lines)
    raise Refusal(
        _("No list of units was found in “%(file)s”.") % {"file": filename},
        _("A sheet is wanted whose heading names the columns: code, name, kind, parent."),
        _("Write these headings into the first row, and send the file again."),
    )


def _unreadable(code: str) -> Refusal:
    cells = _("A sheet has too many cells.")
    said = {
        "encrypted": _("The file is protected by a password."),
        "macro": _("The file contains macros."),
        "old_format": _("The file is in the old .xls format."),
        "too_large": _("The file is too large."),
        "too_many_rows": _("A sheet has too many rows."),
        **dict.fromkeys(("too_many_cells", "too_many_cells_in_all", "too_many_merged"), cells),
        "csv_encoding": _("The text file is not in UTF-8."),
    }
    return Refusal(
        _("The file cannot be read."),
        said.get(code, _("It is damaged, or no workbook.")),
        _("Save it as an Excel workbook (.xlsx) without password and macros, and send it again."),
    )


def _headings(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """The row of headings and the column of each part; a name is the least there must be."""
    for row in range(min(len(sheet.rows), SEARCHED_ROWS)):
        columns: dict[str, int] = {}
        for at, raw in enumerate(sheet.rows[row]):
            word = fold(shown(raw)).strip(" :*.")
            part = next((part for part, words in HEADINGS.items() if word in words), None)
            if part:
                columns.setdefault(part, at)
        if "name" in columns and len(columns) > 1:
            return row, columns
    return None


def _lines(sheet: Sheet, heading: int, columns: dict[str, int]) -> Iterator[Line]:
    for row in range(heading + 1, len(sheet.rows)):
        said = {part: _text(sheet.cell(row, at).value) for part, at in columns.items()}
        if any(said.values()):
            yield Line(
                row + 1, *(said.get(part, "") for part in ("code", "name", "kind", "parent"))
            )


def _text(raw: Raw) -> str:
    return nfc(shown(raw))[:200]


def understand(sent: Sent) -> Tree:
    """Check every row: name, code once, kind known, parent found once, no circle."""
    tree = Tree(sent)
    if len(sent.lines) > MOST_ROWS:
        tree.say(sent.lines[MOST_ROWS], "name", _("At most %(most)s units.") % {"most": MOST_ROWS})
    _check_codes(tree)
    for line in sent.lines:
        if not line.name:
            tree.say(line, "name", _("The name is missing."))
        kind = _kind(line)
        if kind is None:
            tree.say(line, "kind", _kind_unknown(line))
        else:
            tree.kinds[line.number] = kind
    _find_parents(tree)
    _check_circles(tree)
    tree.wrongs.sort(key=lambda wrong: wrong.line)
    return tree


@cache
def _labels() -> dict[str, Kind]:
    """What the pages call the kinds, in every language: what a refusal names must be accepted."""
    found: dict[str, Kind] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {_key(str(kind.label)): kind for kind in Kind if kind != Kind.COUNTRY}
    return found


def _kind(line: Line) -> Kind | None:
    """The kind written; with none written, the one the name begins with (Thôn Đông Hải)."""
    if line.kind:
        written = _key(line.kind)
        return _KIND_OF.get(written) or _labels().get(written)
    words = _key(line.name).split()
    starts = (" ".join(words[:n]) for n in (3, 2, 1))
    return next((_KIND_OF[start] for start in starts if start in _KIND_OF), None)


def _kind_unknown(line: Line) -> str:
    known = ", ".join(str(kind.label) for kind in Kind if kind != Kind.COUNTRY)
    if line.kind:
        return _("“%(kind)s” is no kind of unit known here. Write one of: %(known)s.") % {
            "kind": line.kind,
            "known": known,
        }
    return _(
        "The kind is missing, and the name does not begin with it. Write one of: %(known)s."
    ) % {"known": known}


def _check_codes(tree: Tree) -> None:
    first: dict[str, int] = {}
    for line in tree.sent.lines:
        if line.code and first.setdefault(line.code, line.number) != line.number:
            said = _(
                "The code “%(code)s” stands in row %(row)s already; a code belongs to one unit."
            )
            tree.say(line, "code", said % {"code": line.code, "row": first[line.code]})
        if len(line.code) > 40:
            tree.say(line, "code", _("A code has at most 40 characters."))


def _find_parents(tree: Tree) -> None:
    coded = {line.code: line.number for line in reversed(tree.sent.lines) if line.code}
    named: dict[str, list[int]] = defaultdict(list)
    for line in tree.sent.lines:
        named[_key(line.name)].append(line.number)
    for line in tree.sent.lines:
        if not line.parent:
            tree.parents[line.number] = None
            continue
        found = [coded[line.parent]] if line.parent in coded else named.get(_key(line.parent), [])
        if len(found) == 1 and found[0] != line.number:
            tree.parents[line.number] = found[0]
        else:
            tree.say(line, "parent", _parent_wrong(line, found))


def _parent_wrong(line: Line, found: Sequence[int]) -> str:
    if not found:
        said = _("No row bears the code or name “%(parent)s”. Add that unit, or mend the writing.")
        return said % {"parent": line.parent}
    if list(found) == [line.number]:
        return _("The unit stands under itself. Leave the cell empty for the unit at the top.")
    said = _("Several rows are called “%(parent)s” (%(rows)s). Write the code of the one meant.")
    return said % {"parent": line.parent, "rows": ", ".join(map(str, found[:5]))}


def _key(name: str) -> str:
    return same_tone(name).lower()


def _check_circles(tree: Tree) -> None:
    """Say once for each circle that its units stand under each other."""
    safe: set[int] = set()
    lines = {line.number: line for line in tree.sent.lines}
    for start in lines:
        way: list[int] = []
        here: int | None = start
        while here is not None and here not in safe and here not in way:
            way.append(here)
            here = tree.parents.get(here)
        if here is not None and here in way:
            names = " → ".join(lines[number].name for number in way[way.index(here) :])
            tree.say(
                lines[here],
                "parent",
                _("These stand under each other: %(names)s.") % {"names": names},
            )
        safe.update(way)


def adopted(tree: Tree, organisation: str) -> list[Adopted]:
    """The rows for `operations.adopt_tree`, parents before children.

    Exactly one unit without a parent is the top. Several stand under a unit of the organisation's
    name, made for them.
    """
    assert not tree.wrongs
    order: list[Line] = []
    below: dict[int | None, list[Line]] = defaultdict(list)
    for line in tree.sent.lines:
        below[tree.parents[line.number]].append(line)
    waiting = list(below[None])
    while waiting:
        order += waiting
        waiting = [child for line in waiting for child in below[line.number]]
    tops = tree.tops
    rows = [_row(line, tree, None if len(tops) == 1 else TOP) for line in order]
    return rows if len(tops) == 1 else [_own_top(organisation), *rows]


def _own_top(name: str) -> Adopted:
    always = (None, None, "")
    return Adopted(TOP, Kind.ORGANISATION, "", [(name, *always)], [], [(None, *always)], SCHEME)


def _row(line: Line, tree: Tree, top: str | None) -> Adopted:
    always = (None, None, "")
    parent = tree.parents[line.number]
    return Adopted(
        key=str(line.number),
        kind=tree.kinds[line.number],
        source="",  # only what came with the product says where it is from
        names=[(line.name, *always)],
        codes=[(line.code, *always)] if line.code else [],
        parents=[(top if parent is None else str(parent), *always)],
        scheme=SCHEME,
    )
