"""What the page of a decision shows: its head, checks, effects, changes and next steps."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Subquery
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.kernel.text import nfc
from banyan.ledger.models import Event
from banyan.ledger.words import said
from banyan.orgs.models import UnitCode, UnitName
from banyan.orgs.unit_page import name_on
from banyan.packs.models import Edition
from banyan.people.models import Person
from banyan.reorganisations import forms, telling, trees
from banyan.reorganisations.change_forms import FORMS
from banyan.reorganisations.effect_words import Words
from banyan.reorganisations.lists import TONES
from banyan.reorganisations.models import Change, Reorganisation, State
from banyan.reorganisations.naming import plain
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest
from banyan.web.templatetags.banyan import day, vn

PER_PAGE, MOST_EVENTS, MOST_FOUND = 50, 12, 2_000
MANY = 1_000  # changes from which looking at the effects takes a while


@dataclass
class Changes:
    """The changes of a decision on its page: under a filter and a search, one page of them."""

    request: BanyanRequest
    decision: Reorganisation

    @cached_property
    def search(self) -> str:
        """The searched words."""
        return nfc(self.request.GET.get("q", ""))[:200]

    @cached_property
    def verb(self) -> str:
        """The kind of change asked for; an empty text: all."""
        asked = self.request.GET.get("verb", "")
        return asked if asked in telling.VERBS else ""

    @cached_property
    def after(self) -> int:
        """The place after which this page begins."""
        said = self.request.GET.get("after", "")
        return int(said) if said.isdecimal() and len(said) < 8 else 0

    @cached_property
    def _all(self) -> Any:
        return self.request.seen(Change).filter(reorganisation=self.decision).order_by("position")

    @cached_property
    def _found(self) -> list[Change]:
        """Of a search: every change that names a unit called so, or bears the words itself."""
        units = set(
            UnitName.objects.filter(folded__contains=plain(self.search))
            .values_list("unit", flat=True)
            .union(UnitCode.objects.filter(code=self.search).values_list("unit", flat=True))
        )
        wanted, keys = plain(self.search), set()
        rows = list(self._all)
        for row in rows:
            new = row.told.get("new") or {}
            if new and (wanted in plain(new["name"]) or new["code"] == self.search):
                keys.add(row.told["key"])
        return [row for row in rows if self._names(row.told, wanted, units | keys)]

    @staticmethod
    def _names(told: dict[str, Any], wanted: str, refs: set[Any]) -> bool:
        held = [told.get(name) for name in ("key", "unit", "parent", "heir")]
        held += told.get("units") or []
        into = told.get("into")
        held += into if isinstance(into, list) else [into]
        return not refs.isdisjoint(held) or wanted in plain(told.get("name") or "")

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many of each kind there are under the search."""
        if self.search:
            counted: dict[str, int] = {}
            for row in self._found:
                counted[row.verb] = counted.get(row.verb, 0) + 1
            return counted
        rows = self._all.order_by().values_list("verb")
        return dict(rows.annotate(n=Count("pk")))

    @cached_property
    def total(self) -> int:
        """How many under the search."""
        return sum(self.counts.values())

    @cached_property
    def _rows(self) -> list[Change]:
        if self.search:
            rows = [r for r in self._found if r.position > self.after]
            return [r for r in rows if not self.verb or r.verb == self.verb][: PER_PAGE + 1]
        rows = self._all.filter(position__gt=self.after)
        return list((rows.filter(verb=self.verb) if self.verb else rows)[: PER_PAGE + 1])

    @cached_property
    def lines(self) -> list[telling.Line]:
        """The sentences of this page."""
        return telling.lines(self._rows[:PER_PAGE], self.decision)

    @property
    def next_url(self) -> str:
        """The next page, or nothing."""
        if len(self._rows) <= PER_PAGE:
            return ""
        return self._url(after=str(self._rows[PER_PAGE - 1].position))

    @property
    def first_url(self) -> str:
        """Back to the first page, when this is a later one."""
        return self._url() if self.after else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """One for all, one for each kind there is."""
        tabs = [(str(_("All")), "", self.total)]
        tabs += [
            (str(word), verb, self.counts.get(verb, 0)) for verb, word in telling.VERBS.items()
        ]
        return [
            {"label": label, "url": self._url(verb=verb), "n": n, "active": verb == self.verb}
            for label, verb, n in tabs
            if n
        ]

    def _url(self, **asked: str) -> str:
        query = {"q": self.search, "verb": self.verb, **asked}
        kept = {name: value for name, value in query.items() if value}
        return f"?{urlencode(kept)}#changes"


def with_its_page(rows: Any, today: date) -> Any:
    """Decisions with what their page says of where they were entered, and by whom."""
    entered = Person.objects.filter(account=OuterRef("made_by")).values("name")[:1]
    return rows.select_related("document").annotate(
        entered_at=name_on("unit", today), entered_by=Subquery(entered)
    )


def page_of(request: BanyanRequest, decision: Any) -> dict[str, Any]:
    """The context of the page."""
    changes, words = Changes(request, decision), Words(decision)
    stale = bool(decision.preview) and words.known and not words.in_force
    stale = stale and decision.stamp != trees.stamp()
    steps = _Steps(request, decision, changes, words, stale)
    titles = _titles(words)
    return {
        "decision": decision,
        "changes": changes,
        "record": {
            "crumbs": [{"label": _("Decisions on units"), "url": reverse("reorganisations")}],
            "code": decision.number,
            "title": decision.title or _("Decision on units"),
            "chips": _chips(decision),
            "notes": steps.notes(),
            "sections": [{"facts": _facts(decision)}],
            "actions": steps.actions(),
            "events": _activity(decision),
        },
        "problems": decision.preview.get("problems", []) if decision.preview else [],
        "more_problems": _more_problems(decision),
        "effects": _effects(words, titles) if words.known else None,
        "ways": steps.ways(),
        "lower": steps.lower(),
        "after": _after(request, decision) if words.in_force else [],
        "may_change": decision.state == State.DRAFT,
        "key": new_key(),
    }


def _chips(decision: Any) -> list[dict[str, str]]:
    state = {"text": decision.get_state_display(), "tone": TONES.get(decision.state, "")}
    return [state, {"text": _("in force from %(day)s") % {"day": day(decision.on)}, "tone": ""}]


def _facts(decision: Any) -> list[dict[str, Any]]:
    passing = _("pass on to the unit that takes over wholly")
    facts = [
        {"label": _("Day of the decision"), "value": day(decision.decided_on)},
        {"label": _("In force from"), "value": day(decision.on)},
        {"label": _("Signed by"), "value": decision.signer},
        {
            "label": _("Posts at units that end"),
            "value": passing if decision.pass_posts else _("end with the unit"),
        },
        {"label": _("Entered at"), "value": decision.entered_at, "sub": decision.entered_by or ""},
    ]
    if decision.document is not None:
        url = decision.document.get_absolute_url()
        facts.append(
            {"label": _("The paper itself"), "value": decision.document.filename, "url": url}
        )
    if decision.source:
        facts.append({"label": _("Made from"), "value": decision.source})
    return facts


def _more_problems(decision: Any) -> int:
    told = decision.preview or {}
    return max(0, int(told.get("in_all", 0)) - len(told.get("problems", [])))


def _titles(words: Words) -> dict[str, str]:
    """The titles of the programmes that records and rounds belong to, by key."""
    keys = words.programmes() if words.known else set()
    if not keys:
        return {}
    editions = Edition.objects.filter(programme__key__in=keys).select_related("programme")
    return {one.programme.key: one.title for one in editions.order_by("number")}


def _effects(words: Words, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "numbers": words.numbers(),
        "standing": words.standing(),
        "unchanged": words.unchanged(),
        "lines": words.lines(),
        "records": words.records(titles),
        "late": words.late(),
        "unchanging": words.unchanging,
        "rounds": words.rounds(titles),
        "eve": words.eve,
        "on": words.on,
        "to_place": words.to_place,
        "in_force": words.in_force,
        "seconds": words.told.get("seconds"),
    }


def _after(request: BanyanRequest, decision: Any) -> list[dict[str, str]]:
    """Where to look once it is in force: the tree then and now, what must be handed over, placed."""
    unit = reverse("unit", args=[decision.unit_id])
    eve = decision.on - timedelta(days=1)
    ways = [
        {"label": _("The units on %(day)s") % {"day": day(eve)}, "url": f"{unit}?on={eve}"},
        {
            "label": _("The units on %(day)s") % {"day": day(decision.on)},
            "url": f"{unit}?on={decision.on}",
        },
    ]
    for name, args, label in (
        ("handovers", [decision.pk], _("Hand-over packages of the units that ended")),
        ("placing", [], _("Records to place")),
    ):
        try:
            ways.append({"label": label, "url": reverse(name, args=args)})
        except NoReverseMatch:  # that part of the programme is not installed
            continue
    if request.actor.holds("figure.view"):
        url = f"{reverse('figures')}?{urlencode({'reading': 'now'})}"
        ways.append({"label": _("Figures by the units of today"), "url": url})
    return ways


def _activity(decision: Any) -> list[dict[str, Any]]:
    """What was done with it, the newest first."""
    who = Person.objects.filter(account=OuterRef("account")).values("name")[:1]
    events: Any = Event.objects.about("reorganisations.reorganisation", decision.pk)
    rows = events.annotate(who=Subquery(who)).newest_first()[:MOST_EVENTS]
    return [{"who": e.who or _("The installation"), "said": said(e.verb), "at": e.at} for e in rows]


@dataclass
class _Steps:
    """What can be done with a decision now."""

    request: BanyanRequest
    decision: Any
    changes: Changes
    words: Words
    stale: bool

    @property
    def empty(self) -> bool:
        return not self.changes.total and not self.changes.search

    @property
    def ready(self) -> bool:
        """Looked at, nothing in its way, and the trees are still those."""
        return self.words.known and not self.words.in_force and not self.stale

    def _url(self, name: str) -> str:
        return reverse(f"reorganisation_{name}", args=[self.decision.pk])

    def notes(self) -> list[dict[str, Any]]:
        """What one must know before the next step."""
        if self.decision.state != State.DRAFT:
            return []
        if self.empty:
            return [{"tone": "sky", "text": _("It changes nothing yet: add its changes.")}]
        if self.stale:
            text = _(
                "The trees of units have changed since its effects were looked at: look again."
            )
            return [{"tone": "amber", "text": text}]
        if not self.decision.preview:
            text = _("Its effects have not been looked at yet.")
            return [{"tone": "sky", "text": text}]
        return []

    def actions(self) -> list[dict[str, Any]]:
        """The next step first."""
        if self.decision.state == State.APPLIED:
            return [
                self._asking("undo", forms.UndoForm, {}),
                self._asking("close", forms.CloseForm, {}),
            ]
        if self.decision.state != State.DRAFT or self.empty:
            return []
        look = {
            "label": _("Look again") if self.decision.preview else _("Look at the effects"),
            "url": self._url("look"),
            "receipt_key": new_key(),
            "main": not self.ready,
            "busy": _("Reckoning…"),
            "note": "" if self.ready else self._takes(),
        }
        if not self.ready:
            return [look]
        start = forms.looked_at(self.decision)
        return [{**self._asking("apply", forms.ApplyForm, start), "main": True}, look]

    def _takes(self) -> str:
        if self.changes.search or self.changes.total < MANY:
            return ""
        seconds = (self.decision.preview or {}).get("seconds")
        if seconds:
            return _("It took %(n)d seconds the last time.") % {"n": round(seconds)}
        n = self.changes.total
        return ngettext(
            "With %(n)s change it takes about half a minute.",
            "With %(n)s changes it takes about half a minute.",
            n,
        ) % {"n": vn(n)}

    def _asking(self, name: str, form: Any, start: dict[str, Any]) -> dict[str, Any]:
        made = form(
            thing=self.decision, actor=self.request.actor, initial=start, auto_id=f"id_{name}_%s"
        )
        return {
            "label": str(form.submit_label),
            "url": self._url(name),
            "receipt_key": new_key(),
            "form": made,
            "lead": made.lead,
        }

    def ways(self) -> list[dict[str, Any]]:
        """The seven changes that can be added."""
        if self.decision.state != State.DRAFT:
            return []
        return [{"label": telling.VERBS[verb], "url": self._url(f"add_{verb}")} for verb in FORMS]

    def lower(self) -> list[dict[str, Any]]:
        """What one seldom wants: change the head, throw the draft away."""
        if self.decision.state != State.DRAFT:
            return []
        head = {"label": _("Change the head"), "url": self._url("amend"), "get": True}
        return [head, {**self._asking("drop", forms.DropForm, {}), "tone": "red"}]
