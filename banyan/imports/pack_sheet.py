"""Which columns of an officer's workbook are looked for, and what a pack's form says of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from banyan.imports.target import UNIT, WITHIN
from banyan.imports.targets import headings
from banyan.kernel.cells import Choices
from banyan.kernel.headers import Column, Kind
from banyan.kernel.text import fold
from banyan.kernel.workflow import Workflow
from banyan.packs.forms import answer_text
from banyan.packs.kinds import from_json
from banyan.packs.schema import FieldSpec, FormSpec, Pack
from banyan.packs.texts import field_key

STATE, TITLE = "@state", "title"
"""The id of a column that is no field of the form, and of the field that names a record."""
UNIT_HEADINGS = (
    "Đơn vị",
    "Tên đơn vị",
    "Xã, phường",
    "Xã, thị trấn",
    "Xã, phường, thị trấn",
    "Unit",
)
STATE_HEADINGS = ("Trạng thái", "State")

KINDS: Mapping[str, Kind] = {
    "text": "text",
    "longtext": "text",
    "money": "money",
    "date": "date",
    "choice": "choice",
    "boolean": "flag",
}


def ticked(field: str, choice: str) -> str:
    """The id of a column in which a tick means a choice of a field."""
    return f"{field}={choice}"


@dataclass(frozen=True)
class Plan:
    """How one form is read from a sheet, in the reader's language.

    keeps    rows that say nothing of their progress are drafts, which may lack what is needed
    """

    pack: Pack
    form: FormSpec
    language: str
    keeps: bool = False

    def label(self, column: str) -> str:
        """What a column or field is called."""
        if column == UNIT:
            return _("Unit")
        if column == STATE:
            return _("State")
        if column == WITHIN:
            return _("District or province of the unit")
        field, _sign, choice = column.partition("=")
        key = field_key(self.form.id, field)
        end = f".choices.{choice}" if choice else ".label"
        return self.pack.text(key + end, self.language)

    def choices_of(self, column: str) -> list[tuple[str, str]]:
        """What a value of a column may mean: states, a field's choices; none where text may stand."""
        if column == STATE:
            return [(state, self.state(state)) for state in sorted(self.taken_states)]
        spec = next((one for one in self.form.fields if one.id == column), None)
        choices = spec.choices if spec else ()
        return [(one.id, self.label(f"{column}={one.id}")) for one in choices]

    def value(self, spec: FieldSpec, stored: Any) -> str:
        """A stored answer as people read it."""
        if isinstance(from_json(spec, stored), bool):
            return _("Yes") if stored else _("No")
        key = field_key(self.form.id, spec.id)
        return answer_text(self.pack, spec, stored, key=key, language=self.language)

    def state(self, state: str) -> str:
        """A state in words."""
        return self.pack.text(f"states.{state}", self.language)

    def writings(self, key: str, more: Sequence[str]) -> tuple[str, ...]:
        """The name in the reader's language first, then in the others, then synonyms."""
        languages = (self.language, *self.pack.languages)
        names = (self.pack.text(key, language) for language in languages)
        return tuple(dict.fromkeys([*names, *more]))

    @cached_property
    def shared(self) -> frozenset[str]:
        """Text fields under whose heading the sheet may also write the state: “Kết quả”."""
        of_state = {fold(heading) for heading in self.form.sheet.state_headings}
        return frozenset(
            spec.id
            for spec in self.form.fields
            if KINDS.get(spec.kind) == "text"
            and any(fold(heading) in of_state for heading in spec.headings)
        )

    @cached_property
    def state_choices(self) -> Choices:
        """The words for states."""
        words = self.form.sheet.state_words
        return Choices.of({s: self.writings(f"states.{s}", words[s]) for s in words})

    @property
    def taken_states(self) -> frozenset[str]:
        """The states in which a file may register a record: those a sheet has words for."""
        return frozenset({self.begins, *self.form.sheet.state_words})

    @cached_property
    def begins(self) -> str:
        """The state of a row that says nothing of its progress: the first that is submitted."""
        if self.keeps:
            return self.life.start
        return next(m.target for m in self.life.moves if self.life.start in m.sources)

    @cached_property
    def life(self) -> Workflow:
        """The life of a record of this form."""
        return self.pack.workflow_of(self.form.id)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are looked for."""
        sheet = self.form.sheet
        made = [
            Column(UNIT, sheet.unit_headings or UNIT_HEADINGS, "unit"),
            Column(WITHIN, headings.WITHIN, "text"),
        ]
        for spec in self.form.fields:
            made += self._of(spec)
        taken = {fold(h) for spec in self.form.fields for h in spec.headings}
        own = [heading for heading in sheet.state_headings if fold(heading) not in taken]
        names = (state.name for state in self.life.states)
        choices = {s: self.writings(f"states.{s}", sheet.state_words.get(s, ())) for s in names}
        made.append(Column(STATE, (*own, *STATE_HEADINGS), "choice", choices=choices))
        return tuple(made)

    def _of(self, spec: FieldSpec) -> list[Column]:
        kind: Kind | None = KINDS.get(spec.kind)
        if spec.kind == "number":
            kind = "number" if spec.decimals else "count"
        if spec.id == TITLE:
            kind = "title"
        if kind is None:  # units, persons and files of a form are not told by a cell
            return []
        key = field_key(self.form.id, spec.id)
        choices = {
            one.id: self.writings(f"{key}.choices.{one.id}", one.synonyms) for one in spec.choices
        }
        ticks = [
            Column(ticked(spec.id, one.id), one.headings, "flag", group=f"{spec.id}=")
            for one in spec.choices
            if one.headings
        ]
        names = (*spec.headings, *self.writings(f"{key}.label", ()))
        return [Column(spec.id, names, kind, choices=choices), *ticks]
