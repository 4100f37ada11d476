"""What the page of Explore shows of an answer: the table, the way to it, what a reader must know."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures import words
from banyan.figures.counting import Number
from banyan.figures.explore import question as q
from banyan.figures.explore.asking import dimension_words, each_words
from banyan.figures.explore.bars import largest_of, step_of
from banyan.figures.explore.pivot import TOTAL, Cell, Head, Line, Pivot, label_of
from banyan.figures.explore.places import Row
from banyan.figures.explore.question import Question
from banyan.orgs.placed import reading_word
from banyan.orgs.places import written
from banyan.packs.schema import OF_SOME

PAGE = 50


# The answer -------------------------------------------------------------------------------------


def table_of(pivot: Pivot, lines: Sequence[Line]) -> dict[str, Any]:
    """The pivot as the template shows it; a heat table has its cells shaded."""
    asked = pivot.question
    largest = largest_of(pivot) if asked.show == q.HEAT else None
    names = dimension_words()
    corner = names[asked.rows]
    if asked.rows == q.PARTS:
        corner = words.axis_label(asked.pack, asked.axis, words.language_now())
    compares = asked.compares and pivot.has_earlier
    return {
        "caption": title_of(pivot),
        "corner": corner,
        "corner_url": asked.url(sort="") if asked.sort else "",
        "columns": [_column(pivot, head) for head in pivot.columns],
        "total": {
            "label": pivot.whole_label,
            **_order(asked, TOTAL),
        }
        if pivot.has_totals
        else None,
        "covered": pivot.shows_coverage,
        "compares": compares,
        "heat": asked.show == q.HEAT,
        "rows": [_shaded(pivot, line, _row(pivot, line, compares), largest) for line in lines],
        "rest": _row(pivot, pivot.rest, compares) if pivot.rest else None,
        "foot": _row(pivot, pivot.foot, compares) if pivot.foot else None,
    }


def _column(pivot: Pivot, head: Head) -> dict[str, Any]:
    asked = pivot.question
    return {
        "label": head.short or head.label,
        "full": head.label if head.short else "",
        "drill": head.url,
        **_order(asked, head.key),
    }


def _order(asked: Question, key: str) -> dict[str, Any]:
    """How the rows go by a column, and the way to turn it round."""
    now = asked.sort.removeprefix("-") == key
    down = now and asked.sort.startswith("-")
    return {
        "url": asked.url(sort=key if down else f"-{key}"),
        "sorted": ("descending" if down else "ascending") if now else "",
    }


def _row(pivot: Pivot, line: Line, compares: bool) -> dict[str, Any]:
    asked = pivot.question
    cells = [_cell(asked, cell, compares) for cell in line.cells]
    if pivot.has_totals:
        total = line.total or Cell()
        cells.append(_cell(asked, total, compares) | {"total": True})
    covered = ""
    if line.covered and line.covered[1]:
        covered = f"{words.number_text(line.covered[0])}/{words.number_text(line.covered[1])}"
    gone = line.head.row is not None and not line.head.row.here
    return {
        "sub": _("later no longer below") if gone else "",
        "label": line.head.label,
        "url": line.head.url,
        "cells": cells,
        "covered": covered,
    }


def _shaded(
    pivot: Pivot, line: Line, row: dict[str, Any], largest: Number | None
) -> dict[str, Any]:
    if largest is not None:
        for cell, told in zip(line.cells, row["cells"], strict=False):
            told["step"] = step_of(cell.measure(pivot.question.by), largest)
    return row


def _cell(asked: Question, cell: Cell, compares: bool) -> dict[str, Any]:
    by_share = asked.by == q.SHARE and cell.base is not None
    sub = ""
    if cell.base and cell.value is not None:
        sub = (
            f"{words.number_text(cell.value)}/{words.number_text(cell.base)}"
            if by_share
            else words.percent_text(cell.percent)
        )
    before = cell.before
    return {
        "text": cell.told(asked.by),
        "sub": sub,
        "url": cell.opens,
        "zero": not cell.value,
        "change": cell.change if compares else None,
        "before": before.told(asked.by) if compares and before else "",
        "before_url": before.opens if compares and before else "",
    }


# In words ---------------------------------------------------------------------------------------


def title_of(pivot: Pivot) -> str:
    """What the answer is of, in a line: for the caption, for a file, for a drawing."""
    asked = pivot.question
    pack, language = asked.pack, words.language_now()
    if asked.has(q.INDICATORS) and len(asked.indicators) > 1:
        what = (
            _("Figures")
            if len(asked.indicators) > 3
            else ", ".join(label_of(pack, name, language) for name in asked.indicators)
        )
    else:
        what = pack.text(f"indicators.{asked.first}.label", language)
    along = [one for one in (asked.rows, asked.columns) if one != q.INDICATORS]
    return f"{what} {', '.join(_by_words(asked, one) for one in along)}".strip()


def _by_words(asked: Question, dimension: str) -> str:
    if dimension == q.UNITS:
        return _("by unit")
    if dimension == q.PERIODS:
        return each_words()[asked.each] if asked.each != q.YEAR else _("by year")
    label = words.axis_label(asked.pack, asked.axis, words.language_now())
    return _("by %(axis)s") % {"axis": label[:1].lower() + label[1:]}


def asked_words(pivot: Pivot) -> list[tuple[str, str]]:
    """What was asked, line by line: it goes with every file."""
    asked = pivot.question
    pack, language = asked.pack, words.language_now()
    told = [
        (_("Programme"), pack.text("short", language)),
        (_("Unit or group"), written(pivot.name, asked.place.label)),
        (_("Period"), words.period_text(asked.period)),
        (_("By the units"), reading_word(asked.reading.key)),
    ]
    if asked.part:
        axis = words.axis_label(pack, asked.axis, language)
        told.append((axis, words.part_label(pack, asked.axis, asked.part, language)))
    return told


def foot_words(pivot: Pivot) -> list[str]:
    """As of when, how complete, how it is read, whether synthetic: with every figure."""
    local = timezone.localtime(pivot.matrix.as_of)
    reporting, expected = pivot.covered
    told = [
        _("Figures of %(at)s") % {"at": local.strftime("%H:%M %d/%m/%Y")},
        _("%(n)s of %(all)s communes have records in this period")
        % {"n": words.number_text(reporting), "all": words.number_text(expected)},
    ]
    if pivot.matrix.synthetic:
        told.append(_("synthetic records"))
    return [*told, *pivot.matrix.notes]


def notes_of(pivot: Pivot) -> list[dict[str, Any]]:
    """What a reader must know: totals that are no sums, what is not placed, nothing to compare."""
    asked = pivot.question
    language = words.language_now()
    told: list[dict[str, Any]] = []
    alone = [one for one in pivot.uneven if asked.pack.indicator(one).op in OF_SOME]
    once = [one for one in pivot.uneven if one not in alone]
    if once:
        text = _(
            "%(names)s: each counts once in a total, though it may stand in several rows or"
            " columns. The total is reckoned for the whole and is not their sum."
        )
        told.append({"text": text % {"names": words.quoted(asked.pack, once, language)}})
    if alone:
        text = _(
            "%(names)s: the numbers of rows and columns do not add up. That of the whole is"
            " reckoned from all its records."
        )
        told.append({"text": text % {"names": words.quoted(asked.pack, alone, language)}})
    outside, loose = pivot.matrix.waiting(asked.place, asked.period)
    if outside or (loose and asked.has(q.UNITS)):
        text = ngettext(
            "%(n)s record of a divided unit is not placed yet: it may belong here, or counts here"
            " with none of the units below.",
            "%(n)s records of divided units are not placed yet: they may belong here, or count here"
            " with none of the units below.",
            outside + loose,
        )
        told.append({"text": text % {"n": words.number_text(outside + loose)}, "tone": "amber"})
    if asked.compares and not pivot.has_earlier:
        text = _("There is no record of the same period last year: nothing is compared.")
        told.append({"text": text})
    if asked.has(q.UNITS) and not pivot.rows:
        told.append(
            {"text": _("No unit within your reach stands below: the place itself is told.")}
        )
    return told


def straight_words(pivot: Pivot) -> str:
    """Which figures were counted straight from the records; empty where all were rolled up."""
    return words.straight(pivot.question.pack, pivot.straight, len(pivot.told))


def crumbs(asked: Question, path: Sequence[Row], name: str) -> list[dict[str, str]]:
    """The way one came, each step leading back up."""
    if not path:
        return []
    via = list(asked.via)
    steps = []
    for row in path:
        key = row.place.group.key if row.place.group else str(row.place.unit.pk)
        steps.append({"label": row.name, "url": asked.back_to(row.place, via.index(key))})
    return [*steps, {"label": name, "url": ""}]


def pages_of(pivot: Pivot) -> tuple[Sequence[Line], dict[str, Any] | None]:
    """The lines of the page asked for, and the way to the others."""
    asked, every = pivot.question, pivot.lines
    last = max(-(-len(every) // PAGE), 1)
    at = min(asked.page, last)
    lines = every[(at - 1) * PAGE : at * PAGE]
    if last == 1:
        return lines, None
    said = _("%(first)s to %(last)s of %(all)s") % {
        "first": words.number_text((at - 1) * PAGE + 1),
        "last": words.number_text((at - 1) * PAGE + len(lines)),
        "all": words.number_text(len(every)),
    }
    return lines, {
        "said": said,
        "before": asked.url(page=at - 1) if at > 1 else "",
        "after": asked.url(page=at + 1) if at < last else "",
    }


def files_of(asked: Question, *, drawn: bool) -> list[dict[str, str]]:
    """What may be taken along."""
    kinds = [("xlsx", "XLSX"), ("csv", "CSV"), *([("svg", "SVG"), ("png", "PNG")] if drawn else [])]
    query = urlencode(asked.items(page=asked.page))
    return [
        {"label": label, "url": f"{reverse('explore')}?{query}&as={kind}"} for kind, label in kinds
    ]
