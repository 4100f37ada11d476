"""Changes from a workbook: one a row, all of them or none, each wrong row named with its cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.cells import clean
from banyan.kernel.headers import Column, Header, find_header
from banyan.kernel.notes import Raw, shown
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, coordinate, read_workbook
from banyan.orgs.changes import Change, Dissolve, Found, Merge, Move, Rename, Split, Upgrade
from banyan.reorganisations.naming import Naming, Typed, kind_called, parts, plain

MOST_WRONG, MOST_TRIED = 50, 200
# What an office writes for each change, without accents.
WORDS = {
    "found": ("thanh lap", "lap", "found", "establish"),
    "rename": ("doi ten", "rename"),
    "move": ("chuyen", "dieu chuyen", "move"),
    "merge": ("hop nhat", "nhap", "sap nhap", "merge"),
    "split": ("chia", "split", "divide"),
    "carve": ("tach", "tach mot phan", "carve", "split off"),
    "upgrade": ("nang cap", "upgrade", "raise"),
    "dissolve": ("giai the", "dissolve"),
}
COLUMNS = (
    Column("verb", ("Việc", "Thay đổi", "Change", "Verb"), "title"),
    Column("units", ("Đơn vị", "Các đơn vị", "Units", "Unit")),
    Column("name", ("Tên mới", "New name")),
    Column("kind", ("Loại", "Loại đơn vị", "Kind")),
    Column("code", ("Mã mới", "Mã", "New code", "Code")),
    Column("parent", ("Trực thuộc", "Đơn vị cấp trên", "Stands under", "Parent")),
    Column("into", ("Vào đơn vị", "Thành các đơn vị", "Into", "Into units")),
    Column("heir", ("Đơn vị tiếp nhận", "Bên dưới chuyển về", "Heir", "What stood below goes to")),
    Column("decision", ("Nghị quyết", "Quyết định", "Resolution", "Decision")),
)
# Which columns a change wants; the rest it may have.
WANTS = {
    "found": ("name", "parent"),
    "rename": ("units", "name"),
    "move": ("units", "parent"),
    "merge": ("units",),
    "split": ("units", "into"),
    "carve": ("units", "into"),
    "upgrade": ("units", "name"),
    "dissolve": ("units",),
}
UNREADABLE = {
    "not_a_workbook": gettext_lazy("It is neither an Excel file (.xlsx) nor a CSV file."),
    "encrypted": gettext_lazy("It is protected by a password: take the password off."),
    "macro": gettext_lazy("It holds macros: save it as .xlsx without them."),
    "old_format": gettext_lazy("It is in an older format: save it as .xlsx."),
    "csv_encoding": gettext_lazy("Its text is not Unicode: save it as “CSV UTF-8”, or as .xlsx."),
    "no_table": gettext_lazy("No sheet bears the headings of the template."),
}
NUMBER = gettext_lazy(
    "The code is stored as a number, which loses the zeros in front. Make the cell text and write"
    " the code again."
)


@dataclass(frozen=True)
class Row:
    """One row as written: its number, its words by column, and each word's cell."""

    number: int
    said: dict[str, str]
    at: dict[str, str]
    raw: dict[str, Raw]

    def get(self, column: str) -> str:
        """What is written in a column; an empty text without it."""
        return self.said.get(column, "")


class Wrong(Exception):
    """A cell that cannot be taken: its column, and why with how to mend it."""

    def __init__(self, column: str, why: str) -> None:
        self.column, self.why = column, why


def read(content: bytes, on: date, founded: Sequence[Found] = ()) -> list[Change]:
    """The changes that a workbook lists. Raises ValidationError with a message for each wrong row."""
    sheet, header = _table(content)
    rows = list(_rows(sheet, header))
    if not rows:
        raise forms.ValidationError(
            _("Sheet “%(sheet)s” lists no change yet. Write one a row under the headings.")
            % {"sheet": sheet.name}
        )
    return _Reader(sheet.name, Naming(on, founded)).read(rows)


def _table(content: bytes) -> tuple[Sheet, Header]:
    """The first sheet that bears the headings."""
    try:
        book = read_workbook(content, only_new=True)
    except UnreadableWorkbook as no:
        why = UNREADABLE.get(no.note.code, gettext_lazy("Open it in Excel and save it again."))
        raise forms.ValidationError(
            _("The workbook cannot be read. %(why)s") % {"why": why}
        ) from no
    for sheet in book.sheets:
        header = find_header(sheet, COLUMNS) if sheet.visible else None
        if header is not None and "verb" in header.found:
            return sheet, header
    raise forms.ValidationError(
        _("The workbook cannot be read. %(why)s") % {"why": UNREADABLE["no_table"]}
    )


def _rows(sheet: Sheet, header: Header) -> Iterator[Row]:
    """Every row under the headings that says something in one of the columns."""
    for number in range(header.last + 1, len(sheet.rows)):
        said: dict[str, str] = {}
        at: dict[str, str] = {}
        raw: dict[str, Raw] = {}
        for column, heading in header.found.items():
            value = sheet.cell(number, heading.column).value
            at[column] = coordinate(number, heading.column)
            raw[column] = value
            said[column] = _text(value)
        if any(said[column] for column in said if column != "#"):
            yield Row(number + 1, said, at, raw)


def _text(value: Raw) -> str:
    """A cell's words; a cell of several units keeps its lines."""
    lines = (clean(line) for line in shown(value).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader:
    """Reads rows in two goes: first what is founded, then what names it."""

    def __init__(self, sheet: str, naming: Naming) -> None:
        self.sheet, self.naming = sheet, naming
        self.wrong: dict[int, str] = {}
        self.verbs: dict[int, str] = {}
        self.made: dict[int, Found] = {}

    def read(self, rows: Sequence[Row]) -> list[Change]:
        """The changes in the order of the rows, each founding before what names it."""
        columns = ("units", "parent", "into", "heir")
        self.naming.learn(one for row in rows for name in columns for one in parts(row.get(name)))
        for row in rows:
            self._try(row, self._verb)
        for row in _parents_first([row for row in rows if self._founds(row)]):
            self._try(row, self._found)
        changes: list[Change] = []
        for row in rows:
            if len(self.wrong) > MOST_TRIED:  # asking what each might mean would take minutes
                break
            changes += self._try(row, self._changes) or []
        if self.wrong:
            raise forms.ValidationError(self._messages())
        return changes

    def _messages(self) -> list[str]:
        told = [why for _number, why in sorted(self.wrong.items())]
        left = len(told) - MOST_WRONG
        more = [_("… and %(n)d more rows.") % {"n": left}] if left > 0 else []
        return told[:MOST_WRONG] + more

    def _try(self, row: Row, step: Callable[[Row], Any]) -> Any:
        """A step with one row; what is wrong is kept with its cell."""
        if row.number in self.wrong:
            return None
        try:
            return step(row)
        except Wrong as no:
            self.wrong[row.number] = _("Sheet “%(sheet)s”, row %(row)d, cell %(cell)s: %(why)s") % {
                "sheet": self.sheet,
                "row": row.number,
                "cell": row.at.get(no.column, "–"),
                "why": no.why,
            }
            return None

    def _verb(self, row: Row) -> None:
        word = plain(row.get("verb"))
        found = next((verb for verb, words in WORDS.items() if word in words), None)
        if found is None:
            told = _("“%(word)s” is no change. Choose one of the list.") % {"word": row.get("verb")}
            raise Wrong("verb", told if word else _("Say what is done: choose one of the list."))
        for column in WANTS[found]:
            if not row.get(column):
                raise Wrong(
                    column, _("This cell is needed for “%(word)s”.") % {"word": row.get("verb")}
                )
        if found == "merge" and bool(row.get("into")) == bool(row.get("name")):
            raise Wrong(
                "into", _("Write either the unit they go into, or the name of a new one, not both.")
            )
        for column in ("units", "code", "parent", "into", "heir"):
            if row.get(column) and not isinstance(row.raw[column], str):
                raise Wrong(column, str(NUMBER))
        self.verbs[row.number] = found

    def _founds(self, row: Row) -> bool:
        verb = self.verbs.get(row.number)
        return verb == "found" or (verb == "merge" and not row.get("into"))

    def _found(self, row: Row) -> None:
        like = None
        if self.verbs[row.number] == "merge":
            like = self._units(row)[0]
        if row.get("kind"):
            self._said(row, "kind", kind_called, row.get("kind"))
        typed = Typed(*(row.get(name) for name in ("name", "kind", "code", "parent", "decision")))
        self.made[row.number] = self._said(row, "parent", self.naming.found, typed, like)

    def _changes(self, row: Row) -> list[Change]:
        verb = self.verbs[row.number]
        founded: list[Change] = [self.made[row.number]] if row.number in self.made else []
        if verb == "found":
            return founded
        units = self._units(row)
        if verb == "merge":
            into = self.made[row.number].key if founded else self._ref(row, "into")
            return [*founded, Merge(units, into)]
        if verb == "move":
            parent, tree_of = self._ref(row, "parent"), self.naming.tree_of
            return [Move(unit, parent, tree_of(unit), row.get("decision")) for unit in units]
        if verb == "dissolve":
            heir = self._ref(row, "heir") if row.get("heir") else None
            return [Dissolve(unit, heir) for unit in units]
        if len(units) > 1:
            raise Wrong("units", _("Only one unit can be written here; use a row for each."))
        if verb in ("rename", "upgrade"):
            kind = Rename if verb == "rename" else Upgrade
            return [kind(units[0], row.get("name"), row.get("code"), row.get("decision"))]
        taken = tuple(
            self._said(row, "into", self.naming.ref, one) for one in parts(row.get("into"))
        )
        heir = self._ref(row, "heir") if row.get("heir") else None
        return [Split(units[0], taken, heir, verb == "carve")]

    def _units(self, row: Row) -> tuple[int, ...]:
        return tuple(
            self._said(row, "units", self.naming.unit, one) for one in parts(row.get("units"))
        )

    def _ref(self, row: Row, column: str) -> Any:
        return self._said(row, column, self.naming.ref, row.get(column))

    def _said(self, row: Row, column: str, find: Any, *given: Any) -> Any:
        try:
            return find(*given)
        except forms.ValidationError as no:
            raise Wrong(column, " ".join(no.messages)) from no


def _parents_first(rows: list[Row]) -> list[Row]:
    """Rows that found units, each after the row that founds what it stands under."""
    left = list(rows)
    order: list[Row] = []
    while left:
        waiting = {plain(row.get("name")) for row in left}
        ready = [row for row in left if plain(row.get("parent")) not in waiting]
        if not ready:  # they name each other in a circle: each is told when it is looked for
            return [*order, *left]
        order += ready
        left = [row for row in left if plain(row.get("parent")) in waiting]
    return order
