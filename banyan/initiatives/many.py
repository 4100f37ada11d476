"""Many models changed at once by a sheet, and what a sheet did taken back where nobody acted since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.initiatives.holding import EDIT, held, told
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import AMENDABLE
from banyan.initiatives.storing import Row, code_of, origins_of, registrants_for
from banyan.initiatives.taking_back import undo_register_many as undo_register_many
from banyan.kernel.errors import Refusal
from banyan.kernel.text import folded, nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.packs.rules import Case, unmet
from banyan.submissions.many import New, change_many, rewrite_many
from banyan.submissions.models import Draft, Sending, Step, Submission

MOST_NAMED = 20  # models that a refusal names one by one


@dataclass(frozen=True)
class Change:
    """What a sheet says of a model: its answers, and the state it is to be in ("": as it is).

    `version` is what the model was read at; undoing, the version that the sheet left.
    """

    initiative: int
    version: int
    answers: dict[str, Any]
    state: str = ""


class Outdated(Refusal):
    """Some models cannot be changed as the sheet says; `which`: their ids, each with why."""

    def __init__(self, which: Mapping[int, str], codes: Mapping[int, str]) -> None:
        self.which = dict(which)
        named = [f"{codes.get(id, id)}: {why}" for id, why in list(which.items())[:MOST_NAMED]]
        super().__init__(
            _("Some models cannot be changed as the file says: %(n)s.") % {"n": len(which)},
            " ".join(named),
            _("Compare the file with the register again."),
            status=409,
        )


# What a sheet changes -------------------------------------------------------------------------------


@operation("initiative.sheet_amended", needs="submission.import")
def amend_many(unit: Unit, *, changes: Sequence[Change], about: Any = None, by: Actor) -> Any:
    """Change the answers of many models, all or none: one question for the rights, one event.

    `about` is what the event is told of, such as the import: by default the unit. Raises Outdated,
    with every model that was changed since it was read, or whose state allows it no longer.
    """
    standing = held([change.initiative for change in changes], by)
    origins = origins_of([change.answers for change in changes])
    moves: dict[int, str] = {}
    wrong: dict[int, str] = {}
    for change in changes:
        found = standing.get(change.initiative)
        why = _why_not(change, found, origins)
        if found is not None and not why and change.state not in ("", found.submission.state):
            moves[found.pk], why = _step(change, found.submission)
        if why:
            wrong[change.initiative] = why
    if wrong:
        raise Outdated(wrong, {one.pk: one.code for one in standing.values()})
    change_many(
        [
            New(standing[one.initiative].submission, one.answers, moves.get(one.initiative, ""))
            for one in changes
        ],
        by=by,
    )
    _follow([(standing[one.initiative], one.answers) for one in changes], origins)
    ids = [change.initiative for change in changes]
    Draft.objects.filter(account=by.account_id, form="amend", thing__in=ids).delete()
    return told(about or unit, len(changes))


def _why_not(change: Change, found: Initiative | None, origins: Mapping[str, int]) -> str:
    """Why a model cannot be changed; "" when it can."""
    if found is None:
        return _("It is no longer in the register.")
    if found.submission.version != change.version:
        return _("It was changed after the file was compared with it.")
    if found.submission.state not in AMENDABLE:
        return _("In the state “%(state)s” it can no longer be changed.") % {
            "state": found.submission.state_label(_language())
        }
    code = code_of(change.answers)
    if code and origins.get(code) in (None, found.pk):
        return _("No other model bears the code “%(code)s”.") % {"code": code}
    return ""


def _step(change: Change, submission: Submission) -> tuple[str, str]:
    """The step that leads to the state the sheet names, or why there is none. Never somebody else's."""
    for move in submission.open_moves():
        if move.target == change.state and move.by == EDIT and not move.ask:
            case = Case(
                pack=submission.pack,
                form=submission.round.spec,
                move=move.name,
                state=submission.state,
                answers=change.answers,
                language=_language(),
            )
            return move.name, " ".join(one.what for one in unmet(case))
    label = submission.pack.text(f"states.{change.state}", _language())
    return "", _("A file cannot bring it from “%(state)s” to “%(to)s”.") % {
        "state": submission.state_label(_language()),
        "to": label,
    }


def _language() -> str:
    return (get_language() or "vi")[:2]


_FOLLOW = """
    UPDATE initiatives_initiative i
       SET title = c.title, folded = c.folded, registrant_id = c.registrant, replicated_from_id = c.origin
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
           AS c(id, title, folded, registrant, origin)
     WHERE i.id = c.id AND (i.title, i.folded, i.registrant_id, i.replicated_from_id)
           IS DISTINCT FROM (c.title::varchar, c.folded::varchar, c.registrant, c.origin)
"""


def _follow(rows: Sequence[tuple[Initiative, dict[str, Any]]], origins: Mapping[str, int]) -> None:
    """Title, registrant and origin of models whose answers have changed."""
    units = Unit.objects.in_bulk({one.unit_id for one, _answers in rows})
    titles = [nfc(str(answers["title"]))[:300] for _one, answers in rows]
    registrants = registrants_for([Row(units[one.unit_id], answers) for one, answers in rows])
    columns: list[Any] = [
        [one.pk for one, _answers in rows],
        titles,
        [folded(title)[:300] for title in titles],
        registrants,
        [origins.get(code_of(answers)) for _one, answers in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, columns)


# Taking back what a sheet changed -------------------------------------------------------------------


def undo_amend_many(
    unit: Unit, *, before: Sequence[Change], about: Any = None, by: Actor
) -> dict[int, str]:
    """Give models back the answers from before a sheet. Returns those that were left, each with why.

    Left are those changed since: `version` says what the sheet left them at.
    """
    done = _take_changes_back(unit, before=before, about=about, by=by)
    left: dict[int, str] = getattr(done, "left", {})
    return left


@operation("initiative.sheet_undone", needs="submission.import")
def _take_changes_back(
    unit: Unit, *, before: Sequence[Change], about: Any = None, by: Actor
) -> Any:
    """Give models back the answers from before a sheet, where nobody has changed them since."""
    standing = held([change.initiative for change in before], by)
    left: dict[int, str] = {}
    rows: list[tuple[Initiative, Change]] = []
    for change in before:
        found = standing.get(change.initiative)
        if found is None:
            left[change.initiative] = _("It is no longer in the register.")
        elif found.submission.version != change.version:
            left[change.initiative] = _("It has been changed since.")
        else:
            rows.append((found, change))
    rows = _without_strange_steps(rows, left)
    rewrite_many(
        [(found.submission, change.answers) for found, change in rows],
        [change.state or found.submission.state for found, change in rows],
        [_sender_before(found.submission, change) for found, change in rows],
    )
    answers = [change.answers for _found, change in rows]
    _follow([(found, change.answers) for found, change in rows], origins_of(answers))
    thing = told(about or unit, len(rows))
    thing.left = left
    return thing


def _without_strange_steps(
    rows: list[tuple[Initiative, Change]], left: dict[int, str]
) -> list[tuple[Initiative, Change]]:
    """Take back the steps that the sheet made, with what was sent in by them."""
    moved = {
        found.submission_id: found.pk
        for found, change in rows
        if change.state not in ("", found.submission.state)
    }
    versions = {found.submission_id: change.version for found, change in rows}
    steps = {
        step.submission_id: step
        for step in Step.objects.filter(submission__in=moved)
        if step.version == versions[step.submission_id]
    }
    for submission, initiative in moved.items():
        if submission not in steps:
            left[initiative] = _("Its state was not changed by this file.")
    Sending.objects.filter(
        pk__in=[
            one.pk
            for one in Sending.objects.filter(submission__in=steps).only("submission", "version")
            if one.version == versions[one.submission_id]
        ]
    ).delete()
    Step.objects.filter(pk__in=[step.pk for step in steps.values()]).delete()
    return [(found, change) for found, change in rows if found.pk not in left]


def _sender_before(submission: Submission, change: Change) -> int | None:
    """Nobody has sent in what is a draft again."""
    is_draft = (change.state or submission.state) == submission.workflow.start
    return None if is_draft else submission.submitted_by_id
