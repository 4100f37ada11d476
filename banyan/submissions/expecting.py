"""Who still owes an answer, since when it is late, and whom to remind: words for expectations.

A later due date that was granted holds everywhere. An answer is a review that was sent in, or at
least one model that was: of the unit itself or of one below it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from banyan.kernel.workflow import Workflow
from banyan.orgs.models import Ancestry, Tree
from banyan.packs.models import Edition
from banyan.packs.schema import RoundSpec
from banyan.people.models import Post
from banyan.submissions.asked import asked_of
from banyan.submissions.models import Expectation, Extension, Review, Round, Submission

# What an expectation is now: `state_now` of `with_progress`.
WAITING, LATE, ANSWERED, ACCEPTED, ENDED = "waiting", "late", "answered", "accepted", "ended"
REGISTERS = "initiative"
# A hundred kilobytes, the same for every row; `askings` has compiled it already.
CONTENT = "round__edition__content"
EDIT = "submission.edit"


def sent_states(life: Workflow) -> list[str]:
    """The states in which a record counts as sent in: past the start, and not taken back."""
    taken_back = {
        move.target for move in life.moves if life.start in move.sources and move.by == EDIT
    } & {state.name for state in life.states if state.aside and state.final}
    return [one.name for one in life.states if one.name not in {life.start, *taken_back}]


def title_of(round: Round) -> str:
    """What a round is called: its kind in the pack's words, else its form."""
    spec = round.edition.pack.round_of(round.form)
    key = f"rounds.{spec.id}.title" if spec else f"forms.{round.form}.title"
    return round.edition.text(key)


@dataclass(frozen=True)
class Asking:
    """What one edition asks with one form, and which states of an answer count."""

    edition: int
    form: str
    registers: bool
    sent: tuple[str, ...]
    final: tuple[str, ...]
    spec: RoundSpec | None


def askings(editions: Iterable[Edition] | None = None) -> list[Asking]:
    """All that the editions (by default all that are installed) ask; one query, or none."""
    found = []
    for edition in Edition.objects.all() if editions is None else editions:
        pack = edition.pack
        for form in pack.forms.values():
            life = pack.workflow_of(form.id)
            final = tuple(state.name for state in life.states if state.final and not state.aside)
            found.append(
                Asking(
                    edition.pk,
                    form.id,
                    form.purpose == REGISTERS,
                    tuple(sent_states(life)),
                    final,
                    pack.round_of(form.id),
                )
            )
    return found


def _of(asking: Asking) -> Q:
    return Q(round__edition=asking.edition, round__form=asking.form)


def _any(parts: Iterable[Q]) -> Q:
    joined = Q(pk__in=[])
    for one in parts:
        joined |= one
    return joined


def sent_in(asking: list[Asking]) -> Q:
    """Submissions that count as an answer."""
    return _any(_of(one) & Q(state__in=one.sent) for one in asking)


def with_progress(rows: Any, on: date, asking: list[Asking]) -> Any:
    """Expectations with `due_on` (a granted day included), `answers`, `stands`, `state_now`."""
    sent = Submission.objects.filter(sent_in(asking))
    in_round = sent.filter(round=OuterRef("round")).order_by().values("round")
    below = Ancestry.objects.filter(ancestor=OuterRef(OuterRef("unit")), tree=Tree.STATE)
    own = in_round.filter(unit=OuterRef("unit")).annotate(n=Count("pk")).values("n")
    # A unit of another tree has nothing below it in this one; its own records stand there anyway.
    of_those = Q(unit=OuterRef("unit")) | Q(unit__in=below.values("unit"))
    models = in_round.filter(of_those).annotate(n=Count("pk", distinct=True)).values("n")
    registers = {one.form for one in asking if one.registers}
    granted = Extension.objects.filter(expectation=OuterRef("pk"), granted=True).order_by()
    latest = granted.values("expectation").annotate(day=Max("until")).values("day")
    standing = Ancestry.objects.standing().filter(
        unit=OuterRef("unit"), ancestor=OuterRef("unit"), valid__contains=on
    )
    accepted = _any(_of(one) & Q(state__in=one.final) for one in asking if not one.registers)
    done = Submission.objects.filter(accepted, round=OuterRef("round"), unit=OuterRef("unit"))
    return rows.annotate(
        due_on=Greatest(F("round__due"), Subquery(latest), output_field=DateField()),
        answers=Case(
            When(round__form__in=registers, then=Coalesce(Subquery(models), 0)),
            default=Coalesce(Subquery(own), 0),
        ),
        stands=Exists(standing),
        state_now=Case(
            When(~Q(round__form__in=registers) & Exists(done), then=Value(ACCEPTED)),
            When(answers__gt=0, then=Value(ANSWERED)),
            When(stands=False, then=Value(ENDED)),
            When(due_on__lt=on, then=Value(LATE)),
            default=Value(WAITING),
            output_field=CharField(),
        ),
    )


@dataclass(frozen=True)
class Reminder:
    """One line of a reminder: `days` left until the due date; below nought, days it is late."""

    expectation: Any
    due_on: date
    days: int


def due_reminders(on: date) -> Iterator[Reminder]:
    """Whom to remind on a day: so many days before and after the due date as the pack says.

    Two queries. Not those who answered, whose round is closed, or who no longer stand.
    """
    asking = [one for one in askings() if one.spec and one.spec.remind_days]
    wanted = _any(
        _of(one)
        & Q(
            due_on__in=[
                on + timedelta(days=n * sign) for n in one.spec.remind_days for sign in (1, -1)
            ]
        )
        for one in asking
        if one.spec
    )
    rows = with_progress(Expectation.objects.filter(round__closed_on=None), on, asking)
    waiting = rows.filter(wanted, answers=0, stands=True).order_by("due_on", "round", "pk")
    for row in waiting.select_related("round__edition__programme", "unit", "receiver").defer(
        CONTENT
    ):
        yield Reminder(row, row.due_on, (row.due_on - on).days)


def owed(actor: Any, on: date, editions: Iterable[Edition] | None = None) -> list[Any]:
    """What the unit of the actor's post still owes, the earliest due first; two queries at most, one
    where the installed editions are known.

    Each expectation bears `due_on`, `answers`, `state_now`, `began` (something is kept as a draft)
    and `words_back`: what the receiver wrote when it was sent back.
    """
    if actor.unit is None or not actor.holds(EDIT):
        return []
    own = Submission.objects.filter(round=OuterRef("round"), unit=OuterRef("unit"))
    said = Review.objects.filter(
        submission__round=OuterRef("round"), submission__unit=OuterRef("unit"), kind="review"
    ).exclude(remark="")
    rows = Expectation.objects.filter(unit=actor.unit, round__closed_on=None)
    rows = with_progress(rows, on, askings(editions)).filter(answers=0)
    rows = rows.annotate(
        began=Exists(own),
        words_back=Coalesce(
            Subquery(said.order_by("-pk").values("remark")[:1]), Value(""), output_field=TextField()
        ),
    )
    return list(
        rows.select_related("round__edition__programme", "unit")
        .defer(CONTENT)
        .order_by("due_on", "pk")
    )


def callable_at(units: Iterable[int], on: date) -> dict[int, list[dict[str, str]]]:
    """Unit → who answers there and can be called: name and telephone number; one query."""
    from_posts: dict[int, list[dict[str, str]]] = {}
    for post in _posts_at(units, on):
        entry = {"name": post.person.name, "phone": post.person.phone}
        known = from_posts.setdefault(post.unit_id, [])
        if entry not in known:
            known.append(entry)
    return from_posts


def _posts_at(units: Iterable[int], on: date) -> Any:
    return (
        Post.objects.filter(unit__in=list(units), role__capabilities__contains=[EDIT])
        .held_on(on)
        .exclude(person__phone="")
        .select_related("person")
        .order_by("unit", "person__sort_key")
    )


def newcomers(round: Any, on: date) -> dict[int, int]:
    """Units founded since the round was opened that its kind asks too: unit → receiver."""
    now = asked_of(round.unit, round.edition.pack, round.form, on)
    known = set(round.expectations.values_list("unit", flat=True))
    return {unit: to for unit, to in now.items() if unit not in known}
