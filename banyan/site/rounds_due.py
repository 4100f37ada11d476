"""Which rounds somebody must think of now, and how far they are answered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from banyan.submissions.models import Expectation, Round, Submission
from banyan.web.page import BanyanRequest

# How long a round that nobody answered still calls after it was due.
STILL_CALLS = timedelta(days=90)


@dataclass(frozen=True)
class RoundDue:
    """A round; `of` units are expected to answer (0: it is one's own unit that answers)."""

    round: Round
    done: int
    of: int = 0


def rounds_of(request: BanyanRequest) -> list[RoundDue]:
    """Rounds that the unit of this post answers, and those it opened; two queries."""
    actor, since = request.actor, request.today - STILL_CALLS
    found: list[RoundDue] = []
    if actor.holds("submission.edit"):
        asked = (
            request.seen(Expectation)
            .filter(unit=actor.unit, round__due__gte=since)
            .exclude(round__unit=actor.unit)
            .annotate(sent=_counted(OuterRef("round"), unit=OuterRef("unit")))
            .select_related("round")
        )
        open_or_wanting = [one for one in asked if one.sent == 0 or one.round.due >= request.today]
        found += [RoundDue(one.round, one.sent) for one in open_or_wanting]
    if actor.holds("submission.review") or actor.holds("round.open"):
        expected = Expectation.objects.filter(round=OuterRef("pk")).values("round")
        opened = (
            request.seen(Round)
            .filter(unit=actor.unit, due__gte=since)
            .annotate(
                of=Coalesce(Subquery(expected.annotate(n=Count("pk")).values("n")), 0),
                done=_counted(OuterRef("pk"), distinct=True),
            )
        )
        found += [RoundDue(one, one.done, one.of) for one in opened if one.done < one.of]
    return found


def _counted(round: Any, *, distinct: bool = False, **also: Any) -> Any:
    """How many records were sent in to a round, or (distinct) by how many of the units expected."""
    rows = Submission.objects.filter(round=round, **also).exclude(state="draft")
    if distinct:
        rows = rows.filter(unit__expectations__round=F("round"))
    counted = Count("unit", distinct=True) if distinct else Count("pk")
    return Coalesce(
        Subquery(rows.values("round").annotate(n=counted).values("n"), output_field=IntegerField()),
        0,
    )
