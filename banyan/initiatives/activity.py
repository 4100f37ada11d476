"""What happened to one model: who, when, which step, and what was changed from what to what."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.imports.models import StagedLine
from banyan.initiatives.forms import language
from banyan.initiatives.models import Initiative
from banyan.ledger.models import Event, EventQuerySet
from banyan.ledger.words import said as verb_said
from banyan.packs.forms import answer_text
from banyan.packs.schema import FieldSpec
from banyan.packs.texts import field_key
from banyan.people.models import Person
from banyan.submissions.models import Submission

MOVED = ("submission.moved", "submission.reviewed")
AMENDED = "initiative.amended"
SHEET = ("initiative.sheet_amended", "initiative.sheet_undone")
CHANGED = ("taken", "undone", "kept")
# A review, a sending and their event are written in one transaction: their times differ by less.
TOGETHER = timedelta(seconds=2)
FIRST, PER_PAGE = 8, 25
LONGEST = 160  # of a text shown before and after
MOST_SENDINGS = 40


def newest(initiative: Initiative, reviews: Sequence[Any]) -> tuple[list[dict[str, Any]], bool]:
    """The newest few lines for the record's page, and whether there are more. Two queries."""
    lines, older = page_of(initiative, reviews, before=None, most=FIRST)
    return lines, older is not None


def page_of(
    initiative: Initiative, reviews: Sequence[Any], *, before: int | None, most: int = PER_PAGE
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of lines, newest first, and the event before which the next one begins."""
    whose = Person.objects.filter(account=OuterRef("account")).values("name")[:1]
    events = _about(initiative).annotate(who=Subquery(whose))
    if before is not None:
        events = events.filter(pk__lt=before)
    found: list[Any] = list(events.newest_first()[: most + 1])
    shown = found[:most]
    changes = _changes(initiative.submission, shown)
    lines = [
        {
            "who": event.who or _("The installation"),
            "said": _said(event, initiative.submission),
            "at": event.at,
            "quote": _words(event, reviews) if event.verb in MOVED else "",
            "changes": changes.get(event.pk, []),
        }
        for event in shown
    ]
    return lines, shown[-1].pk if len(found) > most else None


def _about(initiative: Initiative) -> EventQuerySet:
    about = Q(thing_kind="initiatives.initiative", thing_id=initiative.pk)
    about |= Q(thing_kind="submissions.submission", thing_id=initiative.submission_id)
    origin = getattr(initiative, "origin", None)
    if origin is not None:
        about |= Q(thing_kind="initiatives.batch", thing_id=origin.batch_id)
    return Event.objects.filter(about | _of_sheets(initiative))


def _of_sheets(initiative: Initiative) -> Q:
    """The first event of each workbook that changed it: a great one is taken in by parts."""
    lines = StagedLine.objects.filter(
        thing=initiative.pk, job__target="models", outcome="changed", became__in=CHANGED
    )
    same = Event.objects.filter(
        thing_kind=OuterRef("thing_kind"), thing_id=OuterRef("thing_id"), verb=OuterRef("verb")
    )
    return Q(thing_kind="imports.import", thing_id__in=lines.values("job"), verb__in=SHEET) & ~Q(
        Exists(same.filter(pk__lt=OuterRef("pk")))
    )


def _words(event: Event, reviews: Iterable[Any]) -> str:
    """What a reviewer wrote with a step."""
    near = (r.remark for r in reviews if r.kind != "self" and abs(r.at - event.at) < TOGETHER)
    return next(near, "")


def _said(event: Event, submission: Submission) -> str:
    if event.verb in MOVED:
        move = submission.pack.text(f"moves.{event.tells.get('move', '')}", language())
        return move[:1].lower() + move[1:]
    words = {
        "initiative.registered": _("registered it"),
        "initiative.imported": _("imported it from a workbook"),
        AMENDED: _("changed the registration"),
        "initiative.sheet_amended": _("changed it by a workbook"),
        "initiative.sheet_undone": _("took back what a workbook had changed"),
        "initiative.recognised": _("recognised it by decision"),
        "consent.given": _("opened it to the public"),
        "consent.taken_back": _("took it off the public page"),
    }
    return words.get(event.verb) or verb_said(event.verb)


# -- what was changed ---------------------------------------------------------------------------


def _changes(submission: Submission, events: Sequence[Any]) -> dict[int, list[dict[str, str]]]:
    """Event → what differs from what was sent in before: kept at sendings, so told once for each.

    It stands at the newest change between two sendings; those before it were steps on the way.
    """
    amended = [event for event in events if event.verb == AMENDED]
    if not amended:
        return {}
    sent = list(submission.sendings.order_by("version")[:MOST_SENDINGS])
    told: dict[int, list[dict[str, str]]] = {}
    if not sent:  # a draft that was never sent in: nobody else saw what it said before
        return told
    ends: list[Any] = [*sent[1:], None]  # None: what has not been sent in again yet
    for before, after in zip(sent, ends, strict=True):
        until = after.version if after is not None else submission.version + 1
        versions = range(before.version, until)
        newest_one = next((e for e in amended if e.tells.get("version") in versions), None)
        if newest_one is not None:
            answers = after.answers if after is not None else submission.answers
            told[newest_one.pk] = _differences(submission, before.answers, answers)
    return told


def _differences(
    submission: Submission, before: dict[str, Any], after: dict[str, Any]
) -> list[dict[str, str]]:
    """The fields that differ, in the order of the form, as the page shows them."""
    return [
        {
            "label": submission.pack.text(
                f"{field_key(submission.round.form, spec.id)}.label", language()
            ),
            "before": _text(submission, spec, before.get(spec.id)),
            "after": _text(submission, spec, after.get(spec.id)),
        }
        for spec in submission.round.spec.fields
        if (before.get(spec.id) or None) != (after.get(spec.id) or None)
    ]


def _text(submission: Submission, spec: FieldSpec, value: Any) -> str:
    if value in (None, "", []):
        return _("nothing")
    if spec.kind == "boolean":
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ngettext("%(n)d file", "%(n)d files", len(value)) % {"n": len(value)}
    key = field_key(submission.round.form, spec.id)
    text = answer_text(submission.pack, spec, value, key=key, language=language())
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
