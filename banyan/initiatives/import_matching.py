"""Which rows of a file stand in the register already, and what they would change there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from banyan.imports.models import StagedLine
from banyan.imports.pack_sheet import STATE, TITLE, Plan
from banyan.imports.target import Line
from banyan.imports.told import CellTold
from banyan.initiatives.import_books import CODE
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import AMENDABLE
from banyan.kernel.notes import How, Note, note
from banyan.submissions.models import Round

ASKED: tuple[str, ...] = ("pk", "code", "unit", "folded", "registrant__kind", "submission__round")
ASKED += ("submission__answers", "submission__version", "submission__state")


@dataclass(frozen=True)
class Known:
    """A model that stands there."""

    pk: int
    code: str
    key: str
    round: int
    answers: dict[str, Any]
    version: int
    state: str

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Known":
        """From a row of `ASKED`."""
        pk, code, unit, plain, kind, round, answers, version, state = row
        return cls(pk, code, f"{unit}|{plain}|{kind}", round, answers, version, state)


@dataclass
class Matching:
    """Finds what stands in one round. `claimed`: what lines before were matched with already."""

    plan: Plan
    round: Round | None
    actor: Any
    clears: bool = False  # whether an empty cell empties what stands there
    claimed: set[int] = field(default_factory=set)
    undone: dict[int, set[int]] = field(default_factory=dict)

    def settle(self, lines: list[Line]) -> None:
        """Set thing, version, before and outcome of lines: three queries for all of them."""
        by_name = self._by_name(lines)
        self.undone = self._undone(lines, by_name)
        by_key = self._by_key([one for one in lines if not _named(one)])
        for line in lines:
            line.shown[CODE] = line.values["code"]
            if name := _named(line):
                self._take_named(line, by_name.get(name))
            elif known := self._best(line, by_key.get(line.key, ())):
                self.weigh(line, known)
            elif line.values["state"] not in self.plan.taken_states:
                self._refuse(line, "state_not_taken", state=self.plan.state(line.values["state"]))

    def _by_name(self, lines: list[Line]) -> dict[str | int, Known]:
        named = {name for line in lines if (name := _named(line))}
        if not named:
            return {}
        codes = [name for name in named if isinstance(name, str)]
        asked = Q(code__in=codes) | Q(pk__in=named.difference(codes))
        rows = Initiative.objects.visible_to(self.actor).filter(asked).values_list(*ASKED)
        found = list(map(Known.of, rows))
        by_code: dict[str | int, Known] = {known.code: known for known in found}
        return by_code | {known.pk: known for known in found}

    def _undone(self, lines: list[Line], by_name: dict[str | int, Known]) -> dict[int, set[int]]:
        """Of models that are newer than their rows: the versions from which a sheet led on and was
        taken back, so that they are again what they were."""
        newer = {
            known.pk
            for line in lines
            if (known := by_name.get(_named(line))) and 0 < line.values["read_at"] < known.version
        }
        found: dict[int, set[int]] = defaultdict(set)
        if newer:
            rows = StagedLine.objects.filter(thing__in=newer, outcome="changed", became="undone")
            told: Any = rows.filter(job__target="models").values_list("thing", "version")
            for pk, version in told:
                found[pk].add(version)
        return found

    def _is_changed_since(self, line: Line, known: Known) -> bool:
        version = line.values["read_at"]
        while version in self.undone.get(known.pk, ()):
            version += 2  # the sheet's change, and its being taken back
        return bool(version and known.version > version)

    def _by_key(self, lines: list[Line]) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = defaultdict(list)
        names = {line.key.split("|", 2)[1] for line in lines if line.key}
        if self.round is None or not names:
            return found
        rows = Initiative.objects.filter(submission__round=self.round, folded__in=names)
        for row in rows.exclude(submission__state="withdrawn").order_by("pk").values_list(*ASKED):
            known = Known.of(row)
            found[known.key].append(known)
        return found

    def _best(self, line: Line, known: Iterable[Known]) -> Known | None:
        """Of several of one name, the one that is as the line says; else the first that is left."""
        free = [one for one in known if one.pk not in self.claimed]
        alike = [one for one in free if not self._differs(line, one)]
        return next(iter(alike or free), None)

    def _take_named(self, line: Line, known: Known | None) -> None:
        if known is None:
            self._refuse(
                line, "code_unknown", code=line.values["code"] or str(line.values["thing"])
            )
        elif self.round is None or known.round != self.round.pk:
            self._refuse(line, "code_of_another_round", code=known.code)
        elif known.pk in self.claimed:
            self._refuse(line, "code_twice", code=known.code)
        else:
            self.weigh(line, known)

    def weigh(self, line: Line, known: Known) -> None:
        """Say whether a line changes what stands there."""
        self.claimed.add(known.pk)
        line.thing, line.version = known.pk, known.version
        differs = self._differs(line, known)
        self._state(line, known)
        if not differs:
            line.outcome = "same"
            return
        merged = {id: value for id, value in known.answers.items() if id not in differs}
        merged |= {id: value for id, value in differs.items() if value is not None}
        line.before = {id: self._shown(id, known.answers.get(id)) for id in differs}
        line.values |= {"answers": merged, "was": known.answers}
        line.outcome = "changed"
        if self._is_changed_since(line, known):
            self._refuse(line, "changed_since_export", code=known.code)
        if known.state not in AMENDABLE:
            self._refuse(
                line, "no_longer_amended", code=known.code, state=self.plan.state(known.state)
            )

    def _differs(self, line: Line, known: Known) -> dict[str, Any]:
        """Field → what the line says, where something else stands there; None: to be emptied."""
        said, told = line.values["answers"], {one.column for one in line.told}
        unclear = {one.column for one in line.told if one.unclear}
        differs = {}
        for id in line.values["said"]:
            # What nobody understood empties nothing; only an empty cell of a filled workbook does.
            is_asked = id in said or (self.clears and id not in unclear)
            # A tick that is not there says no to whoever registers; it is no answer to be changed.
            is_untold = said.get(id) is False and id not in told and id not in known.answers
            if is_asked and not is_untold and said.get(id) != known.answers.get(id):
                differs[id] = said.get(id)
        return differs

    def _shown(self, field: str, value: Any) -> str:
        return self.plan.value(self.plan.form.field(field), value)

    def _state(self, line: Line, known: Known) -> None:
        """A state is changed by its own step, with its own rights: an import only tells of it."""
        if line.values["state_said"] and line.values["state"] != known.state:
            here, there = self.plan.state(known.state), self.plan.state(line.values["state"])
            self._tell(line, STATE, "understood", note("state_stays", state=here, raw=there))

    def _refuse(self, line: Line, why: str, /, **params: str) -> None:
        self._tell(line, TITLE, "wrong", note(why, **params))
        line.outcome = "wrong"

    def _tell(self, line: Line, column: str, how: How, said: Note) -> None:
        label, out = self.plan.label(column), how == "wrong"
        line.told.append(CellTold("", column, label, line.title, "", how, (said,), keeps_out=out))


def _named(line: Line) -> str | int:
    """What a line itself calls its model: the id of a workbook of ours, else a code; "" nothing."""
    name: str | int = line.values["thing"] or line.values["code"]
    return name
