"""What can be done with decisions: draft, extend, carry out, undo, close, drop."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.documents import operations as documents
from banyan.documents.models import Document, Level
from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs import carrying, reform
from banyan.orgs.changes import Change as Said
from banyan.orgs.changes import Dissolve, Done, Found, Move, Split, Unfit
from banyan.orgs.following import Way
from banyan.orgs.models import Placement, Unit
from banyan.orgs.operations import REORGANISE
from banyan.people.actor import Officer
from banyan.people.models import Post
from banyan.reorganisations import journal, later, trees
from banyan.reorganisations.effects import effects_of
from banyan.reorganisations.models import Change, Effect, Reorganisation, State

BATCH = 5_000
APPOINT = "post.appoint"


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
    file: documents.Incoming | None = None,
    source: str = "",
    by: Actor,
) -> Reorganisation:
    """Begin a decision; nothing of the tree changes before it is carried out."""
    made = Reorganisation.objects.create(
        unit=unit,
        document=_put(unit, facts, file, by),
        source=source,
        made_by_id=by.account_id,
        **_tidy(facts),
    )
    _append(made, changes)
    return made


def _put(unit: Unit, facts: Facts, file: documents.Incoming | None, by: Actor) -> Document | None:
    """The decision's own paper, kept at the unit."""
    if file is None:
        return None
    title = " – ".join(filter(None, (facts.number, facts.title)))
    return documents.put(unit, file=file, title=title, level=Level.INTERNAL, synthetic=False, by=by)


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


def held(reorganisation: Reorganisation, state: str) -> Reorganisation:
    """The row, locked, in the state that the step begins from. Raises Refusal (409) else."""
    rows = Reorganisation.objects.select_for_update().filter(pk=reorganisation.pk)
    row: Reorganisation | None = rows.first()
    if row is None:
        raise Refusal(
            _("This draft has been thrown away."),
            _("Somebody else was faster, or your step was sent twice."),
            status=409,
        )
    if row.state != state:
        raise Refusal(
            _("The decision is no longer in the state you saw: it is “%(state)s” now.")
            % {"state": row.get_state_display()},
            _("Somebody else was faster, or your step was sent twice."),
            _("Open it again and look at what it has become."),
            status=409,
        )
    return row


@operation("reorganisation.amended", needs=REORGANISE)
def amend(
    reorganisation: Reorganisation,
    *,
    facts: Facts,
    file: documents.Incoming | None = None,
    by: Actor,
) -> Reorganisation:
    """Change the head of a decision that is not carried out. Without a file the older stays."""
    row = held(reorganisation, State.DRAFT)
    for name, value in _tidy(facts).items():
        setattr(row, name, value)
    row.document = _put(row.unit, facts, file, by) or row.document
    row.preview, row.stamp = None, ""
    row.save()
    return row


@operation("reorganisation.extended", needs=REORGANISE)
def extend(reorganisation: Reorganisation, *, changes: Sequence[Said], by: Actor) -> Reorganisation:
    """Add changes to a decision that is not carried out."""
    row = held(reorganisation, State.DRAFT)
    _append(row, changes)
    _forget_preview(row)
    return row


@operation("reorganisation.shortened", needs=REORGANISE, tells=("position",))
def take_out(reorganisation: Reorganisation, *, position: int, by: Actor) -> Reorganisation:
    """Take a change out of a decision that is not carried out."""
    row = held(reorganisation, State.DRAFT)
    change = row.changes.filter(position=position).first()
    if change is None:
        raise Refusal(_("This change has been taken out already."), status=409)
    _nobody_names(change)
    change.delete()
    _forget_preview(row)
    return row


def _nobody_names(founded: Change) -> None:
    """A unit that is founded for others of the same decision cannot be taken out before them."""
    if founded.verb != "found":
        return
    key = str(founded.told["key"])
    naming = Q(told__into=key) | Q(told__into__contains=[key]) | Q(told__parent=key)
    others = Change.objects.filter(naming | Q(told__heir=key))
    others = others.filter(reorganisation=founded.reorganisation_id).order_by("position")
    places = [str(place) for place in others.values_list("position", flat=True)[:5]]
    if places:
        raise Refusal(
            _("“%(unit)s” is named by other changes of this decision: %(places)s.")
            % {"unit": founded.told["new"]["name"], "places": ", ".join(places)},
            "",
            _("Take these out first."),
        )


def _forget_preview(row: Reorganisation) -> None:
    Reorganisation.objects.filter(pk=row.pk).update(preview=None, stamp="")
    row.preview, row.stamp = None, ""


@operation("reorganisation.dropped", needs=REORGANISE)
def drop(reorganisation: Reorganisation, *, by: Actor) -> Unit:
    """Throw a draft away."""
    row = held(reorganisation, State.DRAFT)
    unit = row.unit
    row.delete()
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
    within_reach(changes, by)
    way = Way(reorganisation.on, reorganisation.number, reorganisation.pass_posts)
    with journal.kept(reorganisation):
        done = carrying.carry_out(changes, way)
    if reorganisation.pass_posts:
        _may_pass_posts(reorganisation, by)
    return done


def within_reach(changes: Sequence[Said], by: Actor) -> None:
    """Raises Refusal (403) where changes name units that the actor may not reorganise."""
    top = any(isinstance(change, Found) and change.parent is None for change in changes)
    if top and not by.may(REORGANISE, at=None):
        raise Refusal(
            _("A unit at the top of a tree cannot be founded by a decision."),
            _("Nobody's post stands above it."),
            _("Name the unit that it stands under."),
            status=403,
        )
    named = {ref for change in changes for ref in change.refs() if isinstance(ref, int)}
    units = list(Unit.objects.filter(pk__among=named))
    if units and not by.may(REORGANISE, at=units):
        reached = set(
            by.reach(REORGANISE).filter(unit__among=named).values_list("unit_id", flat=True)
        )
        outside = [unit.name_on(None) for unit in units if unit.pk not in reached]
        raise Refusal(
            _("%(n)d units of this decision lie outside your reach: %(names)s")
            % {"n": len(outside), "names": ", ".join(outside[:5])},
            _("A decision is carried out whole or not at all."),
            _("Carry it out from a post above all these units."),
            status=403,
        )
    _within_tree(changes, units, by)


def _within_tree(changes: Sequence[Said], units: Sequence[Unit], by: Actor) -> None:
    """Rights do not cross trees: not by a new place, and not by ending what stands in another."""
    ending = {
        unit
        for change in changes
        for unit in getattr(change, "units", ())
        or ((change.unit,) if isinstance(change, Split | Dissolve) else ())
        if not getattr(change, "stays", False)
    }
    trees = {change.new.tree for change in changes if isinstance(change, Found)}
    trees |= {change.tree for change in changes if isinstance(change, Move)}
    ended = [unit.pk for unit in units if unit.pk in ending]
    placed = Placement.objects.filter(unit__among=ended).values_list("tree", flat=True)
    trees |= set(placed.distinct())
    if not all(_stands_in(by, tree) for tree in trees):
        raise Refusal(
            _("Some of these changes concern another tree than that of your post."),
            _("A decision is carried out whole or not at all."),
            _("Switch to your post in that tree, or let an officer there decide on them."),
            status=403,
        )


def _stands_in(by: Actor, tree: str) -> bool:
    return bool(getattr(by, "stands_in", lambda _tree: False)(tree))


def _may_pass_posts(reorganisation: Reorganisation, by: Actor) -> None:
    """Who lets posts pass on gives them: he must be one who may, and hold what they hold."""
    made = Effect.objects.filter(
        reorganisation=reorganisation, of_table="people_post", before__isnull=True
    )
    posts = list(Post.objects.filter(pk__in=made.values("of_row")).select_related("role", "unit"))
    may_give = getattr(by, "may_give", lambda _role: False)
    may_appoint = not posts or by.may(APPOINT, at=list({post.unit for post in posts}))
    if not may_appoint or not all(
        may_give(post.role) and _stands_in(by, post.tree) for post in posts
    ):
        raise Refusal(
            _("You may not let these posts pass on."),
            _("Some of them have rights that your own post does not."),
            _("Let the posts end and have them given anew, or ask an officer above you."),
            status=403,
        )


@operation("reorganisation.applied", needs=REORGANISE, tells=("on",))
def apply(
    reorganisation: Reorganisation, *, on: date, seen: str = "", by: Officer
) -> Reorganisation:
    """Carry a decision out, whole or not at all. `on` is its day as it was looked at.

    `seen` names the preview that was looked at (its `at`): the decision and the trees must still be
    what they were then. `.preview` tells afterwards what was done.
    """
    carrying.lock()
    row = held(reorganisation, State.DRAFT)
    if row.on != on:
        raise _changed_since(_("The day of the decision was changed after you opened it."))
    if seen and (row.preview or {}).get("at") != seen:
        raise _changed_since(_("The decision was changed after you looked at its effects."))
    if seen and row.stamp != trees.stamp():
        raise _changed_since(_("The trees of units have changed since its effects were looked at."))
    done = run(row, by=by)
    row.preview = {"problems": [], "in_all": 0, **effects_of(row, done)}
    row.state, row.applied_at, row.stamp = State.APPLIED, timezone.now(), ""
    row.save(update_fields=["state", "applied_at", "preview", "stamp"])
    return row


def _changed_since(what: str) -> Refusal:
    return Refusal(
        what,
        _("It is carried out only as it was looked at."),
        _("Look at its effects again."),
        status=409,
    )


@operation("reorganisation.undone", needs=REORGANISE)
def undo(reorganisation: Reorganisation, *, by: Actor) -> Reorganisation:
    """Put every row back as it was before the decision; it is a draft again.

    Raises Refusal (409) where records stand on units it founded, or where something decided later
    rests on it: nothing is lost silently.
    """
    carrying.lock()
    row = held(reorganisation, State.APPLIED)
    within_reach([change.said for change in row.changes.all()], by)
    _nothing_leans(row)
    with transaction.atomic():
        touched = journal.play_back(row)
        journal.rebuild(row, touched)
        problems = carrying.orphans(touched.by_tree, Way(row.on))
        if problems:
            raise Unfit(problems)
        row.effects.all().delete()
    Reorganisation.objects.filter(pk=row.pk).update(
        state=State.DRAFT, applied_at=None, preview=None, stamp=""
    )
    row.state = State.DRAFT
    return row


def _nothing_leans(row: Reorganisation) -> None:
    leaning = journal.leaning_on(row)
    if leaning:
        raise Refusal(
            _("The decision cannot be undone yet."),
            _("Since then this was entered at what it made: %(what)s.")
            % {"what": "; ".join(leaning)},
            _take_back(row),
            status=409,
        )
    touched = journal.touched_since(row)
    if touched:
        why = _("Some of what it wrote was changed by something decided since: %(what)s.")
        raise later.refusal(row, why % {"what": ", ".join(touched)})


def _take_back(row: Reorganisation) -> str:
    told = [_("Take these back first, or correct the tree by a new decision.")]
    if journal.placed_at(row):
        told.append(_("Placed records are taken back under “Records to place”."))
    if found := later.since(row):
        told.append(later.mend_of(found))
    return " ".join(told)


@operation("reorganisation.closed", needs=REORGANISE)
def close(reorganisation: Reorganisation, *, by: Actor) -> Reorganisation:
    """Close a decision that was carried out: from now on it cannot be undone."""
    row = held(reorganisation, State.APPLIED)
    row.state = State.CLOSED
    row.save(update_fields=["state"])
    return row
