"""Where a place that has ended lies on a later day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from banyan.figures.place import Place
from banyan.kernel.text import vi_sort_key
from banyan.orgs.models import Ancestry, Kind, UnitCode
from banyan.orgs.places import name_of, spec_on

SHOWN = 12


@dataclass(frozen=True)
class Heirs:
    """The units that carry its work on: (name, how it is asked for) of the first, and how many."""

    units: list[tuple[str, str]]
    more: int


def heirs_of(place: Place, last: date, day: date) -> Heirs:
    """Who carries on, on the day, the work of a place whose last day was `last`: one query.

    Units of its own kind where there are such, else the communes.
    """
    kind = place.unit.kind
    stood = Ancestry.objects.standing().filter(
        ancestor=place.unit, tree=place.tree, valid__contains=last, unit__kind=Kind.COMMUNE
    )
    which = Q(unit=place.unit, ancestor__kind=kind)
    which |= Q(unit__in=stood.values("unit"), ancestor__kind=Kind.COMMUNE)
    codes = UnitCode.objects.filter(unit=OuterRef("ancestor"), valid__contains=day)
    rows: Any = (
        Ancestry.objects.filter(which, tree=place.tree, valid__contains=day)
        .order_by()
        .values("ancestor", "ancestor__kind")
        .distinct()
        .annotate(
            told=name_of(OuterRef("ancestor"), day),
            code=Subquery(codes.order_by("scheme").values("code")[:1]),
        )
        .values_list("told", "ancestor", "code", "ancestor__kind")
    )
    same = [row[:3] for row in rows if row[3] == kind]
    found = sorted(same or (row[:3] for row in rows), key=lambda row: vi_sort_key(row[0] or ""))
    units = [(name or "", spec_on(unit, code, day)) for name, unit, code in found[:SHOWN]]
    return Heirs(units, max(len(found) - SHOWN, 0))
