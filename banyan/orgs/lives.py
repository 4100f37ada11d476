"""The whole life of units, read at once: names, codes, places, what they came from and became."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import get_language

from banyan.orgs.finding import GSO, nearest_day
from banyan.orgs.models import Placement, Succession, Unit, UnitCode, UnitName

SPLIT, WHOLE = Succession.Share.SPLIT.value, Succession.Share.WHOLE.value


@dataclass(frozen=True)
class Dated:
    """A name, a code or a place during a time. `of` is its language, scheme or tree.

    Of a place `what` is the parent's newest name in that time and `over` the parent's id.
    """

    what: str
    of: str
    valid: DateRange
    note: str = ""
    decision: str = ""
    over: int | None = None
    ended_by: str = ""


@dataclass(frozen=True)
class Passing:
    """The other side of a succession: a unit under its name of that day, and how much went over."""

    unit: int
    name: str
    on: date
    share: str
    decision: str = ""


@dataclass
class Life:
    """One unit through time."""

    names: list[Dated] = field(default_factory=list)
    codes: list[Dated] = field(default_factory=list)
    places: list[Dated] = field(default_factory=list)
    later: list[Passing] = field(default_factory=list)
    earlier: list[Passing] = field(default_factory=list)

    @classmethod
    def of(cls, row: Any) -> Self:
        """Of a row of `with_lives`, or of `with_fates`: then without names, codes and parents."""
        return cls(
            names=[_dated(one) for one in getattr(row, "told_names", ())],
            codes=[_dated(one) for one in getattr(row, "told_codes", ())],
            places=[_dated(one) for one in row.told_places],
            later=[_passing(one) for one in row.told_later],
            earlier=[_passing(one) for one in row.told_earlier],
        )

    @property
    def begins(self) -> date | None:
        """Its first day; None: since before our records, or never placed."""
        lowers = [place.valid.lower for place in self.places]
        return None if not lowers or None in lowers else min(lowers)

    @property
    def ends(self) -> date | None:
        """The first day on which it stands no more; None while it stands."""
        uppers = [place.valid.upper for place in self.places]
        return None if not uppers or None in uppers else max(uppers)

    @property
    def last_day(self) -> date | None:
        """Its last day; None while it stands."""
        return self.ends - timedelta(days=1) if self.ends else None

    @property
    def trees(self) -> list[str]:
        """The trees it ever stood in, in the order of its places."""
        return list(dict.fromkeys(place.of for place in self.places))

    def stands(self, on: date, tree: str | None = None) -> bool:
        """Whether it stands on a day, in a tree or in any."""
        return any(on in place.valid and tree in (None, place.of) for place in self.places)

    def nearest(self, on: date) -> date:
        """The day itself where it stands then, else the nearest day on which it stands."""
        days = [nearest_day(place.valid, on) for place in self.places]
        return min(days, key=lambda day: abs(day - on), default=on)

    def name_on(self, day: date) -> str:
        """Its name on a day; else the newest known."""
        language = (get_language() or "vi")[:2]
        names = sorted(self.names, key=lambda n: n.valid.lower or date.min, reverse=True)
        names.sort(key=lambda n: (day not in n.valid, n.of != language))
        return names[0].what if names else "…"

    def code_on(self, day: date) -> str:
        """Its code on a day: the state's, else an organisation's own."""
        held = [code for code in self.codes if day in code.valid]
        return min(held, key=lambda code: (code.of != GSO, code.of)).what if held else ""

    def last_place(self) -> Dated | None:
        """Where it stood last, or stands."""
        return max(self.places, key=lambda p: p.valid.upper or date.max, default=None)


def with_lives(units: Any) -> Any:
    """The same rows, of which `Life.of(row)` can be read: one query for any number of units."""
    me = OuterRef("pk")
    names = UnitName.objects.filter(unit=me).order_by("valid")
    codes = UnitCode.objects.filter(unit=me).order_by("valid")
    parent = Coalesce(Subquery(_newest("parent")), Value(""))
    return with_fates(units, what=parent).annotate(
        told_names=_told(names, what="name", of="language", note="note"),
        told_codes=_told(codes, what="code", of="scheme"),
    )


def with_fates(units: Any, what: Any = None) -> Any:
    """Only when they stood, what they came from and became: for files of thousands of rows."""
    me = OuterRef("pk")
    places = Placement.objects.filter(unit=me).order_by("valid", "tree")
    return units.annotate(
        told_places=_told(
            places,
            what=what or Value(""),
            of="tree",
            note="note",
            over="parent",
            ended_by="ended_by",
        ),
        told_later=_passings(Succession.objects.filter(from_unit=me), "to_unit"),
        told_earlier=_passings(Succession.objects.filter(to_unit=me), "from_unit"),
    )


def lives_of(units: Iterable[int]) -> dict[int, Life]:
    """The lives of these units by id."""
    rows = with_lives(Unit.objects.filter(pk__in=list(units)))
    return {row.pk: Life.of(row) for row in rows}


def _newest(unit: str) -> Any:
    """The name of the unit at a path, the newest within the time of the row that leads to it."""
    names = UnitName.objects.filter(
        unit=OuterRef(unit), language="vi", valid__overlap=OuterRef("valid")
    )
    return names.order_by(F("valid").desc()).values("name")[:1]


def _told(rows: QuerySet[Any], **what: Any) -> ArraySubquery:
    told = JSONObject(start="valid__startswith", end="valid__endswith", decision="decision", **what)
    return ArraySubquery(rows.values(told=told))


def _passings(rows: QuerySet[Any], other: str) -> ArraySubquery:
    names = UnitName.objects.filter(unit=OuterRef(other), language="vi").order_by("-valid")
    if other == "to_unit":
        then = names.filter(valid__contains=OuterRef("on"))
    else:  # what came before bore its name until the day before
        ever = Q(valid__startswith__isnull=True)
        then = names.filter(ever | Q(valid__startswith__lt=OuterRef("on")))
    name = Coalesce(
        Subquery(then.values("name")[:1]), Subquery(names.values("name")[:1]), Value("")
    )
    told = JSONObject(unit=other, on="on", share="kind", decision="decision", name=name)
    return ArraySubquery(rows.order_by("on", "pk").values(told=told))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _dated(said: dict[str, Any]) -> Dated:
    valid = DateRange(_day(said["start"]), _day(said["end"]))
    more = {key: said.get(key) or "" for key in ("note", "decision", "ended_by")}
    return Dated(said["what"], said["of"], valid, over=said.get("over"), **more)


def _passing(said: dict[str, Any]) -> Passing:
    on = date.fromisoformat(said["on"])
    return Passing(said["unit"], said["name"], on, said["share"], said["decision"])
