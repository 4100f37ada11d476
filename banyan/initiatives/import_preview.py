"""What the page shows of a workbook that was read: its rows as they stand, and what was understood."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures.words import period_text
from banyan.imports import notes as import_notes
from banyan.imports.pack_rows import ImportRow
from banyan.imports.pack_sheet import STATE, UNIT, Plan
from banyan.imports.told import CellTold
from banyan.initiatives.importing import Reading
from banyan.kernel.headers import RUNNING, Heading
from banyan.kernel.text import nfc

PER_PAGE = 100
SHOWS = ("all", "read", "doubt", "out")
DIFFERS = ("imported_before", "total_differs", "running_number", "heading_twice", "round_will_open")


class Preview:
    """The context of `web/preview.html` for one reading. `url` is this page's own address."""

    def __init__(self, reading: Reading, *, show: str, start: int, url: str) -> None:
        self.reading, self.plan = reading, reading.plan
        self.show = show if show in SHOWS else "all"
        self.start, self.url = max(start, 0), url
        self.columns = columns_of(reading)

    def context(self) -> dict[str, Any]:
        """Everything but the addresses of the steps."""
        rows = [row for row in self.reading.rows if self._is_shown(row, self.show)]
        counts = self.reading.counts()
        return {
            "title": self.reading.order.filename,
            "lead": self.lead(counts),
            "notes": self.notes(len(rows)),
            "chips": self.chips(),
            "columns": [column.head() for column in self.columns],
            "rows": [self.row(row) for row in rows[self.start : self.start + PER_PAGE]],
            "submit": ngettext("Register %(n)d model", "Register %(n)d models", counts["ready"])
            % {"n": counts["ready"]},
            "may": bool(counts["ready"]) and self.reading.earlier is None,
            "url": self.url,
        }

    def lead(self, counts: dict[str, int]) -> str:
        """In one sentence: whose register, for when, how many rows can be taken."""
        said = [
            f"{self.reading.places.parent_name}, {period_text(self.reading.period)}.",
            _("%(read)d rows were read; %(ready)d can be registered.") % counts,
        ]
        if counts["doubtful"]:
            words = ngettext(
                "%(n)d row has a doubtful cell, which stays empty and is explained.",
                "%(n)d rows have a doubtful cell, which stays empty and is explained.",
                counts["doubtful"],
            )
            said.append(words % {"n": counts["doubtful"]})
        if counts["wrong"] or counts["there_already"]:
            said.append(
                _("Not taken: %(wrong)d unclear, %(there_already)d in the register already.")
                % counts
            )
        return " ".join(said)

    def notes(self, shown: int) -> list[dict[str, Any]]:
        """What is to be known of the whole file, and the lines set aside."""
        reading = self.reading
        notes: list[dict[str, Any]] = []
        weighty = [one for one in reading.notes if one.code in DIFFERS]
        notes += [{"text": import_notes.sentence(one), "tone": "amber"} for one in weighty]
        rest = [import_notes.sentence(n) for n in reading.notes if n.code not in DIFFERS]
        if rest:
            notes.append({"title": _("About the sheet"), "text": "", "points": rest})
        aside = [
            _("Line %(line)s – %(why)s") % {"line": line, "why": import_notes.sentence(why)}
            for _sheet, line, why in reading.set_aside
        ]
        if aside:
            notes.append({"title": _("Lines that are no records"), "text": "", "points": aside})
        if shown > PER_PAGE:
            notes.append(self._page(shown))
        return notes

    def _page(self, shown: int) -> dict[str, Any]:
        last = min(self.start + PER_PAGE, shown)
        told = {"first": self.start + 1, "last": last, "all": shown}
        page = {"text": _("Rows %(first)d–%(last)d of %(all)d.") % told}
        if last < shown:
            page |= {"url": self._address(start=last), "label": _("Next rows")}
        elif self.start:
            page |= {"url": self._address(), "label": _("First rows")}
        return page

    def _address(self, *, show: str = "", start: int = 0) -> str:
        show = show or self.show
        more = (f"&show={show}" if show != "all" else "") + (f"&start={start}" if start else "")
        return self.url + more

    def chips(self) -> list[dict[str, Any]]:
        """All, and the rows of which something is told."""
        labels = (_("All"), _("Understood"), _("Doubtful"), _("Not taken"))
        return [
            {
                "label": label,
                "url": self._address(show=show),
                "active": show == self.show,
                "count": sum(self._is_shown(row, show) for row in self.reading.rows),
            }
            for show, label in zip(SHOWS, labels, strict=True)
        ]

    @staticmethod
    def _is_shown(row: ImportRow, show: str) -> bool:
        match show:
            case "read":
                return row.is_taken and any(one.how == "understood" for one in row.told)
            case "doubt":
                return row.is_taken and any(one.unclear or one.warns for one in row.told)
            case "out":
                return not row.is_taken
        return True

    # --- rows -----------------------------------------------------------------------------

    def row(self, row: ImportRow) -> dict[str, Any]:
        """One row: its cells, and an explanation of each that somebody should look at."""
        whys = [
            {
                "cell": one.cell,
                "text": " ".join(filter(None, [one.text, one.mend])),
                # The look draws two kinds of explanation: wrong, and every other.
                "mark": "wrong" if mark == "wrong" else "doubt",
            }
            for one in row.told
            if (mark := mark_of(one, row)) != "read" or one.warns or self.show == "read"
        ]
        return {"number": row.line, "cells": [c.cell(row) for c in self.columns], "whys": whys}


def mark_of(told: CellTold, row: ImportRow) -> str:
    """The mark of a cell of which something is told."""
    if told.unclear:
        return "wrong" if told.keeps_out else "doubt"
    return "skip" if row.there and told.notes[0].code == "there_already" else "read"


class PreviewColumn:
    """One column of the table: a heading of the sheet, or two in which a tick means a choice."""

    def __init__(self, plan: Plan, ids: list[str], headings: list[Heading]) -> None:
        self.plan, self.ids, self.headings = plan, ids, headings
        self.field = ids[0].partition("=")[0]
        self.is_ticked = "=" in ids[0]
        # What was read elsewhere than under its own heading is shown where it was read.
        self.answers = {self.field}
        if self.field in plan.shared:
            self.answers.add(STATE)
        if self.field == plan.form.sheet.note_field:
            self.answers |= {s.id for s in plan.form.fields if s.phrases}

    def head(self) -> dict[str, str]:
        """Its heading as it stands in the sheet, its letters, and the field it fills."""
        letters = ", ".join(heading.cell.rstrip("0123456789") for heading in self.headings)
        label = self.headings[0].text
        if len(self.headings) > 1:
            label = " | ".join(h.text.rpartition(" / ")[2] for h in self.headings)
        fields = [self.plan.label(self.field)]
        if self.field in self.plan.shared:
            fields.insert(0, self.plan.label(STATE))
        return {"letter": letters, "label": label, "field": " / ".join(fields)}

    def cell(self, row: ImportRow) -> dict[str, str]:
        """What stands there, what it was read as, and its mark."""
        ours = {heading.cell.rstrip("0123456789") for heading in self.headings}
        told = [
            one
            for one in row.told
            if one.column in self.answers and (one.cell.rstrip("0123456789") in ours)
        ]
        raw = nfc(" | ".join(filter(None, (row.raw.get(id, "") for id in self.ids))))
        shown = row.shown.get(self.field, "")
        text = shown if shown and (self.is_ticked or not told) else raw
        read = [self._read(one) for one in told if one.read_as and one.read_as != text]
        marks = [mark_of(one, row) for one in told]
        mark = next((m for m in ("wrong", "doubt", "skip") if m in marks), "read" if read else "")
        return {"text": text or shown, "read": "; ".join(read), "mark": mark}

    def _read(self, told: CellTold) -> str:
        if told.column in (self.field, STATE):
            return told.read_as
        return f"{told.label}: {told.read_as}"


def columns_of(reading: Reading) -> list[PreviewColumn]:
    """The columns of the first table that has each, as they stand from left to right."""
    found: dict[str, tuple[list[str], list[Heading]]] = {}
    for table in reading.tables:
        known = set(found)
        for id, heading in sorted(table.headings.items(), key=lambda one: one[1].column):
            field = id.partition("=")[0] + ("=" if "=" in id else "")
            if id == RUNNING or field in known:
                continue
            ids, headings = found.setdefault(field, ([], []))
            ids.append(id)
            headings.append(heading)
    if UNIT not in found:
        return [PreviewColumn(reading.plan, *one) for one in found.values()]
    first = found.pop(UNIT)
    return [PreviewColumn(reading.plan, *one) for one in (first, *found.values())]
