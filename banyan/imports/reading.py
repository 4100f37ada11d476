"""Reading a kept file into staged lines: sheets, layouts, answers, rows, what stands there already.

Nothing but the import's own lines is written, so it may be broken off and begun anew at any time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from banyan.documents import store
from banyan.imports import beside
from banyan.imports import notes as words
from banyan.imports.beside import Begin, Beside
from banyan.imports.models import Import, Remembered
from banyan.imports.staging import Stager
from banyan.imports.target import Asked, Target, target_of
from banyan.imports.template_marks import refuse_another
from banyan.kernel.errors import Refusal
from banyan.kernel.layouts import Layout, OpenTable, Proposal, open_tables, propose
from banyan.kernel.notes import Note, note
from banyan.kernel.rows import SheetRow
from banyan.kernel.sheets import UnreadableWorkbook, Workbook, read_workbook
from banyan.people.actor import actor_in_post
from banyan.people.middleware import today

AT_ONCE = 2_000
MOST_ASIDE, MOST_NOTES = 1_000, 200
Tell = Callable[[int, int], None]
helper: Begin | None = None
"""Begins a process beside this one; whoever runs imports in processes says how."""


def nobody(_done: int, _of: int) -> None:
    """Whoever does not want to know how far it is."""


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
    stager: Stager | Beside
    counts: Counter[str] = field(default_factory=Counter)
    aside: list[dict[str, Any]] = field(default_factory=list)


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
        _staged(one, target, tables, sum(s.rows for s in sheets if s.sheet in layouts), tell)
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


def _staged(one: Import, target: Target, tables: Sequence[OpenTable], of: int, tell: Tell) -> None:
    """Read rows and put them down; of a great file another process does it, and tells how far it is."""
    if helper is None or of < beside.MANY or not target.read_apart:
        _rows(_Reading(one, target, tell, Stager(one, target)), tables, of)
        return
    other = Beside(Stager(one, target), of, tables, helper)
    try:
        _rows(_Reading(one, target, nobody, other), tables, of)
        tell(other.place, max(of, other.place))
    finally:
        other.end()


def _rows(way: _Reading, tables: Iterable[OpenTable], of: int) -> None:
    notes: list[Note] = []
    totals: list[dict[str, Any]] = []
    titles: list[str] = []
    known, met = way.target.notes(), 0
    for table in tables:
        read = 0
        records = _records(way, table)
        while chunk := list(islice(records, AT_ONCE)):
            way.stager.take(table, chunk)
            read += len(chunk)
            met += len(chunk)
            way.tell(met, max(of, met))
        titles.append(table.title)
        notes += [*table.notes, *_total_agrees(table, read)]
        totals.append({"sheet": table.sheet, "stated": table.stated_total, "read": read})
    way.stager.done()
    way.counts += way.stager.counts
    _finish(way, [*known, *way.stager.notes, *notes], totals, titles)


def _total_agrees(table: OpenTable, read: int) -> list[Note]:
    if table.stated_total is None or table.stated_total != read:
        return []
    return [note("total_agrees", stated=str(read), cell=table.total_at)]


def _records(way: _Reading, table: OpenTable) -> Iterator[SheetRow]:
    """The rows of a table that are records; what is none is set aside with its reason."""
    for row in table.rows():
        if row.set_aside is None:
            yield row
        else:
            _aside(way, table, row)


def _aside(way: _Reading, table: OpenTable, row: SheetRow) -> None:
    way.counts["aside"] += 1
    if row.set_aside is not None and len(way.aside) < MOST_ASIDE:
        told = {"code": row.set_aside.code, "params": row.set_aside.params}
        way.aside.append({"sheet": table.sheet, "line": row.number, **told})


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
        "values": sorted(way.stager.unknown.values(), key=lambda known: -known["n"]),
        "about": way.target.about(),
    }
    names = ("new", "changed", "same", "wrong", "doubtful", "check", "understood", "aside")
    one.counts = {name: way.counts[name] for name in names} | {"read": way.stager.place}
    one.state = "ready"
