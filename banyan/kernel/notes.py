"""What a cell of somebody's workbook was understood as, and why.

A `Note` is a message code with parameters: the words (Vietnamese, English) belong to the web
layer. `CODES` lists every code with its parameters, so that no catalogue can miss one.
Dates in parameters are ISO, numbers plain digits, several things are joined by "; ".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Generic, Literal, TypeVar

Raw = str | int | float | bool | datetime | date | time | timedelta | None
How = Literal["as is", "understood", "doubtful", "wrong", "empty"]
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

CODES: Mapping[str, tuple[str, ...]] = {
    # The whole file (UnreadableWorkbook)
    "not_a_workbook": (),
    "encrypted": (),
    "macro": (),
    "old_format": (),
    "damaged": (),
    "is_empty": (),
    "is_pdf": (),
    "is_program": (),
    "is_text_document": (),
    "is_picture": (),
    "is_web_page": (),
    "too_large": ("size", "limit"),
    "too_many_rows": ("sheet", "rows", "limit"),
    "too_many_cells": ("sheet", "cells", "limit"),
    "too_many_cells_in_all": ("limit",),
    "too_many_merged": ("sheet", "cells", "limit"),
    "csv_encoding": (),
    "no_table": ("sheets",),
    # A sheet or a table
    "old_encoding": ("sheet", "encoding", "before", "after"),
    "sheet_hidden": ("sheet",),
    "sheet_empty": ("sheet",),
    "sheet_of_notes": ("sheet",),
    "sheet_without_table": ("sheet",),
    "hidden_rows": ("sheet", "rows"),
    "hidden_columns": ("sheet", "columns"),
    "columns_beyond": ("sheet", "limit"),
    "heading_twice": ("heading", "cell", "used"),
    "heading_unknown": ("heading", "cell"),
    "total_differs": ("stated", "read", "cell"),
    "running_number": ("expected", "found", "cell"),
    # Rows set aside
    "totals_row": ("text",),
    "closing_row": ("text",),
    "header_again": (),
    "column_numbers": (),
    "only_a_number": ("number",),
    "no_title": ("text",),
    "row_of_above": ("cell",),
    # Any cell
    "decomposed": (),
    "merged_down": ("cell",),
    "as_above": ("cell", "raw"),
    "above_unreadable": ("cell", "raw"),
    "nothing_above": ("raw",),
    "merged_amount": ("first", "last"),
    "blank_not_merged": ("above", "cell"),
    "dash_is_empty": ("raw",),
    "formula_without_value": (),
    "formula_error": ("raw",),
    "too_long": ("length", "limit"),
    "number_as_text": ("raw",),
    "zero_maybe_lost": ("raw",),
    "zeros_restored": ("raw", "value"),
    "date_as_text": ("date",),
    "not_text": ("raw",),
    # Dates
    "date_day_first": ("raw", "date"),
    "date_short_year": ("raw", "date"),
    "date_words": ("raw", "date"),
    "date_serial": ("raw", "date"),
    "date_time_dropped": ("raw", "date"),
    "date_month_only": ("raw",),
    "date_year_only": ("raw",),
    "date_without_year": ("raw",),
    "date_several": ("raw",),
    "date_month_first": ("raw",),
    "date_odd_year": ("raw",),
    "date_impossible": ("raw",),
    "date_unreadable": ("raw",),
    "outside_period": ("date", "first", "last"),
    "outside_period_swapped": ("date", "first", "last", "swapped"),
    "after_document": ("date", "document"),
    # Numbers
    "number_from_text": ("raw", "value"),
    "number_grouped": ("raw", "value"),
    "number_decimal": ("raw", "value"),
    "number_two_ways": ("raw", "small", "large"),
    "number_unreadable": ("raw",),
    "number_approximate": ("raw",),
    "number_negative": ("raw",),
    "number_range": ("raw",),
    "number_percent": ("raw",),
    "number_exponent": ("raw",),
    "none_is_zero": ("raw",),
    # Money
    "money_words": ("raw", "value"),
    "money_by_heading": ("raw", "value", "heading"),
    "money_unit_missing": ("raw",),
    "money_too_small": ("raw",),
    "money_too_large": ("raw", "value"),
    "money_fraction": ("raw",),
    "money_unreadable": ("raw",),
    "money_for_each": ("raw",),
    # Counts
    "count_with_word": ("raw", "value", "word"),
    "count_in_words": ("raw",),
    "count_other_unit": ("raw", "word", "heading"),
    "count_fraction": ("raw",),
    "count_unclear": ("raw",),
    # Choices and marks
    "choice_read": ("raw", "choice"),
    "choice_by_legend": ("raw", "full", "choice"),
    "choice_by_initials": ("raw", "choice"),
    "choice_two_ways": ("raw", "choices"),
    "choice_unknown": ("raw", "nearest"),
    "flag_read": ("raw",),
    "flag_unknown": ("raw",),
    "flags_none": ("names",),
    "flags_several": ("names",),
    # Names of units
    "unit_abbreviated": ("raw", "name"),
    "unit_capitals": ("raw", "name"),
}

WARNINGS = frozenset({"outside_period", "outside_period_swapped", "after_document"})
"""Codes of notes where the value stands, but somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Note:
    """A message code of `CODES` with its parameters."""

    code: str
    params: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def warns(self) -> bool:
        """Whether a value that was read should still be looked at."""
        return self.code in WARNINGS


@dataclass(frozen=True, slots=True)
class Read(Generic[T_co]):
    """What one cell was understood as.

    `as is` needs no word. `understood` follows a stated rule, told by `notes`. `doubtful` could
    mean two things or contradicts something, `wrong` cannot be read: then `value` is None, never
    a guess. `empty` holds nothing. `notes` come with the weightiest first.
    """

    value: T_co | None
    how: How
    notes: tuple[Note, ...] = ()

    @property
    def note(self) -> Note | None:
        """The weightiest note, if there is one."""
        return self.notes[0] if self.notes else None

    @property
    def warnings(self) -> tuple[Note, ...]:
        """Notes that ask to look at a value which was read."""
        return tuple(note for note in self.notes if note.warns)

    @property
    def needs_an_answer(self) -> bool:
        """Whether somebody must say what was meant."""
        return self.how in ("doubtful", "wrong")


EMPTY: Read[Any] = Read(None, "empty")


def note(code: str, /, **params: str) -> Note:
    """A note, with its parameters as keywords."""
    return Note(code, params)


def as_is(value: U) -> Read[U]:
    """A cell that needs no explanation."""
    return Read(value, "as is")


def understood(value: U, code: str, /, **params: str) -> Read[U]:
    """A cell read by a stated rule."""
    return Read(value, "understood", (Note(code, params),))


def doubtful(code: str, /, **params: str) -> Read[Any]:
    """A cell that could mean two things, or contradicts something: no value."""
    return Read(None, "doubtful", (Note(code, params),))


def wrong(code: str, /, **params: str) -> Read[Any]:
    """A cell that cannot be read: no value."""
    return Read(None, "wrong", (Note(code, params),))


def with_warning(read: Read[U], warning: Note) -> Read[U]:
    """The same value, now `understood`, with the warning first."""
    return Read(read.value, "understood", (warning, *read.notes))


def with_note(read: Read[U], more: Note) -> Read[U]:
    """The same reading with one more note; what was `as is` becomes `understood`."""
    how: How = "understood" if read.how == "as is" else read.how
    return replace(read, how=how, notes=(*read.notes, more))


def shown(raw: Raw) -> str:
    """A raw value as a person would see it: `05/03/2024`, `45`, the text itself."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, datetime):
        return raw.strftime("%d/%m/%Y") if raw.time() == time() else raw.strftime("%d/%m/%Y %H:%M")
    if isinstance(raw, date):
        return raw.strftime("%d/%m/%Y")
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 2**53:
        return str(int(raw))
    return str(raw)
