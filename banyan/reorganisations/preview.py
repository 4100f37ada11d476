"""What a decision would do: it is carried out, told, and rolled back.

So the preview tells the truth by construction, checks included. It is kept with the decision,
with a stamp of the trees, so that a page can show it without doing it again.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.orgs import carrying
from banyan.orgs.changes import Problem, Unfit
from banyan.orgs.operations import REORGANISE
from banyan.reorganisations import later, operations, telling, trees
from banyan.reorganisations.effects import Told, effects_of
from banyan.reorganisations.models import Change, Reorganisation, State

MOST_PROBLEMS = 100


class _Seen(Exception):
    """Carries the effects out of the transaction that is rolled back."""

    def __init__(self, effects: Told) -> None:
        self.effects = effects


@operation("reorganisation.previewed", needs=REORGANISE)
def look(reorganisation: Reorganisation, *, by: Actor) -> Reorganisation:
    """Look at the effects of a decision, or at what stands in its way; `.preview` holds them.

    Shape: `{"at", "seconds", "problems": [{at, line, what, why, mend}], "in_all": int}` and, without
    problems, what `effects_of` tells. `at` is the place of a change in the decision.
    """
    carrying.lock()
    held = operations.held(reorganisation, State.DRAFT)
    begun = timezone.now()
    effects: Told
    try:
        with transaction.atomic():
            done = operations.run(held, by=by)
            raise _Seen(effects_of(held, done))
    except _Seen as seen:
        effects = {"problems": [], "in_all": 0, **seen.effects}
    except Unfit as unfit:
        effects = {"problems": _problems(held, unfit.problems), "in_all": len(unfit.problems)}
    except Refusal as refusal:
        effects = {"problems": [{"at": None, "line": "", **refusal.as_dict()}], "in_all": 1}
    effects["at"] = begun.isoformat()
    effects["seconds"] = round((timezone.now() - begun).total_seconds(), 1)
    held.preview, held.stamp = effects, trees.stamp()
    held.save(update_fields=["preview", "stamp"])
    reorganisation.preview, reorganisation.stamp = held.preview, held.stamp
    return held


def _problems(held: Reorganisation, found: Sequence[Problem]) -> list[dict[str, Any]]:
    """The first problems, each with the sentence of its change."""
    shown = found[:MOST_PROBLEMS]
    rows = list(Change.objects.filter(reorganisation=held).order_by("position"))
    named = {one.at: rows[one.at] for one in shown if one.at is not None}
    lines = telling.plain(list(named.values()), held)
    return [
        {
            "at": named[one.at].position if one.at is not None else None,
            "line": lines.get(named[one.at].pk, "") if one.at is not None else "",
            "what": one.what,
            "why": one.why,
            "mend": later.mended(one),
        }
        for one in shown
    ]
