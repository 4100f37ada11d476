"""Writing the archive: one snapshot for all files, one file for each base period, month and province.

A month that is over stays the file it was, so that copies of an archive move only what is new; a
province is the piece that one office keeps and hands on. The base period stands above both: a half
year's round has months of its own, which no monthly round shares.
"""

import fcntl
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from banyan.figures import folding
from banyan.figures.archive import duck, rows
from banyan.figures.archive.manifest import (
    ALL,
    FORMAT,
    UNITS,
    VERSION,
    Counted,
    File,
    Manifest,
    Programme,
    Span,
    Sum,
    hash_of,
    keep,
    new_name,
)
from banyan.figures.archive.meanings import counted, not_told, period_key
from banyan.figures.coding import codes_in
from banyan.figures.measures import Measure
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.packs.models import Edition

NO_PROVINCE = "none"
ROW_GROUP = 100_000
_CSV = (
    "read_csv({path}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
    " nullstr = '', allow_quoted_nulls = false, parallel = false, columns = {columns})"
)
_FIGURES = """
    SELECT {programme} AS programme, {period} AS period, strftime(c.day, '%Y-%m') AS month, c.day,
           {edition}::INTEGER AS edition, m.measure, m.conditions, m.fact, m.axis, m.indicators, c.part,
           s.home AS unit_id, s.* EXCLUDE (home, day), c.n, c.said, c.total
      FROM {cells} c JOIN measures m ON m.place = c.measure JOIN spots s ON s.home = c.home AND s.day = c.day
     ORDER BY c.measure, c.part, c.home
"""


@dataclass
class Done:
    """What an export did: files written, left as they were, removed; rows in all of them."""

    written: int = 0
    same: int = 0
    removed: int = 0
    rows: int = 0
    as_of: str = ""


def export(folder: Path, editions: Sequence[Edition], span: Period | None = None) -> Done:
    """Write the figures of programmes (each under its newest edition) of a span, or all of them.

    Files that would be the same stay as they are. A killed export leaves files under their old
    manifest: the next one mends it. Raises Refusal where the folder cannot be written.
    """
    with _said_plainly(folder), _alone(folder):
        known = Manifest.load(folder) or Manifest("", "")
        for left in folder.rglob(".*.new"):
            left.unlink()
        folding.fold_all()  # as much as can be: what comes meanwhile is added
        with folding.one_snapshot() as cursor, duck.opened(folder) as link:
            writing = _Writing(folder, cursor, link, Done(as_of=_instant(cursor)))
            made = known
            for edition in editions:
                made = writing.programme(made, edition, span)
            units = writing.units()
            now = datetime.now(UTC).isoformat(timespec="seconds")
            made = replace(made, written_at=now, as_of=writing.done.as_of, units=units)
        made.save(folder)
        gone = {one.path for one in known.files} - {one.path for one in made.files}
        _remove(folder, gone)
        writing.done.removed = len(gone)
        return writing.done


def _instant(cursor: Any) -> str:
    cursor.execute("SELECT clock_timestamp()")
    return str(cursor.fetchone()[0].astimezone(UTC).isoformat(timespec="microseconds"))


def _remove(folder: Path, paths: set[str]) -> None:
    for path in sorted(paths):
        (folder / path).unlink(missing_ok=True)
        above = (folder / path).parent
        while above != folder and not any(above.iterdir()):
            above.rmdir()
            above = above.parent


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder, made where it is missing; one export writes it at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refusal(
            _("Another export is writing %(folder)s.") % {"folder": folder},
            "",
            _("Wait for it to end, or name another folder."),
            status=409,
        ) from None
    finally:
        os.close(handle)


@contextmanager
def _said_plainly(folder: Path) -> Iterator[None]:
    """A folder that cannot be written, a full disk: in words instead of a trace."""
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise Refusal(
            _("The archive could not be written to %(folder)s.") % {"folder": folder},
            str(why),
            _(
                "Files written before stay as they were. See to room and rights, or name another"
                " folder, and export again."
            ),
            status=409,
        ) from error


@dataclass
class _Writing:
    """The files of an export, out of one snapshot."""

    folder: Path
    cursor: Any
    link: duck.Link
    done: Done

    def programme(self, known: Manifest, edition: Edition, span: Period | None) -> Manifest:
        """The manifest with a programme's figures as they are."""
        key, codes = edition.programme.key, None if span is None else codes_in(span)
        measures = sorted(
            folding.built(self.cursor, edition.programme_id), key=lambda one: one[1].meaning
        )
        told = counted(edition.pack, [one for _pk, one in measures])
        before = known.programmes.get(key) if span else None
        if before and [one.measure for one in before.measures] != [one.measure for one in told]:
            raise _counts_otherwise(key)
        made = known.without(key, None if codes is None else [period_key(one) for one in codes])
        files: list[File] = []
        spans: list[Span] = []
        if measures:
            self._stage(edition, measures, told, codes)
            for group in self._groups(edition, measures, codes):
                files.append(self._file(edition, group))
            spans = self._spans(key, files)
        self.done.rows += sum(one.rows for one in files)
        at = {ALL if span is None else span.key: self.done.as_of}
        programme = Programme(
            key,
            edition.number,
            edition.content_hash,
            {**(before.exported if before else {}), **at},
            told,
            not_told(edition.pack),
        )
        return replace(
            made,
            programmes=dict(sorted({**made.programmes, key: programme}.items())),
            periods=sorted([*made.periods, *spans], key=lambda one: (one.programme, one.period)),
            files=sorted([*made.files, *files], key=lambda one: one.path),
        )

    def units(self) -> File:
        """The closure: who stood, or lives on, under whom, in which days."""
        with self._scratch() as held:
            self._copy(rows.UNITS, {}, held)
            query = f"SELECT * FROM {_read(held, rows.UNIT_COLUMNS)}"
            return self._write(query, File(UNITS, 0, 0, ""))

    def _stage(
        self,
        edition: Edition,
        measures: Sequence[tuple[int, Measure]],
        told: Sequence[Counted],
        codes: Sequence[int] | None,
    ) -> None:
        """What stands beside the numbers of each row: measures and units."""
        self.link.execute(
            "CREATE OR REPLACE TABLE measures (place INTEGER, measure VARCHAR, conditions VARCHAR,"
            " fact VARCHAR, axis VARCHAR, indicators VARCHAR[])"
        )
        self.link.executemany(
            "INSERT INTO measures VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    place,
                    one.measure,
                    _json(one.conditions),
                    one.fact or None,
                    one.axis or None,
                    one.indicators,
                )
                for place, one in enumerate(told, 1)
            ],
        )
        values = rows.values(edition.programme_id, [pk for pk, _one in measures], codes)
        with self._scratch() as held:
            self._copy(rows.spots([one for _pk, one in measures]), values, held)
            self.link.execute(
                f"CREATE OR REPLACE TABLE spots AS SELECT * FROM {_read(held, rows.SPOT_COLUMNS)}"
            )

    def _groups(
        self,
        edition: Edition,
        measures: Sequence[tuple[int, Measure]],
        codes: Sequence[int] | None,
    ) -> Iterator[tuple[int, date, int | None]]:
        """(period, month, province) one after the other, each with its rows in the scratch file."""
        values = rows.values(edition.programme_id, [pk for pk, _one in measures], codes)
        sql = f"COPY ({rows.cells([one for _pk, one in measures])}) TO STDOUT (FORMAT csv)"
        here: list[bytes] | None = None
        out = None
        try:
            with self.cursor.copy(sql, values) as copy:
                for row in copy:  # the server sends each row by itself
                    key = bytes(row).split(b",", 3)[:3]
                    if key != here:
                        if out is not None and here is not None:
                            out.close()
                            yield _group(here)
                        out, here = self._cells.open("wb"), key
                    assert out is not None
                    out.write(row)
            if out is not None and here is not None:
                out.close()
                yield _group(here)
        finally:
            if out is not None:
                out.close()
            self._cells.unlink(missing_ok=True)

    @property
    def _cells(self) -> Path:
        return self.folder / ".cells.csv.new"

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        path = self.folder / ".rows.csv.new"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _copy(self, query: str, values: dict[str, Any], into: Path) -> None:
        with (
            into.open("wb") as out,
            self.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values) as copy,
        ):
            for row in copy:
                out.write(row)

    def _file(self, edition: Edition, group: tuple[int, date, int | None]) -> File:
        """One file of figures."""
        code, day, province = group
        key, period, month = edition.programme.key, period_key(code), f"{day:%Y-%m}"
        named = self._province(day, province)
        query = _FIGURES.format(
            programme=duck.text(key),
            period=duck.text(period),
            edition=edition.number,
            cells=_read(self._cells, rows.CELL_COLUMNS),
        )
        path = f"programme={key}/period={period}/month={month}/province={named}.parquet"
        return self._write(query, File(path, 0, 0, "", key, period, month, named))

    def _province(self, day: date, province: int | None) -> str:
        """A province's code where it is fit to name a file and no other's on that day, else its id."""
        if province is None:
            return NO_PROVINCE
        found = self.link.execute(
            "SELECT DISTINCT province_id, province_code FROM spots WHERE day = ? AND province_id IS NOT NULL",
            [day],
        ).fetchall()
        codes = dict(found)
        code = str(codes.get(province) or "")
        plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", code) and code != NO_PROVINCE
        return code if plain and Counter(codes.values())[code] == 1 else f"id-{province}"

    def _write(self, query: str, file: File) -> File:
        """Write a file beside its place; it takes it where it is another than lies there."""
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        new = new_name(path)
        self.link.execute(
            f"COPY ({query}) TO {duck.text(new)} (FORMAT parquet, COMPRESSION zstd,"
            f" ROW_GROUP_SIZE {ROW_GROUP}, KV_METADATA {{format: '{FORMAT} {VERSION}'}})"
        )
        found = self.link.execute(
            "SELECT num_rows FROM parquet_file_metadata(?)", [duck.file(new)]
        ).fetchone()
        assert found is not None
        made = replace(file, rows=found[0], bytes=new.stat().st_size, sha256=hash_of(new))
        if path.exists() and hash_of(path) == made.sha256:
            new.unlink()
            self.done.same += 1
        else:
            keep(new, path)
            self.done.written += 1
        return made

    def _spans(self, programme: str, files: Sequence[File]) -> list[Span]:
        spans = []
        for period in dict.fromkeys(one.period for one in files):
            own = [one for one in files if one.period == period]
            sums = sums_of(self.link, [self.folder / one.path for one in own])
            spans.append(
                Span(programme, period, self.done.as_of, sum(one.rows for one in own), sums)
            )
        return spans


def sums_of(link: duck.Link, paths: Sequence[Path]) -> tuple[Sum, ...]:
    """The sums of some files by measure."""
    found = link.execute(
        "SELECT measure, sum(n)::BIGINT, sum(said)::BIGINT, sum(total)::VARCHAR"
        " FROM read_parquet(?, hive_partitioning = false) GROUP BY 1 ORDER BY 1",
        [[duck.file(path) for path in paths]],
    ).fetchall()
    return tuple(Sum(*row) for row in found)


def _counts_otherwise(programme: str) -> Refusal:
    """A period beside others that lack what is newly counted: they would tell it as nought."""
    return Refusal(
        _("The archive was written while the programme %(key)s counted other things.")
        % {"key": programme},
        _("The periods in it say nothing of what is newly counted."),
        _("Export all of it: banyan figures export %(key)s, without --period.")
        % {"key": programme},
        status=409,
    )


def _group(key: list[bytes]) -> tuple[int, date, int | None]:
    period, day, province = (one.decode() for one in key)
    return int(period), date.fromisoformat(day), int(province) if province else None


def _read(path: Path, columns: dict[str, str]) -> str:
    told = ", ".join(f"{duck.text(name)}: {duck.text(kind)}" for name, kind in columns.items())
    return _CSV.format(path=duck.text(duck.file(path)), columns=f"{{{told}}}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
