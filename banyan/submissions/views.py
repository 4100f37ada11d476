"""Pages of rounds: open one, look who has answered, remind, move the day, close."""

from typing import Any

from django.db.models import OuterRef, Value
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures.words import period_text
from banyan.orgs.places import name_of
from banyan.packs.models import Edition
from banyan.packs.schema import RoundSpec
from banyan.submissions import forms
from banyan.submissions.expecting import ENDED, newcomers, title_of
from banyan.submissions.models import Extension, Round
from banyan.submissions.rounds import OPEN
from banyan.submissions.rounds_lists import REVIEW, RoundPage
from banyan.web.act import act
from banyan.web.page import BanyanRequest, get_seen, page
from banyan.web.templatetags.banyan import day as day_text

# So many units are named in a reminder; more would not be read in a chat.
NAMED = 20
SHARE = ["web/_share.html", "submissions/_no_share.html"]


def find_round(request: BanyanRequest, pk: int) -> Round:
    """A round within reach."""
    found: Round | None = (
        request.seen(Round).select_related("edition__programme", "unit").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


# Opening -----------------------------------------------------------------------------------------


def kinds_on(request: BanyanRequest) -> list[tuple[Edition, RoundSpec]]:
    """The kinds of round of the programmes in force, as one may open them; once a request."""
    known: list[tuple[Edition, RoundSpec]] | None = getattr(request, "round_kinds", None)
    if known is None:
        editions = Edition.objects.valid_on(request.today).select_related("programme")
        known = [
            (edition, spec)
            for edition in editions.order_by("programme__key")
            for spec in edition.pack.rounds.values()
        ]
        request.round_kinds = known  # type: ignore[attr-defined]
    return known


def kind_key(edition: Edition, spec: RoundSpec) -> str:
    """How an address names a kind of round."""
    return f"{edition.programme.key}.{spec.id}"


def _open_form(request: BanyanRequest, _unit: Any) -> Any:
    asked = request.GET.get("kind", "")
    for edition, spec in kinds_on(request):
        if kind_key(edition, spec) == asked:
            return forms.open_form(edition, spec)
    raise Http404


_opened = act(_open_form, lambda request: request.actor.unit, OPEN)


@page(OPEN)
def open_round(request: BanyanRequest) -> HttpResponseBase:
    """First what kind of round; then period, due date, and whom it would ask."""
    if request.GET.get("kind"):
        answer: HttpResponseBase = _opened(request)
        return answer
    doors = [
        {
            "title": edition.text(f"rounds.{spec.id}.title"),
            "text": edition.text(f"rounds.{spec.id}.about"),
            "over": edition.title,
            "url": f"{reverse('round_open')}?kind={kind_key(edition, spec)}",
        }
        for edition, spec in kinds_on(request)
    ]
    return render(request, "submissions/round_kinds.html", {"doors": doors})


open_round.form_class = _open_form  # type: ignore[attr-defined]

# One round ---------------------------------------------------------------------------------------


@page("submission.view")
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """A round: who has answered, who has not, who is late; the reminder ready to copy."""
    found = find_round(request, pk)
    listing = RoundPage(request, found)
    if request.GET.get("as") or request.headers.get("HX-Request"):
        return listing.respond()
    listing.about = _about(request, found, listing)  # type: ignore[attr-defined]
    return listing.respond()


def _about(request: BanyanRequest, round: Round, listing: RoundPage) -> dict[str, Any]:
    opens = request.actor.may(OPEN, at=round.unit)
    chips = []
    if round.closed_on:
        chips.append({"text": _("closed on %(day)s") % {"day": day_text(round.closed_on)}})
    elif request.today > round.due:
        chips.append({"text": _("past its due date"), "tone": "amber"})
    return {
        "crumbs": [{"label": _("Rounds"), "url": reverse("rounds")}],
        "code": f"{round.edition.title} · {round.period}",
        "chips": chips,
        "due": round.due,
        "answered": listing.answered,
        "asked": sum(listing.everyone.values()),
        "notes": _notes(request, round, listing, opens),
        "extensions": _extensions(request, round),
        "actions": _actions(round) if opens else [],
        "reminder": reminder_of(request, round, listing) if listing.may_call else None,
        "share": SHARE,
    }


def _actions(round: Round) -> list[dict[str, str]]:
    if round.closed_on:
        return [{"label": _("Open it again"), "url": reverse("round_reopen", args=[round.pk])}]
    return [
        {"label": _("Change the due date"), "url": reverse("round_due", args=[round.pk])},
        {"label": _("Close the round"), "url": reverse("round_close", args=[round.pk])},
    ]


def _notes(
    request: BanyanRequest, round: Round, listing: RoundPage, opens: bool
) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = []
    ended = listing.everyone.get(ENDED, 0)
    if ended:
        said = ngettext(
            "%(n)s unit that was asked no longer stands; it is not reminded and not late.",
            "%(n)s units that were asked no longer stand; they are not reminded and not late.",
            ended,
        )
        notes.append(
            {"text": said % {"n": ended}, "url": f"?state={ENDED}", "label": _("Show them")}
        )
    fresh = len(newcomers(round, request.today)) if opens and not round.closed_on else 0
    if fresh:
        said = ngettext(
            "%(n)s unit founded since is not asked yet.",
            "%(n)s units founded since are not asked yet.",
            fresh,
        )
        act = {"url": reverse("round_newcomers", args=[round.pk]), "label": _("Ask the new units")}
        notes.append({"text": said % {"n": fresh}, "tone": "amber", "act": act})
    return notes


def _extensions(request: BanyanRequest, round: Round) -> list[Any]:
    """Later days asked for and not decided, where the post decides."""
    if round.closed_on or not request.actor.holds(REVIEW):
        return []
    waiting = request.seen(Extension).filter(
        expectation__round=round,
        granted=None,
        expectation__receiver__in=request.actor.reach(REVIEW),
    )
    unit = name_of(OuterRef("expectation__unit_id"), Value(request.today))
    return list(waiting.annotate(unit_name=unit).order_by("asked_at")[:NAMED])


def reminder_of(request: BanyanRequest, round: Round, listing: RoundPage) -> dict[str, str] | None:
    """The words that remind those who have not answered, ready to be copied into a chat."""
    waiting = listing.count_open()
    if not waiting or round.closed_on:
        return None
    names = list(listing.open_names()[: NAMED + 1])
    said = ", ".join(names[:NAMED])
    if waiting > NAMED:
        more = ngettext("and %(n)s more", "and %(n)s more", waiting - NAMED)
        said = f"{said} {more % {'n': waiting - NAMED}}"
    return reminder_text(request, round, said, late=request.today > round.due)


def reminder_text(
    request: BanyanRequest, round: Round, units: str, *, late: bool
) -> dict[str, str]:
    """Whom, what, by when, where: a text and the address that answers."""
    pack, spec = round.edition, round.edition.pack.round_of(round.form)
    ask = pack.text(f"rounds.{spec.id}.remind") if spec else title_of(round)
    words = {
        "units": units,
        "ask": ask,
        "period": period_text(round.covers),
        "day": day_text(round.due),
    }
    text = (
        _("To: %(units)s.\n%(ask)s\nPeriod: %(period)s. It was due on %(day)s.")
        if late
        else _("To: %(units)s.\n%(ask)s\nPeriod: %(period)s. Due on %(day)s.")
    ) % words
    path = reverse("rounds")
    return {"text": text, "url": path, "link": request.build_absolute_uri(path)}


due = act(forms.DueForm, find_round, OPEN, initial=lambda _request, round: {"due": round.due})
close = act(forms.CloseForm, find_round, OPEN)
reopen = act(forms.ReopenForm, find_round, OPEN)
ask_newcomers = act(forms.NewcomersForm, find_round, OPEN)


def find_extension(request: BanyanRequest, pk: int) -> Extension:
    """A later day asked for within reach."""
    return get_seen(request, Extension, pk=pk)


decide = act(
    forms.DecideForm,
    find_extension,
    REVIEW,
    initial=lambda _request, one: {"granted": "yes", "until": one.until},
)
