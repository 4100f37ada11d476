"""What imports of plain lists have in common: cells with what is told of them, units by name or code."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import Promise

from banyan.imports.places import Places
from banyan.imports.target import UNIT, Target, within
from banyan.imports.told import CellTold
from banyan.kernel.cells import UnitName
from banyan.kernel.headers import Column
from banyan.kernel.notes import How, Note, note
from banyan.kernel.rows import SheetRow
from banyan.orgs.models import Kind, Tree, Unit, UnitCode

UNIT_CODE = "@unit_code"
# Told by the kind of column alone: a code is a text even where the sheet holds a number.
SILENT = frozenset({"number_as_text"})


class Listed(Target):
    """A target whose columns stand in its class, with units found under the one that sends it."""

    wanted: ClassVar[Sequence[Column]] = ()
    labels: ClassVar[Mapping[str, str | Promise]] = {}

    @property
    def columns(self) -> Sequence[Column]:
        """Those of the class."""
        return self.wanted

    def label(self, column: str) -> str:
        """What a column is called."""
        return str(self.labels[column])

    @property
    def tree(self) -> str:
        """The tree of the post one acts in: nothing crosses trees."""
        post = self.asked.actor.post
        return str(post.tree) if post else str(Tree.STATE)

    @cached_property
    def places(self) -> Places:
        """The units under the one that sends the file, by their names of any time."""
        said = self.asked.meant.get(UNIT, {})
        return Places(self.asked.unit, self.asked.on, Kind.values, answered=said, tree=self.tree)

    @cached_property
    def by_code(self) -> dict[str, set[int]]:
        """The units of the day by their codes in any scheme."""
        found: dict[str, set[int]] = {}
        rows = UnitCode.objects.filter(valid__contains=self.asked.on, unit__in=self.places.by_pk)
        for code, unit in rows.values_list("code", "unit"):
            found.setdefault(code.casefold(), set()).add(unit)
            found.setdefault(_bare(code), set()).add(unit)
        return found

    def about(self) -> list[str]:
        """Under which unit."""
        return [self.places.parent_name]

    def choices(self, column: str) -> list[tuple[str, str]]:
        """The units, or what a column of choices may mean."""
        if column == UNIT:
            return self.places.offered
        made = next((one for one in self.columns if one.id == column), None)
        return [(id, str(names[0])) for id, names in made.choices.items()] if made else []


def _bare(code: str) -> str:
    """A code as a sheet leaves it that takes it for a number."""
    return code.casefold().lstrip("0") or "0"


class Taking:
    """One row on its way: each cell asked for is told of where it was not taken as is."""

    def __init__(self, target: Listed, row: SheetRow) -> None:
        self.target, self.row = target, row
        self.told: list[CellTold] = []
        self.is_out = False

    def value(self, column: str, *, needed: bool = False) -> Any:
        """What a cell says, or None. `needed`: an unclear one keeps the row out."""
        read = self.row.cells.get(column)
        if read is None:
            return None
        notes = tuple(one for one in read.notes if one.code not in SILENT)
        if notes or read.needs_an_answer:
            out = needed and read.value is None
            self.tell(column, notes, how=read.how, read_as=self._shown(read.value), out=out)
        return read.value

    def text(self, column: str) -> str:
        """What a cell of words says, or ""."""
        return str(self.value(column) or "").strip()

    @staticmethod
    def _shown(value: Any) -> str:
        if isinstance(value, date):
            return value.strftime("%d/%m/%Y")
        return "" if value is None else str(value)

    def tell(
        self, column: str, notes: Sequence[Note], *, how: How, read_as: str = "", out: bool = False
    ) -> None:
        """Tell something of a cell; `out`: it keeps the row out."""
        self.is_out |= out
        self.told.append(
            CellTold(
                self.row.at.get(column, ""),
                column,
                self.target.label(column),
                self.row.raw.get(column, ""),
                read_as,
                how,
                tuple(notes),
                keeps_out=out,
            )
        )

    def out(self, column: str, why: str, /, **params: str) -> None:
        """Keep the row out, and say why."""
        self.tell(column, [note(why, **params)], how="wrong", out=True)

    def hint(self, column: str, why: str, /, **params: str) -> None:
        """Say how something was understood."""
        self.tell(column, [note(why, **params)], how="understood")

    # --- units ------------------------------------------------------------------------------------

    def unit(self) -> Unit | None:
        """The unit that a row names by its code, its name, or both; None keeps the row out."""
        code, written = self.text(UNIT_CODE), self._written()
        coded = self.coded(code) if code else None
        if coded is not None:
            return self._agreed(coded, written, code)
        if written is None:
            if code:
                day = self.target.asked.on.isoformat()
                parent = self.target.places.parent_name
                self.out(UNIT_CODE, "unit_code_unknown", raw=code, parent=parent, date=day)
            else:
                self.out(UNIT, "unit_missing")
            return None
        coded = self.coded(written.text) if self.target.places.find(written).value is None else None
        if coded is not None:
            self.hint(UNIT, "unit_of_code", raw=written.text, name=coded.name_on(None))
            return coded
        return self.found(written)

    def coded(self, code: str) -> Unit | None:
        """The one unit that bears a code."""
        target = self.target
        known = target.by_code.get(code.casefold()) or target.by_code.get(_bare(code)) or set()
        return target.places.by_pk[next(iter(known))] if len(known) == 1 else None

    def _agreed(self, coded: Unit, written: UnitName | None, code: str) -> Unit | None:
        """The unit of a code, unless the name beside it is plainly that of another."""
        if written is None:
            self.hint(UNIT_CODE, "unit_of_code", raw=code, name=coded.name_on(None))
            return coded
        named = self.target.places.find(written).value
        if named is not None and named.pk != coded.pk:
            name = coded.name_on(None)
            self.out(UNIT, "code_and_name", code=code, name=name, raw=written.text)
            return None
        return coded

    def _written(self) -> UnitName | None:
        read = self.row.cells.get(UNIT)
        if read is None or read.value is None:
            if read is not None and read.needs_an_answer and not self.row.raw.get(UNIT_CODE):
                self.tell(UNIT, read.notes, how=read.how, out=True)
            return None
        return within(self.row.cells, read.value)

    def found(self, written: UnitName) -> Unit | None:
        """The unit of a name; told of where it is not plain."""
        read = self.target.places.find(written)
        cell = self.row.cells[UNIT]
        kept = [n for n in cell.notes if read.value or not n.code.startswith("unit_")]
        if read.how != "as is" or kept:
            how = cell.how if read.how == "as is" else read.how
            name = read.value.name_on(None) if read.value else ""
            notes = (*read.notes, *kept)
            self.tell(UNIT, notes, how=how, read_as=name, out=read.value is None)
        return read.value
