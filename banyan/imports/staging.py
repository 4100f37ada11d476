"""Putting records down as lines: what a target makes of each, what nobody knows, what stands there
already, twins in the file. All of it is written by COPY.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from banyan.imports.models import Import, StagedLine
from banyan.imports.target import UNIT, Line, Target
from banyan.imports.told import CellTold
from banyan.kernel.cells import clean
from banyan.kernel.layouts import OpenTable
from banyan.kernel.notes import Note, Read, note, understood
from banyan.kernel.rows import SheetRow
from banyan.kernel.text import fold

COLUMNS = "job_id place sheet number outcome look title key values shown told before"
COLUMNS += " thing version became why"
MOST_VALUES = 500
ASKABLE = ("choice", "unit")


def writing(text: str) -> str:
    """A value or heading as it is remembered: without case, accents and blanks around."""
    return fold(clean(text))[:200]


class Stager:
    """Stages the lines of one reading, in the order of the file. `place`: how many there are."""

    def __init__(self, one: Import, target: Target) -> None:
        self.one, self.target = one, target
        self.place = 0
        self.counts: Counter[str] = Counter()
        self.seen: dict[str, tuple[str, int]] = {}
        self.unknown: dict[tuple[str, str], dict[str, Any]] = {}
        self.said: dict[tuple[Any, ...], Note] = {}
        self.kinds = {column.id: column for column in target.columns}

    @property
    def notes(self) -> list[Note]:
        """What came up that is to be known of the whole."""
        return list(self.said.values())

    def take(self, table: OpenTable, rows: Sequence[SheetRow]) -> None:
        """The next records of a table (at most as many as are settled at once)."""
        self.put(self.made(table, rows))

    def made(self, table: OpenTable, rows: Sequence[SheetRow]) -> list[Line]:
        """What the target makes of records. Asks the database nothing."""
        return [self.target.line(self._answered(row), table) for row in rows]

    def put(self, lines: list[Line], said: Sequence[Note] | None = None) -> None:
        """Find what stands there already, tell twins, and write. `said`: what came up where the lines
        were made, if not here."""
        for line in lines:
            self._ask(line)
        self.target.settle(lines)
        for told in self.target.notes() if said is None else said:
            self.said.setdefault((told.code, *sorted(told.params.items())), told)
        self._mark_twice(lines)
        self._stage(lines)

    def done(self) -> None:
        """All lines were taken: they are written already."""

    def _answered(self, row: SheetRow) -> SheetRow:
        """The row with what somebody said of its unknown values. Names of units a target looks up."""
        answers = self.one.meant
        cells: dict[str, Read[Any]] = {}
        for column, meanings in answers.items():
            if column not in row.cells or not row.cells[column].needs_an_answer or column == UNIT:
                continue
            raw = row.raw.get(column, "")
            meaning = meanings.get(writing(raw))
            if meaning is not None:
                cells[column] = self._as_answered(column, raw, meaning)
        if not cells:
            return row
        return SheetRow(row.number, {**row.cells, **cells}, row.at, row.raw, row.running)

    def _as_answered(self, column: str, raw: str, meaning: str) -> Read[Any]:
        if meaning == "":
            return Read(None, "understood", (note("answered_empty", raw=raw[:200]),))
        name = dict(self.target.choices(column)).get(meaning, meaning)
        return understood(meaning, "answered_before", raw=raw[:200], meaning=name)

    def _ask(self, line: Line) -> None:
        """Keep what a value was that nobody knows, to be asked once for all its rows."""
        for told in line.told:
            column = self.kinds.get(told.column)
            if not told.unclear or not told.raw or column is None or column.kind not in ASKABLE:
                continue
            key = (told.column, writing(told.raw))
            if key not in self.unknown and len(self.unknown) >= MOST_VALUES:
                continue
            known = self.unknown.setdefault(
                key, {"column": told.column, "raw": told.raw[:200], "n": 0, "cell": told.cell}
            )
            known["n"] += 1
            if told.notes:
                known["note"] = {"code": told.notes[0].code, "params": dict(told.notes[0].params)}

    def _mark_twice(self, lines: list[Line]) -> None:
        """Two lines that are the same thing: told; the second cannot change what the first makes."""
        takes_twice = self.target.takes_twice
        for line in lines:
            if not line.key or line.outcome == "wrong":
                continue
            own = (line.sheet, line.number)
            sheet, number = self.seen.setdefault(line.key, own)
            if (sheet, number) == own:
                continue
            cell = next(iter(line.told), None)
            where = str(number) if sheet == line.sheet else f"{number} ({sheet})"
            told = note("twice_in_file" if takes_twice else "twice_wrong", line=where)
            line.told.append(
                CellTold(
                    cell.cell if cell else "",
                    "",
                    "",
                    line.title,
                    line.title,
                    "understood" if takes_twice else "wrong",
                    (told,),
                    keeps_out=not takes_twice,
                )
            )
            if not takes_twice:
                line.outcome = "wrong"

    def _stage(self, lines: list[Line]) -> None:
        """Put lines down by COPY: 100,000 in a few seconds."""
        names = ", ".join(f'"{name}"' for name in COLUMNS.split())
        table = StagedLine._meta.db_table
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for line in lines:
                self.place += 1
                self._count(line)
                copy.write_row(
                    (self.one.pk, self.place, _text(line.sheet[:100]), line.number, line.outcome,
                     line.look, _text(line.title[:300]), _text(line.key), _json(line.values),
                     _json(line.shown), _json([told.stored() for told in line.told]),
                     _json(line.before), line.thing, line.version, "", "")
                )  # fmt: skip

    def _count(self, line: Line) -> None:
        look = line.look
        self.counts[line.outcome] += 1
        if line.outcome != "wrong":
            self.counts["doubtful"] += look == 3
            self.counts["check"] += look >= 2
        self.counts["understood"] += look == 1


def _text(value: str) -> str:
    """As PostgreSQL keeps it: without NUL, and without half a character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-8", "replace").decode()
    return value.replace("\0", "") if "\0" in value else value


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

# NUL as JSON writes it; a backslash that somebody wrote before "u0000" is no part of it.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def _json(value: Any) -> str:
    text = _ENCODER.encode(value)
    return _text(_NUL.sub(r"\1", text) if "\\u0000" in text else text)
