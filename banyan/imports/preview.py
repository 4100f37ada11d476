"""What the pages show of an import: its rows as they were understood, and what came of them."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.imports import notes as words
from banyan.imports import operations
from banyan.imports.models import Import, StagedLine
from banyan.imports.target import Target
from banyan.imports.told import CellTold
from banyan.imports.wordings import OUTCOMES, STATES
from banyan.kernel.headers import RUNNING
from banyan.kernel.notes import Note
from banyan.kernel.text import fold, nfc
from banyan.web.template_book import THING, VERSION

PER_PAGE = 100
SHOWS = {
    "": Q(),
    "new": Q(outcome="new"),
    "changed": Q(outcome="changed"),
    "same": Q(outcome="same"),
    "wrong": Q(outcome="wrong"),
    "doubt": Q(look__gte=2) & ~Q(outcome="wrong"),
    "read": Q(look=1),
}
DIFFERS = ("total_differs", "running_number", "heading_twice", "round_will_open", "hidden_rows")
MOST_NAMED = 200
# Columns that a phone shows of every row; of the others what is marked or changed. Whoever looks for
# that has the first three before him and it beside them.
ALWAYS, NAMING = 6, 3
LONG = 160  # characters of a cell that nobody has to look at
OURS = (RUNNING, THING, VERSION)


def progress(one: Import) -> dict[str, Any]:
    """How far the present work is."""
    doing = {
        "reading": _("The file is being read."),
        "committing": _("The rows are being taken in."),
        "undoing": _("The rows are being taken back."),
    }
    return {"text": doing[one.state], "done": one.done, "of": one.of}


def letters(cell: str) -> str:
    """The column of a cell's name."""
    return cell.rstrip("0123456789")


class Preview:
    """The context of `imports/preview.html`."""

    def __init__(self, one: Import, target: Target, *, show: str, start: int, url: str) -> None:
        self.one, self.target = one, target
        self.show = show if show in SHOWS else ""
        self.start, self.url = start, url
        self.columns = columns_of(one, target)

    def context(self) -> dict[str, Any]:
        """Everything but the steps."""
        counts = self.one.counts
        taken = counts["new"] + counts["changed"]
        found = self.one.lines.filter(SHOWS[self.show], place__gt=self.start).order_by("place")
        rows = list(found[: PER_PAGE + 1])
        more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
        columns, shown = self.table(rows)
        return {
            "lead": self.lead(counts),
            "notes": self.notes(),
            "chips": self.chips(counts),
            "cards": True,
            "columns": columns,
            "rows": shown,
            "next_url": self._address(self.show, rows[-1].place) if more else "",
            "first_url": self._address(self.show) if self.start else "",
            "submit": ngettext("Take in %(n)d row", "Take in %(n)d rows", taken) % {"n": taken},
            "may": bool(taken),
            "unknown": len(self.one.found.get("values", [])),
            "marked": bool(counts["wrong"] or counts["doubtful"]),
        }

    def lead(self, counts: dict[str, int]) -> str:
        """In one sentence: what for, how many rows, what would become of them."""
        about = ", ".join(self.one.found.get("about", []))
        said = [f"{about}."] if about else []
        said.append(
            _(
                "%(read)d rows were read: %(new)d new, %(changed)d changed, %(same)d the same,"
                " %(wrong)d wrong."
            )
            % counts
        )
        if counts["doubtful"]:
            doubts = ngettext(
                "%(n)d row has a doubtful cell, which is not taken in and is explained.",
                "%(n)d rows have a doubtful cell, which is not taken in and is explained.",
                counts["doubtful"],
            )
            said.append(doubts % {"n": counts["doubtful"]})
        return " ".join(said)

    def notes(self) -> list[dict[str, Any]]:
        """What is to be known of the whole file, and the lines set aside."""
        found = self.one.found
        notes: list[dict[str, Any]] = []
        if self.one.said:
            text = " ".join(filter(None, self.one.said.values()))
            notes.append({"text": text, "tone": "red"})
        told = [Note(one["code"], one["params"]) for one in found.get("notes", [])]
        told = [one for one in told if not self.is_ours(one)]
        notes += [
            {"text": words.sentence(one), "tone": "amber"} for one in told if one.code in DIFFERS
        ]
        rest = [words.sentence(one) for one in told if one.code not in DIFFERS]
        unread = [sheet["why"] for sheet in found.get("sheets", []) if sheet["why"]]
        rest += [words.sentence(Note(why["code"], why["params"])) for why in unread]
        if rest:
            notes.append({"title": _("About the sheet"), "text": "", "points": rest})
        aside = [
            _("Line %(line)s – %(why)s")
            % {"line": one["line"], "why": words.sentence(Note(one["code"], one["params"]))}
            for one in found.get("aside", [])
        ]
        if aside:
            points = aside[:MOST_NAMED]
            notes.append({"title": _("Lines that are no records"), "text": "", "points": points})
        return notes

    def is_ours(self, told: Note) -> bool:
        """Whether it tells only of the columns that a workbook of ours brings hidden."""
        letters = {
            seen["letter"]
            for sheet in self.one.found.get("sheets", [])
            for seen in sheet["columns"]
            if seen["meant"] in OURS
        }
        hidden = told.params.get("columns", "").split("; ")
        return told.code == "hidden_columns" and letters.issuperset(hidden)

    def _address(self, show: str, start: int = 0) -> str:
        asked = [f"show={show}"] if show else []
        asked += [f"from={start}"] if start else []
        return self.url + ("?" + "&".join(asked) if asked else "")

    def chips(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        """All, and the rows by what would become of them."""
        labels = {
            "": (_("All"), counts["read"], ""),
            "new": (_("New"), counts["new"], "leaf"),
            "changed": (_("Changed"), counts["changed"], "sky"),
            "same": (_("The same"), counts["same"], ""),
            "wrong": (_("Wrong"), counts["wrong"], "red"),
            "doubt": (_("To be checked"), counts["check"], "amber"),
            "read": (_("Understood"), counts["understood"], ""),
        }
        return [
            {
                "label": label,
                "url": self._address(show),
                "active": show == self.show,
                "count": count,
                "tone": tone if count else "",
            }
            for show, (label, count, tone) in labels.items()
        ]

    def table(self, rows: list[StagedLine]) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
        """The headings and the rows, without the columns in which none of these rows says anything."""
        cells = [[column.cell(row, _told(row)) for column in self.columns] for row in rows]
        said = [at for at in range(len(self.columns)) if any(not c[at]["blank"] for c in cells)]
        always = ALWAYS if self.show in ("", "new", "same") else NAMING
        if always == NAMING:
            marked = [at for at in said if any(c[at]["mark"] not in ("", "read") for c in cells)]
            said = list(dict.fromkeys([*said[:NAMING], *marked, *said]))
        columns = [self.columns[at].head() for at in said]
        kept = [[one[at] for at in said] for one in cells]
        for one in kept:
            for at, cell in enumerate(one):
                cell["main"] = "yes" if at < always or cell["mark"] not in ("", "read") else ""
        return columns, [self.row(row, one) for row, one in zip(rows, kept, strict=True)]

    def row(self, row: StagedLine, cells: list[dict[str, str]]) -> dict[str, Any]:
        """One row: its cells, and an explanation of each that somebody should look at."""
        told = _told(row)
        whys = [
            {
                "cell": one.cell,
                "text": " ".join(filter(None, [one.text, one.mend_of(row.outcome)])),
                # The look draws two kinds of explanation: wrong, and every other.
                "mark": "wrong" if mark == "wrong" else "doubt",
            }
            for one in told
            if (mark := mark_of(one)) != "read" or one.warns or self.show == "read"
        ]
        return {
            "number": row.number,
            "outcome": {"label": OUTCOMES[row.outcome], "tone": TONES[row.outcome]},
            "cells": cells,
            "whys": whys,
        }


def _told(row: StagedLine) -> list[CellTold]:
    return [CellTold.of(one) for one in row.told]


TONES = {"new": "leaf", "changed": "sky", "same": "", "wrong": "red"}


def mark_of(told: CellTold) -> str:
    """The mark of a cell of which something is told."""
    if told.unclear:
        return "wrong" if told.keeps_out else "doubt"
    return "read"


class PreviewColumn:
    """One column of the table: a heading of the sheet, or several in which a tick means a choice."""

    def __init__(self, target: Target, field: str, seen: list[dict[str, Any]]) -> None:
        self.field, self.seen = field, seen
        self.label = target.label(field)
        self.letters = {one["letter"] for one in seen}

    def head(self) -> dict[str, str]:
        """Its heading as it stands in the sheet, its letters, and what it is read as."""
        label = " | ".join(one["heading"].rpartition(" / ")[2] for one in self.seen).rstrip(" *")
        letter = ", ".join(one["letter"] for one in self.seen)
        field = "" if fold(label) == fold(self.label) else self.label
        return {"letter": letter, "label": label or self.label, "field": field if label else ""}

    def cell(self, row: StagedLine, told: list[CellTold]) -> dict[str, str]:
        """What stands there, what it was read as, what stands there now, and its mark."""
        ours = [
            one
            for one in told
            if letters(one.cell) in self.letters or (not one.cell and one.column == self.field)
        ]
        own = next((one for one in ours if one.column == self.field), None)
        shown = row.shown.get(self.field, "")
        text = nfc(own.raw) if own else shown
        read = []
        for one in ours:
            # Whoever wrote “không” need not be told that it is Không; what has no label is no cell.
            if one.label and one.read_as and one.read_as.casefold() != text.casefold():
                read.append(
                    one.read_as if one.column == self.field else f"{one.label}: {one.read_as}"
                )
        marks = [mark_of(one) for one in ours]
        mark = next((m for m in ("wrong", "doubt") if m in marks), "read" if read else "")
        was = {"was": row.before[self.field] or "—"} if self.field in row.before else {}
        if was and mark in ("", "read"):
            mark = "changed"
        text = text or shown
        if len(text) > LONG and mark in ("", "read"):
            text = text[:LONG].rpartition(" ")[0] + " …"
        cell = {"text": text, "read": "; ".join(read), "mark": mark, "label": self.label, **was}
        blank = "" if text or read or mark else "yes"
        long = max(len(text), len(was.get("was", ""))) > LONG // 2
        return {**cell, "blank": blank, "long": "yes" if long else ""}


def columns_of(one: Import, target: Target) -> list[PreviewColumn]:
    """The columns of the first sheet that has each, as they stand from left to right."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sheet in one.found.get("sheets", []):
        if not sheet["use"]:
            continue
        known = set(found)
        for seen in sheet["columns"]:
            field = seen["meant"].partition("=")[0]
            if field and field not in OURS and field not in known:
                found.setdefault(field, []).append(seen)
    return [PreviewColumn(target, field, seen) for field, seen in found.items()]


class Result:
    """The context of `imports/result.html`: what came of an import."""

    def __init__(self, one: Import, target: Target) -> None:
        self.one, self.target = one, target

    def context(self) -> dict[str, Any]:
        """Counts, what was refused or kept with the reason, what can be done next."""
        one, counts = self.one, self.one.counts
        named = one.lines.filter(became__in=("refused", "kept")).order_by("place")[:MOST_NAMED]
        return {
            "state": STATES[one.state],
            "said": one.said,
            "counts": counts,
            "lines": [
                {"number": line.number, "title": line.title, "why": line.why} for line in named
            ],
            "may_undo": one.state == "done" and one.lines.filter(became="taken").exists(),
            "may_go_on": one.state == "done" and operations.left_open(one),
            "marked": one.state == "done" and bool(counts.get("wrong") or counts.get("doubtful")),
            "list_url": reverse(self.target.list_url) if self.target.list_url else "",
            "again_url": reverse("import_new", args=[one.target]),
        }
