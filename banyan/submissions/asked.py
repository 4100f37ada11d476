"""Who is asked in a round, and who receives each answer: along the pack's line, set-based."""

from collections.abc import Iterable
from datetime import date

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from banyan.orgs.models import Ancestry, Covers, Unit
from banyan.packs.schema import Pack, RoundSpec


def asked_of(opener: Unit, pack: Pack, form: str, day: date) -> dict[int, int]:
    """Unit asked → unit that receives its answer, as things stand on that day; two queries at most.

    A form without a round of its own in the pack is asked of every unit that the pack concerns.
    """
    spec = pack.round_of(form) or RoundSpec("", form, (), pack.unit_kinds, ())
    if pack.line == "covers":
        return _across(opener, spec, day)
    return _above(opener, spec, pack.trees, day)


def _above(opener: Unit, spec: RoundSpec, trees: Iterable[str], day: date) -> dict[int, int]:
    """A unit answers to the nearest above it in the tree they share, at most as high as the opener."""
    standing = Ancestry.objects.standing().filter(valid__contains=day, tree__in=list(trees))
    between = standing.filter(
        unit=OuterRef("unit"),
        tree=OuterRef("tree"),
        depth__gt=0,
        depth__lte=OuterRef("depth"),
        ancestor__kind__in=spec.receives,
    )
    nearest = Subquery(between.order_by("depth").values("ancestor")[:1])
    asked = standing.filter(ancestor=opener, depth__gt=0, unit__kind__in=spec.asks)
    # A unit that stands in several trees is asked once; the state's line, read last, goes first.
    to = Coalesce(nearest, F("ancestor_id"), output_field=BigIntegerField())
    rows = asked.annotate(to=to).order_by("tree", "unit")
    return dict(rows.values_list("unit_id", "to"))


def _across(opener: Unit, spec: RoundSpec, day: date) -> dict[int, int]:
    """A unit answers to the body that covers it: the opener, or one below the opener."""
    below = Ancestry.objects.standing().filter(ancestor=opener, valid__contains=day)
    links = Covers.objects.filter(valid__contains=day, unit__in=below.values("unit"))
    bodies: dict[int, list[int]] = {}
    for body, kind, area in links.values_list("unit", "unit__kind", "covered"):
        bodies.setdefault(area, []).append(body if kind in spec.receives else opener.pk)
    inside = Ancestry.objects.standing().filter(
        ancestor__in=list(bodies), valid__contains=day, unit__kind__in=spec.asks
    )
    asked: dict[int, int] = {}
    # From the widest area to the closest, so that the closest body is who stays.
    for unit, area in inside.order_by("-depth", "unit").values_list("unit", "ancestor"):
        for body in sorted(bodies[area], key=lambda one: (one != opener.pk, one)):
            if unit != opener.pk and not (unit in asked and body == opener.pk):
                asked[unit] = body
    return asked
