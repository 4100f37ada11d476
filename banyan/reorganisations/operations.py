"""What can be done with decisions: draft, extend, carry out, undo, close, drop."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from banyan.documents.models import Document
from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs import carrying, reform
from banyan.orgs.changes import Change as Said
from banyan.orgs.changes import Done, Unfit
from banyan.orgs.following import Way
from banyan.orgs.models import Unit
from banyan.orgs.operations import REORGANISE
from banyan.people.actor import Officer
from banyan.people.models import Post
from banyan.reorganisations import journal
from banyan.reorganisations.models import Change, Effect, Reorganisation, State

BATCH = 5_000


@dataclass(frozen=True)
class Facts:
    """What stands at the head of a decision. `signer` is the body or office, not a person's name."""

    number: str
    decided_on: date
    on: date
    title: str = ""
    signer: str = ""
    pass_posts: bool = False


@operation("reorganisation.drafted", needs=REORGANISE)
def draft(
    unit: Unit,
    *,
    facts: Facts,
    changes: Sequence[Said] = (),
    document: Document | None = None,
    source: str = "",
    by: Actor,
) -> Reorganisation:
    """Begin a decision; nothing of the tree changes before it is carried out."""
    made = Reorganisation.objects.create(
        unit=unit, document=document, source=source, made_by_id=by.account_id, **_tidy(facts)
    )
    _append(made, changes)
    return made


def draft_reform(unit: Unit, *, by: Actor) -> Reorganisation:
    """The reform of 1 July 2025 from the shipped map, as a decision that can be looked at first."""
    about = reform.facts()
    facts = Facts(
        number=about["number"],
        decided_on=about["decided_on"],
        on=about["day"],
        title=_("Reform of administrative units of 1 July 2025"),
        signer=about["signer"],
    )
    source = about["source"]
    made: Reorganisation = draft(unit, facts=facts, changes=reform.changes(), source=source, by=by)
    return made


def _tidy(facts: Facts) -> dict[str, object]:
    told = asdict(facts)
    return {name: nfc(value) if isinstance(value, str) else value for name, value in told.items()}


def _append(reorganisation: Reorganisation, changes: Sequence[Said]) -> None:
    last = reorganisation.changes.aggregate(last=Max("position"))["last"] or 0
    Change.objects.bulk_create(
        [
            Change.of(one, reorganisation=reorganisation, position=place)
            for place, one in enumerate(changes, last + 1)
        ],
        batch_size=BATCH,
    )


def _held(reorganisation: Reorganisation, state: str) -> Reorganisation:
    """The row, locked, in the state that the step begins from. Raises Refusal (409) else."""
    held = Reorganisation.objects.select_for_update().get(pk=reorganisation.pk)
    if held.state != state:
        raise Refusal(
            _("The decision is no longer in the state you saw: it is “%(state)s” now.")
            % {"state": held.get_state_display()},
            _("Somebody else was faster, or your step was sent twice."),
            _("Open it again and look at what it has become."),
            status=409,
        )
    return held


@operation("reorganisation.amended", needs=REORGANISE)
def amend(
    reorganisation: Reorganisation,
    *,
    facts: Facts,
    document: Document | None = None,
    by: Actor,
) -> Reorganisation:
    """Change the head of a decision that is not carried out. Without a document the older stays."""
    held = _held(reorganisation, State.DRAFT)
    for name, value in _tidy(facts).items():
        setattr(held, name, value)
    held.document = document or held.document
    held.preview, held.stamp = None, ""
    held.save()
    return held


@operation("reorganisation.extended", needs=REORGANISE)
def extend(reorganisation: Reorganisation, *, changes: Sequence[Said], by: Actor) -> Reorganisation:
    """Add changes to a decision that is not carried out."""
    held = _held(reorganisation, State.DRAFT)
    _append(held, changes)
    _forget_preview(held)
    return held


@operation("reorganisation.shortened", needs=REORGANISE, tells=("position",))
def take_out(reorganisation: Reorganisation, *, position: int, by: Actor) -> Reorganisation:
    """Take a change out of a decision that is not carried out."""
    held = _held(reorganisation, State.DRAFT)
    gone, _by_model = held.changes.filter(position=position).delete()
    if not gone:
        raise Refusal(_("This change has been taken out already."), status=409)
    _forget_preview(held)
    return held


def _forget_preview(held: Reorganisation) -> None:
    Reorganisation.objects.filter(pk=held.pk).update(preview=None, stamp="")
    held.preview, held.stamp = None, ""


@operation("reorganisation.dropped", needs=REORGANISE)
def drop(reorganisation: Reorganisation, *, by: Actor) -> Unit:
    """Throw a draft away."""
    held = _held(reorganisation, State.DRAFT)
    unit = held.unit
    held.delete()
    return unit


def run(reorganisation: Reorganisation, *, by: Actor) -> Done:
    """Carry a decision's changes out within the caller's transaction, its journal kept.

    Raises Unfit with every problem, Refusal (403) where a unit lies outside reach.
    """
    carrying.lock()
    changes = [row.said for row in reorganisation.changes.order_by("position")]
    if not changes:
        raise Refusal(
            _("The decision changes nothing yet."), "", _("Add the changes it consists of.")
        )
    _within_reach(changes, by)
    way = Way(reorganisation.on, reorganisation.number, reorganisation.pass_posts)
    with journal.kept(reorganisation):
        done = carrying.carry_out(changes, way)
    if reorganisation.pass_posts:
        _may_pass_posts(reorganisation, by)
    return done


def _within_reach(changes: Sequence[Said], by: Actor) -> None:
    named = {ref for change in changes for ref in change.refs() if isinstance(ref, int)}
    units = list(Unit.objects.filter(pk__in=named))
    if units and not by.may(REORGANISE, at=units):
        reached = set(by.reach(REORGANISE).filter(unit__in=named).values_list("unit_id", flat=True))
        outside = [unit.name_on(None) for unit in units if unit.pk not in reached]
        raise Refusal(
            _("%(n)d units of this decision lie outside your reach: %(names)s")
            % {"n": len(outside), "names": ", ".join(outside[:5])},
            _("A decision is carried out whole or not at all."),
            _("Carry it out from a post above all these units."),
            status=403,
        )


def _may_pass_posts(reorganisation: Reorganisation, by: Actor) -> None:
    """Who lets posts pass on gives them: he must hold what they hold."""
    made = Effect.objects.filter(
        reorganisation=reorganisation, of_table="people_post", before__isnull=True
    )
    posts = Post.objects.filter(pk__in=made.values("of_row")).select_related("role")
    roles = {post.role for post in posts}
    may_give = getattr(by, "may_give", lambda _role: False)
    if any(not may_give(role) for role in roles):
        raise Refusal(
            _("You may not let these posts pass on."),
            _("Some of them have rights that your own post does not."),
            _("Let the posts end and have them given anew, or ask an officer above you."),
            status=403,
        )


@operation("reorganisation.applied", needs=REORGANISE, tells=("on",))
def apply(reorganisation: Reorganisation, *, on: date, by: Officer) -> Reorganisation:
    """Carry a decision out, whole or not at all. `on` is its day as it was looked at."""
    carrying.lock()
    held = _held(reorganisation, State.DRAFT)
    if held.on != on:
        raise Refusal(
            _("The day of the decision was changed after you opened it."),
            "",
            _("Open it again and look at its effects."),
            status=409,
        )
    run(held, by=by)
    Reorganisation.objects.filter(pk=held.pk).update(state=State.APPLIED, applied_at=Now())
    held.state = State.APPLIED
    return held


@operation("reorganisation.undone", needs=REORGANISE)
def undo(reorganisation: Reorganisation, *, by: Actor) -> Reorganisation:
    """Put every row back as it was before the decision; it is a draft again.

    Raises Refusal (409) where records stand on units it founded, or where something decided later
    rests on it: nothing is lost silently.
    """
    carrying.lock()
    held = _held(reorganisation, State.APPLIED)
    _nothing_leans(held)
    with transaction.atomic():
        touched = journal.play_back(held)
        journal.rebuild(touched)
        problems = carrying.orphans(touched.by_tree, Way(held.on))
        if problems:
            raise Unfit(problems)
        held.effects.all().delete()
    Reorganisation.objects.filter(pk=held.pk).update(
        state=State.DRAFT, applied_at=None, preview=None, stamp=""
    )
    held.state = State.DRAFT
    return held


def _nothing_leans(held: Reorganisation) -> None:
    leaning = journal.leaning_on(held)
    if leaning:
        told = ", ".join(f"{n} × {what}" for what, n in leaning.items())
        raise Refusal(
            _("The decision can no longer be undone."),
            _("Since then this was entered at what it made: %(what)s.") % {"what": told},
            _("Take these back first, or correct the tree by a new decision."),
            status=409,
        )
    touched = journal.touched_since(held)
    if touched:
        raise Refusal(
            _("The decision can no longer be undone."),
            _("%(n)d rows it wrote were changed by something decided since: %(tables)s.")
            % {"n": sum(map(len, touched.values())), "tables": ", ".join(touched)},
            _("Undo the later decision first."),
            status=409,
        )


@operation("reorganisation.closed", needs=REORGANISE)
def close(reorganisation: Reorganisation, *, by: Actor) -> Reorganisation:
    """Close a decision that was carried out: from now on it cannot be undone."""
    held = _held(reorganisation, State.APPLIED)
    Reorganisation.objects.filter(pk=held.pk, state=State.APPLIED).update(state=State.CLOSED)
    held.state = State.CLOSED
    return held
