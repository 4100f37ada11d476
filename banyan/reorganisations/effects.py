"""What a decision did, told from its journal while it is in force: counts, and the first of each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Count, Min, OuterRef, Q, Subquery, When

from banyan.orgs.changes import Done
from banyan.orgs.models import Ancestry, Kind, Placement, Succession, Unit, UnitCode, UnitName
from banyan.orgs.unit_page import name_on
from banyan.reorganisations.models import Effect, Reorganisation
from banyan.submissions.models import Expectation, Submission

MOST = 8  # lines kept of each kind; the counts tell the rest
Told = dict[str, Any]


def effects_of(reorganisation: Reorganisation, done: Done) -> Told:
    """The effects of a decision that has just been carried out in this transaction."""
    on = reorganisation.on
    ended = list(done.ended)
    divided = Succession.objects.filter(
        from_unit__among=ended, kind=Succession.Share.PART, on=on
    ).values_list("from_unit", flat=True)
    parts = set(divided)
    units = _units(reorganisation, done, parts)
    return {
        "ended": len(ended),
        "units": units,
        "names": _texts(reorganisation, UnitName, "name"),
        "codes": _texts(reorganisation, UnitCode, "code"),
        "posts": _people(reorganisation, "people_post", on),
        "members": _people(reorganisation, "people_membership", on),
        "links": _cut_and_made(reorganisation, "orgs_covers"),
        "rounds": _rounds(ended, on),
        "records": _records(ended, parts),
        "late": _late(reorganisation, ended),
        "rows": _rows(reorganisation),
    }


def _units(reorganisation: Reorganisation, done: Done, parts: set[int]) -> Told:
    """How many of each kind stand on the eve and on the day, and what becomes of which."""
    on, eve = reorganisation.on, reorganisation.on - timedelta(days=1)
    wholly = [unit for unit in done.ended if unit in done.wholly]
    gone = [unit for unit in done.ended if unit not in done.wholly and unit not in parts]
    written = Effect.objects.filter(reorganisation=reorganisation, before__isnull=True)
    moved = set(_moved(reorganisation).values_list("unit", flat=True)).difference(
        done.founded.values()
    )
    named = {move.told["unit"] for move in reorganisation.changes.filter(verb="move")}
    carved = written.filter(
        of_table="orgs_succession", after__kind=Succession.Share.SPLIT.value
    ).values_list("after__from_unit_id", flat=True)
    return {
        "standing": _standing(reorganisation),
        "founded": _named(done.founded.values(), on),
        "merged": _named(wholly, eve),
        "divided": _named(parts, eve),
        "carved": _named(set(carved), on),
        "dissolved": _named(gone, eve),
        "moved": {**_named(moved, on), "unnamed": len(moved - named)},
    }


def _moved(reorganisation: Reorganisation) -> Any:
    """The places that it wrote."""
    written = Effect.objects.filter(
        reorganisation=reorganisation, of_table="orgs_placement", before__isnull=True
    )
    return Placement.objects.filter(pk__in=written.values("of_row"))


def _standing(reorganisation: Reorganisation) -> list[list[Any]]:
    """[kind, how many on the eve, how many on the day] of the kinds there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.kind, count(*) FILTER (WHERE p.valid @> (%(on)s::date - 1)),"
            " count(*) FILTER (WHERE p.valid @> %(on)s::date)"
            " FROM orgs_placement p JOIN orgs_unit u ON u.id = p.unit_id"
            " WHERE p.valid && daterange(%(on)s::date - 1, %(on)s::date, '[]')"
            " GROUP BY u.kind",
            {"on": reorganisation.on},
        )
        return [list(row) for row in cursor.fetchall()]


def _named(units: Iterable[int], day: date) -> Told:
    """How many, and the first: the higher before the lower, each with what it stands under."""
    ids = list(units)
    height = Case(*(When(kind=kind, then=place) for place, kind in enumerate(Kind)))
    above = Placement.objects.filter(unit=OuterRef("pk"), valid__contains=day)
    rows: Any = Unit.objects.filter(pk__among=ids).named_on(day)
    shown = rows.order_by(height, "day_key").annotate(
        over=Subquery(above.annotate(name=name_on("parent", day)).values("name")[:1])
    )
    first = [
        {"name": row.day_name, "unit": row.pk, "kind": row.kind, "above": row.over or ""}
        for row in shown[:MOST]
    ]
    return {"n": len(ids), "first": first}


def _texts(reorganisation: Reorganisation, model: Any, field: str) -> Told:
    """Other names or codes of units that go on: unit, older, newer."""
    effects = Effect.objects.filter(
        reorganisation=reorganisation, of_table=model._meta.db_table
    ).order_by("pk")
    old: dict[int, str] = {}
    new: dict[int, str] = {}
    rows: Any = effects.values_list("before", "after")
    for before, after in rows:
        if before is None:
            new[after["unit_id"]] = after[field]
        else:
            old.setdefault(before["unit_id"], before[field])
    changed = sorted(
        (old[unit], new[unit], unit) for unit in new if unit in old and old[unit] != new[unit]
    )
    first = [{"old": was, "new": now, "unit": unit} for was, now, unit in changed[:MOST]]
    upgrades = reorganisation.changes.filter(verb="upgrade")
    raised = {one.told["unit"] for one in upgrades}
    return {
        "n": len(changed),
        "first": first,
        "raised": sum(unit in raised for _was, _now, unit in changed),
    }


def _cut_and_made(reorganisation: Reorganisation, table: str) -> Told:
    rows = Effect.objects.filter(reorganisation=reorganisation, of_table=table)
    counted: Told = rows.aggregate(
        ended=Count("pk", filter=Q(before__isnull=False)),
        made=Count("pk", filter=Q(before__isnull=True)),
    )
    return counted


def _people(reorganisation: Reorganisation, table: str, on: date) -> Told:
    """How many posts or memberships end, how many begin anew at a successor, and at which units."""
    rows = Effect.objects.filter(
        reorganisation=reorganisation, of_table=table, before__isnull=False
    )
    were: Any = rows.values_list("before", flat=True)
    units = Counter(before["unit_id"] for before in were)
    eve = on - timedelta(days=1)
    named = Unit.objects.prefetch_related("names").in_bulk([u for u, _n in units.most_common(MOST)])
    first = [{"name": named[unit].name_on(eve), "unit": unit, "n": units[unit]} for unit in named]
    return {**_cut_and_made(reorganisation, table), "units": len(units), "first": first}


def _rounds(ended: Sequence[int], on: date) -> list[Told]:
    """Rounds due on the day or later that still wait for ended units, and for how many."""
    waiting = Expectation.objects.filter(unit__among=ended, round__due__gte=on)
    about = ("round", "round__edition__programme__key", "round__period", "round__due")
    rows: Any = waiting.values_list(*about).annotate(n=Count("pk")).order_by("round__due", "round")
    return [
        {"round": pk, "programme": key, "period": period, "due": due.isoformat(), "n": n}
        for pk, key, period, due, n in rows
    ]


def _records(ended: Sequence[int], parts: set[int]) -> list[Told]:
    """By programme and period: records of ended units, and how many of them must be placed."""
    about = ("round__edition__programme__key", "round__period")
    rows: Any = Submission.objects.filter(unit__among=ended).values_list(*about)
    counted = rows.annotate(
        n=Count("pk"), to_place=Count("pk", filter=Q(unit__among=list(parts)))
    ).order_by(*about)
    return [
        {"programme": key, "period": period, "n": n, "to_place": to_place}
        for key, period, n, to_place in counted
    ]


def _late(reorganisation: Reorganisation, ended: Sequence[int]) -> Told:
    """Records that count by the new units even when read by the units of their time.

    *Then* reads the tree on the last day of a record's month: of units that end or move, and of all
    that stands below these, the records of the decision's own month and later are concerned.
    """
    below = Ancestry.objects.standing().filter(
        ancestor__in=_moved(reorganisation).values("unit"),
        valid__overlap=DateRange(reorganisation.on, None),
    )
    rows: Any = Submission.objects.filter(
        Q(unit__among=list(ended)) | Q(unit__in=below.values("unit")),
        counts_on__gte=reorganisation.on.replace(day=1),
    )
    found = rows.values_list("round__period").annotate(n=Count("pk"), day=Min("counts_on"))
    periods = list(found.order_by("day", "round__period"))
    n = sum(one[1] for one in periods)
    return {"n": n, "first": periods[0][0], "last": periods[-1][0]} if periods else {"n": 0}


def _rows(reorganisation: Reorganisation) -> dict[str, int]:
    """How many rows of each table it wrote: what undoing puts back."""
    effects = Effect.objects.filter(reorganisation=reorganisation).values_list("of_table")
    return dict(effects.annotate(n=Count("of_row", distinct=True)))
