"""Alerts in words, for the list of one's own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.analytics.models import Alert
from banyan.figures.words import language_now
from banyan.people.models import name_of_unit
from banyan.web.templatetags.banyan import vn

TONES = {"true": "amber", "paused": "", "stopped": "red", "": "leaf"}


def rows_of(alerts: Any, packs: Mapping[str, Any], day: date) -> list[dict[str, Any]]:
    """What the list shows, one query."""
    named = alerts.annotate(unit_name=name_of_unit("unit", day))
    return [
        {
            "pk": one.pk,
            "what": condition(one, packs.get(one.programme)),
            "unit": one.unit_name or "",
            "span": one.get_span_display(),
            "chip": _chip(one),
            "paused": one.paused_at is not None,
            "stopped": one.stopped,
        }
        for one in named
    ]


def condition(alert: Alert, pack: Any) -> str:
    """What is waited for, in one sentence without its unit."""
    if alert.kind == Alert.Kind.SILENCE:
        if not alert.amount:
            return _("A unit below has sent nothing since the period began")
        days = int(alert.amount)
        said = ngettext(
            "A unit below has sent nothing for %(n)s day",
            "A unit below has sent nothing for %(n)s days",
            days,
        )
        return said % {"n": days}
    known = pack is not None and alert.indicator in pack.indicators
    figure = pack.text(f"indicators.{alert.indicator}.label", language_now()) if known else "–"
    if alert.kind == Alert.Kind.THRESHOLD:
        sign = alert.get_sign_display()
        return _("%(figure)s: %(sign)s %(n)s") % {
            "figure": figure,
            "sign": sign,
            "n": vn(alert.amount),
        }
    return _("%(figure)s: fell by more than %(n)s %% on %(against)s") % {
        "figure": figure,
        "n": vn(alert.amount),
        "against": alert.get_against_display(),
    }


def _chip(alert: Alert) -> dict[str, str]:
    if alert.stopped:
        why = alert.get_stopped_display()
        return {"text": _("stopped: %(why)s") % {"why": why}, "tone": "red"}
    if alert.paused_at:
        return {"text": _("paused"), "tone": ""}
    if alert.true_since:
        return {"text": _("true now"), "tone": "amber"}
    return {"text": _("watched"), "tone": "leaf"}
