"""Models held until the end of an operation on many: the rights are asked once for all."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor
from banyan.orgs.models import Unit
from banyan.submissions.models import Placing

EDIT = "submission.edit"


def told(thing: Any, count: int) -> Any:
    """The thing of an event, with how many it was done to."""
    thing.things = count
    return thing


def held(ids: Sequence[int], by: Actor) -> dict[int, Initiative]:
    """These models, held until the end and in one order. Refusal (403) beyond the actor's reach."""
    rows = (
        Initiative.objects.filter(pk__in=ids)
        .select_related("submission__round__edition__programme")
        .defer("submission__round__edition__content", "words", "facets", "measures")
        .select_for_update(of=("submission",))
        .order_by("submission_id")
    )
    found = {row.pk: row for row in rows}
    keepers = {row.submission_id: row.unit_id for row in found.values()}
    newest = Placing.objects.filter(submission__in=keepers).order_by("submission", "-on")
    keepers |= dict(newest.distinct("submission").values_list("submission", "unit"))
    units = list(Unit.objects.filter(pk__in=set(keepers.values())))
    if units and not by.may(EDIT, at=units):
        raise Refusal(
            _("Some models belong to units outside your reach."),
            _("A file is taken whole or not at all."),
            _("Import it from a post above all these units."),
            status=403,
        )
    return found
