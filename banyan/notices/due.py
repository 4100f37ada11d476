"""Due dates: which rounds are near theirs or past it, who has not answered, who is to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Window
from django.db.models.functions import RowNumber

from banyan.orgs.unit_page import name_on
from banyan.people.actor import Actor
from banyan.people.models import Post
from banyan.submissions.expecting import Reminder, askings, due_reminders, with_progress
from banyan.submissions.models import Expectation, Round

EDIT = "submission.edit"
# Who looks at what is sent in, and who asked for it.
RECEIVES = ["submission.review", "round.open"]
NAMED = 3  # units named in one reminder


@dataclass
class Missing:
    """Who of those one may see has not answered a round: how many, and the first few by name.

    `own`: the reader's own units among them.
    """

    count: int = 0
    names: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


def remind_days(one: Round) -> tuple[int, ...]:
    """How many days before and after its due date a round is reminded of: as its pack says."""
    spec = one.edition.pack.round_of(one.form)
    return spec.remind_days if spec else ()


def missing_of(rounds: Iterable[Round], actor: Actor) -> dict[int, Missing]:
    """Round → who has not answered, of those that any of the reader's posts may see; one query."""
    asked = list(rounds)
    held = {post.unit_id for post in actor.posts}
    seen = Expectation.objects.none()
    for post in actor.posts:
        seen |= Expectation.objects.visible_to(Actor(actor.account, post, actor.today))
    if not asked or not held:
        return {}
    rows = (
        open_among(Expectation.objects.filter(pk__in=seen.values("pk")), asked, actor.today)
        .annotate(
            named=name_on("unit", actor.today),
            mine=ExpressionWrapper(Q(unit__in=held), output_field=BooleanField()),
        )
        .annotate(
            n=Window(Count("pk"), partition_by="round"),
            place=Window(RowNumber(), partition_by="round", order_by=[F("mine").desc(), "named"]),
        )
    )
    found: dict[int, Missing] = {}
    for row in rows.filter(place__lte=NAMED + len(held)).order_by("round", "place"):
        one = found.setdefault(row.round_id, Missing())
        one.count = row.n
        (one.own if row.mine else one.names).append(row.named)
    return found


def open_among(expected: Any, rounds: Sequence[Round], on: date) -> Any:
    """The expectations of these rounds that nobody has answered yet, at units that still stand."""
    asking = askings({one.edition_id: one.edition for one in rounds}.values())
    of_rounds = expected.filter(round__in=[one.pk for one in rounds])
    return with_progress(of_rounds, on, asking).filter(answers=0, stands=True)


def reminded_on(today: date) -> dict[int, list[Reminder]]:
    """Round → its lines of today's reminder; a later day that was granted holds."""
    found: dict[int, list[Reminder]] = {}
    for line in due_reminders(today):
        found.setdefault(line.expectation.round_id, []).append(line)
    return found


def concerned(lines: Sequence[Reminder], today: date) -> set[int]:
    """The accounts to remind of a round: who writes for a unit that has not answered, who receives,
    who asked. One query.
    """
    expected = [line.expectation for line in lines]
    receivers = {one.receiver_id for one in expected} | {one.round.unit_id for one in expected}
    holds = Q(unit__in={one.unit_id for one in expected}, role__capabilities__contains=[EDIT])
    holds |= Q(unit__in=receivers, role__capabilities__overlap=RECEIVES)
    posts = Post.objects.held_on(today).filter(holds, person__account__is_active=True)
    return set(posts.values_list("person__account", flat=True))
