"""Finding a unit as people write it: `020@2024-06-30`, an old name, a name without accents."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Group, Unit, UnitCode, UnitName


@dataclass(frozen=True)
class UnitAt:
    """A unit and the day it is meant on."""

    unit: Unit
    on: date


def parse_spec(spec: str, default_day: date) -> tuple[str, date]:
    """Split `CODE@DATE`; without a date, the default (the period asked)."""
    code, _at, day = spec.strip().partition("@")
    if not day:
        return code, default_day
    try:
        return code, date.fromisoformat(day)
    except ValueError:
        raise Refusal(
            _("“%(spec)s” has no readable date.") % {"spec": spec},
            _("After the @ a day is wanted as year-month-day."),
            _("Write for example 020@2024-06-30."),
        ) from None


def find_unit(spec: str, default_day: date, scheme: str = "gso") -> UnitAt:
    """The unit that bore the code on the day. Raises Refusal (404) naming when the code was in use."""
    code, day = parse_spec(spec, default_day)
    held = UnitCode.objects.filter(scheme=scheme, code=code).select_related("unit")
    for row in held:
        if day in row.valid:
            return UnitAt(row.unit, day)
    times = ", ".join(f"{row.unit} {_span(row.valid)}" for row in held[:3])
    raise Refusal(
        _("No unit bears the code “%(code)s” on %(day)s.") % {"code": code, "day": day.isoformat()},
        _("The code was in use: %(times)s.") % {"times": times} if times else "",
        _("Look the code up by name: banyan units find NAME."),
        status=404,
    )


def find_unit_or_group(spec: str, default_day: date) -> "UnitAt | Group":
    """A group by its key, else a unit by its code."""
    group = Group.objects.filter(key=spec.partition("@")[0]).first()
    return group or find_unit(spec, default_day)


def search(text: str, limit: int = 20) -> list[UnitName]:
    """Names, of any time, that contain the words, accents or not; exact accents first."""
    plain = fold(same_tone(nfc(text)))
    if not plain:
        return []
    found = (
        UnitName.objects.filter(folded__contains=plain)
        .select_related("unit")
        .prefetch_related("unit__codes", "unit__placements__parent__names")
    )
    near = found.annotate(nearness=TrigramSimilarity("folded", plain)).order_by("-nearness", "sort_key")
    wanted = nfc(text).lower()
    return sorted(near[: limit * 3], key=lambda n: wanted not in n.name.lower())[:limit]


def _span(valid: Any) -> str:
    return f"{valid.lower or '…'} – {valid.upper or '…'}"
