"""Decisions from the desk: what was seen is what is decided, and a second tap changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from banyan.desk.reading import DRAFT
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Receipt
from banyan.ledger.receipts import Request as ReceiptRequest
from banyan.submissions.models import Draft, SomeoneWasFaster, Submission

LONGEST = 4_000


def as_it_was_seen(submission: Submission, version: str) -> None:
    """Refuse to decide on what the reviewer has not seen: it was changed since the page was made."""
    if version and version != str(submission.version):
        raise SomeoneWasFaster


def was_done(actor: Any) -> bool:
    """Whether this very sending was carried out before: its answer was lost, its work was not."""
    sent = actor.request
    return bool(sent) and (
        Receipt.objects.filter(account=actor.account_id, key=sent.key, request_hash=sent.body_hash)
        .exclude(thing_id=None)
        .exists()
    )


def forget_draft(actor: Any, thing: int) -> None:
    """What was typed has been sent."""
    Draft.objects.filter(
        account=actor.account_id, post=actor.post_id, form=DRAFT, thing=thing
    ).delete()


def drop_from_draft(actor: Any, thing: int, name: str) -> None:
    """One of the things typed has been sent; what stands beside it is still being typed."""
    key = {"account": actor.account_id, "post": actor.post_id, "form": DRAFT, "thing": thing}
    for draft in Draft.objects.filter(**key, raw__has_key=name):
        draft.raw.pop(name)
        draft.save(update_fields=["raw"])


def words_of_step(submission: Submission, actor: Any) -> dict[str, str]:
    """The points and words of one's newest step, by the names under which the desk keeps them."""
    mine = submission.reviews.filter(reviewer=actor.account_id, version=submission.version)
    said = mine.exclude(kind="self").order_by("-pk").first()
    if said is None:
        return {}
    if not said.scores:
        return {"reason": said.remark}
    return {**{name: str(points) for name, points in said.scores.items()}, "remark": said.remark}


def stand_again(actor: Any, thing: int, words: dict[str, str]) -> None:
    """What was typed before a step that was taken back stands on the sheet again."""
    if words:
        Draft.objects.update_or_create(
            account_id=actor.account_id,
            post_id=actor.post_id,
            form=DRAFT,
            thing=thing,
            defaults={"raw": words},
        )


@dataclass
class Outcome:
    """What came of one decision on many records, one by one."""

    done: list[Initiative] = field(default_factory=list)
    refused: list[tuple[Initiative, str]] = field(default_factory=list)


def one_by_one(
    chosen: Iterable[Initiative], act: Callable[[Initiative], Any], *, by: Any
) -> Outcome:
    """Run an operation on each record, each with a receipt of its own; a refusal stops only its own."""
    outcome, sending = Outcome(), by.request
    for initiative in chosen:
        if sending is not None:
            key = f"{sending.key[:40]}-{initiative.pk}"
            by.request = ReceiptRequest(key, sending.body_hash)
        try:
            act(initiative)
        except Refusal as no:
            if was_done(by):
                outcome.done.append(initiative)
            else:
                outcome.refused.append((initiative, no.sentence))
        else:
            outcome.done.append(initiative)
    by.request = sending
    return outcome


def not_plain(initiative: Initiative) -> None:
    """What is said of a record that was unremarkable when the list was made and is no longer."""
    raise Refusal(
        _("It is no longer among the unremarkable ones."),
        _("Somebody changed it, spoke about it or decided on it since the list was made."),
        _("Open it by itself."),
        status=409,
    )
