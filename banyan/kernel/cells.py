"""Reading one cell of an office's workbook: text, choices, marks, names of units.

Dates are in `cell_dates`, numbers and money in `cell_numbers`; all are to be had from here.
Whatever a cell holds, these functions answer with a `Read` and raise nothing.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from banyan.kernel.cell_dates import date_in_sentence, period_in_title, read_date
from banyan.kernel.cell_numbers import money_unit, read_count, read_money, read_number
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
from banyan.kernel.text import fold, nfc, same_tone

__all__ = [
    "Above", "Choices", "Note", "Raw", "Read", "UnitName", "as_above", "date_in_sentence",
    "means_as_above", "money_unit", "period_in_title", "read_choice", "read_count", "read_date",
    "read_flag", "read_money", "read_number", "read_text", "read_two_flags", "read_unit",
    "read_unit_name",
]  # fmt: skip

U = TypeVar("U")

# Signs without width, and controls: PostgreSQL refuses the first of them.
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f]")


def is_decomposed(text: str) -> bool:
    """Whether a text keeps marks apart from their letters, as some keyboards write it."""
    return not text.isascii() and not unicodedata.is_normalized("NFC", text)


def clean(text: str) -> str:
    """Composed text without invisible signs, blanks collapsed and trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return nfc(_INVISIBLE.sub("", text))


def read_text(raw: Raw, *, limit: int = 2000) -> Read[str]:
    """Composed text. Numbers and dates in a text column become their usual writing."""
    if raw is None:
        return EMPTY
    if isinstance(raw, str):
        text = clean(raw)
        if not text:
            return EMPTY
        if len(text) > limit:
            return wrong("too_long", length=str(len(text)), limit=str(limit))
        return understood(text, "decomposed") if is_decomposed(raw) else as_is(text)
    if isinstance(raw, bool):
        return wrong("not_text", raw=shown(raw))
    if isinstance(raw, int | float):
        return understood(shown(raw), "number_as_text", raw=shown(raw))
    if isinstance(raw, datetime | date):
        return understood(shown(raw), "date_as_text", date=shown(raw))
    return wrong("not_text", raw=shown(raw))


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

_SIGNS = re.compile(r"[^a-z0-9]+")


def _choice_key(text: str) -> str:
    return _SIGNS.sub(" ", fold(text)).strip()


def _accented_key(text: str) -> str:
    return " ".join(re.findall(r"\w+", same_tone(clean(text)).casefold()))


@dataclass(frozen=True)
class Choices:
    """The choices of one column, made ready once: id → its name first, then other writings."""

    names: Mapping[str, str]
    by_key: Mapping[str, tuple[str, ...]]
    by_accents: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, choices: "Mapping[str, Sequence[str]] | Choices") -> "Choices":
        """Prepare {id: [name, synonym, …]}; two ids may share a writing (then it is doubtful)."""
        if isinstance(choices, Choices):
            return choices
        folded: dict[str, dict[str, None]] = {}
        accented: dict[str, dict[str, None]] = {}
        for choice, writings in choices.items():
            for writing in writings:
                folded.setdefault(_choice_key(writing), {})[choice] = None
                accented.setdefault(_accented_key(writing), {})[choice] = None
        return cls(
            {choice: writings[0] if writings else choice for choice, writings in choices.items()},
            {key: tuple(ids) for key, ids in folded.items()},
            {key: tuple(ids) for key, ids in accented.items()},
        )

    def meant(self, text: str) -> tuple[str, ...]:
        """The ids a writing may stand for: with its accents, else without."""
        return self.by_accents.get(_accented_key(text)) or self.by_key.get(_choice_key(text), ())

    def nearest(self, text: str) -> str:
        """Up to three names that look like a writing, joined by "; "."""
        keys = get_close_matches(_choice_key(text), [k for k in self.by_key if k], n=4, cutoff=0.55)
        found = dict.fromkeys(self.names[self.by_key[key][0]] for key in keys)
        return "; ".join(list(found)[:3])


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
    thành"). Anything else is doubtful, with the nearest names.
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
        names = "; ".join(ready.names[choice] for choice in meant)
        return doubtful("choice_two_ways", raw=text, choices=names)
    full = _spelled_out(text, legend or {})
    if full != text and len(meant := ready.meant(full)) == 1:
        name = ready.names[meant[0]]
        return understood(meant[0], "choice_by_legend", raw=text, full=full, choice=name)
    return doubtful("choice_unknown", raw=text[:200], nearest=ready.nearest(text[:200]))


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
_NO_MARKS = frozenset({"0", "không", "khong", "no", "false", "-", "–", "—", "☐"})


def read_flag(raw: Raw) -> Read[bool]:
    """Whether a cell is marked: `x` as is; X, ✓, 1, có understood; không, 0 unmarked."""
    text = clean(shown(raw))
    if not text:
        return EMPTY
    if text == "x":
        return as_is(True)
    sign = text.casefold()
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

_KINDS: Mapping[str, tuple[str, ...]] = {
    "thanh-pho": ("thành phố", "tp.", "tp"),
    "thi-tran": ("thị trấn", "t.trấn", "ttr.", "tt.", "tt"),
    "thi-xa": ("thị xã", "tx.", "tx"),
    "dac-khu": ("đặc khu", "đk."),
    "phuong": ("phường", "p."),
    "huyen": ("huyện", "h."),
    "quan": ("quận", "q."),
    "tinh": ("tỉnh", "t."),
    "xa": ("xã", "x."),
}
_PREFIXES = sorted(
    ((prefix, kind) for kind, prefixes in _KINDS.items() for prefix in prefixes),
    key=lambda pair: -len(pair[0]),
)
# Written without any accents, "Xa Hoi Ninh" is xã; but "Xà Phìn" is a name, so not otherwise.
_BARE_PREFIXES = [(fold(prefix), kind) for prefix, kind in _PREFIXES if fold(prefix) != prefix]


@dataclass(frozen=True, slots=True)
class UnitName:
    """A written name of a unit, its kind taken apart.

    text    what was written, composed ("X. Hồi Ninh")
    kind    xa, phuong, thi-tran, dac-khu, huyen, quan, thi-xa, thanh-pho, tinh; None if not written
    bare    the name without its kind ("Hồi Ninh"); capitals only become capital initials
    fold    the key to compare by ("hoi ninh")
    within  what followed a comma: the unit it lies in ("huyện Kim Sơn"), else ""
    """

    text: str
    kind: str | None
    bare: str
    fold: str
    within: str = ""
    abbreviated: bool = field(default=False, compare=False)

    @property
    def full(self) -> str:
        """The name with its kind written out: "Xã Hồi Ninh"."""
        if self.kind is None:
            return self.bare
        word = _KINDS[self.kind][0]
        return f"{word[0].upper()}{word[1:]} {self.bare}"


def _prefix_of(text: str) -> tuple[str | None, int, bool]:
    """Kind, length of its writing, and whether that is an abbreviation."""
    lower = text.casefold()
    for prefix, kind in _PREFIXES:
        rest = lower[len(prefix) :] if lower.startswith(prefix) else ""
        if rest.strip(" .") and (prefix.endswith(".") or rest[0] == " "):
            return kind, len(prefix), prefix != _KINDS[kind][0]
    if lower == fold(lower):
        for prefix, kind in _BARE_PREFIXES:
            if lower.startswith(prefix + " "):
                return kind, len(prefix), True
    return None, 0, False


def _initials(text: str) -> str:
    return re.sub(r"\w+", lambda m: m[0][0] + m[0][1:].lower(), text)


def read_unit_name(raw: str) -> UnitName:
    """Take a written name of a unit apart. Finding the unit it names is another layer's work."""
    text = clean(raw)
    head, _, within = (part.strip() for part in text.partition(","))
    kind, length, abbreviated = _prefix_of(head)
    bare = head[length:].strip(" .") or head
    if bare.isupper() and any(ch.isalpha() for ch in bare):
        bare = _initials(bare)
    return UnitName(text, kind, bare, fold(bare), within, abbreviated)


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
