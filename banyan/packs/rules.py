"""Rules that a pack may name: tested Python, a closed list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from banyan.kernel.workflow import Workflow
from banyan.packs.schema import FieldSpec, FormSpec, Pack
from banyan.packs.texts import field_key


@dataclass(frozen=True)
class Case:
    """What a rule looks at: a record about to make `move` from `state`.

    `answers` as stored (JSON values), `scores` of the review sheet by criterion (given with the
    move, or of the standing review), `asked` what was told with the move.
    """

    pack: Pack
    form: FormSpec
    move: str
    state: str
    answers: Mapping[str, Any]
    language: str = "vi"
    scores: Mapping[str, Any] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def workflow(self) -> Workflow:
        """The life of the form."""
        return self.pack.workflow_of(self.form.id)


@dataclass(frozen=True)
class Unmet:
    """One reason against a move, in the reader's words; `field`: the one to mend, if one is."""

    what: str
    field: str | None = None


Rule = Callable[[Case], list[Unmet]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Enter a function in the list under its own name."""
    RULES[function.__name__] = function
    return function


def unmet(case: Case) -> list[Unmet]:
    """What stands against the move by its rule; empty when nothing does or it has no rule."""
    name = case.workflow.move(case.move).rule
    return RULES[name](case) if name else []


def is_answered(spec: FieldSpec, answers: Mapping[str, Any]) -> bool:
    """Whether the field holds something: nought and 'no' are answers, blank text is none."""
    value = answers.get(spec.id)
    return bool(value.strip()) if isinstance(value, str) else value is not None


@rule
def all_required_answered(case: Case) -> list[Unmet]:
    """Every field that the state after the move requires is answered."""
    target = case.workflow.target(case.move, case.state)
    return [
        Unmet(
            _("“%(field)s” is not answered yet.")
            % {"field": case.pack.text(f"{field_key(case.form.id, spec.id)}.label", case.language)},
            spec.id,
        )
        for spec in case.form.fields
        if case.pack.required_at(spec, target, case.workflow)
        and not is_answered(spec, case.answers)
    ]


@rule
def review_complete(case: Case) -> list[Unmet]:
    """Required answers are there, and every criterion is scored within its bounds."""
    found = all_required_answered(case)
    for item in case.pack.criteria.items if case.pack.criteria else ():
        score = (case.scores or {}).get(item.id)
        label = case.pack.text(f"criteria.{item.id}.label", case.language)
        if score in (None, ""):
            found.append(Unmet(_("“%(item)s” is not scored yet.") % {"item": label}, item.id))
        elif not 0 <= Decimal(str(score)) <= item.maximum:
            words = {"item": label, "most": item.maximum}
            found.append(Unmet(_("“%(item)s” takes 0 to %(most)s points.") % words, item.id))
    return found


@rule
def review_reaches_a_grade(case: Case) -> list[Unmet]:
    """The review is complete and its total reaches the lowest grade of the sheet."""
    found = review_complete(case)
    criteria = case.pack.criteria
    if found or criteria is None or not criteria.grades:
        return found
    total = criteria.sum(case.scores or {})
    if criteria.grade(total) is not None:
        return []
    words = {"total": total.normalize().__format__("f"), "least": criteria.grades[-1].at_least}
    return [Unmet(_("The review gives %(total)s points; at least %(least)s are needed.") % words)]
