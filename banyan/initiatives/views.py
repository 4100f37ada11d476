"""Pages of the register."""

from datetime import date
from typing import Any

from django.db.models import OuterRef
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyan.initiatives import activity, beside, drafting, forms, quick, record
from banyan.initiatives.lineage import lineage_of
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.orgs.models import Unit
from banyan.people.models import name_of_unit
from banyan.submissions.models import Round
from banyan.web.act import act
from banyan.web.form import Form
from banyan.web.page import BanyanRequest, number_asked, page

VIEW, EDIT = "submission.view", "submission.edit"


def one(request: BanyanRequest, pk: int) -> Initiative:
    """A model within reach, with what its page needs."""
    rows = request.seen(Initiative).with_page().filter(pk=pk).prefetch_related(None)
    joined = rows.select_related("origin__batch", "continues", "continued_by")
    found = joined.annotate(
        unit_name=name_of_unit("unit", OuterRef("submission__counts_on"))
    ).first()
    if found is None:
        raise Http404
    # Asked in the same query: the page speaks of its unit by the name of that day.
    found.unit.day_name, found.unit.named_day = found.unit_name, found.submission.counts_on
    return found  # type: ignore[no-any-return]


@page(VIEW)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """One model: what was answered, what can be done, what was said, what happened."""
    initiative = one(request, pk)
    context = record.page_of(request, initiative)
    context["lineage"] = lineage_of(initiative, request.actor)
    return render(request, "initiatives/show.html", context)


remark = act(beside.RemarkForm, one, VIEW)
own_points = act(beside.own_points_form, one, EDIT)
continue_in = act(beside.continue_form, one, EDIT)


@page(VIEW)
def show_activity(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Everything that happened to one model, newest first, with what was changed from what to what."""
    initiative = one(request, pk)
    before = number_asked(request, "before")
    reviews = list(initiative.submission.reviews.order_by("-pk"))
    lines, older = activity.page_of(initiative, reviews, before=before)
    context = {
        "crumbs": [{"label": initiative.code, "url": initiative.get_absolute_url()}],
        "initiative": initiative,
        "events": lines,
        "next_url": f"{request.path}?before={older}" if older else "",
        "first_url": request.path if before else "",
    }
    return render(request, "initiatives/activity.html", context)


def open_round_for(request: BanyanRequest) -> Round:
    """The round asked for (`?round=`), else the newest at or above the post's unit; once a request."""
    known: Round | None = getattr(request, "open_round", None)
    if known is not None:
        return known
    above = Unit.objects.filter(
        descent__unit=request.actor.unit,
        descent__tree=request.actor.post.tree,
        descent__valid__contains=request.today,
    )
    rounds = Round.objects.filter(unit__in=above) | request.seen(Round)
    asked = number_asked(request, "round")
    rounds = rounds.still_open()
    if asked is not None:
        rounds = rounds.filter(pk=asked)
    newest = rounds.select_related("edition__programme").order_by("-span", "-pk")
    # A unit's review is asked for in rounds too; no model is registered in those.
    found: Round | None = next((one for one in newest if one.spec.purpose == "initiative"), None)
    if found is None:
        raise Refusal(
            _("No round of registration is open for your unit."),
            _("A model is always registered in a round: a programme, a period, a due date."),
            _("Ask the officer above to open a round, or import a workbook, which opens one."),
            status=409,
        )
    request.open_round = found  # type: ignore[attr-defined]
    return found


def _register_form(request: BanyanRequest, unit: Unit) -> Any:
    day = request.today
    round = open_round_for(request)
    units = Unit.objects.filter(
        pk__in=request.actor.reach(EDIT), kind__in=round.edition.pack.unit_kinds
    ).named_on(day)
    return forms.register_form(round, units, request.actor)


def _day(request: BanyanRequest) -> date:
    """Today, kept within the round's period."""
    covers = open_round_for(request).covers
    return min(max(request.today, covers.first), covers.last)


def _register_start(request: BanyanRequest, unit: Unit) -> dict[str, Any]:
    round = open_round_for(request)
    start: dict[str, Any] = {"unit": unit.pk, "registered_on": _day(request)}
    return {**start, **drafting.typed_before(request, drafting.register_form_key(round))}


def _quick_form(request: BanyanRequest, unit: Unit) -> Any:
    round = open_round_for(request)
    return quick.quick_form(_register_form(request, unit), round, request)


def _quick_start(request: BanyanRequest, unit: Unit) -> dict[str, Any]:
    start = {"level": quick.level_of(open_round_for(request))}
    if "blank" in request.GET:  # the copy that is read without a network bears no draft
        return {**start, "unit": unit.pk, "registered_on": _day(request)}
    return {**start, **_register_start(request, unit)}


def _amend_start(request: BanyanRequest, thing: Initiative) -> dict[str, Any]:
    return {**forms.amend_initial(thing), **drafting.typed_before(request, "amend", thing.pk)}


quick_register = act(_quick_form, lambda request: request.actor.unit, EDIT, initial=_quick_start)
register = act(_register_form, lambda request: request.actor.unit, EDIT, initial=_register_start)
amend = act(
    lambda request, thing: forms.amend_form(thing, request.actor),
    one,
    EDIT,
    initial=_amend_start,
)


def _move_form(request: BanyanRequest, initiative: Initiative) -> type[Form]:
    name = request.resolver_match.kwargs["move"] if request.resolver_match else ""
    submission = initiative.submission
    try:
        arrow = submission.workflow.move(name)
    except KeyError:
        raise Http404 from None
    return forms.move_form(submission.pack, arrow)


move = act(_move_form, lambda request, pk, move: one(request, pk), VIEW)


@require_POST
@page(EDIT)
def draft(request: BanyanRequest) -> HttpResponseBase:
    """Keep what is being typed in a register form."""
    round = open_round_for(request)
    return drafting.keep(
        request, drafting.register_form_key(round), _register_form(request, request.actor.unit)
    )


@require_POST
@page(EDIT)
def amend_draft(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Keep what is being changed in a model."""
    thing = one(request, pk)
    return drafting.keep(request, "amend", forms.amend_form(thing, request.actor), thing.pk)
