"""What stands above the queue: counts, units to narrow by, who has answered, the step just taken.

All of it is one query, on the row of the reader's own unit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.desk.queue import GROUPS, Queue
from banyan.initiatives.operations import REGISTER
from banyan.orgs.models import Ancestry, Placement, Unit, UnitName
from banyan.submissions.models import Expectation, Round, Step, Submission
from banyan.submissions.steps import UNDO_SECONDS


@dataclass(frozen=True)
class Progress:
    """The newest round: how many of the units directly below have answered, and which have not."""

    round: int
    period: str
    answered: int
    asked: int
    missing: list[str]

    @property
    def url(self) -> str:
        """The round's page."""
        return reverse("round", args=[self.round])

    @property
    def reminder(self) -> str:
        """What may be passed on to those who have not answered."""
        words = {"period": self.period, "names": "; ".join(self.missing)}
        return _("Registration of models, %(period)s: still waited for: %(names)s.") % words


@dataclass(frozen=True)
class Done:
    """The step just taken, which may be taken back for some seconds."""

    pk: int
    title: str
    said: str
    seconds: int


@dataclass(frozen=True)
class Overview:
    """The top of the desk."""

    counts: dict[str, int]
    units: list[dict[str, Any]]
    progress: Progress | None
    done: Done | None
    today: int


def look(queue: Queue, done: int | None) -> Overview:
    """Everything above the queue. The counts are those under the present filters."""
    post = queue.actor.post
    children = (
        Unit.objects.children(post.unit, on=queue.today, tree=post.tree)
        .named_on(queue.today)
        .values(json=JSONObject(pk="pk", name="day_name"))
    )
    rows = Unit.objects.filter(pk=post.unit_id).values(
        counts=_counts(queue),
        returned=_counted(queue.of("returned")),
        children=ArraySubquery(children),
        round=Subquery(_newest(queue).values("pk")[:1]),
        period=Subquery(_newest(queue).values("period")[:1]),
        progress=ArraySubquery(_answering(queue)),
        done=ArraySubquery(_step(queue, done)),
        today=_counted(_today(queue)),
    )
    found: dict[str, Any] = dict(rows.get())
    counts = dict.fromkeys((*GROUPS, "own"), 0) | (found["counts"] or {})
    counts["returned"] = found["returned"]
    return Overview(
        counts, found["children"], _progress(found), _done(queue, found["done"]), found["today"]
    )


def _counted(rows: Any) -> Coalesce:
    """The number of rows as a value of another query."""
    one = rows.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk"))
    return Coalesce(Subquery(one.values("n")), 0)


def _counts(queue: Queue) -> Subquery:
    """Late, waiting, one's own and those to be recognised: counted in one pass."""
    waits, decided = queue.lives.waiting, queue.lives.to_recognise
    own = Q(submission__submitted_by=queue.actor.account_id)
    theirs = waits & (~own | Q(submission__submitted_by=None))
    rows = queue.seen().filter(waits | decided).order_by().annotate(all=Value(1)).values("all")
    counted = rows.annotate(
        json=JSONObject(
            late=Count("pk", filter=theirs & queue.late),
            waiting=Count("pk", filter=theirs & ~queue.late),
            own=Count("pk", filter=waits & own),
            recognition=Count("pk", filter=decided),
        )
    )
    return Subquery(counted.values("json"))


def _newest(queue: Queue) -> Any:
    """The newest round of registration at or above the reader's unit, or within reach."""
    post = queue.actor.post
    above = Ancestry.objects.filter(
        unit=post.unit_id, tree=post.tree, valid__contains=queue.today
    ).values("ancestor")
    within = queue.actor.reach("submission.view")
    rounds = Round.objects.filter(Q(unit__in=above) | Q(unit__in=within), form=REGISTER)
    return rounds.order_by("-span", "-pk")


def _answering(queue: Queue) -> Any:
    """Units directly below the reader's that were asked: name, and whether anything came from it."""
    post = queue.actor.post
    newest = _newest(queue).values("pk")[:1]
    directly = Placement.objects.filter(
        parent=post.unit_id, tree=post.tree, valid__contains=queue.today
    )
    below = Ancestry.objects.filter(
        ancestor=OuterRef(OuterRef("unit")), tree=post.tree, valid__contains=queue.today
    )
    drafts = {life.workflow_start for life in queue.lives.by_edition.values()}
    sent = Submission.objects.filter(
        round=OuterRef("round"), unit__in=below.values("unit")
    ).exclude(state__in=drafts)
    names = UnitName.objects.filter(
        unit=OuterRef("unit"), language="vi", valid__contains=queue.today
    )
    return (
        Expectation.objects.filter(round=Subquery(newest), unit__in=directly.values("unit"))
        .annotate(
            name=Subquery(names.values("name")[:1]), key=Subquery(names.values("sort_key")[:1])
        )
        .order_by("key")
        .values(json=JSONObject(name="name", answered=Exists(sent)))
    )


def _progress(found: dict[str, Any]) -> Progress | None:
    if found["round"] is None or not found["progress"]:
        return None
    missing = [one["name"] for one in found["progress"] if not one["answered"]]
    asked = len(found["progress"])
    return Progress(found["round"], found["period"], asked - len(missing), asked, missing)


def _today(queue: Queue) -> Any:
    """What the reader decided today: for himself alone, nobody else is shown it."""
    lives = queue.lives.by_edition.values()
    moves = {move.name for life in lives for move in (*life.takes, *life.gives_back)}
    begun = timezone.now().astimezone(timezone.get_current_timezone())
    since = begun.replace(hour=0, minute=0, second=0, microsecond=0)
    return Step.objects.filter(account=queue.actor.account_id, move__in=moves, at__gte=since)


def _step(queue: Queue, done: int | None) -> Any:
    """The reader's own newest step on the record he just left."""
    return (
        Step.objects.filter(submission__initiative=done or 0, account=queue.actor.account_id)
        .order_by("-version")
        .values(
            json=JSONObject(
                pk="submission__initiative",
                title="submission__initiative__title",
                edition="submission__round__edition_id",
                move="move",
                at="at",
                version="version",
                now="submission__version",
            )
        )[:1]
    )


def _done(queue: Queue, steps: list[dict[str, Any]]) -> Done | None:
    for step in steps:
        past = (timezone.now() - datetime.fromisoformat(step["at"])).total_seconds()
        left = UNDO_SECONDS - int(past)
        if left > 0 and step["version"] == step["now"]:
            pack = queue.lives.packs[step["edition"]]
            said = pack.text(f"moves.{step['move']}", queue.language)
            return Done(step["pk"], step["title"], said, left)
    return None
