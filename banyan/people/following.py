"""Posts and memberships when units end: posts end or pass on, members never lose their unit."""

from collections import Counter

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.orgs.changes import Done, Problem
from banyan.orgs.following import Way, follows
from banyan.orgs.models import Placement, Unit
from banyan.people.models import Membership, Post

_CUT = "UPDATE {table} SET valid = daterange(lower(valid), %s) WHERE id = ANY(%s)"


def _cut(table: str, rows: list[int], way: Way) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CUT.format(table=table), [way.on, rows])


def _begun_later(rows: list[Post] | list[Membership], way: Way, what: str) -> list[Problem]:
    """A post or membership that begins on or after the day cannot be where no unit stands."""
    late = Counter(row.unit_id for row in rows if row.valid.lower and row.valid.lower >= way.on)
    units = Unit.objects.prefetch_related("names").in_bulk(list(late))
    return [
        Problem(
            None,
            what % {"n": n, "unit": units[unit].name_on(way.on)},
            _("The unit does not stand any more on that day."),
            _("End them first, or choose a later day."),
        )
        for unit, n in late.items()
    ]


@follows
def posts_end_or_pass_on(done: Done, way: Way) -> list[Problem]:
    """Posts at ended units end with them; where the decision says so, those at a unit that went
    over wholly begin anew at its successor."""
    later = DateRange(way.on, None)
    rows = list(Post.objects.filter(unit__among=list(done.ended), valid__overlap=later))
    late = _begun_later(rows, way, _("%(n)d posts begin at “%(unit)s” on that day or later."))
    if late:
        return late
    _cut("people_post", [row.pk for row in rows], way)
    if way.pass_posts:
        held = set(
            Post.objects.filter(unit__among=list(done.wholly.values()), valid__overlap=later)
            .values_list("person_id", "unit_id", "role_id", "tree")
        )  # fmt: skip
        for row in rows:
            heir = done.wholly.get(row.unit_id)
            key = (row.person_id, heir or 0, row.role_id, row.tree)
            if heir is None or key in held:
                continue
            held.add(key)
            Post.objects.create(
                person_id=row.person_id,
                unit_id=heir,
                role_id=row.role_id,
                tree=row.tree,
                title=row.title,
                valid=DateRange(way.on, row.valid.upper),
            )
    return []


def _ends_itself(heirs: set[int], way: Way) -> list[Problem]:
    """Nobody passes to a unit that ends later, by what was decided before: he would be lost there."""
    rows = Placement.objects.filter(unit__in=heirs, valid__overlap=DateRange(way.on, None))
    lasting = set(rows.filter(valid__endswith=None).values_list("unit", flat=True))
    ending = Unit.objects.filter(pk__in=heirs - lasting).prefetch_related("names")
    return [
        Problem(
            None,
            _("“%(unit)s” takes in members and ends later itself.")
            % {"unit": unit.name_on(way.on)},
            _("An earlier decision says what became of it."),
            _("Name the unit that takes them in."),
        )
        for unit in ending
    ]


@follows
def members_pass_on(done: Done, way: Way) -> list[Problem]:
    """Members of an ended unit belong to its heir from the day on; nobody is left without a unit."""
    later = DateRange(way.on, None)
    rows = list(Membership.objects.filter(unit__among=list(done.ended), valid__overlap=later))
    late = _begun_later(rows, way, _("%(n)d memberships begin at “%(unit)s” on that day or later."))
    heirs = {unit: heir for unit, heir in done.ended.items() if heir is not None}
    lost = Counter(row.unit_id for row in rows if row.unit_id not in heirs)
    units = Unit.objects.prefetch_related("names").in_bulk(list(lost))
    problems = late + [
        Problem(
            None,
            ngettext(
                "%(n)d member of “%(unit)s” would be left without a unit.",
                "%(n)d members of “%(unit)s” would be left without a unit.",
                n,
            )
            % {"n": n, "unit": units[unit].name_on(way.on)},
            _("The unit ends and the decision does not say who takes its members in."),
            _("Name the unit that takes them in."),
        )
        for unit, n in lost.items()
    ]
    problems += _ends_itself({done.ended[row.unit_id] or 0 for row in rows}, way)
    if problems:
        return problems
    _cut("people_membership", [row.pk for row in rows], way)
    Membership.objects.bulk_create(
        [
            Membership(
                person_id=row.person_id,
                unit_id=heirs[row.unit_id],
                kind=row.kind,
                valid=DateRange(way.on, row.valid.upper),
            )
            for row in rows
        ],
        batch_size=5_000,
    )
    return []
