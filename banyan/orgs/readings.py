"""How a past period is read: under the units of its time, of today, or of any day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.orgs.models import Ancestry, Placement

THEN, NOW, AS_OF = "then", "now", "as-of"


@dataclass(frozen=True)
class Reading:
    """One way of reading; `day` is the day whose units are meant, None: each record's own month."""

    kind: str
    day: date | None = None

    @classmethod
    def asked(cls, given: Mapping[str, Any], today: date) -> "Reading":
        """From `reading=then|now` or `as_of=2025-06-30` (also `reading=as-of` beside it).

        Without either: then. Raises Refusal (404) for what is neither.
        """
        word = str(given.get("reading") or "").strip()
        day = str(given.get("as_of") or "").strip()
        if day and word in ("", AS_OF):
            try:
                return cls(AS_OF, date.fromisoformat(day))
            except ValueError:
                raise _unreadable(day) from None
        if word == NOW:
            return cls(NOW, today)
        if word in ("", THEN, AS_OF):
            return cls(THEN)
        raise _unreadable(word)

    @property
    def key(self) -> str:
        """As it stands in a report or a link's path: `then`, `now`, `as-of 2025-06-30`."""
        return f"{AS_OF} {self.day.isoformat()}" if self.kind == AS_OF and self.day else self.kind

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address; nothing for the reading that is meant without saying."""
        if self.kind == AS_OF and self.day:
            return {"as_of": self.day.isoformat()}
        return {"reading": NOW} if self.kind == NOW else {}

    @property
    def sentence(self) -> str:
        """What it does, in one sentence."""
        if self.kind == THEN:
            return _(
                "Counted by the units of that time: each record counts under the tree as it stood"
                " on the last day of its month."
            )
        if self.kind == NOW:
            return _(
                "Counted by the units of today: records of units that have ended count where"
                " their work is carried on."
            )
        assert self.day is not None
        return _(
            "Counted by the units of %(day)s: records of units that did not stand on that day"
            " count where their work was done."
        ) % {"day": self.day.strftime("%d/%m/%Y")}


DEFAULT = Reading(THEN)


def _unreadable(text: str) -> Refusal:
    return Refusal(
        _("“%(text)s” is no way of reading.") % {"text": text[:40]},
        _("Records can be read under the units of their time, of today, or of a day."),
        _("Write reading=then, reading=now, or as_of=2025-06-30."),
        status=404,
    )


def under(tops: Any, tree: str, *, unit: str, day: Any) -> Exists:
    """Whether the unit at the path `unit` of a row stands or lives on under any of `tops` on `day`.

    `tops`: ids or a subquery. `day`: a date or an expression (OuterRef). One indexed line.
    """
    rows = Ancestry.objects.filter(
        unit=OuterRef(unit), ancestor__in=tops, tree=tree, sure=True, valid__contains=day
    )
    return Exists(rows)


def perhaps_under(tops: Any, tree: str, *, unit: str, day: Any) -> Exists:
    """Whether only some of what carries on the unit's work stands under `tops`: a case to place."""
    rows = Ancestry.objects.filter(
        unit=OuterRef(unit), ancestor__in=tops, tree=tree, sure=False, valid__contains=day
    )
    return Exists(rows)


def stands(unit: str, tree: str, day: Any) -> Exists:
    """Whether the unit at the path stands on the day."""
    return Exists(Placement.objects.filter(unit=OuterRef(unit), tree=tree, valid__contains=day))


def sole_heir(unit: str, kind: str, tree: str, day: Any) -> Any:
    """The id of the one unit of a kind that the unit at the path stands or lives on at or below.

    NULL where its work is carried on by several of that kind, or by none: a record to place.
    """
    rows = Ancestry.objects.filter(
        unit=OuterRef(unit), tree=tree, sure=True, valid__contains=day, ancestor__kind=kind
    )
    return rows.order_by(F("depth").asc(nulls_last=True)).values("ancestor")[:1]
