"""A programme as typed, frozen data: what every other app reads of a pack.

Nothing here knows files, Django or the database. `compiled.py` builds these from a pack's content,
which is either a folder on disk or the frozen content of an Edition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from banyan.kernel.workflow import Workflow

Scalar = str | int | bool
# Kinds of answer that point to something kept elsewhere.
POINTING = ("unit", "person", "file", "files")
# Operations whose parts make the whole; those that tell one number of some records, which is none where
# no record says one; those that look at a fact of each record.
ADD_UP = ("count", "share", "sum")
OF_SOME = ("latest", "min", "max", "median")
OF_A_FACT = ("distinct", "sum", *OF_SOME)


@dataclass(frozen=True)
class Setting:
    """A number from law, guidance or habit: changeable, with its source, verified or not."""

    id: str
    value: int | Decimal
    source: str
    verified: bool


@dataclass(frozen=True)
class Role:
    """What a post in this programme may do, and the highest confidentiality it reads."""

    id: str
    capabilities: tuple[str, ...]
    clearance: int = 1


@dataclass(frozen=True)
class Choice:
    """One answer of a choice field.

    `synonyms` are words of sheets that mean it, `headings` titles of columns in which a tick means
    it, `unit_kinds` the kinds of unit for which `fill` takes it.
    """

    id: str
    synonyms: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    unit_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSpec:
    """One question. `id` lives for ever; an edition may only map it.

    `required` always, `required_at` from that state on. `minimum` and `maximum` bound a number or
    money, count the characters of a text, or are ISO days. `measure` is the unit of measure.
    `listed`, `filter`, `counted` ask for a typed, indexed answer. `headings`, `phrases`, `fill` are
    for reading sheets. `part` is the heading under which it stands.
    """

    id: str
    kind: str
    required: bool = False
    required_at: str | None = None
    minimum: int | Decimal | str | None = None
    maximum: int | Decimal | str | None = None
    decimals: int = 0
    measure: str | None = None
    choices: tuple[Choice, ...] = ()
    listed: bool = False
    filter: bool = False
    counted: bool = False
    headings: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    fill: str | None = None
    part: str | None = None

    @property
    def is_typed(self) -> bool:
        """Whether it is also kept as a typed, indexed answer (design §7)."""
        return self.listed or self.filter or self.counted or self.kind in POINTING

    @property
    def choice_ids(self) -> tuple[str, ...]:
        """The ids of its choices, in the order of the form."""
        return tuple(choice.id for choice in self.choices)


@dataclass(frozen=True)
class SheetSpec:
    """How officers' own workbooks of this form are read. `state_words`: state → its words."""

    unit_headings: tuple[str, ...] = ()
    number_headings: tuple[str, ...] = ()
    state_headings: tuple[str, ...] = ()
    note_field: str | None = None
    total_words: tuple[str, ...] = ()
    ditto_words: tuple[str, ...] = ()
    tick_words: tuple[str, ...] = ()
    state_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class FormSpec:
    """A form. `purpose` says what a filled form becomes: `initiative` or plain `submission`;
    `workflow` names its own life, where it has one."""

    id: str
    purpose: str
    fields: tuple[FieldSpec, ...]
    sheet: SheetSpec = SheetSpec()
    workflow: str | None = None

    @property
    def parts(self) -> dict[str, list[FieldSpec]]:
        """The fields under the heading of each part, in the order of the form; "" without one."""
        found: dict[str, list[FieldSpec]] = {}
        for spec in self.fields:
            found.setdefault(spec.part or "", []).append(spec)
        return found

    def field(self, id: str) -> FieldSpec:
        """The field of that id; KeyError when there is none."""
        for spec in self.fields:
            if spec.id == id:
                return spec
        raise KeyError(id)


@dataclass(frozen=True)
class RoundSpec:
    """A kind of round: units of the kinds `asks` answer `form` for a period to who `receives`.

    `remind_days`: so many days before and after the due date one is reminded; `due_days`: the due
    date suggested is so many days after the end of the period, None where nobody knows one.
    `least`, `most`: how many records a unit registers in a year, where the pack says so.
    """

    id: str
    form: str
    periods: tuple[str, ...]
    asks: tuple[str, ...]
    receives: tuple[str, ...]
    remind_days: tuple[int, ...] = ()
    due_days: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Criterion:
    """One line of a review sheet, scored from 0 to `maximum` points."""

    id: str
    maximum: Decimal


@dataclass(frozen=True)
class Grade:
    """What a total of at least so many points is called."""

    id: str
    at_least: Decimal


@dataclass(frozen=True)
class Criteria:
    """The review sheet of `form`; the maxima of its items make `total`; grades from high to low."""

    form: str
    total: Decimal
    items: tuple[Criterion, ...]
    grades: tuple[Grade, ...]

    def sum(self, scores: Mapping[str, Any]) -> Decimal:
        """The total of a sheet; every item must be scored (KeyError)."""
        return sum((Decimal(str(scores[item.id])) for item in self.items), Decimal(0))

    def grade(self, total: Decimal) -> str | None:
        """The highest grade that this total reaches, None when it reaches none."""
        return next((grade.id for grade in self.grades if total >= grade.at_least), None)


@dataclass(frozen=True)
class Condition:
    """A record satisfies it when its fact has one of the values."""

    fact: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Indicator:
    """What is counted. `where` is complete: the conditions of `within` are already in it.

    - count: records; distinct: different values of `of`; sum: of the number field `of`
    - share: records of the indicator `of` that also satisfy `where`; its base is `of`'s value
    - ratio: indicator `of` over indicator `over`
    - latest: the number field `of` of the record with the greatest date field `on`
    - min, max, median: of the number field `of`; the median of an even number of records is the mean
      of the two in the middle
    `by` lists the axes. Shares and ratios are never stored: numerator and base are.
    """

    id: str
    op: str
    of: str | None = None
    over: str | None = None
    on: str | None = None
    where: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A piece of a report: `paragraph` (text with figure slots), `table` (indicators by an axis) or
    `narrative` (an officer writes it; the text is the prompt)."""

    id: str
    kind: str
    required: bool = False
    indicators: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True)
class Section:
    """A numbered part of a report."""

    id: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ReportSpec:
    """A report template. `layout` names the document layout (`party`, `state`), `document_kind` the
    abbreviation in its number (BC), `period` the kind of period it is written for.
    `committees`: first word of a unit's name → how its committee is called."""

    id: str
    layout: str
    document_kind: str
    period: str
    recipients: tuple[str, ...]
    sections: tuple[Section, ...]
    committees: Mapping[str, str] = field(default_factory=dict)

    def committee_of(self, unit_name: str) -> str:
        """The committee of a unit, by its name: Huyện Thanh Trì → Huyện ủy Thanh Trì."""
        for head in sorted(self.committees, key=len, reverse=True):
            if unit_name.casefold().startswith(head.casefold() + " "):
                return self.committees[head].format(name=unit_name[len(head) :].strip())
        return unit_name


@dataclass(frozen=True, eq=False)
class Pack:
    """A whole programme at one edition. Compared by identity; `hash` names its content."""

    id: str
    edition: int
    valid_from: str
    valid_until: str | None
    trees: tuple[str, ...]
    unit_kinds: tuple[str, ...]
    languages: tuple[str, ...]
    line: str
    roles: tuple[Role, ...]
    settings: tuple[Setting, ...]
    forms: Mapping[str, FormSpec]
    criteria: Criteria | None
    workflow: Workflow
    asks: Mapping[str, FieldSpec]
    indicators: Mapping[str, Indicator]
    reports: Mapping[str, ReportSpec]
    texts: Mapping[str, Mapping[str, str]]
    hash: str
    rounds: Mapping[str, RoundSpec] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    headline: tuple[str, ...] = ()
    to_decide: tuple[str, ...] = ()

    def text(self, key: str, language: str) -> str:
        """The text of `key`; falls back to Vietnamese, then English, then the key itself."""
        for tongue in (language, "vi", "en"):
            if key in self.texts.get(tongue, {}):
                return self.texts[tongue][key]
        return key

    def has_text(self, key: str) -> bool:
        """Whether any language has the (optional) text."""
        return any(key in texts for texts in self.texts.values())

    def form(self, id: str) -> FormSpec:
        """The form of that id; KeyError when there is none."""
        return self.forms[id]

    def workflow_of(self, form: str) -> Workflow:
        """The life of what answers a form: the form's own, else the pack's."""
        named = self.forms[form].workflow if form in self.forms else None
        return self.workflows[named] if named else self.workflow

    def round_of(self, form: str) -> RoundSpec | None:
        """The kind of round that asks for a form; None when the pack describes none."""
        return next((one for one in self.rounds.values() if one.form == form), None)

    def indicator(self, id: str) -> Indicator:
        """The indicator of that id; KeyError when there is none."""
        return self.indicators[id]

    def field_of(self, fact: str) -> FieldSpec | None:
        """The field of any form with this id; None for built-in facts such as `state`."""
        found = (spec for form in self.forms.values() for spec in form.fields if spec.id == fact)
        return next(found, None)

    def parts_of(self, axis: str) -> tuple[str, ...]:
        """The parts of an axis in their order, without `unclassified`."""
        if axis == "state":
            return tuple(state.name for state in self.workflow.states)
        spec = self.field_of(axis)
        if spec is None:
            raise KeyError(axis)
        return ("yes", "no") if spec.kind == "boolean" else spec.choice_ids

    def required_at(self, spec: FieldSpec, state: str, workflow: Workflow | None = None) -> bool:
        """Whether the field must be answered in that state of its form's workflow."""
        if spec.required:
            return True
        life = workflow or self.workflow
        return spec.required_at is not None and life.has_reached(state, spec.required_at)

    @property
    def unverified(self) -> tuple[Setting, ...]:
        """Settings nobody has yet compared with a document; shown to administrators."""
        return tuple(setting for setting in self.settings if not setting.verified)


def by_id(things: Iterable[Any]) -> dict[str, Any]:
    """Things with an `id`, by it, in their order."""
    return {thing.id: thing for thing in things}
