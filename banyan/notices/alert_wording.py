"""What a notice of an alert says: with its numbers only while a post of the reader reaches the unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.kernel.period import Period
from banyan.ledger.models import Event
from banyan.notices.models import Notice
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.web.templatetags.banyan import vn

RAISED, STOPPED, NEEDS = "alert.raised", "alert.stopped", "figure.view"


@dataclass
class Alerts:
    """What the alerts of one page speak of: the packs by programme, the units within reach."""

    packs: Mapping[str, Any] = field(default_factory=dict)
    units: frozenset[int] = frozenset()


def know(events: Mapping[int, Any], actor: Actor) -> Alerts:
    """Read it in two queries; in none where no alert is among the events."""
    told = [one for one in events.values() if one.verb in (RAISED, STOPPED)]
    if not told:
        return Alerts()
    packs: dict[str, Any] = {}
    keys = {one.tells.get("programme") for one in told}
    editions = Edition.objects.select_related("programme").filter(programme__key__in=keys)
    for edition in editions.newest_first():
        packs.setdefault(edition.programme.key, edition.pack)
    within = Q(pk__in=[])
    for post in actor.posts:
        within |= Q(pk__in=Actor(actor.account, post, actor.today).reach(NEEDS))
    units = Unit.objects.filter(within, pk__in={one.unit for one in told})
    return Alerts(packs, frozenset(units.values_list("pk", flat=True)))


def raised(event: Any, known: Alerts) -> str:
    """That it came true, with its numbers; empty for who sees the unit's figures no more."""
    tells = event.tells if event else {}
    pack = known.packs.get(str(tells.get("programme")))
    if pack is None or event.unit not in known.units:
        return ""
    words = {
        "unit": event.unit_name or "",
        "period": period_text(Period.parse(tells["period"])),
        "n": _number(tells.get("value")),
        "base": _number(tells.get("base")),
        "limit": _number(tells.get("amount")),
    }
    if tells["kind"] == "silence":
        return _silence(tells, words)
    if tells["indicator"] not in pack.indicators:
        return ""
    language = (get_language() or "vi")[:2]
    words["figure"] = pack.text(f"indicators.{tells['indicator']}.label", language)
    if tells["kind"] == "fall":
        words["against"] = period_text(Period.parse(tells["against_period"]))
        said = _("%(figure)s, %(unit)s, %(period)s: %(n)s, against %(base)s in %(against)s.")
    elif tells["sign"] == "above":
        said = _("%(figure)s, %(unit)s, %(period)s: %(n)s, more than %(limit)s.")
    else:
        said = _("%(figure)s, %(unit)s, %(period)s: %(n)s, less than %(limit)s.")
    return said % words


def _silence(tells: Mapping[str, Any], words: dict[str, str]) -> str:
    if tells.get("amount") is None:
        return _("%(unit)s, %(period)s: %(n)s of %(base)s units have sent nothing yet.") % words
    days = int(Decimal(tells["amount"]))
    said = ngettext(
        "%(unit)s, %(period)s: %(n)s of %(base)s units have sent nothing for %(days)s day.",
        "%(unit)s, %(period)s: %(n)s of %(base)s units have sent nothing for %(days)s days.",
        days,
    )
    return said % (words | {"days": str(days)})


def stopped(event: Any) -> str:
    """That it is looked at no more, and why."""
    why = {
        "rights": _("your right to see these figures ended"),
        "unit": _("the unit ended"),
        "programme": _("the programme no longer has this figure"),
    }
    reason = why.get(str((event.tells if event else {}).get("why")), "")
    return _("An alert of yours is looked at no more: %(why)s.") % {"why": reason}


def leads_to(notice: Notice, actor: Actor) -> str:
    """The figures, where this post reaches the unit; one's alerts where one of them was stopped."""
    event = Event.objects.filter(pk=notice.event or 0).first()
    if notice.kind == STOPPED or event is None:
        return reverse("alerts")
    unit = Unit.objects.filter(pk=event.unit or 0).first()
    if not actor.may(NEEDS, at=unit):
        return ""
    page = "situation" if event.tells["kind"] == "silence" else "figures"
    asked = {name: event.tells[name] for name in ("programme", "period", "place")}
    return f"{reverse(page)}?{urlencode(asked | {'reading': 'now'})}"


def post_for(notice: Notice, posts: Sequence[Any], actor: Actor) -> Any:
    """The first of these posts that reaches the figures of an alert."""
    return next(
        (one for one in posts if leads_to(notice, Actor(actor.account, one, actor.today))), None
    )


def _number(said: Any) -> str:
    if said is None:
        return "–"
    number = Decimal(str(said))
    return str(vn(int(number) if number == int(number) else round(number, 2)))
