"""What a reminder of a due date says: unit, round, day, and who has not answered."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures.words import period_text
from banyan.notices.due import NAMED, Missing
from banyan.submissions.expecting import REGISTERS, title_of
from banyan.web.templatetags.banyan import day as day_text


def said(one: Any, missing: Missing, today: date) -> tuple[str, str, dict[str, str] | None]:
    """Sentence, quiet second line and chip of a reminder; `one` is the round, None when it is gone."""
    if one is None:
        return _("A round that you were reminded of has been taken away."), "", None
    text = _("“%(round)s” is due on %(day)s.") % {"round": title(one), "day": day_text(one.due)}
    sub = " · ".join(filter(None, [one.unit_name, who_is_missing(missing)]))
    if not missing.count:
        return text, sub, {"text": _("everybody answered"), "tone": "leaf"}
    return text, sub, {"text": distance(one.due, today), "tone": tone(one.due, today)}


def title(one: Any) -> str:
    """What the round is called, and its period."""
    return f"{title_of(one)}, {period_text(one.covers)}"


def answered_at(one: Any) -> str:
    """Where a unit answers a round: the form of a register, or the list of what it is asked."""
    if one.spec.purpose == REGISTERS:
        return f"{reverse('initiative_new')}?round={one.pk}"
    return reverse("expectations")


def who_is_missing(missing: Missing) -> str:
    """One's own unit first; of the others how many, the first few by name."""
    parts = []
    if missing.own:
        parts.append(
            _("Not answered yet by your unit: %(units)s.") % {"units": _named(missing.own)}
        )
    others = missing.count - len(missing.own)
    if others:
        names = _named(missing.names[:NAMED], others - len(missing.names[:NAMED]))
        words = ngettext(
            "%(n)d unit has not answered: %(units)s.",
            "%(n)d units have not answered: %(units)s.",
            others,
        )
        parts.append(words % {"n": others, "units": names})
    return " ".join(parts)


def distance(due: date, today: date) -> str:
    """How far the day is: in 3 days, today, 2 days late."""
    days = (due - today).days
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}


def tone(due: date, today: date) -> str:
    """Amber before, red after."""
    return "red" if due < today else "amber"


def _named(names: list[str], more: int = 0) -> str:
    text = ", ".join(names)
    if more <= 0:
        return text
    return ngettext("%(units)s and %(n)d more", "%(units)s and %(n)d more", more) % {
        "units": text,
        "n": more,
    }
