"""The register by communes: how many models each has, under the reading asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote_plus

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.orgs.places import spec_on

# More than so many are shown by the unit above them, which opens to its own.
MOST = 400
_PLACE = "PLACE-OF-THE-TILE"
_MONTH_END = "(date_trunc('month', {}) + interval '1 month' - interval '1 day')::date"
# Rows count at their own unit, but for those that were placed elsewhere: these few are moved.
# A home is settled when one reading of the closure holds on all days on which its rows count.
_HOMES = """
    WITH r(unit_id, submission_id, counts_on) AS NOT MATERIALIZED (%(inner)s),
    given AS (
        SELECT r.unit_id, r.counts_on, (
               SELECT p.unit_id FROM submissions_placing p
                WHERE p.submission_id = r.submission_id AND p.on <= %(day)s
                ORDER BY p.on DESC LIMIT 1) AS home
          FROM r WHERE r.submission_id IN (SELECT submission_id FROM submissions_placing)),
    counted AS (
        SELECT unit_id AS home, count(*) AS n, min(counts_on) AS first, max(counts_on) AS last
          FROM r GROUP BY 1
        UNION ALL
        SELECT unit_id, -count(*), min(counts_on), max(counts_on)
          FROM given WHERE home IS NOT NULL GROUP BY 1
        UNION ALL
        SELECT home, count(*), min(counts_on), max(counts_on)
          FROM given WHERE home IS NOT NULL GROUP BY 1),
    homes AS (
        SELECT home, sum(n) AS n, daterange(%(first)s, %(last)s, '[]') AS days
          FROM counted GROUP BY 1)
    SELECT homes.home, homes.n,
           (array_agg(a.ancestor_id ORDER BY a.depth NULLS LAST) FILTER (WHERE a.sure))[1],
           coalesce(bool_or(NOT a.sure), false), coalesce(bool_and(a.valid @> homes.days), true)
      FROM homes LEFT JOIN (
           SELECT a.* FROM orgs_ancestry a JOIN orgs_unit u ON u.id = a.ancestor_id
            WHERE u.kind = 'commune' AND a.tree = 'state') AS a
           ON a.unit_id = homes.home AND a.valid && homes.days
     WHERE homes.n <> 0 GROUP BY 1, 2
"""
# The few homes whose commune was another at another time: day by day.
_DAYS = """
    WITH r(unit_id, submission_id, counts_on) AS (%(inner)s),
    days AS (
        SELECT coalesce((
               SELECT p.unit_id FROM submissions_placing p
                WHERE p.submission_id = r.submission_id AND p.on <= %(day)s
                ORDER BY p.on DESC LIMIT 1), r.unit_id) AS home, %(day)s AS day FROM r),
    counted AS (SELECT home, day, count(*) AS n FROM days WHERE home = ANY(%%(homes)s) GROUP BY 1, 2)
    SELECT counted.home, sum(n), over.commune, over.torn, true FROM counted, LATERAL (
        SELECT coalesce(bool_or(NOT a.sure), false) AS torn,
               (array_agg(a.ancestor_id ORDER BY a.depth NULLS LAST) FILTER (WHERE a.sure))[1]
               AS commune
          FROM orgs_ancestry a JOIN orgs_unit u ON u.id = a.ancestor_id AND u.kind = 'commune'
         WHERE a.unit_id = counted.home AND a.tree = 'state' AND a.valid @> counted.day) AS over
     GROUP BY 1, 3, 4
"""
_COMMUNES = """
    SELECT u.id, coalesce(n.name, old.name, ''), coalesce(n.sort_key, old.sort_key, ''), p.parent_id,
           coalesce(pn.name, ''), coalesce(pn.sort_key, ''), c.code, pc.code,
           u.id IN (SELECT e.unit_id FROM submissions_expectation e
                      JOIN submissions_round ro ON ro.id = e.round_id
                     WHERE ro.due < %(today)s::date
                       AND (%(first)s::date IS NULL OR ro.span <@ daterange(%(first)s, %(after)s)))
      FROM orgs_unit u
      LEFT JOIN orgs_unitname n ON n.unit_id = u.id AND n.language = 'vi' AND n.valid @> %(day)s::date
      LEFT JOIN LATERAL (SELECT name, sort_key FROM orgs_unitname o
                          WHERE n.unit_id IS NULL AND o.unit_id = u.id AND o.language = 'vi'
                          ORDER BY o.valid DESC LIMIT 1) old ON true
      LEFT JOIN orgs_unitcode c ON c.unit_id = u.id AND c.scheme = 'gso' AND c.valid @> %(day)s::date
      LEFT JOIN orgs_placement p ON p.unit_id = u.id AND p.tree = 'state' AND p.valid @> %(day)s::date
      LEFT JOIN orgs_unitname pn ON pn.unit_id = p.parent_id AND pn.language = 'vi'
           AND pn.valid @> %(day)s::date
      LEFT JOIN orgs_unitcode pc ON pc.unit_id = p.parent_id AND pc.scheme = 'gso'
           AND pc.valid @> %(day)s::date
     WHERE u.kind = 'commune' AND u.id IN (
           SELECT unnest(%(held)s::bigint[]) UNION
           SELECT unit_id FROM orgs_ancestry a WHERE a.ancestor_id = ANY(%(tops)s::bigint[])
              AND a.tree = 'state' AND a.valid @> %(day)s::date AND a.depth IS NOT NULL)
"""


@dataclass
class Tile:
    """One unit: its name, how many models, the word that says how it stands, where it opens."""

    name: str
    key: str
    n: int
    late: bool
    url: str
    of: int = 0
    without: int = 0

    @property
    def tone(self) -> str:
        """Repeats the word: nothing, late, none."""
        return "red" if self.n == 0 and self.late else "none" if self.n == 0 else "leaf"

    @property
    def word(self) -> str:
        """How it stands, in words."""
        if self.of:
            return _("%(without)s of %(of)s communes have none") % {
                "without": self.without,
                "of": self.of,
            }
        if self.n:
            return ngettext("model", "models", self.n)
        return _("none, late") if self.late else _("none")


@dataclass
class Bunch:
    """The tiles under one unit."""

    name: str
    key: str
    url: str
    tiles: list[Tile] = field(default_factory=list)


class Tiles:
    """The tiles of a listing of models."""

    def __init__(self, listing: Any) -> None:
        self.listing = listing
        self.reading = listing.reading
        self.loose = 0
        self.above = 0

    @property
    def day(self) -> date:
        """The day whose communes are shown."""
        fallback: date = self.listing.default_day
        return self.reading.day or fallback

    @cached_property
    def counts(self) -> dict[int, int]:
        """Commune → models; those of divided units and of units above communes are told apart."""
        found: dict[int, int] = {}
        for _home, n, commune, torn, _settled in self._homes():
            if torn:
                self.loose += int(n)
            elif commune is None:
                self.above += int(n)
            else:
                found[commune] = found.get(commune, 0) + int(n)
        return found

    def _homes(self) -> Iterable[Any]:
        rows = self.listing.rows_all.order_by()
        try:
            inner, params = rows.values(
                "unit_id", "submission_id", "counts_on"
            ).query.sql_with_params()
        except EmptyResultSet:
            return ()
        told: list[Any] = list(params)
        if self.reading.day is None:
            words = {
                "day": _MONTH_END.format("r.counts_on"),
                "first": _MONTH_END.format("min(first)"),
                "last": _MONTH_END.format("max(last)"),
            }
        else:
            fixed = f"'{self.reading.day.isoformat()}'::date"
            words = {"day": fixed, "first": fixed, "last": fixed}
        with connection.cursor() as cursor:
            cursor.execute(_HOMES % {"inner": inner, **words}, told)
            lines = cursor.fetchall()
            open_homes = [line[0] for line in lines if not line[4]]
            if open_homes:
                statement = _DAYS.replace("%%(homes)s", "%%s") % {"inner": inner, **words}
                cursor.execute(statement, [*told, open_homes])
                lines = [line for line in lines if line[4]] + cursor.fetchall()
        found: list[Any] = lines
        return found

    @cached_property
    def bunches(self) -> list[Bunch]:
        """By the unit above, both in the order of names; too many are one tile for each such unit."""
        rows = self._communes()
        many = len(rows) > MOST
        bunches: dict[Any, Bunch] = {}
        for pk, name, key, parent, above, above_key, code, above_code, late in rows:
            bunch = bunches.get(parent)
            if bunch is None:
                url = self._opens(parent, above_code, tiles=True) if parent else ""
                bunch = bunches[parent] = Bunch(above, above_key, url)
            url = "" if many else self._opens(pk, code, tiles=False)
            bunch.tiles.append(Tile(name, key, self.counts.get(pk, 0), late, url))
        found = sorted(bunches.values(), key=lambda one: one.key)
        if many:
            return [self._gathered(found)]
        for bunch in found:
            bunch.tiles.sort(key=lambda tile: tile.key)
        return found

    @staticmethod
    def _gathered(bunches: Sequence[Bunch]) -> Bunch:
        tiles = []
        for one in bunches:
            n = sum(tile.n for tile in one.tiles)
            late = any(tile.late for tile in one.tiles if not tile.n)
            without = sum(1 for tile in one.tiles if not tile.n)
            tiles.append(Tile(one.name, one.key, n, late, one.url, len(one.tiles), without))
        return Bunch("", "", "", tiles)

    def _communes(self) -> list[Any]:
        listing, counts = self.listing, self.counts
        located = listing.located
        tops = [unit.pk for unit in located.units] if located else [listing.actor.unit.pk]
        period = listing.period
        with connection.cursor() as cursor:
            cursor.execute(
                _COMMUNES,
                {
                    "day": self.day,
                    "today": listing.request.today,
                    "held": list(counts),
                    "tops": tops,
                    "first": period.first if period else None,
                    "after": period.after if period else None,
                },
            )
            return list(cursor.fetchall())

    def _opens(self, unit: int, code: str | None, *, tiles: bool) -> str:
        place = quote_plus(spec_on(unit, code, self.day))
        return self._addresses[tiles].replace(_PLACE, place)

    @cached_property
    def _addresses(self) -> dict[bool, str]:
        """The address of a place, as tiles or as a table: written once, not for every tile."""
        shown = {True: "tiles", False: None}
        return {
            tiles: self.listing.url(place=_PLACE, show=show, after=None)
            for tiles, show in shown.items()
        }
