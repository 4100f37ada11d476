"""What can be imported: a target says which columns it looks for and what becomes of a row.

The engine (`reading`, `carrying`) knows files, layouts, answers, staging and progress; a target
knows its things. Targets register themselves by their key when their app is loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext as _

from banyan.imports.places import Places
from banyan.imports.told import CellTold
from banyan.kernel.cells import UnitName, read_unit_name
from banyan.kernel.errors import Refusal
from banyan.kernel.headers import Column
from banyan.kernel.notes import Note, Read
from banyan.kernel.rows import SheetRow
from banyan.kernel.text import vi_sort_key
from banyan.ledger.operation import Actor
from banyan.orgs.models import Unit
from banyan.web.template_book import THING, VERSION, BookColumn, BookRow

Outcome = Literal["new", "changed", "same", "wrong"]
TARGETS: dict[str, type["Target"]] = {}
UNIT, WITHIN = "@unit", "@within"
"""The ids of the columns that name a row's unit, and the district or province it lies in."""
MOST_NEAR = 8


@dataclass(frozen=True)
class Asked:
    """What is asked of a target: at which unit, as of which day, by whom, with which options.

    `meant` holds what somebody answered: column → {folded writing: meaning}; `job` is the import
    itself, of which events are told.
    """

    unit: Unit
    on: date
    language: str
    actor: Any
    options: Mapping[str, str] = field(default_factory=dict)
    meant: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    filename: str = ""
    sha256: str = ""
    document: int | None = None
    job: Any = None


@dataclass
class Line:
    """One record of a file, read.

    key      what makes two lines of a file the same thing ("" nothing does)
    values   what the target's `commit` needs, as JSON
    shown    column → as people read it
    before   of a changed line: changed column → what stands there now, as people read it
    thing    the thing it changes; `version`: as it was compared
    """

    sheet: str
    number: int
    title: str
    key: str
    values: dict[str, Any]
    shown: dict[str, str]
    told: list[CellTold] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    thing: int | None = None
    version: int = 0
    outcome: Outcome = "new"

    @property
    def look(self) -> int:
        """0 as is, 1 understood, 2 to be checked, 3 unclear: whether somebody should look at it."""
        if any(one.unclear for one in self.told):
            return 3
        if any(one.warns for one in self.told):
            return 2
        return 1 if self.told else 0


class Target:
    """Subclass, set the class attributes, fill the methods, and call `register_target`."""

    key: ClassVar[str]
    title: ClassVar[Any]
    lead: ClassVar[Any] = ""
    needs: ClassVar[str]
    confidential: ClassVar[bool] = False  # its files bear personal data
    required: ClassVar[frozenset[str]] = frozenset()
    takes_twice: ClassVar[bool] = False  # whether two like lines of a file are two things
    read_apart: ClassVar[bool] = False  # whether `line` needs nothing of what `open` found
    takes_apart: ClassVar[bool] = (
        False  # whether new lines of different `side` go in at once, unshown
    )
    list_url: ClassVar[str] = ""  # the name of the address where what was imported is seen

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        # Things that lines of this very file are, or became: another line does not meet them.
        self.claimed: set[int] = set()

    # --- asked before a file is read --------------------------------------------------------------

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """Form fields of its options, by name, beside the unit and the file."""
        return {}

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The options as they are kept, from the cleaned form."""
        return {}

    @classmethod
    def options_of_template(
        cls, mark: Mapping[str, str], said: Mapping[str, str]
    ) -> dict[str, str]:
        """Options that a file of ours brings, where nobody said otherwise; one that was filled also
        says what is to be emptied."""
        if mark.get("target") != cls.key:
            return {}
        known = {name: mark[name] for name, value in said.items() if not value and mark.get(name)}
        return known | ({"empty": "clear"} if mark.get("filled") else {})

    def made_for(self, mark: Mapping[str, str]) -> str:
        """For what else a template of ours was made, in words; "" for one of this target."""
        if mark.get("target", self.key) == self.key:
            return ""
        other = TARGETS.get(mark["target"])
        return str(other.title) if other else mark["target"][:100]

    @classmethod
    def day_of(cls, options: Mapping[str, str], today: date) -> date:
        """The day as of which names are looked up."""
        return today

    def about(self) -> list[str]:
        """What is said above the preview: for whom, for when."""
        return []

    # --- reading ----------------------------------------------------------------------------------

    @property
    def columns(self) -> Sequence[Column]:
        """The columns that are looked for."""
        raise NotImplementedError

    @property
    def within(self) -> tuple[date, date] | None:
        """The first and last day that its days should lie in, if there are such."""
        return None

    def label(self, column: str) -> str:
        """What a column is called."""
        raise NotImplementedError

    def choices(self, column: str) -> list[tuple[str, str]]:
        """What a value of a column may mean: (meaning, name). Empty where any text may stand."""
        return []

    @cached_property
    def places(self) -> Places:
        """The units under the one that sends the file, by their names of any time."""
        raise NotImplementedError

    def nearest(self, column: str, raw: str) -> list[tuple[str, str]]:
        """Of a column with many meanings (units): those that look like a writing."""
        if column != UNIT:
            return []
        return self.places.alike(read_unit_name(raw)) or self.places.offered[:MOST_NEAR]

    def meaning_of(self, typed: str) -> str | None:
        """The unit of a name that somebody typed, or None."""
        found = self.places.find(read_unit_name(typed)) if typed.strip() else None
        return str(found.value.pk) if found and found.value else None

    def open(self, tables: Sequence[Any]) -> dict[str, str] | None:
        """Look at titles before rows are read; other options than asked make it begin anew."""
        return None

    def notes(self) -> list[Note]:
        """What is to be known of the whole, after reading."""
        return []

    def line(self, row: SheetRow, table: Any) -> Line:
        """One record of a table. Asks the database nothing."""
        raise NotImplementedError

    def settle(self, lines: list[Line]) -> None:
        """Find what stands there already (≤ 2,000 lines): sets thing, version, before, outcome."""

    def names(self, things: Sequence[int]) -> list[str]:
        """What things are called for a terminal: their codes, in order."""
        return [str(thing) for thing in things]

    # --- workbooks out ----------------------------------------------------------------------------

    def book_columns(self) -> list[BookColumn]:
        """The columns of a workbook to fill in: those that are looked for, by their first heading."""
        return [
            BookColumn(
                column.id,
                column.headings[0],
                column.kind,
                column.id in self.required,
                [name for _meaning, name in self.choices(column.id)],
            )
            for column in self.columns
            if column.headings and not column.group and column.id not in (THING, VERSION)
        ]

    def book_rows(self) -> Iterable[BookRow]:
        """What stands there, in the order of `book_columns`."""
        return ()

    @classmethod
    def fills(cls) -> bool:
        """Whether it can be had filled with what stands there."""
        return cls.book_rows is not Target.book_rows

    # --- carrying out -----------------------------------------------------------------------------

    def hold(self, *, by: Actor) -> None:
        """Keep others from adding what lines are about to be compared with, until a part is whole."""

    def side(self, values: Mapping[str, Any]) -> int:
        """Of a new line that two may take in at once: a number that it shares with every line that
        is compared with the same things, or makes the same beside its own."""
        return 0

    def number(self, new: Sequence[dict[str, Any]]) -> None:
        """Add to the values of new lines what is counted on in their order, before two take them in.
        It is not given back where they are not taken in."""

    def grown(self, count: int) -> None:
        """Look after the tables once so many lines were taken in by two, while others are."""

    def commit(self, lines: Sequence[Line], *, by: Actor) -> list[int]:
        """Take lines in by one operation, all or none; returns the things in order."""
        raise NotImplementedError

    def undo(self, lines: Sequence[Line], *, by: Actor) -> dict[int, str]:
        """Take back what lines became: index → why not, of those touched since; all others are."""
        raise NotImplementedError


def within(cells: Mapping[str, Read[Any]], written: UnitName) -> UnitName:
    """A unit's name with the district or province that another column of its row gives."""
    above = cells.get(WITHIN)
    if above is None or not above.value or written.within:
        return written
    return replace(written, within=str(above.value))


def register_target(target: type[Target]) -> type[Target]:
    """Make a target known."""
    TARGETS[target.key] = target
    return target


def target_of(key: str) -> type[Target]:
    """The target of a key. Raises Refusal (404)."""
    if key not in TARGETS:
        raise Refusal(
            _("Nothing of the name “%(key)s” can be imported.") % {"key": key},
            "",
            _("Choose one from the list of what can be imported."),
            status=404,
        )
    return TARGETS[key]


def open_to(actor: Any) -> list[type[Target]]:
    """What somebody may import in the present post, by title."""
    held = [one for one in TARGETS.values() if actor.holds(one.needs)]
    return sorted(held, key=lambda one: vi_sort_key(str(one.title)))
