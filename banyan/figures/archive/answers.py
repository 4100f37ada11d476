"""The pivot's question answered out of an archive: the same numbers in the same shape as `matrix`.

Read *then*. Units are found and named by the database; no number is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Unpack

import duckdb
from django.utils.translation import gettext as _

from banyan.figures.archive import duck
from banyan.figures.archive.manifest import NAME, File, Manifest, hash_of
from banyan.figures.archive.meanings import period_key
from banyan.figures.coding import code, codes_in
from banyan.figures.counting import axes_of, with_bases
from banyan.figures.folded import Asked, Folded, Sum
from banyan.figures.kept import Kept, wish
from banyan.figures.matrix import How, Matrix, bound, host, spot
from banyan.figures.place import Place, lowest_kind
from banyan.figures.records import Question
from banyan.figures.rollup import Reckoning, told_elsewhere
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.readings import DEFAULT
from banyan.packs.schema import Pack

THREADS = 2
# Each row of the files once for every period asked that holds it, with the place of its measure.
_WITHIN = """
    WITH m AS (SELECT unnest($meanings::VARCHAR[]) AS meaning, unnest($at_measure::INTEGER[]) AS place),
         w AS (SELECT unnest($wides::INTEGER[]) AS wide, unnest($bases::VARCHAR[]) AS base,
                      unnest($firsts::DATE[]) AS first, unnest($afters::DATE[]) AS after),
         c AS (SELECT m.place, w.wide, w.base, f.unit_id, f.day, f.ancestors, f.perhaps, f.part, f.n,
                      f.said, f.total
                 FROM read_parquet($files, hive_partitioning = false) AS f
                 JOIN m ON m.meaning = f.measure
                 JOIN w ON w.base = f.period AND f.day >= w.first AND f.day < w.after)
"""
_NUMBERS = f"""
    {_WITHIN}, tops AS (SELECT unnest($tops::BIGINT[]) AS top),
         ways AS (SELECT 'sure' AS what, * EXCLUDE (ancestors, perhaps), unnest(ancestors) AS top FROM c
                   UNION ALL
                  SELECT 'unsure', * EXCLUDE (ancestors, perhaps), unnest(perhaps) FROM c WHERE place = 0)
    SELECT what, place, wide, top, part, sum(n), sum(said), sum(total)
      FROM ways JOIN tops USING (top) GROUP BY ALL
"""
_AT = """
    spot AS (SELECT unnest($at::INTEGER[]) AS nth, unnest($at_top::BIGINT[]) AS top,
                  unnest($at_wide::INTEGER[]) AS wide, unnest($at_day::DATE[]) AS day),
    u AS (SELECT *, coalesce(first, '-infinity'::DATE) AS since, coalesce(after, 'infinity'::DATE) AS till
            FROM read_parquet($units, hive_partitioning = false))
"""
# As `figures_heard` of the database: a record is of the unit that stands over it on the period's day.
_HEARD = f"""
    {_WITHIN}, {_AT},
    heard AS (SELECT spot.nth, spot.wide, o.ancestor_id AS unit
                FROM spot JOIN c ON c.place = 0 AND c.wide = spot.wide
                     AND list_contains(c.ancestors, spot.top)
                JOIN u AS o ON o.unit_id = c.unit_id AND o.sure AND o.ancestor_kind = $lowest
                     AND spot.day >= o.since AND spot.day < o.till
               GROUP BY 1, 2, 3 HAVING sum(c.n) > 0),
    awaited AS (SELECT DISTINCT spot.nth, spot.wide, a.unit_id AS unit
                  FROM spot JOIN u AS a ON a.ancestor_id = spot.top AND a.depth IS NOT NULL
                       AND a.unit_kind = $lowest AND spot.day >= a.since AND spot.day < a.till)
    SELECT a.nth, a.wide, count(h.unit), count(*)
      FROM awaited AS a LEFT JOIN heard AS h ON h.nth = a.nth AND h.wide = a.wide AND h.unit = a.unit
     GROUP BY 1, 2
"""
# As `Area.divided`: held here, and torn among units directly below.
_LOOSE = f"""
    {_WITHIN}, {_AT},
    torn AS (SELECT c.*, unnest(c.perhaps) AS below FROM c WHERE c.place = 0 AND len(c.perhaps) > 0),
    held AS (SELECT DISTINCT spot.nth, spot.wide, torn.unit_id, torn.base, torn.day, torn.n
               FROM spot JOIN torn ON torn.wide = spot.wide AND list_contains(torn.ancestors, spot.top)
               JOIN u ON u.unit_id = torn.below AND u.ancestor_id = spot.top AND u.depth = 1
                    AND torn.day >= u.since AND torn.day < u.till)
    SELECT nth, wide, sum(n) FROM held GROUP BY 1, 2
"""


@dataclass(frozen=True)
class FromArchive(Matrix):
    """A matrix whose every number comes out of an archive."""

    def waiting(self, place: Place, period: Period) -> tuple[int, int]:
        """As of the database, without asking it."""
        told = self._at(place, period)
        return told.unplaced, told.loose


@dataclass
class Archive:
    """An archive that is read; `matrix` answers as `figures.matrix.matrix` does."""

    folder: Path
    manifest: Manifest
    _whole: set[str] = field(default_factory=set)

    @classmethod
    def at(cls, folder: Path) -> "Archive":
        """The archive in a folder. Refusal where there is none, or of another version."""
        manifest = Manifest.load(folder)
        if manifest is None:
            raise Refusal(
                _("%(folder)s holds no archive of figures.") % {"folder": folder},
                _("There is no %(name)s in it.") % {"name": NAME},
                _("Write one: banyan figures export --into %(folder)s") % {"folder": folder},
                status=404,
            )
        return cls(folder, manifest)

    def matrix(
        self,
        pack: Pack,
        places: Sequence[Place],
        periods: Sequence[Period],
        indicators: Sequence[str],
        **how: Unpack[How],
    ) -> Matrix:
        """Indicators of places in periods, told apart along an axis if one is named.

        Raises Refusal for what the archive does not hold, and for files that are not those written.
        """
        bound(len(places), len(periods), len(indicators))
        reading, axis = how.get("reading", DEFAULT), how.get("axis")
        if reading.day is not None:
            raise _only_then()
        asking = _Asking(self, pack, places, indicators, axis)
        hosts = {period.key: host(period, how.get("within", ())) for period in periods}
        told: dict[Any, Reckoning] = {}
        with duck.opened(self.folder, THREADS) as link:
            for whole in dict.fromkeys(hosts.values()):
                own = [period for period in periods if hosts[period.key] == whole]
                told |= asking.told(link, own, whole)
        at = min(self.as_of(pack, hosts[period.key] or period) for period in periods)
        return FromArchive(
            pack=pack,
            reading=reading,
            axis=axis,
            as_of=at,
            synthetic=any(one.synthetic for one in told.values()),
            notes=[],
            told=told,
        )

    def as_of(self, pack: Pack, period: Period) -> datetime:
        """As of when its figures are. Refusal for a programme or period that was not exported."""
        programme = self.manifest.programmes.get(pack.id)
        if programme is None:
            raise _not_here(_("The programme “%(key)s”") % {"key": pack.id}, self.folder)
        at = programme.as_of(period)
        if at is None:
            raise _not_here(_("The period %(key)s") % {"key": period.key}, self.folder)
        return datetime.fromisoformat(at)

    def files(self, programme: str, periods: Iterable[str]) -> list[str]:
        """The files of a programme's base periods, each as it was written."""
        wanted = set(periods)
        own = [one for one in self.manifest.files if one.programme == programme]
        return [self._whole_file(one) for one in own if one.period in wanted]

    @property
    def units(self) -> str:
        """The file of the units."""
        assert self.manifest.units is not None
        return self._whole_file(self.manifest.units)

    def _whole_file(self, file: File) -> str:
        path = self.folder / file.path
        if file.path not in self._whole:
            if not path.is_file() or hash_of(path) != file.sha256:
                raise Refusal(
                    _("%(file)s is not the file that was exported.") % {"file": path},
                    _("The manifest of the archive says another hash, or the file is gone."),
                    _("Bring it back from a copy, or export again; --check says what else."),
                    status=409,
                )
            self._whole.add(file.path)
        return duck.file(path)


@dataclass(frozen=True)
class _Asking:
    """A question's unchanging part."""

    archive: Archive
    pack: Pack
    places: Sequence[Place]
    indicators: Sequence[str]
    axis: str | None

    def told(
        self, link: duck.Link, periods: Sequence[Period], whole: Period | None
    ) -> dict[Any, Reckoning]:
        """The figures of periods; `whole`: of which period they are parts, by the month each record
        counts in."""
        specs = with_bases(self.pack, self.indicators)
        along = {name: of for name, of in axes_of(specs).items() if name == self.axis}
        wished = wish(self.pack, specs, along, (self.places, periods), DEFAULT)
        if wished is None:
            raise _no_sum(_("the units of this group hold some records twice"))
        if wished.hopeless:
            names = ", ".join(spec.id for spec in wished.hopeless)
            raise _no_sum(_("%(names)s: these are counted from the records") % {"names": names})
        found, loose = self._read(link, wished.asked, whole)
        kept = wished.granted(found)
        if kept is None or len(found.kept) < len(wished.asked.measures):
            raise Refusal(
                _("The archive does not hold all of these figures."),
                _("It was written under another edition of the programme."),
                _("Export again: banyan figures export %(key)s") % {"key": self.pack.id},
                status=409,
            )
        return {
            (spot(place), period.key): self._one(kept, n, period, whole, loose)
            for n, place in enumerate(self.places)
            for period in periods
        }

    def _one(
        self,
        kept: Kept,
        n: int,
        period: Period,
        whole: Period | None,
        loose: dict[tuple[int, int], int],
    ) -> Reckoning:
        counted = period if whole else None
        question = Question(self.pack, self.places[n], whole or period, DEFAULT, counted)
        told = told_elsewhere(question, kept.specs, kept.along, kept.of(n, period))
        at = self.archive.as_of(self.pack, whole or period)
        return replace(told, loose=loose.get((n, code(period)), 0), as_of=at)

    def _read(
        self, link: duck.Link, asked: Asked, whole: Period | None
    ) -> tuple[Folded, dict[tuple[int, int], int]]:
        """Everything asked; and by place and period the records in no part."""
        programme = self.archive.manifest.programmes.get(self.pack.id)
        for period in asked.periods:
            self.archive.as_of(self.pack, whole or period)
        held = {one.measure for one in programme.measures} if programme else set()
        meanings = [one.meaning for one in asked.measures]
        found = Folded(kept={n for n, one in enumerate(meanings) if one in held})
        within = _within(asked.periods, whole)
        files = self.archive.files(self.pack.id, within["bases"])
        values: dict[str, Any] = {
            "meanings": meanings,
            "at_measure": list(range(len(meanings))),
            **within,
        }
        values |= {"files": files, **self._around(asked, whole)}
        loose: dict[tuple[int, int], int] = {}
        if files:
            for what, place, wide, top, part, n, said, total in _rows(link, _NUMBERS, values):
                parts = found.found.setdefault((place, top, wide, what == "sure"), {})
                parts[part] = Sum(int(n), int(said), _plain(total))
            for n, wide, torn in _rows(link, _LOOSE, values):
                loose[n, wide] = 0 if self.places[n].group else int(torn)
        heard = _HEARD if files else _HEARD.replace(_WITHIN, _NOTHING)
        for n, wide, reported, awaited in _rows(link, heard, values):
            found.heard[n, wide] = (int(reported), int(awaited))
        return found, loose

    def _around(self, asked: Asked, whole: Period | None) -> dict[str, Any]:
        """Where and on which day it is asked who reported."""
        at = [
            (n, unit, code(period), place.day_then(whole or period))
            for n, place in enumerate(self.places)
            for unit in place.tops
            for period in asked.periods
        ]
        names = ("at", "at_top", "at_wide", "at_day")
        return {
            **{name: [row[n] for row in at] for n, name in enumerate(names)},
            "tops": sorted({top for place in self.places for top in place.tops}),
            "units": self.archive.units,
            "lowest": lowest_kind(self.pack),
        }


def _within(periods: Sequence[Period], whole: Period | None) -> dict[str, list[Any]]:
    """Which base periods lie in which asked for, and which months of them count."""
    rows = [
        (
            code(period),
            period_key(base),
            period.first if whole else date.min,
            period.after if whole else date.max,
        )
        for period in periods
        for base in codes_in(whole or period)
    ]
    names = ("wides", "bases", "firsts", "afters")
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}


_NOTHING = """
    WITH c AS (SELECT 0 AS place, 0 AS wide, 0 AS unit_id, []::BIGINT[] AS ancestors, 0 AS n WHERE false)
"""


def _rows(link: duck.Link, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement; of the values those that it names."""
    named = {name: values[name] for name in set(re.findall(r"\$(\w+)", query))}
    try:
        return link.execute(query, named).fetchall()
    except duckdb.OutOfMemoryException:
        raise Refusal(
            _("This asks for more of the archive than can be added up at once."),
            "",
            _("Ask for fewer units or periods."),
        ) from None


def _plain(total: Any) -> Any:
    """A sum without noughts at its end."""
    whole = total.to_integral_value()
    return whole if whole == total else total.normalize()


def _only_then() -> Refusal:
    return Refusal(
        _("An archive answers by the units of that time alone."),
        _("Its rows stand under the units of each month's last day."),
        _("Ask the database for another reading."),
    )


def _not_here(what: str, folder: Path) -> Refusal:
    return Refusal(
        _("%(what)s is not in the archive %(folder)s.") % {"what": what, "folder": folder},
        "",
        _("Export it: banyan figures export --into %(folder)s") % {"folder": folder},
        status=404,
    )


def _no_sum(why: str) -> Refusal:
    return Refusal(
        _("An archive cannot tell this."),
        _("It holds sums: %(why)s.") % {"why": why},
        _("Ask the database, or leave these out."),
    )
