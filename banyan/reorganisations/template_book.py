"""The workbook to fill in: a sheet for the changes, one with examples, one that explains."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import xlsxwriter
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from banyan.orgs.models import Kind, Unit
from banyan.reorganisations.models import Reorganisation
from banyan.reorganisations.naming import spelled
from banyan.reorganisations.workbook import COLUMNS

MOST_ROWS = 5_000  # rows that offer the lists to choose from
WIDTHS = {"verb": 16, "units": 34, "name": 28, "kind": 20, "into": 34, "heir": 24}


def headings() -> list[str]:
    """The headings in the language of the page."""
    place = 0 if (get_language() or "vi").startswith("vi") else -1
    english = {
        "verb": "Change",
        "units": "Units",
        "name": "New name",
        "kind": "Kind",
        "code": "New code",
        "parent": "Stands under",
        "into": "Into",
        "heir": "What stood below goes to",
        "decision": "Resolution",
    }
    return [column.headings[0] if place == 0 else english[column.id] for column in COLUMNS]


def verbs() -> dict[str, str]:
    """What to write for each change, in the language of the page."""
    return {
        "found": pgettext("change", "found"),
        "rename": pgettext("change", "rename"),
        "move": pgettext("change", "move"),
        "merge": pgettext("change", "merge"),
        "split": pgettext("change", "divide"),
        "carve": pgettext("change", "split off"),
        "upgrade": pgettext("change", "raise"),
        "dissolve": pgettext("change", "dissolve"),
    }


def notes() -> list[tuple[str, str]]:
    """What each change wants."""
    words = verbs()
    return [
        (words["found"], _("New name, kind, code if it has one, and which unit it stands under.")),
        (words["rename"], _("The unit and its new name; a new code where it gets one.")),
        (words["move"], _("The units and which unit they stand under from that day.")),
        (
            words["merge"],
            _("The units that end, and either the unit they go into or the name of a new one."),
        ),
        (
            words["split"],
            _("The unit that ends; under “Into” those that take a part; and which of them gets what"
              " stood below."),
        ),
        (words["carve"], _("The unit that goes on, and under “Into” those that get a part of it.")),
        (words["upgrade"], _("The unit and its name in its new rank: a commune becomes a ward.")),
        (words["dissolve"], _("The units that end, and where goes what stood below them.")),
    ]  # fmt: skip


def examples(decision: Reorganisation) -> list[dict[str, str]]:
    """One row for each change, on units that stand under the unit of the decision on the eve."""
    words, top = verbs(), decision.unit
    eve = decision.on - timedelta(days=1)
    below = list(Unit.objects.below(top, on=eve).exclude(pk=top.pk).named_on(eve)[:3])
    above = spelled(top, decision.on)
    first, second, third = ([*below, top, top, top])[:3]
    at = [spelled(unit, decision.on) for unit in (first, second, third)]
    village = str(Kind.VILLAGE.label)
    return [
        {"verb": words["found"], "name": _("Example Village"), "kind": village, "parent": above},
        {"verb": words["rename"], "units": at[0], "name": _("New Example Name")},
        {"verb": words["move"], "units": at[1], "parent": above},
        {"verb": words["merge"], "units": f"{at[0]}; {at[1]}", "name": _("Example Ward")},
        {"verb": words["split"], "units": at[2], "into": _("Example Village; Example Ward")},
        {"verb": words["carve"], "units": at[2], "into": _("Example Ward")},
        {"verb": words["upgrade"], "units": at[0], "name": _("Raised Example Ward")},
        {"verb": words["dissolve"], "units": at[2], "heir": above},
    ]


def written(decision: Reorganisation) -> Any:
    """The workbook, as an open file."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it after sending
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_numbers": False})
    looks = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E7F0EA"}),
        "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True}),
    }
    _sheet(book.add_worksheet(_("Changes")), [], looks)
    _sheet(book.add_worksheet(_("Examples")), examples(decision), looks)
    _explain(book.add_worksheet(_("How to fill it in")), looks)
    book.close()
    out.seek(0)
    return out


def _sheet(sheet: Any, rows: Sequence[dict[str, str]], looks: dict[str, Any]) -> None:
    """The headings with their lists, and rows below them."""
    for place, (column, heading) in enumerate(zip(COLUMNS, headings(), strict=True)):
        sheet.set_column(place, place, WIDTHS.get(column.id, 16), looks["text"])
        sheet.write_string(0, place, heading, looks["head"])
        if chosen := _choices().get(column.id):
            source = f"='{_('How to fill it in')}'!${chosen[0]}$1:${chosen[0]}${len(chosen[1])}"
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            sheet.data_validation(1, place, MOST_ROWS, place, rule)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, 1):
        for place, column in enumerate(COLUMNS):
            if row.get(column.id):
                sheet.write_string(line, place, row[column.id], looks["text"])


def _choices() -> dict[str, tuple[str, list[str]]]:
    """What can be chosen in a column, and in which column of the last sheet the list stands: kinds
    hold commas, so that a list cannot be written into the rule itself."""
    kinds = [str(kind.label) for kind in Kind if kind != Kind.COUNTRY]
    return {"verb": ("D", list(verbs().values())), "kind": ("E", kinds)}


def _explain(sheet: Any, looks: dict[str, Any]) -> None:
    """How it is filled in: in general, then for each change."""
    general = [
        _("Only the first sheet is read. One change a row; the order of the rows does not matter."),
        _("Units are named by their code or their whole name on the eve of the decision; several"
          " in one cell stand on lines of their own or between semicolons."),
        _("Of several units with one name write the code, or the name with what it stands under:"
          " Xã Tân Lập, Huyện Đan Phượng."),
        _("A unit that this decision founds is named by its new name."),
        _("Codes are text: 00658 keeps its zeros."),
    ]  # fmt: skip
    sheet.set_column(0, 0, 18, looks["wrap"])
    sheet.set_column(1, 1, 90, looks["wrap"])
    for line, text in enumerate(general):
        sheet.write_string(line, 1, text)
    for line, (word, text) in enumerate(notes(), len(general) + 1):
        sheet.write_string(line, 0, word, looks["title"])
        sheet.write_string(line, 1, text)
    for column, told in _choices().values():
        for line, text in enumerate(told, 1):
            sheet.write_string(f"{column}{line}", text)
    sheet.set_column("D:E", None, None, {"hidden": True})
