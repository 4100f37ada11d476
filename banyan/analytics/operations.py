"""Alerts of one's own: made where one may see the figures; put aside and dropped whatever one may."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from banyan.analytics.models import Alert
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import operation, record
from banyan.orgs.models import Unit

MOST = 50  # of one account: each is reckoned again and again


@dataclass(frozen=True)
class Wish:
    """What is to be watched: a programme and, but for silence, one of its indicators."""

    kind: str
    programme: str
    indicator: str = ""
    span: str = Alert.Span.HALF
    sign: str = ""
    against: str = ""
    amount: Decimal | None = None


@operation("alert.made", needs="figure.view")
def make_alert(unit: Unit, *, wish: Wish, by: Any) -> Alert:
    """Watch a figure of a unit within reach, in the present post."""
    if Alert.objects.visible_to(by).count() >= MOST:
        raise Refusal(
            _("You have %(n)s alerts already; there can be no more.") % {"n": MOST},
            "",
            _("Delete one that you no longer need."),
            status=409,
        )
    alert: Alert = Alert.objects.create(
        account_id=by.account_id, post_id=by.post_id, unit=unit, **vars(wish)
    )
    return alert


@transaction.atomic
def pause_alert(alert: Alert, *, by: Any) -> None:
    """Look at it no more until it is resumed."""
    if Alert.objects.filter(pk=alert.pk, paused_at=None).update(paused_at=Now(), true_since=None):
        record("alert.paused", alert, by=by)


@transaction.atomic
def resume_alert(alert: Alert, *, by: Any) -> None:
    """Look at it again, as if it had never been told."""
    if Alert.objects.filter(pk=alert.pk, paused_at__isnull=False).update(
        paused_at=None, checked_on=None
    ):
        record("alert.resumed", alert, by=by)


@transaction.atomic
def drop_alert(alert: Alert, *, by: Any) -> None:
    """Delete it."""
    record("alert.dropped", alert, by=by)
    alert.delete()
