"""What can be done with models: register one or many, amend, recognise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from banyan.initiatives.models import (
    Batch,
    Initiative,
    Recognition,
)
from banyan.initiatives.storing import Row as Row  # others name it from here
from banyan.initiatives.storing import code_of, origins_of, registrants_for, store, store_one
from banyan.kernel.errors import Refusal
from banyan.kernel.text import folded, nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.submissions import operations as submissions
from banyan.submissions.models import Draft, Round
from banyan.submissions.rounds import must_be_open
from banyan.submissions.steps import take_step

REGISTER = "register"


def _origin(answers: dict[str, Any], own: Initiative | None = None) -> int | None:
    """The id of the model it was built after; Refusal when no model bears the code."""
    code = code_of(answers)
    found = origins_of([answers]).get(code)
    if code and (found is None or (own is not None and found == own.pk)):
        raise Refusal(
            _("No other model bears the code “%(code)s”.") % {"code": code},
            _("A model is replicated from one that is registered here."),
            _("Look the code up in the register, or leave the field empty."),
        )
    return found


@operation("initiative.registered", needs="submission.edit", tells=("round",))
def register(
    unit: Unit,
    *,
    round: Round,
    answers: dict[str, Any],
    submit: bool = True,
    synthetic: bool = False,
    by: Actor,
) -> Initiative:
    """Register one model by hand: sent in at once, or kept as a draft record to be completed."""
    must_be_open(round)
    _origin(answers)
    made = store_one(round, Row(unit, answers), by, synthetic)
    if submit:
        submissions.check_rule(made.submission, REGISTER)
        take_step(made.submission, REGISTER, by=by, submitted_by_id=by.account_id)
    Draft.objects.filter(account=by.account_id, form=f"register:{round.pk}").delete()
    return made


@operation("initiative.amended", needs="submission.edit", tells=("version",))
def amend(
    initiative: Initiative, *, answers: dict[str, Any], version: int, by: Actor
) -> Initiative:
    """Change the answers of a model that is still its unit's to change. `version` is what was read."""
    submission = initiative.submission
    if submission.state not in AMENDABLE:
        raise Refusal(
            _("This model can no longer be changed."),
            _("It is in the state “%(state)s”.") % {"state": submission.state_label("vi")},
            _("Ask the reviewer to send it back."),
            status=409,
        )
    initiative.replicated_from_id = _origin(answers, initiative)
    submissions.change_answers(submission, answers, version)
    initiative.title = nfc(str(answers["title"]))[:300]
    initiative.folded = folded(initiative.title)
    initiative.registrant_id = registrants_for([Row(initiative.unit, answers)])[0]
    initiative.save(update_fields=["title", "folded", "registrant", "replicated_from"])
    Draft.objects.filter(account=by.account_id, form="amend", thing=initiative.pk).delete()
    return initiative


# Also once completed: what a workbook left out is filled in before the review.
AMENDABLE = ("draft", "registered", "approved", "in_progress", "completed")


@dataclass(frozen=True)
class Award:
    """What a decision says beside its number and day: who signed it, and the reward that goes with it."""

    signer: str = ""
    reward: str = ""


@operation("initiative.recognised", needs="initiative.recognise", tells=("decided_on", "body"))
def recognise(
    initiative: Initiative,
    *,
    body: Unit,
    decision_number: str,
    decided_on: date,
    award: Award | None = None,
    by: Actor,
) -> Initiative:
    """Recognise a reviewed model, or one proposed from below, by a decision of a body.

    One recognition a body, so one at each level (domain/criteria.md §4.4).
    """
    submission = initiative.submission
    asked = {"decision_number": decision_number, "decision_date": decided_on.isoformat()}
    submissions.check_rule(submission, "recognise", asked=asked)
    take_step(submission, "recognise", by=by)
    award = award or Award()
    try:
        with transaction.atomic():
            Recognition.objects.create(
                initiative=initiative,
                by_unit=body,
                decision_number=nfc(decision_number),
                decided_on=decided_on,
                signer=nfc(award.signer),
                reward=award.reward,
            )
    except IntegrityError as twice:
        raise Refusal(
            _("This body has already recognised this model."), "", "", status=409
        ) from twice
    return initiative


@operation("initiative.continued", needs="submission.edit", tells=("round",))
def continue_in(initiative: Initiative, *, round: Round, by: Actor) -> Initiative:
    """Carry a model that still works on into a later round, as a draft to be looked over.

    Each year has its registration, code and figures of its own; what is said of the year before
    (result, photos after) is asked anew. The earlier record stays as it is (decision 0009).
    """
    must_be_open(round)
    earlier = initiative.submission
    if (
        round.covers.first <= earlier.round.covers.first
        or round.programme_id != earlier.round.programme_id
    ):
        raise Refusal(
            _("The model can be continued only in a later round of its programme."),
            _("The round chosen is not later than its own."),
            _("Choose a round that begins later."),
            status=409,
        )
    if earlier.state not in CONTINUABLE or Initiative.objects.filter(continues=initiative).exists():
        raise Refusal(
            _("This model cannot be continued."),
            _("It is withdrawn, not yet registered, or continued already."),
            "",
            status=409,
        )
    answers = {name: value for name, value in earlier.answers.items() if name not in OF_ITS_YEAR}
    first = earlier.answers.get("first_year") or earlier.round.covers.year
    answers |= {"continuing": True, "first_year": first}
    made = store_one(round, Row(initiative.keeper, answers), by, initiative.synthetic)
    made.continues = initiative
    made.save(update_fields=["continues"])
    return made


CONTINUABLE = ("approved", "in_progress", "completed", "reviewed", "recognised", "proposed")
OF_ITS_YEAR = (
    "registered_on",
    "result",
    "photos_after",
    "evidence",
    "commemorative_mark",
    "occasion",
)


@dataclass(frozen=True)
class Source:
    """The file a batch came from."""

    filename: str
    sha256: str
    document_id: int | None = None


@operation("initiative.imported", needs="submission.import", tells=("round",))
def register_many(
    unit: Unit,
    *,
    round: Round,
    rows: Sequence[Row],
    source: Source,
    summary: dict[str, Any],
    synthetic: bool = False,
    by: Actor,
) -> Batch:
    """Register many models at once, set-based, with one event; a great file comes in several parts.

    Every row's unit must be within reach: one query asks for all. The batch is that of the file in
    the round; `.registered` are the ids of what was registered now, in order.
    """
    must_be_open(round)
    if not by.may("submission.edit", at=list({row.unit.pk: row.unit for row in rows}.values())):
        raise Refusal(
            _("Some rows belong to units outside your reach."),
            _("A batch is taken whole or not at all."),
            _("Import it from a post above all these units."),
            status=403,
        )
    batch, _fresh = Batch.objects.get_or_create(
        round=round,
        sha256=source.sha256,
        defaults={
            "unit": unit,
            "document_id": source.document_id,
            "filename": source.filename[:200],
            "things": 0,
            "summary": summary,
        },
    )
    batch.registered = store(round, rows, by, synthetic, batch)
    batch.things += len(rows)
    Batch.objects.filter(pk=batch.pk).update(things=F("things") + len(rows))
    return batch
