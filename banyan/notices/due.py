"""Due dates: which rounds are near theirs or past it, who has not answered, who is to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    Window,
)
from django.db.models.functions import RowNumber

from banyan.orgs.models import Tree
from banyan.orgs.unit_page import name_on
from banyan.people.actor import Actor
from banyan.people.models import Post
from banyan.submissions.models import Expectation, Round, Submission

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
    return (spec.remind_days if spec else ()) or tuple(settings.BANYAN_REMIND_DAYS)


def unanswered(expected: QuerySet[Expectation], rounds: Sequence[Round]) -> QuerySet[Any]:
    """The expectations to which nothing was sent in, by the unit itself or by one below it."""
    starts = {one.edition.pack.workflow_of(one.form).start for one in rounds}
    last = ExpressionWrapper(
        OuterRef("round__span__endswith") - Value(1, output_field=IntegerField()),
        output_field=DateField(),
    )
    sent = Submission.objects.exclude(state__in=starts).filter(
        round=OuterRef("round"),
        unit__ancestry__ancestor=OuterRef("unit"),
        unit__ancestry__tree=Tree.STATE,
        unit__ancestry__depth__isnull=False,
        unit__ancestry__valid__contains=last,
    )
    return expected.filter(~Exists(sent), round__in=[one.pk for one in rounds])


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
        unanswered(Expectation.objects.filter(pk__in=seen.values("pk")), asked)
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


def near(today: date) -> list[Round]:
    """The rounds that are reminded of today."""
    reach = timedelta(days=max(settings.BANYAN_REMIND_DAYS, default=0) + 30)
    rounds = Round.objects.filter(closed_on=None, due__range=(today - reach, today + reach))
    return [
        one
        for one in rounds.select_related("edition__programme")
        if abs((one.due - today).days) in remind_days(one)
    ]


def concerned(one: Round, today: date) -> set[int]:
    """The accounts to remind: who writes for a unit that has not answered, who receives, who asked.

    Nobody once everybody has answered. Two queries.
    """
    open_ones = unanswered(Expectation.objects.filter(round=one), [one])
    waiting = list(open_ones.values_list("unit", "receiver"))
    if not waiting:
        return set()
    receivers = {receiver for _unit, receiver in waiting} | {one.unit_id}
    holds = Q(unit__in=[unit for unit, _receiver in waiting], role__capabilities__contains=[EDIT])
    holds |= Q(unit__in=receivers, role__capabilities__overlap=RECEIVES)
    posts = Post.objects.held_on(today).filter(holds, person__account__is_active=True)
    return set(posts.values_list("person__account", flat=True))
