"""What waits for a decision that this actor may make, with who asks and since when.

One query over the records of the place and period; each row leads to where it is decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models import ExpressionWrapper as Wrapped
from django.db.models.functions import Coalesce
from django.utils import timezone

from banyan.figures.counting import asked, condition, facts
from banyan.figures.records import records_at, with_facts
from banyan.figures.rollup import Reckoning
from banyan.figures.sources import source_of
from banyan.initiatives.models import Recognition
from banyan.initiatives.source import Register
from banyan.kernel.workflow import Workflow
from banyan.orgs.models import Ancestry, Kind
from banyan.orgs.places import name_of
from banyan.packs.schema import Pack
from banyan.people.actor import Actor
from banyan.submissions.models import Step
from banyan.submissions.placing_rules import PLACE

MOST = 5
DECIDES, REVIEWS = "initiative.recognise", "submission.review"
# Our own choice of what is too long; no guidance names a number of days.
RETURNED_LONG = timedelta(days=14)
# What a row is about, in the order in which the rows stand.
INDICATOR, MOVE, EXTENSION = "indicator", "move", "extension"
PLACING, RETURNED = "placing", "returned"


@dataclass(frozen=True)
class Decision:
    """So many records wait, since a day, asked by these; `where` are the filters that show them.

    `about`: the indicator, or the move that would be made, with `state` the one it leaves.
    `one`: the record (or the request), where it is only one; `until`: the day that is asked for.
    """

    kind: str
    n: int
    since: date | None
    askers: Sequence[str]
    units: Sequence[str]
    about: str = ""
    state: str = ""
    where: dict[str, str] = field(default_factory=dict)
    one: int | None = None
    until: date | None = None


def decisions_of(reckoning: Reckoning, actor: Actor, today: date) -> list[Decision]:
    """At most five rows; none for whoever may decide nothing."""
    source = source_of(reckoning.pack)
    decides, reviews, places = (actor.holds(one) for one in (DECIDES, REVIEWS, PLACE))
    if not isinstance(source, Register) or actor.post is None or not (decides or reviews or places):
        return []
    found = _Found(reckoning.pack, list(_grouped(reckoning, source, actor.post.unit_id, today)))
    rows: list[Decision | None] = []
    if decides:
        rows += [found.undecided(name) for name in reckoning.pack.to_decide]
        rows += [found.waiting(*one) for one in moves_that_decide(reckoning.pack.workflow)]
    if reviews:
        rows.append(_extensions(reckoning, actor))
    if places:
        rows.append(found.to_place())
    if reviews:
        rows.append(found.returned())
    return [row for row in rows if row is not None][:MOST]


def moves_that_decide(workflow: Workflow) -> list[tuple[str, str]]:
    """(state, move) for each way on along the life that only who decides may take."""
    aside = {state.name for state in workflow.states if state.aside}
    final = {state.name for state in workflow.states if state.final}
    found: dict[str, str] = {}
    for move in workflow.moves:
        if move.by == DECIDES and move.target not in aside:
            for state in move.sources:
                if state not in final:
                    found.setdefault(state, move.name)
    return list(found.items())


def open_states(pack: Pack) -> list[str]:
    """States in which a record's life has begun and not ended."""
    life = pack.workflow
    return [s.name for s in life.states if not s.final and not s.aside and s.name != life.start]


def sent_back(workflow: Workflow) -> dict[str, str]:
    """Moves by which a reviewer gives a record back, with the state they lead to."""
    names = [state.name for state in workflow.states]
    return {
        move.name: move.target
        for move in workflow.moves
        if move.other_person
        and names.index(move.target) < min(names.index(one) for one in move.sources)
    }


def _grouped(reckoning: Reckoning, source: Register, body: int, today: date) -> Any:
    """Groups of records alike in state and in what they wait for; `body` is who would decide."""
    pack = reckoning.pack
    rows = records_at(source, pack, reckoning.place, reckoning.period, reckoning.reading)
    marks = [pack.indicator(name) for name in pack.to_decide]
    rows = with_facts(rows, pack, facts(marks)).annotate(**_told(source, body, today))
    back = Q(pk__in=())
    for move, state in sent_back(pack.workflow).items():
        back |= Q(last_move=move, submission__state=state)
    long_ago = timezone.make_aware(datetime.combine(today - RETURNED_LONG, time.min))
    flags = {f"is_{spec.id}": _flag(condition(spec)) for spec in marks}
    rows = rows.annotate(
        is_returned=_flag(back & Q(last_at__lt=long_ago)), is_torn=_torn(today), **flags
    )
    groups = ("submission__state", "is_returned", "is_torn", "is_mine", *flags)
    return (
        rows.order_by()
        .values(*groups)
        .annotate(
            n=Count("pk"),
            since=Min("stands_since"),
            askers=ArrayAgg("last_by", distinct=True, filter=Q(last_by__isnull=False), default=[]),
            units=ArrayAgg("unit_told", distinct=True, default=[]),
            one=Min("pk"),
        )
    )


def _told(source: Register, body: int, today: date) -> dict[str, Any]:
    last = Step.objects.filter(submission=OuterRef("submission")).order_by("-version")
    own = Recognition.objects.filter(initiative=OuterRef("pk"), by_unit=body)
    return {
        "last_move": last.values("move")[:1],
        "last_at": last.values("at")[:1],
        "last_by": last.values("account__person__name")[:1],
        "is_mine": Exists(own),
        "stands_since": Coalesce(Subquery(last.values("at")[:1]), F("submission__changed_at")),
        "unit_told": name_of(OuterRef("unit_id"), today),
        "home_today": source.home(today),
    }


def _flag(met: Q) -> Any:
    return Case(When(met, then=Value(value=True)), default=False, output_field=BooleanField())


def _torn(today: date) -> Any:
    """Whether the unit it counts at was divided among several, and nobody has placed it."""
    over = Ancestry.objects.filter(
        unit=OuterRef("home_today"), sure=False, valid__contains=today, ancestor__kind=Kind.COMMUNE
    )
    return Wrapped(Q(Exists(over)), output_field=BooleanField())


def _extensions(reckoning: Reckoning, actor: Actor) -> Decision | None:
    """Later due dates that units ask this actor for; one query, none where nobody can ask."""
    model: Any = apps.all_models["submissions"].get("extension")
    if model is None:
        return None
    span = (reckoning.period.first, reckoning.period.after)
    waiting = model._default_manager.filter(
        granted=None,
        expectation__round__edition__programme__key=reckoning.pack.id,
        expectation__round__span__contained_by=span,
        expectation__receiver__in=actor.reach(REVIEWS),
    ).annotate(unit_told=name_of(OuterRef("expectation__unit_id"), actor.today))
    told = waiting.aggregate(
        n=Count("pk"),
        since=Min("asked_at"),
        until=Min("until"),
        units=ArrayAgg("unit_told", distinct=True, default=[]),
        one=Min("pk"),
    )
    if not told["n"]:
        return None
    return Decision(
        EXTENSION,
        told["n"],
        timezone.localtime(told["since"]).date(),
        (),
        sorted(filter(None, told["units"])),
        until=told["until"],
        one=told["one"] if told["n"] == 1 else None,
    )


@dataclass(frozen=True)
class _Found:
    pack: Pack
    groups: Sequence[dict[str, Any]]

    def undecided(self, name: str) -> Decision | None:
        """Records of an indicator that have not reached the end of their life."""
        states = open_states(self.pack)
        met = [g for g in self.groups if g[f"is_{name}"] and g["submission__state"] in states]
        where = {**asked(self.pack.indicator(name)), "state": ",".join(states)}
        return self._row(INDICATOR, met, about=name, where=where)

    def waiting(self, state: str, move: str) -> Decision | None:
        """Records in a state from which one decides, but those one's own body has recognised."""
        met = [g for g in self.groups if g["submission__state"] == state and not g["is_mine"]]
        return self._row(MOVE, met, about=move, state=state, where={"state": state})

    def to_place(self) -> Decision | None:
        """Records of divided units."""
        return self._row(PLACING, [group for group in self.groups if group["is_torn"]])

    def returned(self) -> Decision | None:
        """Records given back a long time ago and not sent in again."""
        met = [group for group in self.groups if group["is_returned"]]
        states = {group["submission__state"] for group in met}
        return self._row(RETURNED, met, where={"state": ",".join(sorted(states))})

    @staticmethod
    def _row(kind: str, groups: Sequence[dict[str, Any]], **about: Any) -> Decision | None:
        n = sum(group["n"] for group in groups)
        if not n:
            return None
        first = min(groups, key=lambda group: group["since"])
        askers = sorted({name for group in groups for name in group["askers"]})
        units = sorted({name for group in groups for name in group["units"] if name})
        since = timezone.localtime(first["since"]).date()
        one = first["one"] if n == 1 else None
        return Decision(kind, n, since, askers, units, one=one, **about)
