"""Many records at once: the unremarkable accepted, and one decision of recognition for many."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.desk.deciding import Outcome, not_plain, one_by_one
from banyan.desk.lives import life_of
from banyan.desk.queue import Item, Plain, Queue
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import Award
from banyan.initiatives.operations import recognise as decide_on
from banyan.packs.forms import PackForm, move_form_class
from banyan.packs.rules import Case, unmet
from banyan.submissions.models import Review
from banyan.submissions.operations import move, review
from banyan.web.form import new_key

LONGEST_NUMBER = 18


def _rows(queue: Queue, wanted: Sequence[int]) -> list[Initiative]:
    """Records within reach, in the order given, each with its newest points."""
    standing = Review.objects.filter(submission=OuterRef("submission"), move="review")
    newest = standing.exclude(total=None).order_by("-pk")
    found = (
        queue.request.seen(Initiative)
        .with_page()
        .filter(pk__in=wanted)
        .annotate(
            points=Subquery(newest.values("total")[:1]),
            scores=Subquery(newest.values("scores")[:1]),
        )
    )
    by_key = {one.pk: one for one in found}
    return [by_key[pk] for pk in wanted if pk in by_key]


def _picked(picks: Sequence[str]) -> list[int]:
    said = [one for one in picks if one.isdecimal() and len(one) <= LONGEST_NUMBER]
    return list(dict.fromkeys(map(int, said)))


# -- the unremarkable ---------------------------------------------------------------------------


def plain_page(queue: Queue) -> dict[str, Any]:
    """The list to be confirmed: those of the queue's first window about which nothing stands out."""
    items = [item for item in queue.window().items if item.plain]
    scored = sum(bool(item.plain and item.plain.scores) for item in items)
    return {
        "items": [(item, _sum(queue, item)) for item in items],
        "scored": scored,
        "back_url": _back(queue),
        "receipt_key": new_key(),
        "query": f"?{queue.query}" if queue.query else "",
    }


def _back(queue: Queue) -> str:
    return f"{reverse('desk')}?{queue.query}" if queue.query else reverse("desk")


def _sum(queue: Queue, item: Item) -> Any:
    """The unit's own points in all, which become the points given."""
    scores = item.plain.scores if item.plain else {}
    packs = queue.lives.packs.values()
    criteria = next((pack.criteria for pack in packs if pack.criteria), None)
    return criteria.sum(scores) if scores and criteria else None


def accept(queue: Queue, picks: Sequence[str]) -> Outcome:
    """Accept the chosen ones of the unremarkable, each by the same step as by hand."""
    plain = {item.pk: item.plain for item in queue.window().items if item.plain}

    def act(initiative: Initiative) -> None:
        step: Plain | None = plain.get(initiative.pk)
        if step is None:
            not_plain(initiative)
        elif step.scores:
            said = _("Points taken over from the unit's own.")
            submission = initiative.submission
            review(submission, move=step.move, scores=step.scores, remark=said, by=queue.actor)
        else:
            move(initiative.submission, move=step.move, by=queue.actor)

    return one_by_one(_rows(queue, _picked(picks)), act, by=queue.actor)


# -- recognition --------------------------------------------------------------------------------


def _waiting(queue: Queue) -> list[dict[str, Any]]:
    """Records that wait for a decision: points, and why one cannot be recognised yet."""
    queue.show = "recognition"
    rows = _rows(queue, [item.pk for item in queue.window().items])
    return [{"row": row, "why": _why_not(queue, row)} for row in rows]


def _why_not(queue: Queue, initiative: Initiative) -> str:
    submission = initiative.submission
    pack = submission.pack
    step = life_of(pack.workflow).recognises[0]
    case = Case(
        pack=pack,
        form=submission.round.spec,
        move=step.name,
        state=submission.state,
        answers=submission.answers,
        language=queue.language,
        scores=initiative.scores,  # type: ignore[attr-defined]
    )
    return " ".join(one.what for one in unmet(case))


def _decision_form(queue: Queue, rows: list[dict[str, Any]], data: Any = None) -> PackForm | None:
    """What the decision asks, once: the form of the newest programme among the records."""
    packs = [row["row"].submission.pack for row in rows] or list(queue.lives.packs.values())
    if not packs:
        return None
    pack = max(packs, key=lambda one: one.edition)
    step = life_of(pack.workflow).recognises[0]
    made = move_form_class(pack, step.name, language=queue.language)
    return made(data) if data is not None else made(initial={"decision_date": queue.today})


def decision_page(queue: Queue, data: Any = None) -> dict[str, Any]:
    """The records that wait for a decision, and the decision's form."""
    rows = _waiting(queue)
    picks = _picked(data.getlist("pick")) if data is not None else None
    asked = queue.request.GET.get("pick", "")
    if picks is None and asked.isdecimal():
        picks = [int(asked)]
    for row in rows:
        row["picked"] = not row["why"] and (picks is None or row["row"].pk in picks)
    return {
        "rows": rows,
        "form": _decision_form(queue, rows, data),
        "body": queue.actor.unit_label,
        "back_url": _back(queue),
        "receipt_key": new_key(),
    }


def recognise(queue: Queue, data: Any) -> tuple[dict[str, Any], int]:
    """Recognise the chosen ones by one decision; what is wrong with its form is said first."""
    context = decision_page(queue, data)
    form, picks = context["form"], _picked(data.getlist("pick"))
    if form is None or not form.is_valid():
        return context, 422
    if not picks:
        form.add_error(None, _("No record is chosen. Tick those the decision names."))
        return context, 422
    told = form.cleaned_data
    award = Award(told.get("signer") or "", told.get("reward") or "")
    day: date = told["decision_date"]

    def act(initiative: Initiative) -> None:
        decide_on(
            initiative,
            body=queue.actor.unit,
            decision_number=told["decision_number"],
            decided_on=day,
            award=award,
            by=queue.actor,
        )

    outcome = one_by_one(_rows(queue, picks), act, by=queue.actor)
    return context | {"outcome": outcome, "number": told["decision_number"], "day": day}, 200
