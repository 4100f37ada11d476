"""What the page of a unit tells about a day, in few questions; `banyan units show` prints the same."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
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
)
from django.db.models.functions import Coalesce, JSONObject

from banyan.orgs.finding import GSO
from banyan.orgs.lives import Life, with_lives
from banyan.orgs.models import Ancestry, Covers, Placement, Tree, Unit, UnitCode, UnitName
from banyan.orgs.story import Named, Sentence, taken_in_below, told

MOST_OWED = 24


@dataclass(frozen=True)
class Place:
    """Where a unit stands on a day in one tree: what is above it, the top first."""

    tree: str
    label: str
    above: list[Named]

    @property
    def text(self) -> str:
        """The names from the top down."""
        return " › ".join(one.name for one in self.above)


@dataclass(frozen=True)
class Owed:
    """What a unit is expected to answer in a round.

    `records`: how many it has sent; `asked` and `sent`: how many units that stood below it in that
    period were asked too, and how many of these have sent records.
    """

    unit: int
    name: str
    title: str
    period: str
    due: date
    records: int
    asked: int
    sent: int
    url: str

    @property
    def answered(self) -> bool:
        """Whether anything was sent, by itself or by a unit below it."""
        return self.records > 0 or self.sent > 0


@dataclass
class Sight:
    """A unit seen on a day."""

    unit: Any
    on: date
    today: date
    life: Life
    places: list[Place]
    covers: list[Named]
    covered_by: list[Named]

    @property
    def stands(self) -> bool:
        """Whether it stands on the day, in any tree."""
        return self.life.stands(self.on)

    @property
    def tree(self) -> str:
        """The tree it is first looked at in: the state's where it stands there, else its own."""
        trees = [place.tree for place in self.places] or self.life.trees
        return Tree.STATE.value if Tree.STATE in trees or not trees else trees[0]

    @property
    def name(self) -> str:
        """Its name on the day."""
        return self.life.name_on(self.on)

    @property
    def sentences(self) -> list[Sentence]:
        """What happened to it."""
        return told(self.unit, self.life)

    def heirs_of_what_stood_below(self) -> tuple[list[Named], list[Named]]:
        """Of one that was dissolved: where what stood below it went, and who carries on those
        that ended with it."""
        return taken_in_below(self.unit, self.life)


def sight_of(units: QuerySet[Any], pk: int, on: date, today: date) -> Sight | None:
    """A unit of these on a day, or None; one question."""
    seen = with_lives(units).annotate(
        told_above=_above(on),
        told_covers=_linked("unit", "covered", on),
        told_covered_by=_linked("covered", "unit", on),
    )
    row = seen.filter(pk=pk).first()
    if row is None:
        return None
    life = Life.of(row)
    above: dict[str, list[Named]] = {p.of: [] for p in life.places if on in p.valid}
    for one in row.told_above:
        above.setdefault(one["tree"], []).append(Named(one["unit"], one["name"], on))
    order = [tree for tree in Tree.values if tree in above]
    return Sight(
        unit=row,
        on=on,
        today=today,
        life=life,
        places=[Place(tree, str(Tree(tree).label), above[tree]) for tree in order],
        covers=[Named(one["unit"], one["name"], on) for one in row.told_covers],
        covered_by=[Named(one["unit"], one["name"], on) for one in row.told_covered_by],
    )


def name_on(unit: str, on: Any) -> Coalesce:
    """The name of the unit at a path on a day, else the newest it ever bore."""
    names = UnitName.objects.filter(unit=OuterRef(unit), language="vi")
    then = names.filter(valid__contains=on).values("name")[:1]
    newest = names.order_by(F("valid").desc()).values("name")[:1]
    return Coalesce(Subquery(then), Subquery(newest), Value("…"))


def code_on(unit: str, on: Any) -> Subquery:
    """The code of the unit at a path on a day: the state's, else an organisation's own."""
    codes = UnitCode.objects.filter(unit=OuterRef(unit), valid__contains=on)
    first = codes.annotate(own=Q(scheme=GSO)).order_by("-own", "scheme")
    return Subquery(first.values("code")[:1])


def last_day(unit: str) -> Subquery:
    """The last day of the unit at a path; NULL while it stands."""
    ends = Placement.objects.filter(unit=OuterRef(unit)).order_by(
        F("valid__endswith").desc(nulls_first=True)
    )
    day = ExpressionWrapper(
        F("valid__endswith") - Value(1, output_field=IntegerField()), output_field=DateField()
    )
    return Subquery(ends.values(day=day)[:1])


def _above(on: date) -> ArraySubquery:
    steps = Ancestry.objects.filter(unit=OuterRef("pk"), depth__gt=0, valid__contains=on)
    told = JSONObject(tree="tree", unit="ancestor", name=name_on("ancestor", on))
    return ArraySubquery(steps.order_by("tree", "-depth").values(told=told))


def _linked(of: str, other: str, on: date) -> ArraySubquery:
    """Links across trees on the day: `of` is the unit's own side."""
    links = Covers.objects.filter(**{of: OuterRef("pk")}, valid__contains=on)
    told = JSONObject(unit=other, name=name_on(other, on))
    return ArraySubquery(links.order_by("pk").values(told=told))


def carried_on_by(unit: Unit, on: date) -> list[Named]:
    """The units in which one lives on, on a day on which it does not stand: the lowest of each way.

    `part`: several carry it on, so its records have to be placed among them.
    """
    rows = Ancestry.objects.filter(unit=unit, depth__isnull=True, valid__contains=on)
    below = Ancestry.objects.standing().filter(
        ancestor=OuterRef("ancestor"),
        tree=OuterRef("tree"),
        depth__gt=0,
        valid__contains=on,
        unit__in=rows.values("ancestor"),
    )
    lowest: Any = rows.exclude(Exists(below)).annotate(named=name_on("ancestor", on))
    return [
        Named(row.ancestor_id, row.named, on, part=not row.sure)
        for row in lowest.order_by("tree", "named")
    ]


def _living_on_in(unit: Unit, on: date, tree: str) -> QuerySet[Any]:
    """Ids of the units that live on in this very one on a day, and not in one below it."""
    living = Ancestry.objects.filter(
        ancestor=unit, tree=tree, depth__isnull=True, valid__contains=on
    )
    standing_below = Ancestry.objects.standing().filter(
        ancestor=unit, tree=tree, depth__gt=0, valid__contains=on
    )
    deeper = Ancestry.objects.filter(
        unit=OuterRef("unit"),
        tree=tree,
        depth__isnull=True,
        valid__contains=on,
        ancestor__in=standing_below.values("unit"),
    )
    return living.exclude(Exists(deeper)).values("unit")


def _counted(rows: Any, what: str) -> Coalesce:
    """How many different ones of these there are, as a sub-question."""
    one = rows.order_by().annotate(all_of_them=Value(1)).values("all_of_them")
    counted = one.annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def owed_by(unit: Unit, on: date, expectations: Any, tree: str) -> list[Owed]:
    """What it owes in the rounds of periods begun by that day, and what is owed by units that live
    on in it; `expectations` are those one may see. The newest due first.
    """
    whose = Q(unit=unit) | Q(unit__in=_living_on_in(unit, on, tree))
    model = expectations.model._default_manager
    answered = model.filter(round__submissions__unit=F("unit"))
    own = answered.filter(pk=OuterRef("pk"))
    last = ExpressionWrapper(
        OuterRef("round__span__endswith") - Value(1, output_field=IntegerField()),
        output_field=DateField(),
    )
    below = {
        "round": OuterRef("round"),
        "unit__ancestry__ancestor": OuterRef("unit"),
        "unit__ancestry__tree": tree,
        "unit__ancestry__depth__gt": 0,
        "unit__ancestry__valid__contains": last,
    }
    rows = (
        expectations.filter(whose, round__span__startswith__lte=on)
        .select_related("round__edition__programme")
        .annotate(
            named=name_on("unit", on),
            records=_counted(own, "round__submissions"),
            asked=_counted(model.filter(**below), "pk"),
            sent=_counted(answered.filter(**below), "unit"),
        )
        .order_by("-round__due", "-round", "named")
    )
    return [
        Owed(
            row.unit_id,
            row.named,
            row.round.edition.title,
            row.round.period,
            row.round.due,
            row.records,
            row.asked,
            row.sent,
            row.round.get_absolute_url(),
        )
        for row in rows[:MOST_OWED]
    ]
