"""Decisions in force that came after another and rest on it: named wherever they stand in its way."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import Problem
from banyan.reorganisations.models import Effect, Reorganisation, State
from banyan.web.templatetags.banyan import day

MOST = 3


def since(reorganisation: Reorganisation) -> list[Reorganisation]:
    """Those carried out later that wrote the same rows; the last first."""
    own = Effect.objects.filter(
        reorganisation=reorganisation, of_table=OuterRef("of_table"), of_row=OuterRef("of_row")
    )
    same = Effect.objects.filter(Exists(own), reorganisation=OuterRef("pk"))
    return list(_carried_out_after(reorganisation).filter(Exists(same))[:MOST])


def _carried_out_after(reorganisation: Reorganisation) -> Any:
    rows = Reorganisation.objects.exclude(state=State.DRAFT).exclude(pk=reorganisation.pk)
    return rows.filter(applied_at__gte=reorganisation.applied_at).order_by("-applied_at", "-pk")


def refusal(reorganisation: Reorganisation, why: str) -> Refusal:
    """That a decision cannot be undone for one that came after it: which, and how far that one is."""
    found = since(reorganisation) or list(_carried_out_after(reorganisation)[:MOST])
    if closed := [one for one in found if one.state == State.CLOSED]:
        mend = _("Closed, and not to be undone: %(decisions)s. Correct the tree by a new decision.")
        told = mend % {"decisions": named(closed)}
        return Refusal(_("The decision can no longer be undone."), why, told, status=409)
    return Refusal(_("The decision cannot be undone yet."), why, mend_of(found), status=409)


def mend_of(found: list[Reorganisation]) -> str:
    """What to undo first."""
    if not found:
        return _("Take back first what was decided later, or correct the tree by a new decision.")
    return _("Undo first: %(decisions)s.") % {"decisions": named(found)}


def named(found: list[Reorganisation]) -> str:
    """Number, first day and state of each."""
    return "; ".join(
        _("decision %(number)s, in force from %(day)s (%(state)s)")
        % {"number": one.number, "day": day(one.on), "state": one.get_state_display()}
        for one in found
    )


def mended(problem: Problem) -> str:
    """How to mend a problem; of a later decision that is closed: that it stays."""
    if problem.later is None:
        return problem.mend
    number, on = problem.later
    written = Q(number=number) | Q(changes__told__decision=number)
    held = Reorganisation.objects.exclude(state=State.DRAFT).filter(written, on=on).first()
    if held is None:
        return problem.mend
    told = {"decision": named([held])}
    if held.state == State.CLOSED:
        return (
            _(
                "It cannot be undone any more: %(decision)s. Choose a later day for this change, or"
                " leave it out."
            )
            % told
        )
    return _("Undo first: %(decision)s. Or choose a later day for this change.") % told
