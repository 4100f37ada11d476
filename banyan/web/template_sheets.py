"""The other sheets of a workbook to fill in: lists to choose from, guidance, the hidden mark."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import pgettext

from banyan.kernel.marking_list import sheet_reference
from banyan.kernel.marks import ASIDE, TEMPLATE_CELL, TEMPLATE_NAME, quoted
from banyan.kernel.workbook_parts import coordinate

if TYPE_CHECKING:
    from banyan.web.template_book import BookColumn, TemplateBook

LONGEST_NAME = 255
"""Characters a text in a name may have; longer values stand in the cells alone."""


class Lists:
    """What can be chosen, each list once, in the columns of a sheet of its own."""

    def __init__(self, columns: Sequence["BookColumn"], sheet: str) -> None:
        self.sheet = sheet
        self.lists: dict[tuple[str, ...], str] = {}
        for column in columns:
            if chosen := self._chosen(column):
                self.lists.setdefault(chosen, column.label)

    def _chosen(self, column: "BookColumn") -> tuple[str, ...]:
        if column.kind == "flag" and not column.choices:
            return ("x", pgettext("workbook", "no"))
        return tuple(column.choices)

    def source(self, column: "BookColumn") -> str:
        """Where a column's list stands, as a rule says it; "" without one."""
        chosen = self._chosen(column)
        if not chosen:
            return ""
        letters = coordinate(0, list(self.lists).index(chosen)).rstrip("0123456789")
        return f"={sheet_reference(self.sheet)}!${letters}$3:${letters}${len(chosen) + 2}"


def add_lists(made: Any, lists: Lists) -> None:
    """Lists side by side: a mark in the first row, whose list it is in the second."""
    if not lists.lists:
        return
    sheet = made.add_worksheet(lists.sheet[:31])
    bold = made.add_format({"bold": True, "bottom": 1, "bg_color": "#E7F0EA", "text_wrap": True})
    text, quiet = made.add_format({"num_format": "@"}), made.add_format({"font_color": "#FFFFFF"})
    sheet.write_string(0, 0, ASIDE, quiet)
    sheet.set_row(0, None, None, {"hidden": True})
    for place, (chosen, label) in enumerate(lists.lists.items()):
        # Not the heading itself: this sheet is no table of records.
        heading = pgettext("workbook", "List: %(heading)s") % {"heading": label}
        sheet.write_string(1, place, heading, bold)
        sheet.set_column(place, place, min(max(map(len, (heading, *chosen))) + 2, 60))
    columns = list(lists.lists)
    for line in range(max(map(len, columns))):
        for place, chosen in enumerate(columns):
            if line < len(chosen):
                sheet.write_string(line + 2, place, chosen[line], text)
    sheet.freeze_panes(2, 0)
    sheet.protect("", {"format_columns": True})


def add_guidance(made: Any, book: "TemplateBook") -> None:
    """What each column means, whether it must be filled in, how its values look."""
    sheet = made.add_worksheet(pgettext("workbook", "Guidance"))
    wrap = made.add_format({"text_wrap": True, "valign": "top"})
    strong = made.add_format({"text_wrap": True, "valign": "top", "bold": True})
    head = made.add_format({"bold": True, "bottom": 1, "bg_color": "#E7F0EA", "text_wrap": True})
    title, hidden = made.add_format({"bold": True, "font_size": 14}), {"hidden": True}
    for place, width in enumerate((28, 60, 18, 26, 40)):
        sheet.set_column(place, place, width)
    sheet.set_column(5, 5, None, None, hidden)
    sheet.write_string(0, 0, book.title, title)
    sheet.write_string(0, 5, ASIDE)
    line = 1
    for line, sentence in enumerate([*book.guidance, *_general()], 2):
        sheet.write_string(line, 0, "• " + sentence)
    line += 2
    headings = (
        pgettext("workbook", "Heading"), pgettext("workbook", "What it means"),
        pgettext("workbook", "Filled in"), pgettext("workbook", "How it is written"),
        pgettext("workbook", "Examples"),
    )  # fmt: skip
    for place, heading in enumerate(headings):
        sheet.write_string(line, place, heading, head)
    for at, column in enumerate(book.columns, line + 1):
        must = (
            pgettext("workbook", "always") if column.required else pgettext("workbook", "if known")
        )
        letters = coordinate(0, at - line - 1).rstrip("0123456789")
        # With the letter, so that no reader takes it for the heading of a table.
        name = f"{letters} · {column.label}"
        told = (name, column.help, must, _written(column), "\n".join(column.examples))
        for place, text in enumerate(told):
            sheet.write_string(at, place, text, wrap if place else strong)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _general() -> list[str]:
    return [
        pgettext(
            "workbook", "One record a row. Do not change headings; columns may be left empty."
        ),
        pgettext(
            "workbook", "Rows that came filled in are changed, new rows are added below them."
        ),
        pgettext(
            "workbook", "A record that is taken out of the table here stays in Banyan as it is."
        ),
        pgettext("workbook", "Nothing is taken over before you have seen what it would change."),
    ]


def _written(column: "BookColumn") -> str:
    """How values of a kind are written."""
    if column.kind == "flag":
        return pgettext("workbook", "x for yes; no for no; empty when not known")
    if column.choices:
        return pgettext("workbook", "chosen from the list")
    return {
        "date": pgettext("workbook", "a day: 31/12/2024"),
        "money": pgettext("workbook", "đồng, digits only: 1500000"),
        "count": pgettext("workbook", "a whole number"),
        "number": pgettext("workbook", "a number"),
        "unit": pgettext("workbook", "the whole name, or the code"),
    }.get(column.kind, pgettext("workbook", "words"))


def add_mark(made: Any, mark: Mapping[str, str]) -> None:
    """What the workbook was made for, in names and on a hidden sheet."""
    sheet = made.add_worksheet("_banyan")
    sheet.write_string(0, 0, TEMPLATE_CELL)
    for line, (key, value) in enumerate(mark.items(), 1):
        sheet.write_string(line, 0, key)
        sheet.write_string(line, 1, str(value))
        if len(str(value)) <= LONGEST_NAME:
            made.define_name(TEMPLATE_NAME + key, "=" + quoted(str(value)))
    sheet.hide()
    sheet.protect("")
