"""Reading one cell of an office's workbook: text, choices, marks, names of units.

Dates are in `cell_dates`, numbers in `cell_numbers`, money in `cell_money`; all are to be had
from here. Whatever a cell holds, these functions answer with a `Read` and raise nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from banyan.kernel.cell_dates import date_in_sentence, period_in_title, read_date
from banyan.kernel.cell_money import money_unit, read_money
from banyan.kernel.cell_numbers import DASHES, NOT_SAID, read_count, read_number
from banyan.kernel.choices import Choices
from banyan.kernel.notes import (
    EMPTY,
    Note,
    Raw,
    Read,
    as_is,
    doubtful,
    note,
    shown,
    understood,
    with_note,
    wrong,
)
from banyan.kernel.text import clean, fold, is_decomposed, plain
from banyan.kernel.unit_names import UnitName, read_unit_name

__all__ = [
    "Above", "Choices", "Note", "Raw", "Read", "UnitName", "as_above", "clean",
    "date_in_sentence", "is_decomposed", "means_as_above", "money_unit", "period_in_title",
    "read_choice", "read_code", "read_count", "read_date", "read_flag", "read_money", "read_number",
    "read_text", "read_two_flags", "read_unit", "read_unit_name",
]  # fmt: skip

U = TypeVar("U")

_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"})


def read_text(raw: Raw, *, limit: int = 2000) -> Read[str]:
    """Composed text. Numbers and dates in a text column become their usual writing."""
    if raw is None:
        return EMPTY
    if isinstance(raw, str):
        text = clean(raw)
        if not text:
            return EMPTY
        if text in _ERRORS:
            return wrong("formula_error", raw=text)
        if len(text) > limit:
            return wrong("too_long", length=str(len(text)), limit=str(limit))
        return understood(text, "decomposed") if is_decomposed(raw) else as_is(text)
    if isinstance(raw, bool):
        return wrong("not_text", raw=shown(raw))
    if isinstance(raw, int | float):
        text = shown(raw)
        # Telephone numbers have ten digits and personal numbers twelve, most of them after a 0.
        short = text.isdecimal() and len(text) in (9, 11)
        return understood(text, "zero_maybe_lost" if short else "number_as_text", raw=text)
    if isinstance(raw, datetime | date):
        return understood(shown(raw), "date_as_text", date=shown(raw))
    return wrong("not_text", raw=shown(raw))


def read_code(raw: Raw, *, width: int) -> Read[str]:
    """A code of a fixed number of digits. Excel made a number of `020`: its zeros are put back."""
    read = read_text(raw, limit=100)
    text = read.value
    if text is None or not text.isdecimal() or len(text) >= width:
        return read
    return understood(text.zfill(width), "zeros_restored", raw=text, value=text.zfill(width))


# --- as above ---------------------------------------------------------------------------------

_AS_ABOVE = frozenset(
    {"nt", "n t", "n.t", "n.t.", "nt.", "-nt-", "- nt -", "(nt)"}
    | {"như trên", "như trên.", "nhu tren"}
    | {'"', "''", "″", "”", "“", "〃", '-"-', '- " -', "//", "-//-", "như trên (nt)"}
)
_AS_ABOVE_STARTS = frozenset({writing[0] for writing in _AS_ABOVE} | {"N", "\u200b", "\ufeff"})


@dataclass(frozen=True, slots=True)
class Above:
    """What the cell above was understood as, and where it stands."""

    read: Read[Any]
    cell: str


def means_as_above(raw: Raw) -> bool:
    """Whether a cell says "the same as above": nt, như trên, ditto marks."""
    # Every cell is asked, so the first sign is looked at before anything is composed.
    if not isinstance(raw, str) or len(raw) > 24 or raw.lstrip()[:1] not in _AS_ABOVE_STARTS:
        return False
    return clean(raw).casefold() in _AS_ABOVE


def as_above(raw: Raw, above: Above | None) -> Read[Any]:
    """The value of the cell above, told with its place; doubtful when that one has no value."""
    text = shown(raw).strip()
    if above is None:
        return doubtful("nothing_above", raw=text)
    if above.read.value is None:
        return doubtful("above_unreadable", raw=text, cell=above.cell)
    return understood(above.read.value, "as_above", raw=text, cell=above.cell)


# --- choices ----------------------------------------------------------------------------------


def read_choice(
    raw: Raw,
    choices: Mapping[str, Sequence[str]] | Choices,
    *,
    above: Above | None = None,
    legend: Mapping[str, str] | None = None,
) -> Read[str]:
    """The id of the choice a cell names.

    The first writing of a choice is its name (`as is`); synonyms, missing accents and `nt` are
    `understood`. `legend` holds the abbreviations the workbook itself explains ("HT": "hoàn
    thành"); others are read by their initials when only one choice has them. Anything else is
    doubtful, with the nearest names.
    """
    if means_as_above(raw):
        return as_above(raw, above)
    text = clean(shown(raw))
    if not text:
        return EMPTY
    ready = Choices.of(choices)
    meant = ready.meant(text)
    if len(meant) == 1:
        name = ready.names[meant[0]]
        if text == name:
            return with_decomposed(as_is(meant[0]), raw)
        return understood(meant[0], "choice_read", raw=text, choice=name)
    if meant:
        return doubtful("choice_two_ways", raw=text, choices=ready.called(meant))
    if text in DASHES or fold(text) in NOT_SAID:
        return Read(None, "empty", doubtful("dash_is_empty", raw=text).notes)
    return _read_short_choice(text[:200], ready, legend or {})


def _read_short_choice(text: str, ready: Choices, legend: Mapping[str, str]) -> Read[str]:
    """A choice by what the workbook explains, then by initials, without "đã" (done) before it."""
    full = _spelled_out(text, legend)
    if full != text and len(meant := ready.meant(full)) == 1:
        name = ready.names[meant[0]]
        return understood(meant[0], "choice_by_legend", raw=text, full=full, choice=name)
    bare = re.sub("^đã ", "", text, flags=re.IGNORECASE)
    if bare != text and len(meant := ready.meant(bare)) == 1:
        return understood(meant[0], "choice_read", raw=text, choice=ready.names[meant[0]])
    meant = ready.abbreviated(text) or ready.abbreviated(bare)
    if len(meant) == 1:
        return understood(meant[0], "choice_by_initials", raw=text, choice=ready.names[meant[0]])
    if meant:
        return doubtful("choice_two_ways", raw=text, choices=ready.called(meant))
    return doubtful("choice_unknown", raw=text, nearest=ready.nearest(text))


def _spelled_out(text: str, legend: Mapping[str, str]) -> str:
    return " ".join(legend.get(word, word) for word in text.split(" "))


def with_decomposed(read: Read[U], raw: Raw) -> Read[U]:
    """The reading, told as composed if the cell kept its marks apart."""
    if isinstance(raw, str) and is_decomposed(raw):
        return with_note(read, note("decomposed"))
    return read


# --- marks ------------------------------------------------------------------------------------

# The last two of the first row are the Cyrillic and Greek letters that look like an x.
_MARKS = frozenset(
    {"x", "×", "х", "χ", "xx", "v", "√", "✓", "✔", "☑", "☒", "✗", "✘", "●", "•", "+", "1", "(x)"}
    | {"có", "co", "đúng", "yes", "true"}
)
_NO_MARKS = frozenset(
    {"0", "không", "khong", "không có", "khong co", "ko", "no", "false", "-", "–", "—", "☐"}
)


def read_flag(raw: Raw) -> Read[bool]:
    """Whether a cell is marked: `x` as is; X, ✓, 1, có understood; không, 0 unmarked."""
    text = plain(shown(raw)).replace("\ufe0f", "")
    if not text:
        return EMPTY
    if text == "x":
        return as_is(True)
    sign = text.casefold().rstrip(".")
    if sign in _MARKS:
        return understood(True, "flag_read", raw=text)
    if sign in _NO_MARKS:
        return understood(False, "flag_read", raw=text)
    return doubtful("flag_unknown", raw=text[:200])


def read_two_flags(flags: Mapping[str, Read[bool]], names: Mapping[str, str]) -> Read[str]:
    """Which of two (or more) columns is marked. None or several marked is doubtful.

    `flags` holds the reading per column id, `names` the headings to tell people.
    """
    unclear = [read for read in flags.values() if read.needs_an_answer]
    if unclear:
        return Read(None, "doubtful", unclear[0].notes)
    marked = [column for column, read in flags.items() if read.value]
    if len(marked) == 1:
        return Read(marked[0], flags[marked[0]].how, flags[marked[0]].notes)
    if marked:
        return doubtful("flags_several", names="; ".join(names[column] for column in marked))
    return doubtful("flags_none", names="; ".join(names[column] for column in flags))


# --- names of units ---------------------------------------------------------------------------


def read_unit(raw: Raw, *, above: Above | None = None) -> Read[UnitName]:
    """The name of a unit in a cell; abbreviated kinds and capitals are `understood`."""
    if means_as_above(raw):
        return as_above(raw, above)
    read = read_text(raw, limit=300)
    if read.value is None:
        return Read(None, read.how, read.notes)
    name = read_unit_name(read.value)
    made = Read(name, read.how, read.notes)
    if name.abbreviated:
        made = with_note(made, note("unit_abbreviated", raw=name.text, name=name.full))
    elif name.bare not in name.text:
        made = with_note(made, note("unit_capitals", raw=name.text, name=name.full))
    return made
