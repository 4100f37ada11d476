"""Reading a kept file into staged lines: sheets, layouts, answers, rows, what stands there already.

Nothing but the import's own lines is written, so it may be broken off and begun anew at any time.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from banyan.documents import store
from banyan.imports import notes as words
from banyan.imports.models import Import, Remembered, StagedLine
from banyan.imports.target import UNIT, Asked, Line, Target, target_of
from banyan.imports.template_marks import refuse_another
from banyan.imports.told import CellTold
from banyan.kernel.cells import clean
from banyan.kernel.errors import Refusal
from banyan.kernel.headers import Column
from banyan.kernel.layouts import Layout, OpenTable, Proposal, open_tables, propose
from banyan.kernel.notes import Note, Read, note, understood
from banyan.kernel.rows import SheetRow
from banyan.kernel.sheets import UnreadableWorkbook, Workbook, read_workbook
from banyan.kernel.text import fold
from banyan.people.actor import actor_in_post
from banyan.people.middleware import today

AT_ONCE = 2_000
MOST_ASIDE, MOST_VALUES, MOST_NOTES = 1_000, 500, 200
ASKABLE = ("choice", "unit")
Tell = Callable[[int, int], None]


def nobody(_done: int, _of: int) -> None:
    """Whoever does not want to know how far it is."""


def writing(text: str) -> str:
    """A value or heading as it is remembered: without case, accents and blanks around."""
    return fold(clean(text))[:200]


def asked_of(one: Import) -> Asked:
    """What an import asks of its target, on behalf of whoever began it, in the same post."""
    return Asked(
        unit=one.unit,
        on=one.on,
        language=one.language,
        actor=actor_in_post(one.account_id, one.post, today()),
        options=one.options,
        meant=one.meant,
        filename=one.filename,
        sha256=one.document.blob_id,
        document=one.document_id,
        job=one,
    )


def made(one: Import) -> Target:
    """The target of an import, ready to read."""
    return target_of(one.target)(asked_of(one))


@dataclass
class _Reading:
    """One reading on its way."""

    one: Import
    target: Target
    tell: Tell
    place: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    unknown: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    aside: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(one: Import, tell: Tell = nobody) -> None:
    """Read the file: the import is then `ready`, or `asking` where its sheets must be laid out first.

    Raises Refusal for whoever may not, and for what is no table.
    """
    target = made(one)
    _allowed(one, target)
    one.lines.all().delete()
    try:
        book = read_workbook(store.path_of(one.document.blob_id))
        refuse_another(book, target)
        known = _remembered(one)
        sheets = propose(book, target.columns, known)
        layouts = _layouts(one, sheets)
        one.found = {"sheets": [_told_of(sheet, layouts) for sheet in sheets]}
        wanting = _wanting(target, layouts)
        if wanting:
            one.found["wanting"] = wanting
            one.state = "asking"
            return
        target, tables = _opened(one, target, book, layouts)
        _rows(
            _Reading(one, target, tell), tables, sum(s.rows for s in sheets if s.sheet in layouts)
        )
    except UnreadableWorkbook as error:
        raise unreadable(error, target) from error


def _allowed(one: Import, target: Target) -> None:
    if not target.asked.actor.may(target.needs, at=one.unit):
        raise Refusal(
            _("You may no longer import this at this unit."),
            _("Your post ended, or its role no longer has the right."),
            _("Ask whoever looks after posts in your organisation."),
            status=403,
        )


def unreadable(error: UnreadableWorkbook, target: Target) -> Refusal:
    """Why a file cannot be imported, in words; with the headings that were looked for."""
    why = ""
    if error.note.code == "no_table":
        wanted = [one.headings[0] for one in target.columns if one.id in target.required]
        why = _("The headings looked for: %(headings)s.") % {"headings": "; ".join(wanted)}
    return Refusal(
        _("The file cannot be imported."),
        " ".join(filter(None, [words.sentence(error.note), why])),
        _("Nothing was changed."),
    )


# --- laying out ---------------------------------------------------------------------------------


def _remembered(one: Import) -> dict[str, str]:
    """What the unit's headings meant last time."""
    rows = Remembered.objects.filter(unit=one.unit, target=one.target, column="")
    return dict(rows.values_list("written", "meaning"))


def _layouts(one: Import, sheets: Sequence[Proposal]) -> dict[str, Layout]:
    """How each sheet that is read is laid out: as somebody said, else as it was found."""
    if one.layouts:
        there = {sheet.sheet for sheet in sheets}
        return {
            name: Layout(said["first"], said["last"], said["columns"])
            for name, said in one.layouts.items()
            if name in there
        }
    return {
        sheet.sheet: Layout(
            sheet.first,
            sheet.last,
            {seen.meant: seen.place for seen in sheet.columns if seen.meant},
        )
        for sheet in sheets
        if sheet.use
    }


def _told_of(sheet: Proposal, layouts: dict[str, Layout]) -> dict[str, Any]:
    """A sheet as the page shows it: what was found, and what each column is taken for."""
    layout = layouts.get(sheet.sheet)
    taken = {place: column for column, place in layout.columns.items()} if layout else {}
    return {
        "sheet": sheet.sheet,
        "use": layout is not None,
        "why": {"code": sheet.why.code, "params": sheet.why.params} if sheet.why else None,
        "first": layout.first if layout else sheet.first,
        "last": layout.last if layout else sheet.last,
        "rows": sheet.rows,
        "columns": [
            {
                "place": seen.place,
                "letter": seen.letter,
                "heading": seen.heading,
                "samples": list(seen.samples),
                "meant": taken.get(seen.place, "") if layout else seen.meant,
                "how": seen.how
                if not layout or taken.get(seen.place, "") == seen.meant
                else "said",
            }
            for seen in sheet.columns
        ],
    }


def _wanting(target: Target, layouts: dict[str, Layout]) -> list[str]:
    """Columns without which nothing can be read; all of them where no sheet was laid out."""
    if not layouts:
        return sorted(target.required)
    missing: set[str] = set()
    for layout in layouts.values():
        missing |= {one for one in target.required if one not in layout.columns}
    return sorted(missing)


def _opened(
    one: Import, target: Target, book: Workbook, layouts: dict[str, Layout]
) -> tuple[Target, list[OpenTable]]:
    """The tables, and the target once it has seen their titles."""
    told = target.open(open_tables(book, target.columns, layouts))
    if told is not None and told != one.options:
        one.options = told
        one.on = type(target).day_of(told, one.on)
        target = made(one)
        target.open(open_tables(book, target.columns, layouts))
    return target, open_tables(book, target.columns, layouts, within=target.within)


# --- rows ---------------------------------------------------------------------------------------


def _rows(way: _Reading, tables: Iterable[OpenTable], of: int) -> None:
    notes: list[Note] = []
    totals: list[dict[str, Any]] = []
    titles: list[str] = []
    met = 0
    for table in tables:
        read = 0
        lines = _lines(way, table)
        while chunk := list(islice(lines, AT_ONCE)):
            way.target.settle(chunk)
            _mark_twice(way, chunk)
            _stage(way, chunk)
            read += len(chunk)
            met += len(chunk)
            way.tell(met, max(of, met))
        titles.append(table.title)
        notes += [*table.notes, *_total_agrees(table, read)]
        totals.append({"sheet": table.sheet, "stated": table.stated_total, "read": read})
    _finish(way, [*way.target.notes(), *notes], totals, titles)


def _total_agrees(table: OpenTable, read: int) -> list[Note]:
    if table.stated_total is None or table.stated_total != read:
        return []
    return [note("total_agrees", stated=str(read), cell=table.total_at)]


def _lines(way: _Reading, table: OpenTable) -> Iterator[Line]:
    """The records of a table; what is none is set aside with its reason."""
    kinds = {column.id: column for column in way.target.columns}
    for row in table.rows():
        if row.set_aside is not None:
            _aside(way, table, row)
            continue
        line = way.target.line(_answered(way, row), table)
        _ask(way, line, kinds)
        yield line


def _aside(way: _Reading, table: OpenTable, row: SheetRow) -> None:
    way.counts["aside"] += 1
    if row.set_aside is not None and len(way.aside) < MOST_ASIDE:
        told = {"code": row.set_aside.code, "params": row.set_aside.params}
        way.aside.append({"sheet": table.sheet, "line": row.number, **told})


def _answered(way: _Reading, row: SheetRow) -> SheetRow:
    """The row with what somebody said of its unknown values. Names of units a target looks up."""
    answers = way.one.meant
    cells: dict[str, Read[Any]] = {}
    for column, meanings in answers.items():
        if column not in row.cells or not row.cells[column].needs_an_answer or column == UNIT:
            continue
        raw = row.raw.get(column, "")
        meaning = meanings.get(writing(raw))
        if meaning is not None:
            cells[column] = _as_answered(way.target, column, raw, meaning)
    if not cells:
        return row
    return SheetRow(row.number, {**row.cells, **cells}, row.at, row.raw, row.running)


def _as_answered(target: Target, column: str, raw: str, meaning: str) -> Read[Any]:
    if meaning == "":
        return Read(None, "understood", (note("answered_empty", raw=raw[:200]),))
    name = dict(target.choices(column)).get(meaning, meaning)
    return understood(meaning, "answered_before", raw=raw[:200], meaning=name)


def _ask(way: _Reading, line: Line, kinds: dict[str, Column]) -> None:
    """Keep what a value was that nobody knows, to be asked once for all its rows."""
    for told in line.told:
        column = kinds.get(told.column)
        if not told.unclear or not told.raw or column is None or column.kind not in ASKABLE:
            continue
        key = (told.column, writing(told.raw))
        if key not in way.unknown and len(way.unknown) >= MOST_VALUES:
            continue
        known = way.unknown.setdefault(
            key, {"column": told.column, "raw": told.raw[:200], "n": 0, "cell": told.cell}
        )
        known["n"] += 1
        if told.notes:
            known["note"] = {"code": told.notes[0].code, "params": dict(told.notes[0].params)}


def _mark_twice(way: _Reading, lines: list[Line]) -> None:
    """Two lines that are the same thing: told; the second cannot change what the first makes."""
    for line in lines:
        if not line.key or line.outcome == "wrong":
            continue
        own = (line.sheet, line.number)
        sheet, number = way.seen.setdefault(line.key, own)
        if (sheet, number) == own:
            continue
        cell = next(iter(line.told), None)
        where = str(number) if sheet == line.sheet else f"{number} ({sheet})"
        told = note("twice_in_file" if way.target.takes_twice else "twice_wrong", line=where)
        line.told.append(
            CellTold(
                cell.cell if cell else "",
                "",
                "",
                line.title,
                line.title,
                "understood" if way.target.takes_twice else "wrong",
                (told,),
                keeps_out=not way.target.takes_twice,
            )
        )
        if not way.target.takes_twice:
            line.outcome = "wrong"


# --- staging ------------------------------------------------------------------------------------

COLUMNS = "job_id place sheet number outcome look title key values shown told before"
COLUMNS += " thing version became why"


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


def _stage(way: _Reading, lines: list[Line]) -> None:
    """Put lines down by COPY: 100,000 in a few seconds."""
    names = ", ".join(f'"{name}"' for name in COLUMNS.split())
    table = StagedLine._meta.db_table
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for line in lines:
            way.place += 1
            way.counts[line.outcome] += 1
            if line.outcome != "wrong":
                way.counts["doubtful"] += line.look == 3
                way.counts["check"] += line.look >= 2
            way.counts["understood"] += line.look == 1
            copy.write_row(
                (way.one.pk, way.place, _text(line.sheet[:100]), line.number, line.outcome, line.look,
                 _text(line.title[:300]), _text(line.key), _json(line.values), _json(line.shown),
                 _json([told.stored() for told in line.told]), _json(line.before), line.thing,
                 line.version, "", "")
            )  # fmt: skip


def _finish(
    way: _Reading, notes: list[Note], totals: list[dict[str, Any]], titles: list[str]
) -> None:
    one = way.one
    kept = {(n.code, *sorted(n.params.items())): n for n in notes}
    one.found |= {
        "titles": titles,
        "totals": totals,
        "notes": [{"code": n.code, "params": n.params} for n in list(kept.values())[:MOST_NOTES]],
        "aside": way.aside,
        "values": sorted(way.unknown.values(), key=lambda known: -known["n"]),
        "about": way.target.about(),
    }
    names = ("new", "changed", "same", "wrong", "doubtful", "check", "understood", "aside")
    one.counts = {name: way.counts[name] for name in names} | {"read": way.place}
    one.state = "ready"
