"""Keeping what is being typed: saved by itself, versioned, both versions shown when two differ."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from banyan.submissions.drafts import find_draft, typed_in
from banyan.submissions.models import Draft, Round, SomeoneWasFaster
from banyan.submissions.operations import save_draft
from banyan.web.page import BanyanRequest

UNKEPT = ("csrfmiddlewaretoken", "key", "as_post", "draft_version", "draft")
PART, MOST_DIGITS = "initiatives/_draft_said.html", 10


def register_form_key(round: Round) -> str:
    """Under which name a registration in a round is kept."""
    return f"register:{round.pk}"


def typed_before(request: BanyanRequest, form: str, thing: int = 0) -> dict[str, Any]:
    """What was typed and not yet sent, for a form's start; nothing where `?fresh` asks for none."""
    known = find_draft(request.actor.post_id, request.actor.account_id, form, thing)
    if known is None or "fresh" in request.GET:
        return {}
    request.draft = known  # type: ignore[attr-defined]  # its hour and version stand in the page
    return dict(known.raw)


def keep(request: BanyanRequest, form: str, form_class: Any, thing: int = 0) -> HttpResponseBase:
    """Save it; answers with the line that says so, or (409) with both versions."""
    said = request.POST.get("draft_version", "")
    version = int(said) if said.isdecimal() and len(said) < MOST_DIGITS else 0
    raw = typed_in(request.POST, UNKEPT)
    place = (request.actor.post_id, request.actor.account_id, form, thing)
    try:
        kept = save_draft(*place, raw, version)
    except SomeoneWasFaster:
        return _both(request, form_class, raw, find_draft(*place))
    about = {"version": kept.version, "saved": timezone.localtime()}
    return render(request, PART, {"draft": about})


def _both(
    request: BanyanRequest, form_class: Any, raw: dict[str, Any], other: Draft | None
) -> HttpResponseBase:
    """What is typed here beside what another device has saved: nobody writes over the other unasked."""
    theirs = other.raw if other else {}
    form = form_class(thing=None, actor=request.actor)
    differing = [
        {"label": field.label, "mine": _shown(field, raw), "theirs": _shown(field, theirs)}
        for field in form.visible_fields()
        if _shown(field, raw) != _shown(field, theirs)
    ]
    about = {
        "version": request.POST.get("draft_version", "0"),
        "other": other.version if other else 0,
        "other_saved": other.saved_at if other else None,
        "differing": differing,
    }
    return render(request, PART, {"draft": about}, status=409)


def _shown(field: Any, raw: dict[str, Any]) -> str:
    """What was typed in a field as its reader knows it: a choice by its name."""
    typed = raw.get(field.name, "")
    names = {str(key): name for key, name in getattr(field.field, "choices", ())}
    texts = typed if isinstance(typed, list) else [typed]
    return ", ".join(str(names.get(one, one)) for one in texts if one)
