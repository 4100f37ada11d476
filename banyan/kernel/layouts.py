"""Stub until the reader's own arrives."""

from collections.abc import Mapping
from dataclasses import dataclass

from banyan.kernel import tables
from banyan.kernel.headers import Header, Heading, find_header
from banyan.kernel.notes import Note, note
from banyan.kernel.sheets import coordinate


@dataclass(frozen=True)
class Seen:
    place: int
    letter: str
    heading: str
    samples: tuple[str, ...]
    meant: str
    how: str = "heading"


@dataclass(frozen=True)
class Proposal:
    sheet: str
    use: bool
    why: Note | None
    first: int
    last: int
    columns: tuple[Seen, ...]
    rows: int


@dataclass(frozen=True)
class Layout:
    first: int
    last: int
    columns: Mapping[str, int]


def propose(workbook, wanted, known={}):
    out = []
    for s in workbook.sheets:
        h = find_header(s, wanted) if s.visible else None
        if not h:
            out.append(
                Proposal(
                    s.name, False, note(tables._reason(s), sheet=s.name), 0, 0, (), len(s.rows)
                )
            )
            continue
        cols = [
            Seen(x.column, x.cell.rstrip("0123456789"), x.text, (), id, "heading")
            for id, x in h.found.items()
        ]
        cols += [Seen(x.column, x.cell.rstrip("0123456789"), x.text, (), "", "") for x in h.unused]
        out.append(
            Proposal(
                s.name,
                True,
                None,
                h.first,
                h.last,
                tuple(sorted(cols, key=lambda c: c.place)),
                len(s.rows),
            )
        )
    if not any(p.use for p in out):
        from banyan.kernel.sheets import UnreadableWorkbook

        raise UnreadableWorkbook(note("no_table", sheets="; ".join(p.sheet for p in out)))
    return tuple(out)


class OpenTable:
    def __init__(self, sheet, wanted, header, within, legend):
        self._t = tables._read_table(sheet, wanted, header, within, legend)
        self.total_at = next((r.total_at for r in self._t.rows if r.total_at), "")
        for k in [
            "sheet",
            "headings",
            "title",
            "document",
            "period",
            "legend",
            "notes",
            "stated_total",
        ]:
            setattr(self, k, getattr(self._t, k))

    def rows(self):
        return iter(self._t.rows)


def open_tables(workbook, wanted, layouts, *, within=None):
    legend = {}
    for s in workbook.sheets:
        if s.name not in layouts and s.visible:
            legend |= tables.legend_of(s)
    out = []
    for s in workbook.sheets:
        if s.name not in layouts:
            continue
        l = layouts[s.name]
        found = {
            id: Heading(p, coordinate(l.last, p), str(s.cell(l.last, p).value or ""), "exact")
            for id, p in l.columns.items()
        }
        h = Header(l.first, l.last, found, (), (), ())
        out.append(OpenTable(s, wanted, h, within, legend))
    return out
