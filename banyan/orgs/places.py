"""Places and what they hold: a unit with all below it, or a group, under a reading.

A place is written `CODE@DATE`, a group's key, or `~ID` for a unit without a code; a name may stand
before it: `Huyện Thanh Trì · 020@2024-06-30`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs import finding
from banyan.orgs.finding import GSO, UnitAt, find_unit_or_group, nearest_day, parse_spec
from banyan.orgs.models import (
    Ancestry,
    Group,
    GroupMember,
    Kind,
    Placement,
    Tree,
    Unit,
    UnitCode,
    UnitName,
)
from banyan.orgs.readings import Reading, perhaps_under, under

BETWEEN = "·"
BY_ID = "~"
MOST_OFFERED = 6
# What `dated` adds to rows: their own day, where they count on it, where on the reading's day.
OWN_DAY, HOME_THEN, HOME_NOW = "own_day", "home_then", "home_now"
# From the lowest: among these a record is at home.
KINDS = (Kind.COMMUNE, Kind.DISTRICT, Kind.PROVINCE)


# As it is written -------------------------------------------------------------------------------


def spec_of(text: str) -> str:
    """What finds the place, without the name that may stand before it."""
    return text.rpartition(BETWEEN)[2].strip()


def written(name: str, spec: str) -> str:
    """A place as people read it and as it may be sent back."""
    return f"{name} {BETWEEN} {spec}" if spec else name


def spec_on(unit: int, code: str | None, on: date) -> str:
    """How a unit is asked for."""
    return f"{code}@{on.isoformat()}" if code else f"{BY_ID}{unit}"


def find_place(text: str, default_day: date) -> UnitAt | Group:
    """The unit or group that is written so; at last by name, where only one bears it on the day.

    Raises Refusal (404) that names those one may have meant.
    """
    spec = spec_of(text)
    number = spec.removeprefix(BY_ID)
    if spec.startswith(BY_ID) and number.isdecimal() and len(number) < 18:
        unit = Unit.objects.prefetch_related("names").filter(pk=number).first()
        if unit is not None:
            return UnitAt(unit, default_day)
    try:
        return find_unit_or_group(spec, default_day)
    except Refusal:
        if "@" in spec or any(sign.isdecimal() for sign in spec):
            raise
        named = [one for one in finding.search(spec) if default_day in one.valid]
        whole = [
            one for one in named if f" {one.folded}".endswith(f" {fold(same_tone(nfc(spec)))}")
        ]
        return _only(whole or named, spec, default_day)


def _only(named: Sequence[UnitName], text: str, on: date) -> UnitAt:
    if len(named) == 1:
        return UnitAt(named[0].unit, on)
    codes = {one.unit_id: finding.any_code(one.unit, on) for one in named[:MOST_OFFERED]}
    meant = "; ".join(
        written(one.name, spec_on(one.unit_id, codes[one.unit_id], on))
        for one in named[:MOST_OFFERED]
    )
    raise Refusal(
        _("Several units are called “%(name)s”.") % {"name": text[:60]}
        if named
        else _("No unit is called “%(name)s” on %(day)s.")
        % {"name": text[:60], "day": on.strftime("%d/%m/%Y")},
        meant,
        _("Write the unit's code and a day: 020@2024-06-30."),
        status=404,
    )


# When it stands ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """A stretch of days on which a unit of the place stands; `after` is the first day no more."""

    unit: int
    first: date | None
    after: date | None

    def holds(self, day: date) -> bool:
        """Whether it stands on the day."""
        return (self.first or date.min) <= day < (self.after or date.max)

    @property
    def last(self) -> date | None:
        """The last day of the stretch; None while it goes on."""
        return self.after - timedelta(days=1) if self.after else None


@dataclass(frozen=True)
class Located:
    """What is written as a place: its units with all their names, when they stand, the group.

    `codes` of a single unit: (scheme, code, days).
    """

    units: list[Unit]
    stretches: list[Stretch]
    group: Group | None
    codes: list[tuple[str, str, Any]]

    def name_on(self, day: date) -> str:
        """What it is called on a day."""
        return self.group.name if self.group else self.units[0].name_on(day)

    def spec_on(self, day: date, today: date) -> str:
        """How its unit is asked for: by its code of the day, else of today, else of another day."""
        order = sorted(
            self.codes, key=lambda c: (day not in c[2], today not in c[2], c[0] != GSO, c[1])
        )
        for _scheme, code, valid in order:
            return spec_on(self.units[0].pk, code, nearest_day(valid, day))
        return spec_on(self.units[0].pk, None, day)


def stretches_of(units: Sequence[int], tree: str) -> list[Stretch]:
    """When these units stand, one query."""
    rows = Placement.objects.filter(unit__in=units, tree=tree).order_by("valid")
    return [
        Stretch(unit, valid.lower, valid.upper) for unit, valid in rows.values_list("unit", "valid")
    ]


def locate(text: str, default_day: date, tree: str = Tree.STATE) -> Located | None:
    """What is written so, one query; None for what is no place in this tree."""
    spec = spec_of(text)
    code, day = parse_spec(spec, default_day)
    number = spec.removeprefix(BY_ID)
    pk = int(number) if spec.startswith(BY_ID) and number.isdecimal() and len(number) < 18 else 0
    held = UnitCode.objects.filter(code=code, valid__contains=day).order_by(
        Case(When(scheme=GSO, then=0), default=1), "scheme"
    )
    members = GroupMember.objects.filter(group__key=spec)
    wanted = Q(unit__in=held.values("unit")[:1]) | Q(unit__in=members.values("unit")) | Q(unit=pk)
    names = UnitName.objects.filter(unit=OuterRef("unit")).values(
        row=JSONObject(name="name", language="language", days="valid")
    )
    codes = UnitCode.objects.filter(unit=OuterRef("unit")).values(
        row=JSONObject(scheme="scheme", code="code", days="valid")
    )
    groups = members.filter(unit=OuterRef("unit")).values(
        row=JSONObject(id="group", key="group__key", name="group__name", unit_id="group__unit")
    )
    rows = Placement.objects.filter(wanted, tree=tree).annotate(
        group=Subquery(groups[:1]), names=ArraySubquery(names), codes=ArraySubquery(codes)
    )
    found: list[Any] = list(
        rows.order_by("valid").values("unit", "unit__kind", "valid", "group", "names", "codes")
    )
    return _located([row for row in found if row["group"]] or found) if found else None


def _located(rows: list[Any]) -> Located:
    units = {}
    for row in rows:
        unit = Unit(pk=row["unit"], kind=row["unit__kind"])
        # Named without another question: `all_names` is what `name_on` looks through.
        unit.all_names = [
            UnitName(unit=unit, name=one["name"], language=one["language"], valid=_days(one))
            for one in row["names"]
        ]
        units[row["unit"]] = unit
    group = Group(**rows[0]["group"]) if rows[0]["group"] else None
    return Located(
        list(units.values()),
        [Stretch(row["unit"], row["valid"].lower, row["valid"].upper) for row in rows],
        group,
        [] if group else [(one["scheme"], one["code"], _days(one)) for one in rows[0]["codes"]],
    )


def _days(row: dict[str, str]) -> DateRange:
    """A range that came within JSON: [2024-01-01,2025-07-01)."""
    low, high = row["days"].strip("[()]").split(",")
    return DateRange(
        date.fromisoformat(low) if low else None, date.fromisoformat(high) if high else None
    )


def name_of(unit: Any, day: Any) -> Subquery:
    """The name of a unit (an OuterRef) on a day, else the newest it had."""
    names = UnitName.objects.filter(unit=unit, language="vi").alias(
        unfit=Case(When(valid__contains=day, then=0), default=1, output_field=IntegerField())
    )
    return Subquery(names.order_by("unfit", "-valid").values("name")[:1])


def month_end(path: str) -> Any:
    """The last day of the month of a column of days: *then* reads the tree on it."""
    template = (
        "(date_trunc('month', %(expressions)s) + interval '1 month' - interval '1 day')::date"
    )
    return ExpressionWrapper(Func(F(path), template=template), output_field=DateField())


# What it holds ----------------------------------------------------------------------------------


def dated(rows: Any, own_day: Any, home: Callable[[Any], Any], reading: Reading) -> Any:
    """Rows with their own day and the units they count at, as `Area` wants them."""
    rows = rows.annotate(**{OWN_DAY: own_day})
    rows = rows.annotate(**{HOME_THEN: home(OuterRef(OWN_DAY))})
    return rows if reading.day is None else rows.annotate(**{HOME_NOW: home(reading.day)})


@dataclass(frozen=True)
class Area:
    """What a place holds under a reading, as conditions on rows made ready by `dated`.

    Units that do not stand on the reading's day hold what stood under them *then*.
    """

    standing: tuple[int, ...]
    ended: tuple[int, ...]
    reading: Reading
    tree: str = Tree.STATE
    grouped: bool = False

    @classmethod
    def of(
        cls,
        stretches: Sequence[Stretch],
        reading: Reading,
        tree: str = Tree.STATE,
        grouped: bool = False,
    ) -> "Area":
        """From the stretches on which its units stand."""
        units = list(dict.fromkeys(life.unit for life in stretches))
        if reading.day is None:
            return cls(tuple(units), (), reading, tree, grouped)
        up = {life.unit for life in stretches if life.holds(reading.day)}
        return cls(
            tuple(u for u in units if u in up),
            tuple(u for u in units if u not in up),
            reading,
            tree,
            grouped,
        )

    @property
    def by_heirs(self) -> bool:
        """Whether nothing of it stands on the reading's day: its parts are the units of that day."""
        return self.reading.day is not None and not self.standing

    @property
    def _then(self) -> tuple[int, ...]:
        return self.ended if self.reading.day else self.standing

    def _under(self, way: Callable[..., Exists]) -> Q:
        found = Q(pk__in=())
        if self.reading.day is not None and self.standing:
            found |= Q(way(self.standing, self.tree, unit=HOME_NOW, day=self.reading.day))
        if self._then:
            found |= Q(way(self._then, self.tree, unit=HOME_THEN, day=OuterRef(OWN_DAY)))
        return found

    def holds(self) -> Q:
        """Rows that stand or live on here."""
        return self._under(under)

    def perhaps(self) -> Q:
        """Rows of divided units that may belong here and are placed nowhere: they are not held."""
        return self._under(perhaps_under) & ~self.holds()

    def _over(self, home: str, day: Any) -> Any:
        return Ancestry.objects.filter(unit=OuterRef(home), tree=self.tree, valid__contains=day)

    def _parts(self) -> list[Any]:
        """Rows of the closure from each row's home to the parts of the place, by certain order."""
        day = self.reading.day
        if self.by_heirs:
            return [
                self._over(HOME_NOW, day).filter(ancestor__kind__in=KINDS).order_by(*_nearest())
            ]
        if self.grouped:
            nearest = F("depth").asc(nulls_last=True)
            now = self._over(HOME_NOW, day).filter(ancestor__in=self.standing) if day else None
            then = self._over(HOME_THEN, OuterRef(OWN_DAY)).filter(ancestor__in=self._then)
            return [one.order_by(nearest) for one in (now, then) if one is not None]
        if day is not None:
            below = Placement.objects.filter(
                parent__in=self.standing, tree=self.tree, valid__contains=day
            )
            return [self._over(HOME_NOW, day).filter(ancestor__in=below.values("unit"))]
        return [
            # By the closure and not by placements: for a day that is a column the planner would
            # rather walk the whole index of placements once a row (0.8 s for 261 rows).
            self._over(HOME_THEN, OuterRef(OWN_DAY)).filter(
                ancestor__ancestry__ancestor__in=self.standing,
                ancestor__ancestry__tree=self.tree,
                ancestor__ancestry__depth=1,
                ancestor__ancestry__valid__contains=OuterRef(OWN_DAY),
            )
        ]

    def part(self) -> Any:
        """The id of the one unit directly below (or of the group, or of the day) that holds a row.

        NULL where the row stands at the place itself, or where it is not placed.
        """
        ways = [Subquery(rows.filter(sure=True).values("ancestor")[:1]) for rows in self._parts()]
        found = Coalesce(*ways) if len(ways) > 1 else ways[0]
        if not self.by_heirs:
            return found
        return Case(When(self.divided(), then=None), default=found, output_field=BigIntegerField())

    def divided(self) -> Q:
        """Rows whose unit was divided among several of these parts, and which nobody placed yet."""
        lowest = Q(ancestor__kind=Kind.COMMUNE) if self.by_heirs else Q()
        torn = [Exists(rows.filter(lowest, sure=False).order_by()) for rows in self._parts()]
        return reduce(or_, map(Q, torn))

    def loose(self) -> Q:
        """Of the rows held, those that no part holds although they do not stand at the place."""
        if not self.by_heirs and not self.grouped:
            return self.divided()  # what is torn among units below is wholly in none of them
        sure = reduce(or_, (Q(Exists(rows.filter(sure=True).order_by())) for rows in self._parts()))
        return self.divided() | ~sure if self.by_heirs else self.divided() & ~sure


def _nearest() -> tuple[Any, Any]:
    """The unit itself where it stands; else the lowest that surely carries it on."""
    rank = Case(*(When(ancestor__kind=kind, then=Value(n)) for n, kind in enumerate(KINDS)))
    return F("depth").asc(nulls_last=True), rank


def answering(reading: Reading, tree: str = Tree.STATE) -> Case:
    """The name of the unit that answers for a row made ready by `dated`; NULL: it is not placed.

    The unit it counts at on its own day or on the reading's, else who carries on that one's work.
    """
    home, day = (HOME_THEN, OuterRef(OWN_DAY)) if reading.day is None else (HOME_NOW, reading.day)
    over = Ancestry.objects.filter(unit=OuterRef(home), tree=tree, valid__contains=day)
    torn = over.filter(sure=False, ancestor__kind=Kind.COMMUNE)
    sure = over.filter(Q(depth=0) | Q(depth=None, ancestor__kind__in=KINDS), sure=True).filter(
        ancestor__names__language="vi", ancestor__names__valid__contains=day
    )
    name = Subquery(sure.order_by(*_nearest()).values("ancestor__names__name")[:1])
    return Case(When(Exists(torn), then=None), default=name, output_field=CharField())
