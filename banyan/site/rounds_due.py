"""Which rounds somebody must think of now, and how far they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from banyan.packs.models import Edition
from banyan.submissions.expecting import REGISTERS, owed
from banyan.submissions.models import Round, Submission
from banyan.web.page import BanyanRequest

# How long a round that nobody answered still calls after it was due.
STILL_CALLS = timedelta(days=90)


@dataclass(frozen=True)
class RoundDue:
    """A round; `of` units are expected to answer (0: it is one's own unit that answers).

    `due` knows a later day that was granted; `url` leads to where one answers, `words_back` is what
    the receiver wrote when it came back.
    """

    round: Round
    due: date
    url: str
    done: int = 0
    of: int = 0
    words_back: str = ""

    @property
    def registers(self) -> bool:
        """Whether it asks for models, not for one answer."""
        return registers(self.round)


def registers(round: Round) -> bool:
    """Whether a round asks for models."""
    return bool(round.spec.purpose == REGISTERS)


def rounds_of(request: BanyanRequest, editions: Sequence[Edition]) -> list[RoundDue]:
    """Rounds that the unit of this post still owes, and those it opened; two queries."""
    actor, since = request.actor, request.today - STILL_CALLS
    found = [
        RoundDue(one.round, one.due_on, _where(one), words_back=one.words_back)
        for one in owed(actor, request.today, editions)
        if one.due_on >= since and one.round.unit_id != one.unit_id
    ]
    if actor.holds("submission.review") or actor.holds("round.open"):
        expected = Round.objects.filter(pk=OuterRef("pk")).values("expectations__round")
        opened = (
            request.seen(Round)
            .filter(unit=actor.unit, due__gte=since, closed_on=None)
            .select_related("edition__programme")
            .defer("edition__content")
            .annotate(
                of=Coalesce(Subquery(expected.annotate(n=Count("expectations")).values("n")), 0),
                done=_answered(OuterRef("pk")),
            )
        )
        found += [
            RoundDue(one, one.due, reverse("round", args=[one.pk]), one.done, one.of)
            for one in opened
            if one.done < one.of
        ]
    return found


def _where(asked: Any) -> str:
    """Where one answers: the quick form of a register, or the page of a review."""
    if registers(asked.round):
        return f"{reverse('initiative_quick')}?round={asked.round_id}"
    return reverse("expectation_answer", args=[asked.pk])


def _answered(round: Any) -> Any:
    """By how many of the units expected something was sent in."""
    rows = Submission.objects.filter(round=round, unit__expectations__round=F("round"))
    counted = rows.exclude(state="draft").values("round")
    return Coalesce(
        Subquery(
            counted.annotate(n=Count("unit", distinct=True)).values("n"),
            output_field=IntegerField(),
        ),
        0,
    )
