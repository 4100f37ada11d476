"""The journal of a decision: kept by triggers, read to tell what it did, played back to undo it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.errors import Refusal
from banyan.orgs import ancestry
from banyan.orgs.models import Covers, Placement, Succession, Unit, UnitCode, UnitName
from banyan.people.models import Membership, Post
from banyan.reorganisations import later
from banyan.reorganisations.models import Effect, Reorganisation
from banyan.submissions.models import Placing

# What a decision may change, each with a trigger (migration 0002).
KEPT: tuple[type[models.Model], ...] = (
    Unit,
    UnitName,
    UnitCode,
    Placement,
    Succession,
    Covers,
    Post,
    Membership,
)
TABLES = {model._meta.db_table: model for model in KEPT}
MOST_NAMED = 3
# What officers call the rows that stand in the way of undoing.
CALLED = {
    "documents.document": gettext_lazy("documents"),
    "figures.figure": gettext_lazy("stated figures"),
    "initiatives.batch": gettext_lazy("imports"),
    "initiatives.initiative": gettext_lazy("models of the register"),
    "initiatives.registrant": gettext_lazy("registrants"),
    "orgs.covers": gettext_lazy("links across trees"),
    "orgs.group": gettext_lazy("groups of units"),
    "orgs.groupmember": gettext_lazy("places in groups of units"),
    "orgs.placement": gettext_lazy("places in the tree"),
    "orgs.succession": gettext_lazy("later mergers and divisions"),
    "orgs.unit": gettext_lazy("units"),
    "orgs.unitcode": gettext_lazy("codes of units"),
    "orgs.unitname": gettext_lazy("names of units"),
    "packs.programme": gettext_lazy("installed programmes"),
    "people.membership": gettext_lazy("memberships"),
    "people.person": gettext_lazy("persons"),
    "people.post": gettext_lazy("posts"),
    "reorganisations.reorganisation": gettext_lazy("other decisions"),
    "reports.report": gettext_lazy("reports"),
    "submissions.draft": gettext_lazy("drafts being typed"),
    "submissions.expectation": gettext_lazy("expected reports of rounds"),
    "submissions.placing": gettext_lazy("placed records"),
    "submissions.round": gettext_lazy("rounds"),
    "submissions.submission": gettext_lazy("records"),
}

# A row may have been written several times: its first 'before' and its last 'after' count.
_FIRST_AND_LAST = """
    SELECT of_row, (array_agg(before ORDER BY id))[1] AS was, (array_agg(after ORDER BY id DESC))[1] AS now
      FROM reorganisations_effect WHERE reorganisation_id = %(id)s AND of_table = '{table}'
     GROUP BY of_row
"""
_TOUCHED = """
    SELECT e.of_row FROM ({effects}) e LEFT JOIN {table} t ON t.id = e.of_row
     WHERE (e.now IS NULL) <> (t.id IS NULL) OR NOT to_jsonb(t) @> e.now LIMIT 20
"""
# A column that a later version of Banyan added is not in the journal: it stays as it is.
_WIDEN = """
    UPDATE reorganisations_effect e SET before = to_jsonb(t) || e.before FROM {table} t
     WHERE t.id = e.of_row AND e.reorganisation_id = %(id)s AND e.of_table = '{table}'
       AND e.before IS NOT NULL AND NOT e.before ?& ARRAY[{columns}]
"""
_REMOVE = "DELETE FROM {table} t USING ({effects}) e WHERE t.id = e.of_row"
_PUT_BACK = """
    INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, e.was)).*
      FROM ({effects}) e WHERE e.was IS NOT NULL
"""


@contextmanager
def kept(reorganisation: Reorganisation) -> Iterator[None]:
    """Within it every change of a dated row is written to the decision's journal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('banyan.reorganisation', %s, true)", [str(reorganisation.pk)]
        )
        # What fails is rolled back by the operation, and the setting with it.
        yield
        cursor.execute("SELECT set_config('banyan.reorganisation', '', true)")


@dataclass
class Touched:
    """Units whose places the journal names, by tree, and units it founded."""

    by_tree: dict[str, set[int]] = field(default_factory=dict)
    founded: list[int] = field(default_factory=list)


def _run(sql: str, table: str, reorganisation: Reorganisation) -> list[int]:
    effects = _FIRST_AND_LAST.format(table=table)
    columns = ", ".join(f"'{one.column}'" for one in TABLES[table]._meta.concrete_fields)
    statement = sql.format(table=table, effects=effects, columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"id": reorganisation.pk})
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def touched_since(reorganisation: Reorganisation) -> list[str]:
    """Of what rows are no longer as the decision left them; empty when it can be undone."""
    return [
        _called(model) for table, model in TABLES.items() if _run(_TOUCHED, table, reorganisation)
    ]


def founded_by(reorganisation: Reorganisation) -> list[int]:
    """The units that the decision founded."""
    rows = Effect.objects.filter(
        reorganisation=reorganisation, of_table="orgs_unit", before__isnull=True
    )
    return list(rows.values_list("of_row", flat=True))


def placed_at(reorganisation: Reorganisation) -> int:
    """How many records have been placed at units that the decision founded."""
    founded = Effect.objects.filter(
        reorganisation=reorganisation, of_table="orgs_unit", before__isnull=True
    )
    return Placing.objects.filter(unit__in=founded.values("of_row")).count()


def leaning_on(reorganisation: Reorganisation) -> list[str]:
    """What stands on rows the decision made, in words: what, how many, at which units."""
    found: dict[type[models.Model], list[tuple[int, int | None]]] = {}
    for table, model in TABLES.items():
        made = Effect.objects.filter(
            reorganisation=reorganisation, of_table=table, before__isnull=True
        ).values("of_row")
        for relation in model._meta.related_objects:
            if relation.many_to_many or not getattr(relation.field, "db_constraint", True):
                continue
            other = relation.related_model
            own = Effect.objects.filter(
                reorganisation=reorganisation, of_table=other._meta.db_table
            ).values("of_row")
            rows = other._default_manager.filter(**{f"{relation.field.name}__in": made})
            leaning = rows.exclude(pk__in=own).values_list("pk", relation.field.attname)
            for pk, at in leaning:
                found.setdefault(other, []).append((pk, at if model is Unit else None))
    return [_leaning(kind, rows) for kind, rows in found.items()]


def _leaning(kind: type[models.Model], rows: list[tuple[int, int | None]]) -> str:
    at = sorted({unit for _pk, unit in rows if unit is not None})
    units = Unit.objects.filter(pk__in=at[:MOST_NAMED]).prefetch_related("names")
    names = ", ".join(unit.name_on(None) for unit in units)
    more = " …" if len(at) > MOST_NAMED else ""
    told = {"what": _called(kind), "n": len({pk for pk, _at in rows}), "units": f"{names}{more}"}
    return (_("%(what)s: %(n)d, at %(units)s") if names else _("%(what)s: %(n)d")) % told


def _called(kind: type[models.Model]) -> str:
    """What rows of a kind are called."""
    return str(CALLED.get(kind._meta.label_lower, kind._meta.verbose_name_plural))


def play_back(reorganisation: Reorganisation) -> Touched:
    """Put every row back as it was, in the transaction of the caller, who rebuilds the closure.

    Raises Refusal (409) where something decided since stands in the way; nothing is changed then.
    """
    touched = _touched(reorganisation)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in TABLES:
                _run(_WIDEN, table, reorganisation)
                _run(_REMOVE, table, reorganisation)
            for table in TABLES:
                _run(_PUT_BACK, table, reorganisation)
            cursor.execute(
                "DELETE FROM orgs_ancestry WHERE unit_id = ANY(%(gone)s) OR ancestor_id = ANY(%(gone)s)",
                {"gone": touched.founded},
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as held:
        raise _in_the_way(reorganisation) from held
    return touched


def _in_the_way(reorganisation: Reorganisation) -> Refusal:
    why = _("A later decision uses a code, a name or a place that this one set free.")
    return later.refusal(reorganisation, why)


def _touched(reorganisation: Reorganisation) -> Touched:
    touched = Touched(founded=founded_by(reorganisation))
    gone = set(touched.founded)
    for before, after in Effect.objects.filter(
        reorganisation=reorganisation, of_table="orgs_placement"
    ).values_list("before", "after"):
        for row in filter(None, (before, after)):
            if row["unit_id"] not in gone:
                touched.by_tree.setdefault(row["tree"], set()).add(row["unit_id"])
    return touched


def rebuild(reorganisation: Reorganisation, touched: Touched) -> None:
    """Make the closure right again after a play-back.

    Raises Refusal (409) where a place put back closes a circle with one decided since.
    """
    try:
        with transaction.atomic():
            for tree, units in touched.by_tree.items():
                ancestry.rebuild_below(units, tree)
    except IntegrityError as circle:
        raise _in_the_way(reorganisation) from circle
