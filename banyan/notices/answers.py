"""Answers of units to a round, as notices speak of them: by the round's name and its unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from banyan.figures.words import period_text
from banyan.notices.models import Notice
from banyan.people.actor import Actor
from banyan.people.models import Post, name_of_unit
from banyan.submissions.expecting import title_of
from banyan.submissions.models import Expectation, Submission

SUBMISSION = Submission._meta.label_lower


@dataclass(frozen=True)
class Answered:
    """A unit's answer with what a notice says of any record: a name, a place, where it opens."""

    submission: Submission
    unit_name: str
    url: str
    code: str = ""

    @property
    def submission_id(self) -> int:
        """The answer's id."""
        return int(self.submission.pk)

    @property
    def title(self) -> str:
        """What was asked, and for which period."""
        asked = self.submission.round
        return f"{title_of(asked)}, {period_text(asked.covers)}"

    def get_absolute_url(self) -> str:
        """The page of what was asked of the unit."""
        return self.url


def answers_within(
    posts: Sequence[Post], actor: Actor, notices: Sequence[Notice]
) -> dict[int, Answered]:
    """Submission → the answer, of those that are no models and that any of the posts may see."""
    ids = [one.thing_id or 0 for one in notices if one.thing_kind == SUBMISSION]
    if not ids or not posts:
        return {}
    seen = Submission.objects.none()
    for post in posts:
        reached = Actor(actor.account, post, actor.today)
        seen |= Submission.objects.filter(pk__in=ids, initiative=None).visible_to(reached)
    found: list[Any] = list(
        seen.select_related("round__edition__programme").annotate(
            unit_name=name_of_unit("unit", actor.today)
        )
    )
    asked = Expectation.objects.filter(round__in={one.round_id for one in found})
    pages = {(one.round_id, one.unit_id): one.get_absolute_url() for one in asked} if found else {}
    return {
        one.pk: Answered(one, one.unit_name or "", pages.get((one.round_id, one.unit_id), ""))
        for one in found
    }
