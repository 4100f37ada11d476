"""From a row of a workbook to a model that can be registered; whatever is unclear is told.

A doubtful or wrong cell of an optional field is left empty and explained. In a field that the
model's state needs, and for the unit, it keeps the row out. The pack's own form has the last word:
the same that validates what is typed in a browser.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from banyan.imports.pack_sheet import KINDS, STATE, TITLE, Plan
from banyan.imports.places import Places
from banyan.imports.target import UNIT, WITHIN, within
from banyan.imports.told import CellTold
from banyan.kernel.cells import UnitName, read_choice
from banyan.kernel.layouts import OpenTable
from banyan.kernel.notes import How, Note, Read, note
from banyan.kernel.rows import SheetRow
from banyan.kernel.text import fold
from banyan.orgs.models import Unit
from banyan.packs.checking import Checker
from banyan.packs.forms import form_class
from banyan.packs.kinds import shown_number
from banyan.packs.schema import FieldSpec

MOST_KEPT = 50_000
UNTOLD = frozenset({"as is", "empty"})  # of cells that were taken as they are nothing is told
_NEGATED = re.compile(r"\b(?:khong|chua|chang)(?: \w+)? *$")


@dataclass
class PackRow:
    """One record of a file as a pack's form takes it.

    state_said  whether the sheet itself says a state
    said        fields of which a cell says something, also that it is empty
    """

    sheet: str
    line: int
    title: str
    unit: Unit | None
    state: str
    state_said: bool
    answers: dict[str, Any]
    told: list[CellTold]
    shown: dict[str, str]
    said: frozenset[str]
    is_out: bool = False


class RowTaker:
    """Takes the rows of one table."""

    def __init__(self, plan: Plan, table: OpenTable, places: Places) -> None:
        self.plan, self.table, self.places = plan, table, places
        self.checkers: dict[str, Checker] = {}
        self.words: dict[tuple[str, Any], str] = {}
        self.labels: dict[str, str] = {}
        self.needed: dict[tuple[str, str], bool] = {}
        self.met: dict[tuple[UnitName, str], UnitName] = {}
        self.once: dict[str, Note] = {}
        # What is so for every row of a table is found out once.
        fields = plan.form.fields
        self.texts = frozenset(one.id for one in fields if KINDS.get(one.kind) == "text")
        groups = {id.partition("=")[0] for id in table.headings if "=" in id}
        ways = (
            (one, one.id in table.headings, one.id in groups, one.fill == "receiver_kind")
            for one in fields
        )
        self.asked = [way for way in ways if any(way[1:])]
        self.flags = [one for one in fields if one.kind == "boolean"]
        self.phrases = {
            one.id: [re.compile(rf"\b{re.escape(fold(phrase))}\b") for phrase in one.phrases]
            for one in self.flags
        }

    def take(self, row: SheetRow) -> PackRow:
        """Read one record."""
        return _Taking(self, row).done()

    def checker(self, state: str) -> Checker:
        """What the pack's form says of a model in a state."""
        if state not in self.checkers:
            plan = self.plan
            made = form_class(plan.pack, plan.form, at=state, language=plan.language)
            self.checkers[state] = Checker(made)
        return self.checkers[state]

    def shown(self, id: str, value: Any) -> str:
        """An answer as people read it; a register repeats itself, so each is put in words once."""
        if id in self.texts:
            return str(value)
        key = (id, value if isinstance(value, str | int | float) else repr(value))
        if key not in self.words:
            if len(self.words) > MOST_KEPT:
                self.words.clear()
            self.words[key] = self.plan.value(self.plan.form.field(id), value)
        return self.words[key]

    def label(self, id: str) -> str:
        """What a column is called."""
        if id not in self.labels:
            self.labels[id] = self.plan.label(id)
        return self.labels[id]

    def is_needed(self, id: str, state: str) -> bool:
        """Whether a record in a state must answer a field."""
        if (id, state) not in self.needed:
            spec = self.plan.form.field(id)
            self.needed[id, state] = self.plan.pack.required_at(spec, state, self.plan.life)
        return self.needed[id, state]

    def said_once(self, told: Note) -> None:
        """Something that is so for every row."""
        self.once.setdefault(told.code + told.params.get("label", ""), told)

    @cached_property
    def note_column(self) -> str:
        """The column of remarks, where the sheet has one."""
        column = self.plan.form.sheet.note_field or ""
        return column if column in self.table.headings else ""

    def could_say(self, spec: FieldSpec) -> bool:
        """Whether the sheet could have said yes: by a column, or by a phrase in the remarks."""
        return spec.id in self.table.headings or bool(spec.phrases and self.note_column)


class _Taking:
    """One row on its way."""

    def __init__(self, taker: RowTaker, row: SheetRow) -> None:
        self.taker, self.plan, self.row = taker, taker.plan, row
        self.reads: dict[str, Read[Any]] = {}
        self.at: dict[str, str] = dict(row.at)
        self.told: list[CellTold] = []
        self.filled: set[str] = set()
        self.is_out = False

    def done(self) -> PackRow:
        unit, cells = self._unit(), self.row.cells
        for spec, has_column, has_ticks, is_filled in self.taker.asked:
            if has_column:
                self.reads[spec.id] = cells[spec.id]
            if has_ticks:
                self._ticks(spec.id)
            if is_filled and (spec.id not in self.reads or self.reads[spec.id].how == "empty"):
                self._fill(spec)
        state = self._state()
        self._phrases()
        answers = self._answers(state)
        for id, read in self.reads.items():
            if read.how not in UNTOLD:
                self._tell(id, read)
        title = self.reads[TITLE].value if TITLE in self.reads else ""
        shown = {id: self.taker.shown(id, value) for id, value in answers.items()}
        shown[UNIT] = unit.name_on(None) if unit else ""
        shown[STATE] = self.plan.state(state)
        return PackRow(
            self.taker.table.sheet,
            self.row.number,
            title or "",
            unit,
            state,
            STATE in self.reads and self.reads[STATE].value is not None,
            answers,
            self.told,
            shown,
            frozenset(self.reads) - self.filled - {UNIT, STATE},
            is_out=self.is_out,
        )

    # --- reading --------------------------------------------------------------------------

    def _unit(self) -> Unit | None:
        places = self.taker.places
        if UNIT not in self.taker.table.headings:
            self.taker.said_once(note("unit_of_order", name=places.parent_name))
            return places.parent
        read = self.row.cells[UNIT]
        if read.value is None:
            missing: Read[Any] = Read(None, "wrong", (note("unit_missing"),))
            self.reads[UNIT] = missing if read.how == "empty" else read
            self.is_out = True
            return None
        found = places.find(self._placed(read.value))
        how = read.how if found.how == "as is" else found.how
        # How its abbreviation was read is of no use to somebody whose unit was not found.
        kept = [n for n in read.notes if found.value or not n.code.startswith("unit_")]
        self.reads[UNIT] = Read(found.value, how, (*found.notes, *kept))
        self.is_out = found.value is None
        return found.value

    def _placed(self, written: UnitName) -> UnitName:
        """A name with what it lies in; a register repeats itself, so each is put together once."""
        key = (written, self.row.raw.get(WITHIN, ""))
        if key not in self.taker.met:
            self.taker.met[key] = within(self.row.cells, written)
        return self.taker.met[key]

    def _ticks(self, id: str) -> None:
        """A choice that is ticked in a column of its own, where none is written."""
        if id not in self.reads or self.reads[id].value is None:
            marked = self.row.cells[f"{id}="]
            self.reads[id] = replace(marked, value=(marked.value or "").partition("=")[2] or None)
            self.at[id] = self.row.at[f"{id}="]

    def _fill(self, spec: FieldSpec) -> None:
        """What the sheet does not ask follows from the kind of the unit that sends it."""
        unit = self.taker.places.parent
        choice = next((one.id for one in spec.choices if unit.kind in one.unit_kinds), None)
        if choice is None:
            return
        told = note(
            "filled_from_unit",
            label=self.plan.label(spec.id),
            name=self.taker.places.parent_name,
            choice=self.plan.label(f"{spec.id}={choice}"),
        )
        self.taker.said_once(told)
        self.reads[spec.id] = Read(choice, "as is")
        self.filled.add(spec.id)

    def _state(self) -> str:
        own = self.row.cells.get(STATE)
        if own is not None:
            self.reads[STATE] = own
            self.is_out |= own.needs_an_answer
            return own.value or self.plan.begins
        for id in sorted(self.plan.shared & self.reads.keys()):
            return self._shared_state(id)
        return self.plan.begins

    def _shared_state(self, id: str) -> str:
        """One column for the state and for words about the result: its states' words first."""
        read = self.reads[id]
        if read.value is None:
            return self.plan.begins
        legend = self.taker.table.legend
        meant: Read[str] = read_choice(read.value, self.plan.state_choices, legend=legend)
        if meant.value is None and meant.note and meant.note.code == "choice_unknown":
            state = self.plan.state(self.plan.begins)
            told = note(
                "state_not_told", raw=read.value[:200], label=self.plan.label(id), state=state
            )
            self.reads[id] = Read(read.value, "understood", (told, *read.notes))
            return self.plan.begins
        del self.reads[id]
        how: How = "understood" if read.notes and meant.how == "as is" else meant.how
        self.reads[STATE] = Read(meant.value, how, (*meant.notes, *read.notes))
        self.at[STATE] = self.at[id]
        self.is_out |= meant.value is None
        return meant.value or self.plan.begins

    def _phrases(self) -> None:
        remark = self.reads.get(self.taker.note_column)
        if remark is None or remark.value is None:
            return
        text = fold(remark.value)
        for spec in self.taker.flags:
            known = self.reads.get(spec.id)
            if known is not None and known.value is not None:
                continue
            for phrase in self.taker.phrases[spec.id]:
                found = phrase.search(text)
                if found is None:
                    continue
                self.at[spec.id] = self.at[self.taker.note_column]
                label = self.plan.label(spec.id)
                if _NEGATED.search(text[: found.start()]):
                    no = (note("phrase_negated", raw=remark.value[:200], label=label),)
                    self.reads[spec.id] = Read(None, "doubtful", no)
                else:
                    yes = (note("phrase_read", raw=remark.value[:200], label=label),)
                    self.reads[spec.id] = Read(True, "understood", yes)
                break

    # --- judging --------------------------------------------------------------------------

    def _answers(self, state: str) -> dict[str, Any]:
        """What the pack's form makes of it, without what it refuses."""
        checker = self.taker.checker(state)
        checked = checker.check(
            {id: self._typed(r.value) for id, r in self.reads.items() if r.value is not None}
        )
        for id, messages in checked.errors.items():
            self._refused(id, state, " ".join(messages), checker)
        stored = checked.answers
        for spec in self.taker.flags:
            if stored.get(spec.id) is False:
                read = self.reads.get(spec.id)
                if not self.taker.could_say(spec) or (read and read.needs_an_answer):
                    del stored[spec.id]
        return stored

    @staticmethod
    def _typed(value: Any) -> Any:
        """As it would be typed into the form."""
        return shown_number(value) if isinstance(value, Decimal) else value

    def _refused(self, id: str, state: str, message: str, checker: Checker) -> None:
        read = self.reads.get(id)
        needed = checker.requires(id)
        self.is_out |= needed
        if read is not None and read.needs_an_answer:
            return
        told = {"label": self.plan.label(id), "state": self.plan.state(state)}
        if read is not None and read.value is not None:
            raw = self.row.raw.get(id, "")[:200]
            why = note("form_refuses", raw=raw, message=message)
        elif id in self.taker.table.headings or f"{id}=" in self.row.cells:
            why = note("required_empty", **told)
        else:
            why = note("required_no_column", **told)
        self.reads[id] = Read(None, "wrong", (why, *(read.notes if read else ())))

    def _tell(self, id: str, read: Read[Any]) -> None:
        raw = self.row.raw.get(id) or self.row.raw.get(f"{id}=", "")
        if id == STATE and STATE not in self.row.raw:
            raw = next(
                (self.row.raw[one] for one in sorted(self.plan.shared) if one in self.row.raw), ""
            )
        if self.at.get(id) == self.at.get(self.taker.note_column) and self.taker.note_column:
            raw = self.row.raw[self.taker.note_column]
        needed = id in (UNIT, STATE) or self._is_needed(id)
        self.told.append(
            CellTold(
                cell=self.at.get(id, ""),
                column=id,
                label=self.taker.label(id),
                raw=raw,
                read_as=self._read_as(id, read.value),
                how=read.how,
                notes=read.notes,
                keeps_out=read.needs_an_answer and needed,
            )
        )

    def _is_needed(self, id: str) -> bool:
        state = self.reads[STATE].value if STATE in self.reads else None
        return self.taker.is_needed(id, state or self.plan.begins)

    def _read_as(self, id: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, Unit):
            return value.name_on(None)
        if id == STATE:
            return self.plan.state(value)
        spec = self.plan.form.field(id)
        if spec.kind == "date":
            return str(value.strftime("%d/%m/%Y"))
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        return self.taker.shown(id, value)
