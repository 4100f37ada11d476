"""What a decision would do: it is carried out, looked at, and rolled back.

So the preview tells the truth by construction, checks included. It is kept with the decision,
with a stamp of the trees, so that a page can show it without doing it again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor
from banyan.orgs.changes import Done, Problem, Unfit
from banyan.orgs.models import Placement, Succession, Unit, UnitCode, UnitName
from banyan.reorganisations import operations
from banyan.reorganisations.models import Effect, Reorganisation, State
from banyan.submissions.models import Expectation, Submission

MOST = 12  # lines shown of each kind; the counts tell the rest


class _Seen(Exception):
    """Carries the effects out of the transaction that is rolled back."""

    def __init__(self, effects: dict[str, Any]) -> None:
        self.effects = effects


def stamp() -> str:
    """The state of the trees: changes with every decision and every founding, moving, renaming."""
    newest = [
        table.objects.aggregate(last=Max("pk"), n=Count("pk")) for table in (Placement, UnitName)
    ]
    applied = Reorganisation.objects.exclude(state=State.DRAFT).count()
    return ".".join(str(value) for row in newest for value in row.values()) + f".{applied}"


def look(reorganisation: Reorganisation, *, by: Actor) -> dict[str, Any]:
    """The effects of a decision, or what stands in its way; kept with the decision.

    Shape: `{"problems": [{at, what, why, mend}], "units": …, "posts": …, …, "seconds": float}`.
    """
    begun = timezone.now()
    before = stamp()
    try:
        with transaction.atomic():
            done = operations.run(reorganisation, by=by)
            raise _Seen(_effects(reorganisation, done))
    except _Seen as seen:
        effects = {"problems": [], **seen.effects}
    except Unfit as unfit:
        effects = {"problems": [_problem(one) for one in unfit.problems]}
    except Refusal as refusal:
        effects = {"problems": [{"at": None, **refusal.as_dict()}]}
    effects["at"] = begun.isoformat()
    effects["seconds"] = round((timezone.now() - begun).total_seconds(), 1)
    Reorganisation.objects.filter(pk=reorganisation.pk, state=State.DRAFT).update(
        preview=effects, stamp=before
    )
    reorganisation.preview, reorganisation.stamp = effects, before
    return effects


def _problem(one: Problem) -> dict[str, Any]:
    return {"at": one.at, "what": one.what, "why": one.why, "mend": one.mend}


def _effects(reorganisation: Reorganisation, done: Done) -> dict[str, Any]:
    on = reorganisation.on
    ended = list(done.ended)
    divided = Succession.objects.filter(from_unit__in=ended, kind=Succession.Share.PART, on=on)
    parts = set(divided.values_list("from_unit", flat=True))
    return {
        "units": _units(reorganisation, done, parts),
        "names": _texts(reorganisation, UnitName, "name"),
        "codes": _texts(reorganisation, UnitCode, "code"),
        "posts": _people(reorganisation, "people_post", on),
        "members": _people(reorganisation, "people_membership", on),
        "links": _cut_and_made(reorganisation, "orgs_covers"),
        "rounds": _rounds(ended, on),
        "records": _records(ended, parts),
    }


def _units(reorganisation: Reorganisation, done: Done, parts: set[int]) -> dict[str, Any]:
    """How many of each kind stand on the eve and on the day, and what becomes of which."""
    on = reorganisation.on
    wholly = [unit for unit in done.ended if unit in done.wholly]
    gone = [unit for unit in done.ended if unit not in done.wholly and unit not in parts]
    places = Effect.objects.filter(reorganisation=reorganisation, of_table="orgs_placement")
    made = Placement.objects.filter(pk__in=places.filter(before__isnull=True).values("of_row"))
    moved = made.exclude(unit__in=done.founded.values()).values_list("unit", flat=True)
    return {
        "standing": _standing(reorganisation),
        "founded": _named(done.founded.values(), on),
        "merged": _named(wholly, on),
        "divided": _named(parts, on),
        "dissolved": _named(gone, on),
        "moved": _named(moved, on),
    }


def _standing(reorganisation: Reorganisation) -> list[list[Any]]:
    """[kind, how many on the eve, how many on the day] in the trees' order of kinds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.kind, count(*) FILTER (WHERE p.valid @> %(on)s::date - 1),"
            " count(*) FILTER (WHERE p.valid @> %(on)s::date)"
            " FROM orgs_placement p JOIN orgs_unit u ON u.id = p.unit_id"
            " WHERE p.valid && daterange(%(on)s::date - 1, %(on)s::date, '[]')"
            " GROUP BY u.kind ORDER BY u.kind",
            {"on": reorganisation.on},
        )
        return [list(row) for row in cursor.fetchall() if row[1] != row[2] or row[1]]


def _named(units: Iterable[int], on: date) -> dict[str, Any]:
    ids = list(units)
    rows = Unit.objects.filter(pk__in=ids).prefetch_related("names")
    shown = sorted(((unit.name_on(on), unit.pk) for unit in rows[:MOST]), key=str)
    return {"n": len(ids), "first": [{"name": name, "unit": pk} for name, pk in shown]}


def _texts(reorganisation: Reorganisation, model: Any, field: str) -> dict[str, Any]:
    """New names or codes of units that go on: [older, newer]."""
    table = model._meta.db_table
    effects = Effect.objects.filter(reorganisation=reorganisation, of_table=table)
    old: dict[int, str] = {}
    new: dict[int, str] = {}
    rows: Any = effects.values_list("before", "after")
    for before, after in rows:
        if before is None:
            new[after["unit_id"]] = after[field]
        else:
            old[before["unit_id"]] = before[field]
    changed = [(old[unit], new[unit]) for unit in new if unit in old and old[unit] != new[unit]]
    return {"n": len(changed), "first": sorted(changed)[:MOST]}


def _cut_and_made(reorganisation: Reorganisation, table: str) -> dict[str, int]:
    rows = Effect.objects.filter(reorganisation=reorganisation, of_table=table)
    made = rows.filter(before__isnull=True).count()
    return {"ended": rows.filter(before__isnull=False).count(), "made": made}


def _people(reorganisation: Reorganisation, table: str, on: date) -> dict[str, Any]:
    """How many posts or memberships end, how many begin anew at a successor, and at which units."""
    rows = Effect.objects.filter(
        reorganisation=reorganisation, of_table=table, before__isnull=False
    )
    were: Any = rows.values_list("before", flat=True)
    units = Counter(before["unit_id"] for before in were)
    named = Unit.objects.prefetch_related("names").in_bulk([u for u, _n in units.most_common(MOST)])
    first = [{"name": named[unit].name_on(on), "unit": unit, "n": units[unit]} for unit in named]
    return {**_cut_and_made(reorganisation, table), "first": first}


def _rounds(ended: Sequence[int], on: date) -> list[dict[str, Any]]:
    """Rounds due on the day or later that still wait for ended units: (round, how many)."""
    waiting = Expectation.objects.filter(unit__in=ended, round__due__gte=on)
    rows = waiting.values("round", "round__period", "round__due").annotate(n=Count("pk"))
    return [
        {
            "round": row["round"],
            "period": row["round__period"],
            "due": row["round__due"].isoformat(),
            "n": row["n"],
        }
        for row in rows.order_by("round__due")
    ]


def _records(ended: Sequence[int], parts: set[int]) -> list[dict[str, Any]]:
    """By programme and period: records of ended units, and how many of them must be placed."""
    rows = Submission.objects.filter(unit__in=ended)
    counted = rows.values("round__edition__programme__key", "round__period").annotate(
        n=Count("pk"), to_place=Count("pk", filter=Q(unit__in=parts))
    )
    return [
        {
            "programme": row["round__edition__programme__key"],
            "period": row["round__period"],
            "n": row["n"],
            "to_place": row["to_place"],
        }
        for row in counted.order_by("round__edition__programme__key", "round__period")
    ]
