"""One's own tree as it was understood, for `web/preview.html`."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.site.setup.tree import Line, Tree, Wrong

MOST_SHOWN = 200
PARTS = ("code", "name", "kind", "parent")


def preview_of(tree: Tree, organisation: str) -> dict[str, Any]:
    """Every row with something wrong, then rows from the top, at most MOST_SHOWN."""
    wrong: dict[int, list[Wrong]] = {}
    for one in tree.wrongs:
        wrong.setdefault(one.line, []).append(one)
    bad = [line for line in tree.sent.lines if line.number in wrong]
    good = [line for line in tree.sent.lines if line.number not in wrong]
    shown = [*bad, *good][:MOST_SHOWN]
    return {
        "title": _("Is this your tree?"),
        "lead": _lead(tree, len(bad)),
        "notes": _notes(tree, organisation, len(tree.sent.lines) - len(shown)),
        "columns": _columns(tree),
        "rows": [_row(line, tree, wrong.get(line.number, [])) for line in shown],
        "submit": _("Take this tree"),
        "again_url": reverse("begin_file"),
    }


def _lead(tree: Tree, bad: int) -> str:
    rows = len(tree.sent.lines)
    if not bad:
        said = ngettext(
            "%(rows)s unit was read, and it is in order.",
            "%(rows)s units were read, and all are in order.",
            rows,
        )
        return said % {"rows": rows}
    said = ngettext(
        "%(bad)s row of %(rows)s cannot be taken. Mend it in your file and send the file again.",
        "%(bad)s rows of %(rows)s cannot be taken. Mend them in your file and send the file again.",
        bad,
    )
    return said % {"bad": bad, "rows": rows}


def _notes(tree: Tree, organisation: str, hidden: int) -> list[dict[str, Any]]:
    notes = []
    tops = tree.tops
    if not tree.wrongs and len(tops) > 1:
        text = _("%(count)s units stand under nothing. They will stand directly under “%(name)s”.")
        notes.append({"tone": "sky", "text": text % {"count": len(tops), "name": organisation}})
    elif not tree.wrongs:
        text = _("The unit at the top is “%(name)s”.")
        notes.append({"tone": "sky", "text": text % {"name": tops[0].name}})
    if hidden > 0:
        text = ngettext(
            "%(count)s more row is not shown.", "%(count)s more rows are not shown.", hidden
        )
        notes.append({"tone": "", "text": text % {"count": hidden}})
    return notes


def _columns(tree: Tree) -> list[dict[str, str]]:
    labels = (_("Code"), _("Name"), _("Kind"), _("Stands under"))
    return [
        {"label": label, "letter": tree.sent.letters.get(part, ""), "field": ""}
        for part, label in zip(PARTS, labels, strict=True)
    ]


def _row(line: Line, tree: Tree, wrongs: list[Wrong]) -> dict[str, Any]:
    marked = {one.part for one in wrongs}
    kind = tree.kinds.get(line.number)
    read = {"kind": str(kind.label) if kind and str(kind.label) != line.kind else ""}
    cells = [
        {
            "text": getattr(line, part),
            "read": read.get(part, ""),
            "mark": "wrong" if part in marked else "",
        }
        for part in PARTS
    ]
    return {
        "number": line.number,
        "state": "wrong" if wrongs else "",
        "cells": cells,
        "whys": [{"cell": one.cell, "text": one.said, "mark": "wrong"} for one in wrongs],
    }
