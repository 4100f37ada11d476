"""Units by the words of a search, in one question: how each was found, and how well it fits."""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Least

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Ancestry, Kind, Placement, UnitCode, UnitName
from banyan.orgs.unit_page import code_on, name_on

WORST = 3


def _names(text: str) -> QuerySet[Any]:
    """Names that contain the words, accents or not. `rank`: 0 as written and whole, 1 as written,
    2 whole but for accents, 3 within another."""
    plain = fold(same_tone(nfc(text)))
    written = Q(name__icontains=nfc(text)) | Q(name__icontains=same_tone(nfc(text)))
    whole = Q(folded=plain) | Q(folded__endswith=f" {plain}")
    rank = Case(
        When(written & whole, then=0),
        When(written, then=1),
        When(whole, then=2),
        default=WORST,
        output_field=IntegerField(),
    )
    return UnitName.objects.filter(folded__contains=plain).annotate(rank=rank)


def _codes(text: str) -> QuerySet[Any]:
    """Codes that are these words; a day after an @ is the one the code was borne on."""
    code, _at, day = text.strip().partition("@")
    held = UnitCode.objects.filter(code=code)
    try:
        return held.filter(valid__contains=date.fromisoformat(day)) if day else held
    except ValueError:
        return held


def _nearest(on: date) -> Any:
    """The day itself, or the nearest one of the row's time."""
    last = ExpressionWrapper(
        F("valid__endswith") - Value(1, output_field=IntegerField()), output_field=DateField()
    )
    day = Value(on, output_field=DateField())
    return Greatest(Least(day, last), F("valid__startswith"), output_field=DateField())


def matched(units: Any, text: str, on: date) -> Any:
    """Units that ever bore such a name, or this code. With `found_name` (empty where it was found
    by its code) and `found_on`, the day itself or the nearest on which it bore it."""
    me = OuterRef("pk")
    names, codes = _names(text), _codes(text)
    best = names.filter(unit=me).annotate(near=_nearest(on))
    best = best.order_by("rank", Case(When(valid__contains=on, then=0), default=1), "-valid")
    held = codes.filter(unit=me).annotate(near=_nearest(on)).order_by("-valid")
    return units.filter(Q(pk__in=names.values("unit")) | Q(pk__in=codes.values("unit"))).annotate(
        found_on=Coalesce(
            Subquery(best.values("near")[:1]),
            Subquery(held.values("near")[:1]),
            output_field=DateField(),
        ),
        found_name=Coalesce(Subquery(best.values("name")[:1]), name_on("pk", OuterRef("found_on"))),
        found_rank=Case(
            When(Exists(held), then=0),
            default=Coalesce(Subquery(best.values("rank")[:1]), WORST),
            output_field=IntegerField(),
        ),
        found_key=Coalesce(Subquery(best.values("sort_key")[:1]), Value("")),
    )


def ranked(units: Any) -> Any:
    """With `key`, by which the best fitting comes first, then the higher unit; with `code` and
    `path` (what it stood under, nearest first) of the day it bore the name."""
    heights = [When(kind=kind, then=Value(str(place))) for place, kind in enumerate(Kind)]
    # Alphabetically the state's tree comes last: of several it is the one to be told.
    trees = Placement.objects.filter(unit=OuterRef("pk")).order_by("-tree").values("tree")[:1]
    steps = Ancestry.objects.filter(
        unit=OuterRef("pk"),
        tree=OuterRef("found_tree"),
        depth__gt=0,
        valid__contains=OuterRef("found_on"),
    ).exclude(ancestor__kind=Kind.COUNTRY)
    named = steps.annotate(named=name_on("ancestor", OuterRef(OuterRef("found_on"))))
    path = named.order_by("depth").values("named")
    return units.annotate(found_tree=Subquery(trees)).annotate(
        key=Concat(
            Cast("found_rank", CharField()),
            Case(*heights, default=Value("9")),
            F("found_key"),
            output_field=CharField(db_collation="C"),
        ),
        path=ArraySubquery(path),
        code=Coalesce(code_on("pk", OuterRef("found_on")), Value("")),
    )
