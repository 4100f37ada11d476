"""Dated links across trees: which unit works in the area of which, for as long as both stand."""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from banyan.orgs.changes import Done
from banyan.orgs.models import Covers

# (unit, covered, first day or None, day after the last or None)
Wanted = tuple[int, int, date | None, date | None]

_LINK = """
    INSERT INTO orgs_covers (unit_id, covered_id, valid, decision)
    SELECT unit, covered, unnest(
               range_agg(during)
               * (SELECT range_agg(valid) FROM orgs_placement WHERE unit_id = unit)
               * (SELECT range_agg(valid) FROM orgs_placement WHERE unit_id = covered)
               - coalesce((SELECT range_agg(valid) FROM orgs_covers
                            WHERE unit_id = unit AND covered_id = covered), '{}')), %s
      FROM (SELECT unnest(%s::bigint[]) AS unit, unnest(%s::bigint[]) AS covered,
                   unnest(%s::text[]::daterange[]) AS during) wanted
     WHERE unit <> covered
     GROUP BY unit, covered
    RETURNING valid
"""
_CUT = """
    WITH later AS (DELETE FROM orgs_covers WHERE id = ANY(%(rows)s) AND lower(valid) >= %(on)s)
    UPDATE orgs_covers SET valid = daterange(lower(valid), %(on)s)
     WHERE id = ANY(%(rows)s) AND (lower(valid) IS NULL OR lower(valid) < %(on)s)
"""


def link(wanted: Iterable[Wanted], decision: str = "") -> list[DateRange]:
    """Link pairs of units on the days on which both stand and are not linked yet; those days."""
    rows = list(wanted)
    if not rows:
        return []
    during = [f"[{low or ''},{high or ''})" for _unit, _covered, low, high in rows]
    units, covered = [row[0] for row in rows], [row[1] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [decision, units, covered, during])
        return [row[0] for row in cursor.fetchall()]


def pass_on(done: Done, on: date, decision: str) -> None:
    """A link to or from an ended unit ends with it, and goes over to whoever took it in wholly."""
    ended, heirs = list(done.ended), done.wholly
    concerned = Q(unit__among=ended) | Q(covered__among=ended)
    rows = list(Covers.objects.filter(concerned, valid__overlap=DateRange(on, None)))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"rows": [row.pk for row in rows], "on": on})
    link(
        (
            (
                heirs.get(row.unit_id, row.unit_id),
                heirs.get(row.covered_id, row.covered_id),
                max(on, row.valid.lower or on),
                row.valid.upper,
            )
            for row in rows
            if all(
                unit in heirs or unit not in done.ended for unit in (row.unit_id, row.covered_id)
            )
        ),
        decision,
    )
