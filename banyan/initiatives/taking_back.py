"""Taking back what an import made: models that nobody has touched since go, the others are named."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from banyan.initiatives.holding import held, told
from banyan.initiatives.models import Consent, Initiative, Recognition
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.submissions.models import Draft, Placing, Remark, Review, Step, Submission

AS_IMPORTED = 1  # the version of a record that nobody has changed


def undo_register_many(
    unit: Unit, *, initiatives: Sequence[int], about: Any = None, by: Actor
) -> dict[int, str]:
    """Take back models that an import made. Returns those that were left, each with why."""
    done = _take_models_back(unit, initiatives=initiatives, about=about, by=by)
    left: dict[int, str] = getattr(done, "left", {})
    return left


@operation("initiative.import_undone", needs="submission.import")
def _take_models_back(
    unit: Unit, *, initiatives: Sequence[int], about: Any = None, by: Actor
) -> Any:
    """Delete models that an import made and that nobody has touched, with all that belongs to them.

    Their batches keep their place in the history, with the number of those that stayed.
    """
    standing = held(initiatives, by)
    left = {id: _("It is no longer in the register.") for id in initiatives if id not in standing}
    left |= _touched(list(standing))
    going = set(standing) - set(left)
    while needed := _needed_by_others(going):
        left |= needed
        going -= set(needed)
    _delete(sorted(going), [standing[id].submission_id for id in going])
    thing = told(about or unit, len(going))
    thing.left = left
    return thing


def _touched(ids: Sequence[int]) -> dict[int, str]:
    """Models somebody has done something with since they were imported, each with what."""
    of_record = {"submission": OuterRef("submission")}
    of_model = {"initiative": OuterRef("pk")}
    signs: dict[str, tuple[Any, dict[str, Any], str]] = {
        "recognised": (Recognition, of_model, _("It has been recognised.")),
        "opened": (Consent, of_model, _("Its opening to the public has been decided on.")),
        "reviewed": (Review, of_record, _("It has been reviewed, or given points.")),
        "remarked": (Remark, of_record, _("Somebody has written a remark on it.")),
        "placed": (Placing, of_record, _("It has been placed at another unit.")),
        "stepped": (Step, of_record, _("It has moved on since.")),
        "later": (
            Submission,
            {"previous": OuterRef("submission")},
            _("A later record rests on it."),
        ),
        "typed": (
            Draft,
            {"form": "amend", "thing": OuterRef("pk")},
            _("Somebody is changing it at this moment."),
        ),
    }
    asked = {
        f"was_{name}": Exists(model._default_manager.filter(**which))
        for name, (model, which, _why) in signs.items()
    }
    rows = Initiative.objects.filter(pk__in=ids).annotate(**asked)
    found: dict[int, str] = {}
    for row in rows.values("pk", "submission__version", *asked):
        why = [told for name, (_model, _which, told) in signs.items() if row[f"was_{name}"]]
        if why:
            found[row["pk"]] = why[0]
        elif row["submission__version"] != AS_IMPORTED:
            found[row["pk"]] = _("It has been changed since.")
    return found


def _needed_by_others(going: set[int]) -> dict[int, str]:
    """Those on which a model rests that stays."""
    resting = Initiative.objects.exclude(pk__in=going)
    built = resting.filter(replicated_from__in=going).values_list("replicated_from", flat=True)
    carried = resting.filter(continues__in=going).values_list("continues", flat=True)
    return {id: _("Another model was built after it.") for id in built if id} | {
        id: _("It has been continued in a later round.") for id in carried if id
    }


# In this order: what points to a row goes before it. Typed answers go with their submission.
_BY_MODEL = (
    "UPDATE initiatives_batch b SET things = b.things - gone.n FROM"
    " (SELECT batch_id, count(*) AS n FROM initiatives_batchrow WHERE initiative_id = ANY(%s)"
    " GROUP BY 1) AS gone WHERE b.id = gone.batch_id",
    "DELETE FROM initiatives_batchrow WHERE initiative_id = ANY(%s)",
    "DELETE FROM initiatives_initiative WHERE id = ANY(%s)",
)
_BY_RECORD = (
    "DELETE FROM submissions_likeness WHERE one_id = ANY(%s)",
    "DELETE FROM submissions_likeness WHERE other_id = ANY(%s)",
    "DELETE FROM submissions_signaltext WHERE submission_id = ANY(%s)",
    "DELETE FROM submissions_submission WHERE id = ANY(%s)",
)
_REGISTRANTS = "SELECT DISTINCT registrant_id FROM initiatives_initiative WHERE id = ANY(%s)"
# A registrant comes with its first model; without any it is nobody.
_UNNAMED = """
    DELETE FROM initiatives_registrant r WHERE id = ANY(%s)
       AND NOT EXISTS (SELECT FROM initiatives_initiative i WHERE i.registrant_id = r.id)
"""


def _delete(models: list[int], records: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_REGISTRANTS, [models])
        registrants = [id for (id,) in cursor.fetchall()]
        for statement in _BY_MODEL:
            cursor.execute(statement, [models])
        for statement in _BY_RECORD:
            cursor.execute(statement, [records])
        cursor.execute(_UNNAMED, [registrants])
