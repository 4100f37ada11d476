"""What is said about a record beside its reviews: remarks on it, and the unit's own points."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation, refusal
from banyan.submissions.models import Remark, Review, Submission

LONGEST_REMARK = 2_000
SCORE = re.compile(r"\d{1,3}(\.\d)?")


def someone(by: Actor) -> int:
    """The account that speaks; set-up, which has none, says nothing about records."""
    if by.account_id is None:
        raise refusal("submission.view")
    return by.account_id


@operation("submission.remarked", needs="submission.view", tells=("field",))
def remark(submission: Submission, *, text: str, field: str = "", by: Actor) -> Submission:
    """Add a line to the conversation on a record, about one answer or criterion or the whole."""
    written = nfc(text)
    if not written:
        raise Refusal(_("The remark is empty."), "", _("Write what you want to say."))
    if len(written) > LONGEST_REMARK:
        most = {"most": LONGEST_REMARK}
        raise Refusal(_("A remark has at most %(most)s characters.") % most, "", _("Shorten it."))
    known = {spec.id for spec in submission.round.spec.fields}
    if submission.pack.criteria:
        known |= {item.id for item in submission.pack.criteria.items}
    if field and field not in known:
        raise Refusal(_("The form has no item “%(item)s”.") % {"item": field}, "", "")
    Remark.objects.create(
        submission=submission,
        field=field,
        text=written,
        account_id=someone(by),
        post_id=by.post_id,
    )
    return submission


@operation("submission.self_scored", needs="submission.edit")
def score_own(submission: Submission, *, scores: Mapping[str, Any], by: Actor) -> Submission:
    """Keep the points that the unit gives itself, shown beside the reviewer's; never counted."""
    criteria = submission.pack.criteria
    if (
        criteria is None
        or criteria.form != submission.round.form
        or submission.workflow.has_reached(submission.state, "reviewed")
    ):
        raise Refusal(
            _("Own points can no longer be given."),
            _("The record has been reviewed, or its programme has no review sheet."),
            "",
            status=409,
        )
    for item in criteria.items:
        given = str(scores.get(item.id, ""))
        if not SCORE.fullmatch(given) or Decimal(given) > item.maximum:
            label = submission.pack.text(f"criteria.{item.id}.label", (get_language() or "vi")[:2])
            words = {"item": label, "most": item.maximum}
            raise Refusal(_("“%(item)s” takes 0 to %(most)s points.") % words, "", "")
    Review.objects.create(
        submission=submission,
        reviewer_id=someone(by),
        post_id=by.post_id,
        kind="self",
        move="score_own",
        scores={item.id: str(scores[item.id]) for item in criteria.items},
        total=criteria.sum(scores),
        version=submission.version,
    )
    return submission
