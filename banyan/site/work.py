"""What waits for somebody, in order of due date: returned, asked for, to be judged, begun."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.kernel.workflow import Move, Workflow
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.site.rounds_due import RoundDue, rounds_of
from banyan.submissions.drafts import begun_by
from banyan.submissions.expecting import title_of
from banyan.submissions.models import Draft, Review, Submission
from banyan.web.page import BanyanRequest

# Who judges has these; his desk is what waits to be judged, not what others are still doing.
JUDGING = ("submission.review", "initiative.recognise")
RETURNING = "send_back"
MOST_RETURNED = 100
SOON = timedelta(days=5)


@dataclass
class Card:
    """One thing to do: a sentence, a day, a button. Shown by `web/_job.html`."""

    title: str
    url: str
    label: str
    due: date
    order: int
    note: str = ""
    quote: str = ""
    done: int = 0
    of: int = 0
    main: bool = False
    share: dict[str, str] = field(default_factory=dict)
    chip: dict[str, str] = field(default_factory=dict)
    desk_url: str = ""


def cards_of(request: BanyanRequest) -> list[Card]:
    """Everything that waits for this post, the first due first; five queries and one for packs."""
    returned, seen_back = _returned(request)
    editions = list(Edition.objects.select_related("programme"))
    rounds = [_card_of(asked, request) for asked in rounds_of(request, editions)]
    by_state = _by_state(request, seen_back, editions)
    cards = [*returned, *rounds, *_begun(request), *by_state]
    cards.sort(key=lambda card: (card.due, card.order))
    for card in cards[:1]:
        card.main = True
    return cards


def due_chip(due: date, today: date) -> dict[str, str]:
    """How long there is still time, in words."""
    days = (due - today).days
    if days < 0:
        text = ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
        return {"text": text, "tone": "red"}
    if days == 0:
        return {"text": _("due today"), "tone": "red"}
    text = ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    return {"text": text, "tone": "amber" if due - today <= SOON else ""}


# Returned -----------------------------------------------------------------------------------------


def _returned(request: BanyanRequest) -> tuple[list[Card], Counter[tuple[int, str]]]:
    """The card of what a reviewer sent back, with the newest words; and how many in which state."""
    actor = request.actor
    if not actor.holds("submission.edit"):
        return [], Counter()
    newest = Review.objects.filter(submission=OuterRef("pk"), kind="review").order_by("-pk")
    rows = list(
        request.seen(Submission)
        .filter(Q(submitted_by=actor.account_id) | Q(unit=actor.unit), initiative__isnull=False)
        .annotate(
            back=Subquery(newest.values("move")[:1]), said=Subquery(newest.values("remark")[:1])
        )
        .annotate(back_at=Subquery(newest.values("at")[:1]))
        .filter(back__startswith=RETURNING)
        .select_related("initiative", "round__edition")
        .order_by("-back_at")[:MOST_RETURNED]
    )
    rows = [one for one in rows if one.workflow.move(one.back).target == one.state]
    counted = Counter((one.round.edition_id, one.state) for one in rows)
    if not rows:
        return [], counted
    first, n = rows[0], len(rows)
    when = first.back_at.date()
    others = ngettext("%(n)s more was returned.", "%(n)s more were returned.", n - 1)
    return [
        Card(
            title=_("Returned: %(n)s") % {"n": n},
            quote=first.said,
            note=others % {"n": n - 1} if n > 1 else "",
            url=reverse("initiative_amend", args=[first.initiative.pk]),
            label=_("Mend “%(title)s”") % {"title": _short(first.initiative.title)},
            due=min(first.round.due, request.today),
            order=0,
            chip={"text": _since(when, request.today), "tone": "red"},
        )
    ], counted


def _since(day: date, today: date) -> str:
    days = (today - day).days
    if days <= 0:
        return _("today")
    return (
        _("yesterday")
        if days == 1
        else ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    )


def _short(title: str, most: int = 40) -> str:
    return title if len(title) <= most else f"{title[:most].rsplit(' ', 1)[0]}…"


# Rounds -------------------------------------------------------------------------------------------


def _card_of(asked: RoundDue, request: BanyanRequest) -> Card:
    """A round that this unit answers, or one that it opened and others answer."""
    round = asked.round
    title = f"{title_of(round)}: {period_text(round.covers)}"
    chip = due_chip(asked.due, request.today)
    if asked.of:
        done = _("%(done)s of %(of)s units have answered.") % {"done": asked.done, "of": asked.of}
        reply = reverse("expectations")
        if asked.registers:  # whoever opens the reminder registers in this very round
            reply = f"{reverse('initiative_quick')}?round={round.pk}"
        return Card(
            title=title,
            url=asked.url,
            label=_("Who has not answered"),
            note=done,
            due=asked.due,
            order=1,
            done=asked.done,
            of=asked.of,
            chip=chip,
            share={"text": f"{title}, {chip['text']}", "url": reply},
        )
    desk = f"{reverse('initiative_new')}?round={round.pk}" if asked.registers else ""
    return Card(
        title=title,
        url=asked.url,
        desk_url=desk,
        label=_("Register the first") if asked.registers else _("Write the answer"),
        note=_("Your unit has not sent it in yet."),
        quote=asked.words_back,
        due=asked.due,
        order=1,
        chip=chip,
    )


# Begun --------------------------------------------------------------------------------------------


def _begun(request: BanyanRequest) -> list[Card]:
    """What one has begun to type and not sent."""
    drafts = begun_by(request.actor.post_id, request.actor.account_id)
    known = [(draft, url) for draft in drafts if (url := _draft_url(draft))]
    if not known or not request.actor.holds("submission.edit"):
        return []
    draft, url = known[0]
    title = str(draft.raw.get("title") or "").strip()
    n = len(known) - 1
    more = ngettext("%(n)s more begun.", "%(n)s more begun.", n) % {"n": n} if n else ""
    return [
        Card(
            title=_("Begun: “%(title)s”") % {"title": _short(title)}
            if title
            else _("Begun to write"),
            note=more or _("Saved as you typed; nobody else sees it."),
            url=url,
            label=_("Go on writing"),
            due=request.today + SOON,
            order=2,
        )
    ]


def _draft_url(draft: Draft) -> str:
    kind, _colon, round = draft.form.partition(":")
    if kind == "register":
        return f"{reverse('initiative_quick')}?round={round}"
    return reverse("initiative_amend", args=[draft.thing]) if kind == "amend" else ""


# By state -----------------------------------------------------------------------------------------


def _by_state(
    request: BanyanRequest, returned: Counter[tuple[int, str]], editions: list[Edition]
) -> list[Card]:
    """A card for each state with records within reach that wait for this post; one query."""
    actor = request.actor
    wanted = [one for one in JUDGING if actor.holds(one)] or ["submission.edit"]
    rows = request.seen(Submission).filter(initiative__isnull=False)
    mine = Count("pk", filter=Q(submitted_by=actor.account_id))
    grouped = rows.values("state", edition=F("round__edition"))
    found = {
        (one["edition"], one["state"]): one
        for one in grouped.annotate(n=Count("pk"), mine=mine, due=Min("round__due"))
    }
    cards = []
    for edition in editions:
        workflow = edition.pack.workflow
        for state in workflow.states:
            one = found.get((edition.pk, state.name))
            move = _onward(workflow, state.name, wanted)
            if move is None or one is None:
                continue
            # What one submitted oneself waits for somebody else; what came back has its own card.
            n = one["n"] - (one["mine"] if move.other_person else 0)
            n -= returned[edition.pk, state.name] if move.by == "submission.edit" else 0
            # What is being judged is late with its round; what goes on at one's own unit has no day.
            due = one["due"] if move.by in JUDGING else request.today + SOON
            if n > 0:
                cards.append(_card(edition, move, n, one["state"], due))
    return cards


def _onward(workflow: Workflow, state: str, wanted: list[str]) -> Move | None:
    """The move that leads a record on along its life and that this post may make."""
    names = [one.name for one in workflow.states if not one.aside]
    if state not in names:
        return None
    return next(
        (
            move
            for move in workflow.moves_from(state)
            if move.by in wanted
            and move.target in names
            and names.index(move.target) > names.index(state)
        ),
        None,
    )


def _card(edition: Edition, move: Move, n: int, state: str, due: date) -> Card:
    language = (get_language() or "vi")[:2]
    label = edition.pack.text(f"states.{state}", language)
    programme = edition.programme.key
    return Card(
        title=ngettext("%(n)s record: %(state)s", "%(n)s records: %(state)s", n)
        % {"n": n, "state": label},
        note=edition.title,
        url=f"{reverse('initiatives')}?programme={programme}&state={state}",
        label=edition.pack.text(f"moves.{move.name}", language),
        due=due,
        order=3,
    )


# In a young organisation --------------------------------------------------------------------------


def next_steps(actor: Actor) -> list[dict[str, str]]:
    """What one does first in a young organisation."""
    steps = [
        (
            "submission.import",
            "imports",
            _("Import your register"),
            _("From the workbook you keep."),
            _("Import"),
        ),
        (
            "submission.edit",
            "initiative_new",
            _("Register a model"),
            _("One form, by hand."),
            _("Register it"),
        ),
        (
            "post.appoint",
            "people",
            _("Add officers"),
            _("Register people and give them posts."),
            _("To the people"),
        ),
        (
            "unit.reorganise",
            "units",
            _("Look over your units"),
            _("Found, rename, or move them."),
            _("To the units"),
        ),
    ]
    return [
        {"title": title, "note": note, "url": reverse(name), "label": label}
        for capability, name, title, note, label in steps
        if actor.holds(capability)
    ]
