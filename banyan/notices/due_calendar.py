"""The calendar of due dates as iCalendar (RFC 5545): one all-day event for each round, with alarms."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from banyan.ledger.models import Event as Told
from banyan.notices.due import remind_days
from banyan.notices.due_wording import answered_at, title
from banyan.orgs.models import Ancestry
from banyan.people.actor import posts_of
from banyan.people.models import Account, Post, name_of_unit
from banyan.submissions.models import Expectation, Round

# Due longer ago than that: history, which no calendar needs.
BEHIND = timedelta(days=400)
GONE_BEHIND = timedelta(days=60)
MOST = 300
MORNING = timedelta(hours=8)  # when an alarm rings, on its day
REFRESH = timedelta(hours=6)
OPENED, ROUND = "round.opened", "submissions.round"


def calendar_of(account: Account, today: date) -> bytes:
    """The whole feed: due dates of rounds that the account's posts of today answer, receive or opened.

    The same rounds give the same bytes, so that a repeated question is answered with “unchanged”.
    """
    posts = [one for one in posts_of(account, today) if "submission.view" in one.role.capabilities]
    units = {post.unit_id for post in posts}
    mark = _mark()
    made = Calendar.new(
        uid=f"due-dates-{account.pk}.{mark}@banyan",
        prodid="-//Banyan//Due dates//EN",
        name=_("Due dates in Banyan"),
        language=account.language,
        refresh_interval=REFRESH,
    )
    made.add("X-PUBLISHED-TTL", "PT6H")
    for one in _rounds(units, today):
        made.add_component(_event(one, mark))
    for told in _gone(posts, today):
        made.add_component(_cancelled(told, mark))
    return bytes(made.to_ical())


def _rounds(units: Iterable[int], today: date) -> list[Any]:
    asked = Expectation.objects.filter(round=OuterRef("pk"))
    about = Told.objects.filter(thing_kind=ROUND, thing_id=OuterRef("pk")).order_by()
    told = about.values("thing_id")
    receives = Q(unit__in=units) | Exists(asked.filter(receiver__in=units))
    rounds = Round.objects.filter(due__gte=today - BEHIND).annotate(receives=receives)
    return list(
        rounds.filter(Q(receives=True) | Exists(asked.filter(unit__in=units)))
        .select_related("edition__programme")
        .annotate(
            unit_name=name_of_unit("unit", today),
            changes=Coalesce(Subquery(told.annotate(n=Count("pk")).values("n")), 1),
            changed=Coalesce(Subquery(told.annotate(newest=Max("at")).values("newest")), "made_at"),
        )
        .order_by("due", "pk")[:MOST]
    )


def _event(one: Any, mark: str) -> Event:
    link = reverse("round", args=[one.pk])
    if not one.receives:
        link = answered_at(one)
    made = Event.new(
        uid=f"round-{one.pk}.{mark}@banyan",
        summary=_("Due: %(round)s") % {"round": title(one)},
        description=_("Asked for by %(unit)s.") % {"unit": one.unit_name or ""},
        start=one.due,
        end=one.due + timedelta(days=1),
        stamp=one.changed,
        last_modified=one.changed,
        sequence=max(one.changes - 1, 0),
        url=settings.BANYAN_URL + link,
    )
    made.add("TRANSP", "TRANSPARENT")
    if one.closed_on is not None:
        made.add("STATUS", "CANCELLED")  # nobody is asked any more
        return made
    for days in sorted(remind_days(one), reverse=True):
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", _("Due: %(round)s") % {"round": title(one)})
        alarm.add("TRIGGER", MORNING - timedelta(days=days))
        made.add_component(alarm)
    return made


def _gone(posts: Iterable[Post], today: date) -> list[Told]:
    """Openings of rounds at or above one's units that are no longer there and would be due."""
    above = Ancestry.objects.filter(
        unit__in=[post.unit_id for post in posts], valid__contains=today, depth__isnull=False
    )
    opened = Told.objects.filter(
        verb=OPENED, thing_kind=ROUND, unit__in=above.values("ancestor")
    ).filter(~Exists(Round.objects.filter(pk=OuterRef("thing_id"))))
    newest = opened.order_by("-pk")[:MOST]
    since = today - GONE_BEHIND
    return [one for one in newest if _due_told(one) and _due_told(one) >= since]  # type: ignore[operator]


def _due_told(told: Told) -> date | None:
    try:
        return date.fromisoformat(str(told.tells.get("due")))
    except ValueError:
        return None


def _cancelled(told: Told, mark: str) -> Event:
    due = _due_told(told)
    assert due is not None
    made = Event.new(
        uid=f"round-{told.thing_id}.{mark}@banyan",
        summary=_("Cancelled: round of %(period)s") % {"period": told.tells.get("period", "")},
        start=due,
        end=due + timedelta(days=1),
        stamp=told.at,
        last_modified=told.at,
        sequence=99,
    )
    made.add("STATUS", "CANCELLED")
    return made


def _mark() -> str:
    """What tells this installation's rounds from another's: it outlives restores and new addresses."""
    first = Told.objects.order_by("pk").values_list("hash", flat=True).first()
    return (first or "")[:12]
