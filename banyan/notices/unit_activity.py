"""What happened at a unit, and below it: from the ledger, and only what the present post may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from banyan.documents.models import Document
from banyan.initiatives.models import Batch, Initiative
from banyan.ledger.models import Event
from banyan.ledger.words import said
from banyan.orgs.models import Ancestry, Group, Unit
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.people.models import Membership, Person, Post, name_of_unit
from banyan.reorganisations.models import Reorganisation
from banyan.reports.models import Report
from banyan.submissions.models import Round

PER_PAGE = 25
MOVED = ("submission.moved", "submission.reviewed")
PLACED = ("submission.placed", "submission.placing_undone")
# Who looked at what stands in the ledger, but it is not what happened at a unit.
LOOKED = ("person.read", "people.listed", "document.read", "activity.read", "phones.read")
PEOPLE = "people"
# Kind → what it is called, and which right opens which things of it.
KINDS: dict[str, tuple[Any, dict[str, tuple[str, ...]]]] = {
    "records": (
        gettext_lazy("Models and exemplars"),
        {
            "submission.view": (
                "initiatives.initiative",
                "submissions.submission",
                "initiatives.batch",
            )
        },
    ),
    "rounds": (gettext_lazy("Rounds"), {"submission.view": ("submissions.round",)}),
    PEOPLE: (
        gettext_lazy("People and posts"),
        {
            "person.view": ("people.person", "people.post"),
            "membership.view": ("people.membership",),
        },
    ),
    "units": (
        gettext_lazy("Units"),
        {
            "unit.view": ("orgs.unit", "orgs.group"),
            "unit.reorganise": ("reorganisations.reorganisation",),
        },
    ),
    "documents": (gettext_lazy("Documents"), {"document.view": ("documents.document",)}),
    "reports": (gettext_lazy("Reports"), {"figure.view": ("reports.report",)}),
}


@dataclass(frozen=True)
class Asked:
    """One page of it: at the unit alone or below it too, of a kind, of a day, before an event."""

    below: bool = False
    kind: str = ""
    on: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class Place:
    """A unit within reach, with the ids of all in its charge."""

    unit: Any
    name: str
    charge: list[int]


@dataclass(frozen=True)
class Line:
    """One event in words; `url` where the present post may open what it is about."""

    pk: int
    who: str
    said: str
    title: str
    url: str
    unit: str
    at: datetime
    personal: bool


def kinds_open_to(actor: Actor) -> list[str]:
    """The kinds of which the post may see anything at all."""
    return [kind for kind, (_label, rights) in KINDS.items() if any(map(actor.holds, rights))]


def place_of(unit: int, actor: Actor) -> Place | None:
    """The unit and what is in its charge, within the post's reach; None beyond it. One query."""
    if actor.post is None:
        return None
    # Whatever a post may do, it may do over the same units.
    reach = actor.post.unit.charge(on=actor.today, tree=actor.post.tree)
    charge = Ancestry.objects.filter(
        ancestor=OuterRef("pk"), tree=actor.post.tree, sure=True, valid__contains=actor.today
    )
    found: Any = (
        Unit.objects.filter(Exists(reach.filter(unit=OuterRef("pk"))), pk=unit)
        .annotate(
            named=name_of_unit("pk", actor.today),
            charge_ids=ArraySubquery(charge.filter(unit__in=reach).values("unit").distinct()),
        )
        .first()
    )
    if found is None:
        return None
    name = found.named or found.name_on(None)
    return Place(found, name, sorted({found.pk, *found.charge_ids}))


def lines_of(place: Place, asked: Asked, actor: Actor) -> tuple[list[Line], int | None]:
    """The newest lines of a page, and where the next one begins. Two queries."""
    meant = _within(place, asked, actor)
    if asked.before is not None:
        meant = meant.filter(pk__lt=asked.before)
    page = meant.newest_first().values("pk")[: PER_PAGE + 1]
    whose = Person.objects.filter(account=OuterRef("account")).values("name")[:1]
    rows = Event.objects.filter(pk__in=Subquery(page)).annotate(
        who=Subquery(whose), unit_name=name_of_unit("unit", actor.today), about=_about(actor)
    )
    found = list(rows.newest_first())
    shown = found[:PER_PAGE]
    editions = _editions(shown)
    lines = [_line(event, place, editions) for event in shown]
    return lines, shown[-1].pk if len(found) > PER_PAGE else None


def _within(place: Place, asked: Asked, actor: Actor) -> Any:
    """The events of the units asked about that the post may see: nothing else is even counted."""
    open_kinds = kinds_open_to(actor)
    wanted = [asked.kind] if asked.kind else open_kinds
    things: list[str] = []
    for kind in wanted:
        for right, kinds in KINDS[kind][1].items():
            things += kinds if actor.holds(right) else ()
    meant = Event.objects.filter(thing_kind__in=things).exclude(verb__in=LOOKED)
    meant = meant.filter(_readable(actor))
    units = Q(unit__among=place.charge) if asked.below else Q(unit=place.unit.pk)
    meant = meant.filter(units)
    if asked.on is not None:
        first = timezone.make_aware(datetime.combine(asked.on, time()))
        meant = meant.filter(at__gte=first, at__lt=first + timedelta(days=1))
    return meant


def _readable(actor: Actor) -> Q:
    """Not documents above the post's clearance, not posts of another tree, not placings without right."""
    thing = {"pk": OuterRef("thing_id")}
    cleared = Document.objects.filter(**thing, level__lte=actor.clearance())
    ours = Post.objects.filter(**thing, tree=actor.post.tree if actor.post else "")
    plain = ~Q(thing_kind__in=("documents.document", "people.post"))
    seen = plain | Q(Exists(cleared), thing_kind="documents.document")
    seen |= Q(Exists(ours), thing_kind="people.post")
    return seen if actor.holds("submission.view") else seen & ~Q(verb__in=PLACED)


def _about(actor: Actor) -> Case:
    """Title and address of what an event is about, by its kind, in the same query."""
    pk = OuterRef("thing_id")
    models = Initiative.objects.annotate(edition=F("submission__round__edition"))
    model = JSONObject(title="title", page=Value("initiative"), pk="pk", edition="edition")
    person = JSONObject(title="name", page=Value("person"), pk="pk")
    holder = JSONObject(title="person__name", page=Value("person"), pk="person")
    told: dict[str, Any] = {
        "initiatives.initiative": models.filter(pk=pk).values(told=model),
        "submissions.submission": models.filter(submission=pk).values(told=model),
        "initiatives.batch": Batch.objects.filter(pk=pk).values(
            told=JSONObject(title="filename", page=Value(""))
        ),
        "submissions.round": Round.objects.filter(pk=pk).values(
            told=JSONObject(title="period", page=Value("round"), pk="pk", edition="edition")
        ),
        "people.person": Person.objects.filter(pk=pk).values(told=person),
        "people.post": Post.objects.filter(pk=pk).values(told=holder),
        "people.membership": Membership.objects.filter(pk=pk).values(told=holder),
        "orgs.unit": Unit.objects.filter(pk=pk)
        .annotate(named=name_of_unit("pk", actor.today))
        .values(told=JSONObject(title="named", page=Value("unit"), pk="pk")),
        "orgs.group": Group.objects.filter(pk=pk).values(
            told=JSONObject(title="name", page=Value("group"), pk="pk")
        ),
        "reorganisations.reorganisation": Reorganisation.objects.filter(pk=pk).values(
            told=JSONObject(title="title", page=Value("reorganisation"), pk="pk")
        ),
        "documents.document": Document.objects.filter(pk=pk).values(
            told=JSONObject(title="title", page=Value("document"), pk="pk")
        ),
        "reports.report": Report.objects.filter(pk=pk).values(
            told=JSONObject(title="period", page=Value("report"), pk="pk")
        ),
    }
    whens = [When(thing_kind=kind, then=Subquery(rows[:1])) for kind, rows in told.items()]
    return Case(*whens, default=None, output_field=JSONField())


def _editions(events: Sequence[Any]) -> dict[int, Edition]:
    """The editions whose words the page needs, their content only where this process has none yet."""
    asked = {event.about["edition"] for event in events if (event.about or {}).get("edition")}
    if not asked:
        return {}
    return Edition.objects.defer("content").select_related("programme").in_bulk(asked)


def _line(event: Any, place: Place, editions: dict[int, Edition]) -> Line:
    about = event.about or {}
    edition = editions.get(about.get("edition") or 0)
    words, title = said(event.verb), about.get("title") or ""
    move = event.tells.get("move")
    if edition is not None and event.verb in MOVED and move:
        step = edition.pack.text(f"moves.{move}", _language())
        words = step[:1].lower() + step[1:]
    if edition is not None and event.thing_kind == "submissions.round":
        title = f"{edition.title}, {title}"
    here = event.unit == place.unit.pk
    return Line(
        pk=event.pk,
        who=event.who or "",
        said=words,
        title="" if event.thing_kind == "orgs.unit" and event.thing_id == event.unit else title,
        url=reverse(about["page"], args=[about["pk"]]) if about.get("page") else "",
        unit="" if here else event.unit_name or "",
        at=event.at,
        personal=event.thing_kind.startswith("people."),
    )


def _language() -> str:
    return (get_language() or "vi")[:2]
