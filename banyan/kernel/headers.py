"""Finding the table in a sheet: its heading lines, what stands above, which column is which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from banyan.kernel.cells import clean
from banyan.kernel.sheets import Sheet, coordinate
from banyan.kernel.text import fold

Kind = Literal["title", "text", "unit", "choice", "date", "money", "count", "number", "flag"]

RUNNING = "#"
"""The column id under which the running number (TT, STT) is found."""

_RUNNING_HEADINGS = frozenset({"tt", "stt", "so tt", "so thu tu", "thu tu", "t t", "s tt"})
_DEEPEST_HEADER, _MOST_LINES, MOST_COLUMNS = 60, 3, 300
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SIGNS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Column:
    """A column that is wanted.

    id        the field the pack knows it by
    headings  how offices head it; compared without accents, case and signs
    kind      how its cells are read; the `title` makes a row a record
    group     columns of kind flag with one group are alternatives: the row also gets a reading
              under the group's name, whose value is the id of the marked column
    choices   for kind choice: id → name, then other writings
    """

    id: str
    headings: Sequence[str]
    kind: Kind = "text"
    group: str = ""
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heading:
    """A heading of the sheet: its column (from 0), its cell, its words."""

    column: int
    cell: str
    text: str


@dataclass(frozen=True)
class Header:
    """The heading lines of a table (rows from 0, both included) and the columns found in them."""

    first: int
    last: int
    found: Mapping[str, Heading]
    unused: tuple[Heading, ...] = ()


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return _SIGNS.sub(" ", fold(text)).strip()


def heading_path(sheet: Sheet, lines: range, column: int) -> list[str]:
    """The headings over a column, top to bottom, a merged one once."""
    path: list[str] = []
    for row in lines:
        value = sheet.cell(row, column).value
        text = clean(value) if isinstance(value, str) else ""
        if text and len(text) <= 200 and (not path or path[-1] != text):
            path.append(text)
    return path


@dataclass(frozen=True)
class _Candidate:
    rank: int
    length: int
    column: int
    wanted: str


def _match(path: Sequence[str], headings: Sequence[str]) -> tuple[int, int]:
    """How well headings fit a column: rank 3 exact, 2 without brackets, 1 begins with, 0 not."""
    leaf, whole = _key(path[-1]), _key(" ".join(path))
    bare = _key(_BRACKETS.sub(" ", path[-1]))
    best = (0, 0)
    for heading in headings:
        key = _key(heading)
        if not key:
            continue
        if key in (leaf, whole):
            best = max(best, (3, len(key)))
        elif _key(_BRACKETS.sub(" ", heading)) == bare:
            best = max(best, (2, len(key)))
        elif leaf.startswith(key + " "):
            best = max(best, (1, len(key)))
    return best


def _header_at(sheet: Sheet, lines: range, wanted: Sequence[Column]) -> Header:
    width = min(sheet.columns, MOST_COLUMNS)
    paths = {c: path for c in range(width) if (path := heading_path(sheet, lines, c))}
    candidates: list[_Candidate] = []
    for place, path in paths.items():
        if _key(path[-1]) in _RUNNING_HEADINGS:
            candidates.append(_Candidate(3, 0, place, RUNNING))
        for column in wanted:
            rank, length = _match(path, column.headings)
            if rank:
                candidates.append(_Candidate(rank, length, place, column.id))
    candidates.sort(key=lambda c: (-c.rank, -c.length, c.column))
    found: dict[str, Heading] = {}
    taken: set[int] = set()
    for candidate in candidates:
        if candidate.column in taken:
            continue
        if candidate.wanted not in found:
            found[candidate.wanted] = _heading(lines, candidate.column, paths[candidate.column])
            taken.add(candidate.column)
        elif candidate.rank == 3:
            taken.add(candidate.column)
    unused = tuple(_heading(lines, c, path) for c, path in paths.items() if c not in taken)
    return Header(lines.start, lines.stop - 1, found, unused)


def _heading(lines: range, column: int, path: Sequence[str]) -> Heading:
    return Heading(column, coordinate(lines.stop - 1, column), " / ".join(path))


def find_header(sheet: Sheet, wanted: Sequence[Column]) -> Header | None:
    """The one to three lines that name most of the wanted columns, at least two; None without."""
    best: Header | None = None
    best_score = (0, 0)
    # Whatever has fewer than two text cells cannot be a heading line.
    deepest = min(len(sheet.rows), _DEEPEST_HEADER)
    for first in range(deepest):
        if sum(isinstance(value, str) and bool(value.strip()) for value in sheet.rows[first]) < 2:
            continue
        for lines in range(1, _MOST_LINES + 1):
            if first + lines > deepest:
                break
            header = _header_at(sheet, range(first, first + lines), wanted)
            known = len(header.found) - (RUNNING in header.found)
            score = (known, -lines)
            if known >= min(2, len(wanted)) and score > best_score:
                best, best_score = header, score
    return _with_lines_above(sheet, wanted, best) if best else None


def _with_lines_above(sheet: Sheet, wanted: Sequence[Column], header: Header) -> Header:
    """Headings merged down into the last line belong to it with all the lines they span."""
    origins = (sheet.covered.get((header.last, h.column)) for h in header.found.values())
    first = min((origin[0] for origin in origins if origin), default=header.first)
    if not header.last - _MOST_LINES < first < header.first:
        return header
    return _header_at(sheet, range(first, header.last + 1), wanted)
