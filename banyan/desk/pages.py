"""The desk page as a whole: queue on the left, record on the right, actions below."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.desk.lives import RECOGNISE, life_of
from banyan.desk.overview import look
from banyan.desk.queue import GROUPS, PATIENCE, Queue, group_words
from banyan.desk.sheet import Sheet
from banyan.desk.signals import signals_of
from banyan.initiatives.forms import move_form
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.workflow import Move
from banyan.packs.rules import Case, all_required_answered
from banyan.submissions.placing_rules import whereabouts
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest, number_asked

TONES = {"late": "red", "waiting": "leaf", "returned": "", "recognition": "sky"}


def desk(
    request: BanyanRequest,
    queue: Queue,
    initiative: Initiative | None = None,
    *,
    sent: Any = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page; `sent` is a form that came back, with everything typed in it."""
    at = queue.place_of(initiative, initiative.newest_move) if initiative else None  # type: ignore[attr-defined]
    window = queue.window(at, initiative.submission_id if initiative else 0)
    overview = look(queue, number_asked(request, "done"))
    context: dict[str, Any] = {
        "queue": queue,
        "window": window,
        "overview": overview,
        "chips": _chips(queue, overview.counts),
        "fields": _fields(queue),
        "patience": PATIENCE,
        "undo_key": new_key(),
        # Whichever is there first: the part of every page that passes a text on, else our own.
        "share": ["web/_share.html", "desk/_copy.html"],
        "remind_label": _("Copy the reminder"),
        "plain": sum(item.plain is not None for item in window.items),
        "query": f"?{queue.query}" if queue.query else "",
        "first": window.items[0].pk if window.items else None,
        "chosen_unit": request.GET.get("unit", ""),
        "chosen_field": request.GET.get("field", ""),
        "searched": request.GET.get("q", ""),
    }
    status = 200
    if initiative is not None:
        context |= record(request, queue, initiative, sent)
        if initiative.submission_id in window.marks:
            context["signals"] = signals_of(initiative.submission, request.seen)
        context["previous"], context["next"] = window.beside(initiative.pk)
        if sent is not None:
            status = refusal.status if refusal else 422
        context["refusal"] = refusal
    return render(request, "desk/desk.html", context, status=status)


def _chips(queue: Queue, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The groups with their counts, each an address; the chosen one leads back to all."""
    words = group_words()
    made = []
    for group in GROUPS:
        if group == "recognition" and not queue.actor.holds(RECOGNISE):
            continue
        asked = queue.request.GET.copy()
        for name in ("show", "after", "done"):
            asked.pop(name, None)
        chosen = queue.show == group
        if not chosen:
            asked["show"] = group
        url = f"{reverse('desk')}?{asked.urlencode()}" if asked else reverse("desk")
        made.append(
            {
                "label": words[group],
                "n": counts[group],
                "url": url,
                "tone": TONES[group],
                "chosen": chosen,
            }
        )
    return made


def _fields(queue: Queue) -> list[tuple[str, str]]:
    """The fields of life one may narrow by, in the words of the newest edition."""
    if not queue.lives.packs:
        return []
    pack = queue.lives.packs[max(queue.lives.packs)]
    form = pack.form("register")
    spec = next((one for one in form.fields if one.id == "field"), None)
    key = "forms.register.fields.field.choices"
    choices = spec.choice_ids if spec else ()
    return [(one, pack.text(f"{key}.{one}", queue.language)) for one in choices]


def record(
    request: BanyanRequest, queue: Queue, initiative: Initiative, sent: Any = None
) -> dict[str, Any]:
    """What the right side shows, with what may be done now."""
    submission, actor = initiative.submission, request.actor
    life = life_of(submission.pack.workflow)
    draft = getattr(initiative, "draft", None) or {"raw": {}, "version": 0}
    take, back = life.take(submission.state), life.back(submission.state)
    typed = {str(name): str(value) for name, value in (draft["raw"] or {}).items()}
    if sent is not None:
        typed |= {name: str(value) for name, value in sent.data.items()}
    sheet = Sheet(
        initiative, queue.language, actor.account_id, typed, number_asked(request, "against")
    )
    context: dict[str, Any] = {
        "initiative": initiative,
        "submission": submission,
        "sheet": sheet,
        "typed": typed,
        "draft_version": draft["version"],
        "where": None if initiative.at_home else whereabouts(submission, request.today),  # type: ignore[attr-defined]
        "receipt_key": new_key(),
        "other_keys": {name: new_key() for name in ("back", "remark", "undo")},
        "errors": sent.errors if sent is not None else {},
        "about": request.GET.get("about", ""),
        "to_recognise": submission.state in life.to_recognise and actor.holds(RECOGNISE),
    }
    if submission.submitted_by_id is not None and submission.submitted_by_id == actor.account_id:
        return context | {"why": _("You submitted it yourself: another officer reviews it.")}
    return context | _moves(sheet, take, back)


def _moves(sheet: Sheet, take: Move | None, back: Move | None) -> dict[str, Any]:
    """Approve or review, and send back, as far as the record's state allows."""
    words = sheet.pack.text
    made: dict[str, Any] = {}
    if take is not None:
        form = move_form(sheet.pack, take)(initial=sheet.typed)
        made["scored"] = bool(take.rule and sheet.pack.criteria)
        made["take"] = {
            "name": take.name,
            "label": words(f"moves.{take.name}", sheet.language),
            "wanting": _wanting(sheet, take),
            "remark": form["remark"] if "remark" in form.fields else None,
        }
    if back is not None:
        made["back"] = {"name": back.name, "label": words(f"moves.{back.name}", sheet.language)}
    return made


def _wanting(sheet: Sheet, take: Move) -> list[str]:
    """What the answers lack for the move, said before anybody types points."""
    submission = sheet.submission
    if take.rule is None:
        return []
    case = Case(
        pack=sheet.pack,
        form=submission.round.spec,
        move=take.name,
        state=submission.state,
        answers=submission.answers,
        language=sheet.language,
    )
    return [one.what for one in all_required_answered(case)]
