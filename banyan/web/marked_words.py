"""The words of a marked workbook's first sheet, in the language of the page."""

from django.utils.translation import pgettext

from banyan.kernel.marks import Words


def words() -> Words:
    """They are fixed once asked for, so a worker asks under the language of whoever imports."""
    return Words(
        sheet=pgettext("workbook", "To mend"),
        title=pgettext("workbook", "Cells to mend"),
        lead=pgettext(
            "workbook",
            "Mend the coloured cells on their sheets, save, and upload this file again: the import"
            " goes on from there. This sheet is not read.",
        ),
        anew=pgettext(
            "workbook",
            "The file as it came cannot hold colours and notes. This is a new workbook with the same"
            " values.",
        ),
        headings=(
            pgettext("workbook", "Sheet"),
            pgettext("workbook", "Cell"),
            pgettext("workbook", "Column"),
            pgettext("workbook", "Value"),
            pgettext("workbook", "Kind"),
            pgettext("workbook", "What is wrong"),
            pgettext("workbook", "How to mend it"),
        ),
        wrong=pgettext("workbook", "Wrong"),
        doubtful=pgettext("workbook", "In doubt"),
        blank=pgettext("workbook", "(empty)"),
    )
