"""What a notice says: made when it is shown, in the reader's language, from what he may see today."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banyan.initiatives.models import Initiative
from banyan.ledger.models import Event
from banyan.notices import alert_wording, due_wording
from banyan.notices.answers import answers_within
from banyan.notices.due import Missing, missing_of
from banyan.notices.models import Notice
from banyan.packs.texts import field_key
from banyan.people.actor import Actor
from banyan.people.models import Person, Post, name_of_unit
from banyan.submissions.models import Review, Round
from banyan.web.templatetags.banyan import day as day_text

INITIATIVE, SUBMISSION, POST = "initiatives.initiative", "submissions.submission", "people.post"
ROUND = "submissions.round"
# A reason and its event are written in one transaction: their times differ by less.
TOGETHER = timedelta(seconds=2)


@dataclass
class Known:
    """What the notices of one page speak of, in a query a sort: `lines` reads nothing else."""

    today: date
    events: dict[int, Any] = field(default_factory=dict)
    # Models and answers of units, by the kind and id by which notices name them.
    initiatives: dict[tuple[str, int], Any] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    reasons: list[Review] = field(default_factory=list)
    rounds: dict[int, Any] = field(default_factory=dict)
    missing: dict[int, Missing] = field(default_factory=dict)
    alerts: alert_wording.Alerts = field(default_factory=alert_wording.Alerts)


def lines(notices: Sequence[Notice], actor: Actor) -> list[dict[str, Any]]:
    """The notices as `web/_notices.html` shows them."""
    known = _known(notices, actor)
    return [_line(notice, known) for notice in notices]


def within_reach(posts: Sequence[Post], actor: Actor, notices: Sequence[Notice]) -> Any:
    """The models these notices speak of that any of the posts may see today."""
    ids: dict[str, list[int]] = {INITIATIVE: [], SUBMISSION: []}
    for notice in notices:
        if notice.thing_kind in ids and notice.thing_id is not None:
            ids[notice.thing_kind].append(notice.thing_id)
    meant = Q(pk__in=ids[INITIATIVE]) | Q(submission__in=ids[SUBMISSION])
    seen = Initiative.objects.none()
    for post in posts:
        seen |= Initiative.objects.filter(meant).visible_to(Actor(actor.account, post, actor.today))
    return seen


def destination(notice: Notice, actor: Actor) -> str:
    """Where a notice leads in the present post; nothing when that post does not reach it."""
    if notice.kind in ("post.given", "entry_code.issued"):
        return reverse("my_account")
    if notice.kind == "initiative.imported":
        return reverse("initiatives") if actor.holds("submission.view") else ""
    if notice.kind in (alert_wording.RAISED, alert_wording.STOPPED):
        return alert_wording.leads_to(notice, actor)
    if notice.kind == "round.due":
        return _to_the_round(notice.thing_id or 0, actor)
    held = [actor.post] if actor.post else []
    found: Any = within_reach(held, actor, [notice]).first()
    found = found or next(iter(answers_within(held, actor, [notice]).values()), None)
    return str(found.get_absolute_url()) if found else ""


def _to_the_round(pk: int, actor: Actor) -> str:
    """The round's page for who asked for it or stands above; for others the form it asks for."""
    if Round.objects.filter(pk=pk).visible_to(actor).exists():
        return reverse("round", args=[pk])
    asked = Round.objects.select_related("edition__programme").filter(pk=pk).first()
    if asked is None or not actor.holds("submission.edit"):
        return ""
    return due_wording.answered_at(asked)


def post_that_opens(notice: Notice, actor: Actor) -> Post | None:
    """Another of the reader's posts that does reach what the notice speaks of."""
    others = [post for post in actor.posts if post != actor.post]
    if notice.kind == alert_wording.RAISED:
        return cast(Post | None, alert_wording.post_for(notice, others, actor))
    return next(
        (
            one
            for one in others
            if within_reach([one], actor, [notice]).exists()
            or answers_within([one], actor, [notice])
        ),
        None,
    )


def _known(notices: Sequence[Notice], actor: Actor) -> Known:
    whose = Person.objects.filter(account=OuterRef("account")).values("name")[:1]
    told = [notice.event for notice in notices if notice.event is not None]
    events = Event.objects.filter(pk__in=told).annotate(
        who=Subquery(whose), unit_name=name_of_unit("unit", actor.today)
    )
    known = Known(actor.today, {event.pk: event for event in events})
    seen = within_reach(actor.posts, actor, notices)
    full = seen.select_related("submission__round__edition__programme").annotate(
        unit_name=name_of_unit("unit", actor.today)
    )
    for one in full:
        known.initiatives[INITIATIVE, one.pk] = one
        known.initiatives[SUBMISSION, one.submission_id] = one
    rest = [n for n in notices if (n.thing_kind, n.thing_id or 0) not in known.initiatives]
    for answer in answers_within(actor.posts, actor, rest).values():
        known.initiatives[SUBMISSION, answer.submission_id] = answer
    if held := _things(notices, POST):
        # One's own posts: a notice of a post goes to its holder alone.
        own = Post.objects.filter(pk__in=held, person__account=actor.account_id)
        named = own.select_related("role").annotate(unit_name=name_of_unit("unit", actor.today))
        known.posts = {post.pk: post for post in named}
    if any(notice.kind == "submission.returned" for notice in notices):
        # Of records within reach alone: who no longer sees the record reads no word about it.
        records = [one.submission_id for (kind, _pk), one in known.initiatives.items()]
        known.reasons = list(Review.objects.filter(submission__in=records).exclude(remark=""))
    _know_rounds(known, notices, actor)
    known.alerts = alert_wording.know(known.events, actor)
    return known


def _know_rounds(known: Known, notices: Sequence[Notice], actor: Actor) -> None:
    asked = _things(notices, ROUND)
    if not asked:
        return
    rounds = Round.objects.filter(pk__in=asked).select_related("edition__programme")
    named = rounds.annotate(unit_name=name_of_unit("unit", actor.today))
    known.rounds = {one.pk: one for one in named}
    known.missing = missing_of(known.rounds.values(), actor)


def _things(notices: Sequence[Notice], kind: str) -> list[int]:
    return [n.thing_id for n in notices if n.thing_kind == kind and n.thing_id is not None]


def _line(notice: Notice, known: Known) -> dict[str, Any]:
    event = known.events.get(notice.event or 0)
    about = known.initiatives.get((notice.thing_kind, notice.thing_id or 0))
    text, sub, chip = SAY[notice.kind](notice, event, about, known)
    return {
        "pk": notice.pk,
        "text": text,
        "quote": _reason(event, about, known) if notice.kind == "submission.returned" else "",
        "sub": sub,
        "chip": chip,
        "at": event.at if event else notice.made_at,
        "url": notice.get_absolute_url(),
        "new": notice.read_at is None,
    }


Said = tuple[str, str, dict[str, str] | None]


def _who(event: Any) -> str:
    return (event.who if event else None) or _("The installation")


def _place(about: Any) -> str:
    return " · ".join(filter(None, [about.code, about.unit_name]))


def _step(event: Any, about: Any) -> Any:
    life = about.submission.workflow
    moves = {move.name: move for move in life.moves}
    # Without a name it is the first step of a life: registering, or sending an answer in.
    first = life.moves_from(life.start)[0].name
    return moves.get((event.tells if event else {}).get("move", first))


def _moved(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    if about is None:
        return _beyond()
    step = _step(event, about)
    label = about.submission.pack.text(f"moves.{step.name}", _language()) if step else ""
    said = _("%(who)s took the step “%(step)s” on “%(title)s”.")
    text = said % {"who": _who(event), "step": label, "title": about.title}
    return text, _place(about), None


def _reason(event: Any, about: Any, known: Known) -> str:
    """The words with which a record was sent back."""
    if event is None or about is None:
        return ""
    near = (
        review.remark
        for review in known.reasons
        if review.submission_id == about.submission_id and abs(review.at - event.at) < TOGETHER
    )
    return next(near, "")


def _returned(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    if about is None:
        return _beyond()
    said = _("%(who)s sent “%(title)s” back to you.")
    text = said % {"who": _who(event), "title": about.title}
    # Mended and sent in again, or moved on by somebody: then nothing is asked any more.
    step = _step(event, about)
    asked = step is None or about.submission.state == step.target
    chip = {"text": _("to be mended"), "tone": "amber"} if asked else None
    return text, _place(about), chip


def _remarked(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    if about is None:
        return _beyond()
    field = (event.tells if event else {}).get("field") or ""
    pack, key = about.submission.pack, field_key(about.submission.round.form, field)
    item = pack.text(f"{key}.label", _language()) if field and pack.field_of(field) else ""
    said = _("%(who)s wrote a remark on “%(title)s”.")
    if item:
        said = _("%(who)s wrote a remark on “%(title)s”, item “%(item)s”.")
    words = {"who": _who(event), "title": about.title, "item": item}
    return said % words, _place(about), None


def _replicated(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    unit = (event.unit_name if event else "") or ""
    # Built elsewhere: the copy lies beyond one's reach, so its unit alone is named.
    text = _("%(unit)s registered a model built after one of yours.") % {"unit": unit}
    return text, f"“{about.title}”" if about else "", None


def _due(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    found = known.rounds.get(notice.thing_id or 0)
    missing = known.missing.get(notice.thing_id or 0, Missing())
    return due_wording.said(found, missing, known.today)


def _alerted(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    text = alert_wording.raised(event, known.alerts)
    return text or _("An alert came true whose figures your posts no longer reach."), "", None


def _alert_stopped(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    return alert_wording.stopped(event), (event.unit_name if event else "") or "", None


def _waiting(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    if about is None:
        return _beyond()
    step, submission = _step(event, about), about.submission
    state = step.target if step else submission.state
    label = submission.pack.text(f"states.{state}", _language())
    text = _("“%(title)s” is now in the state “%(state)s”.") % {
        "title": about.title,
        "state": label,
    }
    # Somebody else may have taken the step since; then nothing waits any more.
    waits = submission.state == state
    chip = {"text": _("waits for the next step"), "tone": "amber"} if waits else None
    return text, " · ".join([_place(about), _who(event)]), chip


def _recognised(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    if about is None:
        return _beyond()
    text = _("“%(title)s” has been recognised by a decision.") % {"title": about.title}
    return text, " · ".join([_place(about), _who(event)]), None


def _imported(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    count = event.things if event else 0
    said = ngettext(
        "%(who)s imported a workbook with %(n)s record.",
        "%(who)s imported a workbook with %(n)s records.",
        count,
    )
    return said % {"who": _who(event), "n": count}, (event.unit_name if event else "") or "", None


def _post(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    post = known.posts.get(notice.thing_id or 0)
    if post is None:
        return _("You were given a post."), "", None
    named: Any = post
    text = _("You were given the post “%(post)s” at %(unit)s.") % {
        "post": post.label,
        "unit": named.unit_name,
    }
    return text, _("From %(day)s on.") % {"day": day_text(post.valid.lower)}, None


def _code(notice: Notice, event: Any, about: Any, known: Known) -> Said:
    text = _("%(who)s issued a one-time code for your account.") % {"who": _who(event)}
    sub = _("If you did not ask for it, tell the officer above you at once.")
    return text, sub, None


def _beyond() -> Said:
    text = _("Something happened to a record that your posts no longer reach.")
    return text, "", None


def _language() -> str:
    return (get_language() or "vi")[:2]


SAY = {
    "submission.moved": _moved,
    "submission.returned": _returned,
    "submission.waiting": _waiting,
    "submission.remarked": _remarked,
    "initiative.replicated": _replicated,
    "round.due": _due,
    "initiative.recognised": _recognised,
    "initiative.imported": _imported,
    "alert.raised": _alerted,
    "alert.stopped": _alert_stopped,
    "post.given": _post,
    "entry_code.issued": _code,
}
