"""What one model's page shows: facts, next steps, words of reviewers, activity."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.imports.notes import said as note_said
from banyan.initiatives import activity, beside
from banyan.initiatives.consent_forms import public_actions
from banyan.initiatives.forms import language, move_form
from banyan.initiatives.list_fields import TONES
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import AMENDABLE
from banyan.kernel.workflow import Move
from banyan.packs.forms import answer_text
from banyan.packs.rules import Case, all_required_answered
from banyan.packs.schema import FieldSpec
from banyan.packs.texts import field_key
from banyan.people.models import name_of_unit
from banyan.submissions.models import Submission
from banyan.submissions.placing_rules import PLACE, whereabouts
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest


def page_of(request: BanyanRequest, initiative: Initiative) -> dict[str, Any]:
    """The context of the page."""
    submission = initiative.submission
    reviews = list(submission.reviews.select_related("reviewer__person").order_by("-pk"))
    standing = next((r for r in reviews if r.kind == "review" and r.total is not None), None)
    own = next((r for r in reviews if r.kind == "self"), None)
    notes = _notes(request, initiative, reviews)
    events, older = activity.newest(initiative, reviews)
    return {
        "initiative": initiative,
        "receipt_key": new_key(),
        # What one sends on: no name of a person, no word of a reviewer.
        "pass_on": f"{initiative.code} · {initiative.title}: {submission.state_label(language())}",
        "review": _sheet(submission, standing, own) if standing or own else None,
        "recognitions": _recognitions(request, initiative),
        "pictures": beside.pictures_of(submission),
        "talk": beside.talk_of(submission, request.today),
        "record": {
            "crumbs": [
                {"label": _("Register of models and exemplars"), "url": reverse("initiatives")}
            ],
            "code": " · ".join([initiative.code, words.period_text(submission.round.covers)]),
            "title": initiative.title,
            "chips": _chips(initiative),
            "notes": notes,
            "sections": _sections(request, initiative),
            "actions": _actions(request, initiative),
            "events": events,
            "events_url": reverse("initiative_activity", args=[initiative.pk]) if older else "",
            "people": [],
        },
    }


def _chips(initiative: Initiative) -> list[dict[str, str]]:
    submission = initiative.submission
    chips = [{"text": submission.state_label(language()), "tone": TONES.get(submission.state, "")}]
    if submission.answers.get("commemorative_mark"):
        label = submission.pack.text("forms.register.fields.commemorative_mark.label", language())
        chips.append({"text": label, "tone": "sky"})
    if initiative.synthetic:
        chips.append({"text": _("synthetic record"), "tone": "amber"})
    return chips


def _notes(
    request: BanyanRequest, initiative: Initiative, reviews: list[Any]
) -> list[dict[str, Any]]:
    notes = []
    submission = initiative.submission
    newest = reviews[0] if reviews else None
    if newest and newest.move.startswith("send_back") and _is_back(submission, newest):
        notes.append({"title": _("Sent back:"), "text": newest.remark, "tone": "amber"})
    origin = getattr(initiative, "origin", None)
    if origin is not None and origin.line:
        text = _("Imported from “%(file)s”, line %(line)s.") % {
            "file": origin.batch.filename,
            "line": origin.line,
        }
        notes.append({"text": text, "points": [note_said(one) for one in origin.notes]})
    return notes


def _is_back(submission: Submission, review: Any) -> bool:
    """Whether what was sent back has not been sent in again since."""
    states = submission.workflow.move(review.move).sources
    return submission.state in AMENDABLE and submission.state not in states


def _sections(request: BanyanRequest, initiative: Initiative) -> list[dict[str, Any]]:
    submission, today = initiative.submission, request.today
    form, text = submission.round.spec, submission.pack.text
    day = submission.counts_on or today
    unit = {
        "label": _("Unit"),
        "value": initiative.unit.name_on(day),
        "url": f"{reverse('unit', args=[initiative.unit_id])}?on={day.isoformat()}",
    }
    sections: list[dict[str, Any]] = []
    for part, specs in form.parts.items():
        title = text(f"forms.{form.id}.parts.{part}", language()) if part else _("Registration")
        shown = [spec for spec in specs if spec.id != "title" and spec.kind != "files"]
        facts = [_fact(submission, spec) for spec in shown]
        given = [fact for fact in facts if fact["value"]]
        wanting = ", ".join(fact["label"] for fact in facts if not fact["value"])
        if wanting:
            given.append({"label": _("Not given yet"), "value": wanting, "soft": True})
        sections.append({"title": title, "facts": given})
    now, years = _unit_now(request, submission), beside.years_of(initiative)
    sections[0]["facts"][:0] = [unit, *now, *years]
    return sections


def _unit_now(request: BanyanRequest, submission: Submission) -> list[dict[str, Any]]:
    """Who answers for it now, where its unit has ended or was divided."""
    found = whereabouts(submission, request.today)
    if found is None:
        return []
    if found.unit is not None:
        url = reverse("unit", args=[found.unit])
        return [{"label": _("Unit now"), "value": found.name, "sub": found.decision, "url": url}]
    asked = {"programme": submission.pack.id, "place": found.place, "reading": "now"}
    url = f"{reverse('placing')}?{urlencode(asked)}" if request.actor.holds(PLACE) else ""
    sub = _("may go to %(units)s") % {"units": found.name}
    return [{"label": _("Unit now"), "value": _("Not placed"), "sub": sub, "url": url}]


def _fact(submission: Submission, spec: FieldSpec) -> dict[str, Any]:
    key = field_key(submission.round.form, spec.id)
    value = submission.answers.get(spec.id)
    text = answer_text(submission.pack, spec, value, key=key, language=language())
    if spec.kind == "boolean" and value is not None:
        text = _("Yes") if value else _("No")
    if text and spec.measure:
        text = f"{text} {submission.pack.text(f'measures.{spec.measure}', language())}"
    if not text and spec.id == "field":
        text = submission.pack.text("unclassified", language())
    return {"label": submission.pack.text(f"{key}.label", language()), "value": text}


def _actions(request: BanyanRequest, initiative: Initiative) -> list[dict[str, Any]]:
    submission, actor = initiative.submission, request.actor
    actions: list[dict[str, Any]] = []
    lacking = False
    for arrow in submission.open_moves():
        # Seen means within reach of the post, and reach is the same for all it holds.
        if not actor.holds(arrow.by):
            continue
        label = submission.pack.text(f"moves.{arrow.name}", language())
        action: dict[str, Any] = {
            "label": label,
            "receipt_key": new_key(),
            "main": not any(one.get("main") for one in actions),
        }
        if arrow.other_person and submission.submitted_by_id == actor.account_id:
            action["why"] = _("another officer must do this, since you submitted it yourself.")
        elif wanting := _wanting(submission, arrow):
            action["why"], lacking = " ".join(wanting), True
        action["url"] = reverse("initiative_move", args=[initiative.pk, arrow.name])
        form = move_form(submission.pack, arrow)
        if form.base_fields:
            action["form"] = form(thing=initiative, actor=actor, auto_id=f"id_{arrow.name}_%s")
        actions.append(action)
    if submission.state in AMENDABLE and actor.holds("submission.edit"):
        url = reverse("initiative_amend", args=[initiative.pk])
        label = _("Fill in what is wanting") if lacking else _("Change the registration")
        actions.append({"label": label, "url": url, "get": True, "main": lacking})
    more = beside.actions_beside(request, initiative)
    return [*actions, *more, *public_actions(request, initiative)]


def _wanting(submission: Submission, arrow: Move) -> list[str]:
    """What the answers lack for a move: said before anybody fills in its form."""
    if arrow.rule is None:
        return []
    case = Case(
        pack=submission.pack,
        form=submission.round.spec,
        move=arrow.name,
        state=submission.state,
        answers=submission.answers,
        language=language(),
    )
    return [one.what for one in all_required_answered(case)]


def _recognitions(request: BanyanRequest, initiative: Initiative) -> list[dict[str, Any]]:
    """Each body's decision, with the level at which it stands."""
    if initiative.submission.state not in ("recognised", "proposed"):
        return []
    pack = initiative.submission.pack
    found = initiative.recognitions.select_related("by_unit").order_by("decided_on", "pk")
    return [
        {
            "number": one.decision_number,
            "on": one.decided_on,
            "body": one.by_name,
            "level": one.by_unit.get_kind_display(),
            "signer": one.signer,
            "reward": pack.text(f"asks.reward.choices.{one.reward}", language())
            if one.reward
            else "",
        }
        for one in found.annotate(by_name=name_of_unit("by_unit", request.today))
    ]


def _sheet(submission: Submission, review: Any, own: Any) -> dict[str, Any]:
    """The points given, beside those the unit gave itself; `review` or `own` may be wanting."""
    criteria = submission.pack.criteria
    items = criteria.items if criteria else ()
    grade = criteria.grade(review.total) if criteria and review else None
    given, said = (one.scores if one else {} for one in (review, own))
    return {
        "rows": [
            {
                "label": submission.pack.text(f"criteria.{item.id}.label", language()),
                "own": said.get(item.id, ""),
                "points": given.get(item.id, ""),
                "most": item.maximum,
            }
            for item in items
        ],
        "has_own": own is not None,
        "own_total": own.total if own else "",
        "total": review.total if review else "",
        "most": criteria.total if criteria else None,
        "grade": " – ".join(
            [submission.pack.text("criteria.total", language())]
            + ([submission.pack.text(f"grades.{grade or 'none'}", language())] if review else [])
        ),
        "unverified": bool(submission.pack.unverified),
        "remark": review.remark if review else "",
    }
