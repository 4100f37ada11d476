"""Looking whether alerts are true: by the worker, one after the other, each told once."""

import time
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from banyan.analytics.models import Alert
from banyan.figures.place import Place
from banyan.figures.records import records_at, reporting
from banyan.figures.rollup import Value, read
from banyan.figures.sources import source_of
from banyan.kernel.period import Period
from banyan.ledger.models import Event
from banyan.ledger.operation import record
from banyan.orgs.models import Ancestry
from banyan.orgs.places import BY_ID, locate
from banyan.orgs.readings import NOW, Reading
from banyan.packs.models import Edition
from banyan.packs.schema import Pack
from banyan.people.actor import Actor
from banyan.people.middleware import today

NEEDS = "figure.view"
EVERY = 60.0  # seconds between two looks at what changes with records
# What happens to records, rounds and units changes figures; what is read or chosen does not.
CHANGES = ("initiatives.", "submissions.", "imports.", "orgs.", "reorganisations.")
Numbers = dict[str, Decimal | int | None]


@dataclass(frozen=True)
class Found:
    """Whether it is true, in which period, and with which numbers."""

    is_true: bool
    period: Period
    place: str
    numbers: Numbers


class Nobody:
    """The installation itself: it looked, and it tells."""

    account_id = post_id = None


def period_now(span: str, day: date) -> Period:
    """The year, half, quarter or month in which a day lies."""
    part = {
        Alert.Span.YEAR: "",
        Alert.Span.HALF: f"H{(day.month + 5) // 6}",
        Alert.Span.QUARTER: f"Q{(day.month + 2) // 3}",
    }.get(Alert.Span(span), f"-{day.month:02}")
    return Period.parse(f"{day.year}{part}")


def period_against(alert: Alert, period: Period) -> Period:
    """What a fall in this period is measured by."""
    if alert.against == Alert.Against.YEAR:
        return period.a_year_earlier()
    return period_now(alert.span, period.first - timedelta(days=1))


def place_of(alert: Alert, day: date) -> Place:
    """The alert's unit, in the tree of the post it was made in."""
    found = locate(f"{BY_ID}{alert.unit_id}", day, alert.post.tree)
    if found is None:
        return Place(alert.unit, tree=alert.post.tree)
    return Place.located(found, found.spec_on(day, day), alert.post.tree)


def why_stopped(alert: Alert, pack: Pack | None, day: date) -> str:
    """Why it must be looked at no more; empty where it may."""
    stands = Ancestry.objects.filter(
        unit=alert.unit_id, ancestor=alert.unit_id, tree=alert.post.tree, valid__contains=day
    )
    if not stands.exists():
        return Alert.Stopped.UNIT
    if not Actor(alert.account, alert.post, day).may(NEEDS, at=alert.unit):
        return Alert.Stopped.RIGHTS
    if pack is None or (alert.indicator and alert.indicator not in pack.indicators):
        return Alert.Stopped.PROGRAMME
    return ""


def told(value: Value, pack: Pack) -> Decimal | None:
    """The number an indicator is known by: a share in percent, a ratio, else a count or sum."""
    spec = pack.indicator(value.indicator)
    if spec.op == "share":
        return value.percent
    if value.value is None or (spec.op == "ratio" and not value.base):
        return None
    number = Decimal(value.value)
    return number / Decimal(value.base) if spec.op == "ratio" and value.base else number


def look(alert: Alert, pack: Pack, day: date) -> Found:
    """Whether the condition holds on a day; records of units that ended count where they live on."""
    period, place, reading = period_now(alert.span, day), place_of(alert, day), Reading(NOW, day)

    def number(span: Period) -> Decimal | None:
        asked = [alert.indicator]
        return told(read(pack, place, span, asked, axes=False, reading=reading)[asked[0]], pack)

    if alert.kind == Alert.Kind.SILENCE:
        silent, asked = _silent(alert, pack, place, day)
        return Found(silent > 0, period, place.label, {"value": silent, "base": asked})
    value, limit = number(period), Decimal(alert.amount or 0)
    if alert.kind == Alert.Kind.THRESHOLD:
        passed = value is not None and (
            value > limit if alert.sign == Alert.Sign.ABOVE else value < limit
        )
        return Found(passed, period, place.label, {"value": value})
    before = number(period_against(alert, period))
    fell = bool(value is not None and before and (before - value) * 100 > limit * before)
    return Found(fell, period, place.label, {"value": value, "base": before})


def _silent(alert: Alert, pack: Pack, place: Place, day: date) -> tuple[int, int]:
    """How many of the units asked sent nothing for so long, and how many are asked."""
    period, reading, source = period_now(alert.span, day), Reading(NOW, day), source_of(pack)
    asked = place.asked(pack, period, reading)
    units = set(asked.values_list("unit", flat=True))
    since = day - timedelta(days=int(alert.amount)) if alert.amount else period.first
    if since < period.first:  # the period is younger than the silence meant
        return 0, len(units)
    rows = records_at(source, pack, place, period, reading).filter(
        **{f"{source.counts_on}__gte": since}
    )
    spoke = rows.annotate(of=reporting(place, period, reading, asked)).values_list("of", flat=True)
    return len(units - set(spoke.distinct())), len(units)


# The worker ---------------------------------------------------------------------------------------


@transaction.atomic
def check(alert: Alert, day: date) -> None:
    """Look once: tell it when it becomes true, stop it where it may be looked at no more."""
    edition = Edition.objects.newest_first().filter(programme__key=alert.programme).first()
    pack = edition.pack if edition else None
    same = Alert.objects.filter(pk=alert.pk, paused_at=None, stopped="")
    same.update(checked_on=day)
    if stopped := why_stopped(alert, pack, day):
        if same.update(stopped=stopped):
            about = {"owner": alert.account_id, "programme": alert.programme}
            record("alert.stopped", alert, by=Nobody(), why=stopped, **about)
        return
    assert pack is not None
    found = look(alert, pack, day)
    if not found.is_true:
        same.filter(true_since__isnull=False).update(true_since=None)
    elif same.filter(true_since=None).update(true_since=timezone.now()):
        asked = ("programme", "indicator", "kind", "sign", "against")
        tells: dict[str, Any] = {name: str(getattr(alert, name)) for name in asked}
        tells |= found.numbers
        tells |= {"period": found.period.key, "place": found.place, "amount": alert.amount}
        tells["against_period"] = period_against(alert, found.period).key
        record("alert.raised", alert, by=Nobody(), owner=alert.account_id, **tells)


class Watcher:
    """What this process looks at: everything once a day, numbers also when records changed."""

    def __init__(self) -> None:
        self.looked, self.newest = 0.0, -1
        self.waiting: list[int] = []

    def work(self) -> int:
        """Look at one alert that waits; how many that were. Once a minute it is seen what waits."""
        if not self.waiting and time.monotonic() - self.looked >= EVERY:
            self.looked = time.monotonic()
            self._find()
        if not self.waiting:
            return 0
        one = Alert.objects.watched().filter(pk=self.waiting.pop(0)).first()
        if one is not None:
            check(one, today())
        return 1

    def _find(self) -> None:
        day, newest = today(), _newest_change()
        wanted = ~Q(checked_on=day) | Q(checked_on=None)
        if newest != self.newest:  # silence comes of days alone
            wanted |= ~Q(kind=Alert.Kind.SILENCE)
        self.newest = newest
        self.waiting = list(Alert.objects.watched().filter(wanted).values_list("pk", flat=True))


def _newest_change() -> int:
    about = Q()
    for kind in CHANGES:
        about |= Q(thing_kind__startswith=kind)
    return Event.objects.filter(about).order_by("-pk").values_list("pk", flat=True).first() or 0


watcher = Watcher()
