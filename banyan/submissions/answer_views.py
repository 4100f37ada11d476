"""Pages of one unit in a round: what it owes, its answer, more time, the receiver's verdict."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from banyan.figures import rollup
from banyan.figures.place import Place
from banyan.figures.sources import source_of
from banyan.figures.words import percent_text, period_text
from banyan.orgs.models import Unit, UnitName
from banyan.orgs.places import spec_on
from banyan.packs.forms import answer_text, initial_of
from banyan.packs.texts import field_key
from banyan.submissions import forms
from banyan.submissions.expecting import (
    ANSWERED,
    EDIT,
    LATE,
    REGISTERS,
    askings,
    title_of,
    with_progress,
)
from banyan.submissions.models import (
    Draft,
    Expectation,
    Review,
    Round,
    SomeoneWasFaster,
    Submission,
)
from banyan.submissions.operations import save_draft
from banyan.submissions.rounds import draft_key
from banyan.submissions.rounds_lists import REVIEW, STATES, TONES
from banyan.submissions.views import SHARE, reminder_text
from banyan.web.act import act
from banyan.web.form import Form, new_key
from banyan.web.page import BanyanRequest, page
from banyan.web.templatetags.banyan import day as day_text

PART, MOST_DIGITS = "submissions/_answer_draft.html", 10


def find(request: BanyanRequest, pk: int) -> Any:
    """An expectation within reach, with how it stands; and its answer, once there is one."""
    rows = request.seen(Expectation).filter(pk=pk)
    joined = rows.select_related("round__edition__programme", "round__unit", "unit", "receiver")
    found = joined.first()
    if found is None:
        raise Http404
    _name([found.unit, found.receiver])
    asking, named = askings([found.round.edition]), found
    found = with_progress(joined, request.today, asking).first()
    found.unit, found.receiver = named.unit, named.receiver
    found.answer = None
    if found.round.spec.purpose != REGISTERS:
        answers = Submission.objects.filter(round=found.round_id, unit=found.unit_id)
        found.answer = answers.select_related("submitted_by__person").order_by("pk").first()
        if found.answer is not None:
            found.answer.round = found.round
    return found


def _name(units: list[Unit]) -> None:
    """Give units their names of all times, in one query."""
    names = list(UnitName.objects.filter(unit__in=units))
    for unit in units:
        unit.all_names = [name for name in names if name.unit_id == unit.pk]


@page("submission.view")
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """What a unit is asked, by when, what it answered, what was said to that."""
    found = find(request, pk)
    round: Round = found.round
    day, judges = round.covers.last, _judges(request, found)
    record: dict[str, Any] = {
        "crumbs": [_round_crumb(request, round, judges)],
        "code": f"{round.edition.title} · {round.period}",
        "title": f"{title_of(round)} · {found.unit.name_on(day)}",
        "chips": [{"text": str(STATES[found.state_now]), "tone": TONES[found.state_now]}],
        "notes": _notes(found),
        "sections": [{"facts": _facts(request, found)}, *_answers(found)],
        "actions": _actions(request, found),
    }
    context = {
        "record": record,
        "numbers": figures_of(request, found),
        "asked_for": found.extensions.order_by("-pk").first(),
        "share": SHARE,
    }
    if judges and not found.answers and not round.closed_on:
        name = found.unit.name_on(day)
        reminder = reminder_text(request, round, name, late=found.state_now == LATE)
        path = found.get_absolute_url()
        context["reminder"] = {**reminder, "url": path, "link": request.build_absolute_uri(path)}
    return render(request, "submissions/expectation.html", context)


def _round_crumb(request: BanyanRequest, round: Round, judges: bool) -> dict[str, str]:
    if judges or round.unit_id == request.actor.post.unit_id:
        return {"label": title_of(round), "url": reverse("round", args=[round.pk])}
    return {"label": _("Asked of single units"), "url": reverse("expectations")}


def _judges(request: BanyanRequest, found: Any) -> bool:
    """Whether the present post receives the answer."""
    return bool(request.actor.may(REVIEW, at=found.receiver))


def _facts(request: BanyanRequest, found: Any) -> list[dict[str, Any]]:
    round, day = found.round, found.round.covers.last
    left = (found.due_on - request.today).days
    sub = ""
    if not found.answers and not round.closed_on:
        late = ngettext("%(n)s day late", "%(n)s days late", -left)
        ahead = ngettext("%(n)s day left", "%(n)s days left", left)
        sub = (late if left < 0 else ahead) % {"n": abs(left)}
    facts = [
        {"label": _("Period"), "value": period_text(round.covers)},
        {"label": _("Due"), "value": day_text(found.due_on), "sub": sub},
        {"label": _("Goes to"), "value": found.receiver.name_on(day)},
    ]
    if round.closed_on:
        facts.append({"label": _("Closed on"), "value": day_text(round.closed_on)})
    if round.spec.purpose == REGISTERS:
        pack = round.edition.pack
        spec = pack.round_of(round.form)
        where = {
            "programme": pack.id,
            "period": round.period,
            "place": spec_on(found.unit_id, None, round.covers.last),
        }
        fact = {
            "label": _("Models sent in"),
            "value": str(found.answers),
            "url": source_of(pack).opens_to(pack, where),
        }
        if spec and spec.least is not None and spec.most is not None:
            words = {"least": spec.least, "most": spec.most}
            fact["sub"] = _("A unit registers %(least)s to %(most)s models a year.") % words
        facts.append(fact)
    elif found.answered_on:
        facts.append({"label": _("Sent in on"), "value": day_text(found.answered_on)})
    return facts


def _notes(found: Any) -> list[dict[str, Any]]:
    """What the receiver wrote last, while it waits to be mended."""
    if found.answer is None or found.answers:
        return []
    said = Review.objects.filter(submission=found.answer, kind="review").exclude(remark="")
    newest = said.order_by("-pk").first()
    if newest is None:
        return []
    return [{"title": _("Sent back:"), "text": newest.remark, "tone": "amber"}]


def _answers(found: Any) -> list[dict[str, Any]]:
    """The answer in words, part by part."""
    if found.answer is None:
        return []
    round, language = found.round, forms.language()
    pack = round.edition.pack
    facts = []
    for spec in round.spec.fields:
        key = field_key(round.form, spec.id)
        value = answer_text(
            pack, spec, found.answer.answers.get(spec.id), key=key, language=language
        )
        facts.append({"label": pack.text(f"{key}.label", language), "value": value})
    return [{"title": pack.text(f"forms.{round.form}.title", language), "facts": facts}]


def _actions(request: BanyanRequest, found: Any) -> list[dict[str, Any]]:
    actor, round = request.actor, found.round
    if round.closed_on:
        return []
    actions: list[dict[str, Any]] = []
    life = round.edition.pack.workflow_of(round.form)
    edits = actor.may(EDIT, at=found.unit)
    writable = found.answer is None or found.answer.state == life.start
    if round.spec.purpose != REGISTERS and edits and writable:
        label = _("Write the answer") if found.answer is None else _("Go on writing")
        url = reverse("expectation_answer", args=[found.pk])
        own = actor.unit == found.unit
        actions.append({"label": label, "url": url, "get": True, "main": own})
    if edits and not found.answers and not found.extensions.filter(granted=None).exists():
        url = reverse("expectation_extension", args=[found.pk])
        actions.append({"label": _("Ask for a later day"), "url": url, "get": True})
    if found.answer is not None and _judges(request, found):
        actions += _verdicts(request, found)
    return actions


def _verdicts(request: BanyanRequest, found: Any) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    for arrow in found.answer.open_moves():
        if arrow.by != REVIEW:
            continue
        form = forms.judge_form(found.answer, arrow)
        action = {
            "label": form.title,
            "url": reverse("expectation_move", args=[found.pk, arrow.name]),
            "receipt_key": new_key(),
            "main": not actions and found.state_now == ANSWERED,
        }
        if arrow.other_person and found.answer.submitted_by_id == request.actor.account_id:
            action["why"] = _("another officer must do this, since you submitted it yourself.")
        elif form.base_fields:
            action["form"] = form(
                thing=found.answer, actor=request.actor, auto_id=f"id_{arrow.name}_%s"
            )
        actions.append(action)
    return actions


def figures_of(request: BanyanRequest, found: Any) -> list[dict[str, Any]]:
    """The live figures of the unit's register in the period, each opening to its records."""
    pack = found.round.edition.pack
    if not request.actor.holds("figure.view") or not pack.indicators:
        return []
    reckoned = rollup.read(pack, Place(found.unit), found.round.covers, axes=False)
    language = forms.language()
    return [
        {
            "label": pack.text(f"indicators.{value.indicator}.label", language),
            "value": value.value,
            "base": value.base,
            "note": percent_text(value.percent) if value.base is not None else "",
            "url": value.opens,
        }
        for value in reckoned.values.values()
    ]


# Answering ---------------------------------------------------------------------------------------


def _answer_form(request: BanyanRequest, found: Any) -> Any:
    if found.round.spec.purpose == REGISTERS:
        raise Http404  # models are registered by a form of their own
    found.numbers = figures_of(request, found)
    return forms.answer_form(found)


def _start(request: BanyanRequest, found: Any) -> dict[str, Any]:
    """What was kept, and on top of it what was being typed."""
    start: dict[str, Any] = {"version": found.answer.version if found.answer else 0}
    if found.answer is not None:
        start |= initial_of(found.round.spec.fields, found.answer.answers)
    typed = Draft.objects.filter(
        account=request.actor.account_id, form=draft_key(found), thing=found.pk
    ).first()
    if typed is not None:
        known = {spec.id for spec in found.round.spec.fields}
        start |= {name: value for name, value in typed.raw.items() if name in known}
    return start


answer = act(_answer_form, find, EDIT, initial=_start)


@require_POST
@page(EDIT)
def draft(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Keep what is being typed; answers with the line that says so."""
    found = find(request, pk)
    known = {spec.id for spec in found.round.spec.fields}
    typed = {
        name: str(value).replace("\0", "") for name, value in request.POST.items() if name in known
    }
    said = request.POST.get("draft_version", "")
    version = int(said) if said.isdecimal() and len(said) < MOST_DIGITS else 0
    place = (request.actor.post_id, request.actor.account_id, draft_key(found), found.pk)
    about: dict[str, Any] = {"pk": found.pk}
    try:
        kept = save_draft(*place, typed, version)
        about |= {"version": kept.version, "saved": timezone.localtime()}
    except SomeoneWasFaster:
        about |= {"faster": True, "version": version}
    return render(request, PART, {"draft": about, "thing": found})


extension = act(
    forms.ExtensionForm, find, EDIT, initial=lambda _request, found: {"until": found.due_on}
)


def _answer_at(request: BanyanRequest, pk: int, move: str) -> Submission:
    """The answer itself: what a verdict is about."""
    found = find(request, pk)
    if found.answer is None:
        raise Http404
    submission: Submission = found.answer
    return submission


def _judge_form(request: BanyanRequest, submission: Submission) -> type[Form]:
    name = request.resolver_match.kwargs["move"] if request.resolver_match else ""
    try:
        arrow = submission.workflow.move(name)
    except KeyError:
        raise Http404 from None
    if arrow.by != REVIEW:
        raise Http404
    return forms.judge_form(submission, arrow)


judge = act(_judge_form, _answer_at, REVIEW)
