"""Reading numbers and counts as Vietnamese offices write them; money is in `cell_money`.

The comma is the decimal sign and the dot groups thousands, yet many write the other way round.
What only one reading fits is read; `1.234`, which could be either, is doubtful.
"""

import re
from decimal import Decimal
from typing import Any, Literal

from banyan.kernel.notes import EMPTY, Raw, Read, as_is, doubtful, shown, understood, wrong
from banyan.kernel.text import fold, nfc, plain

Form = Literal["plain", "grouped", "decimal", "two ways", "none"]

_PLAIN = re.compile(r"[0-9]{1,18}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3}){2,5}|(?:,[0-9]{3}){2,5}|(?: [0-9]{3}){1,5})")
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_DECIMAL = re.compile(r"[0-9]{1,18}[.,][0-9]{1,8}")
_BOTH = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3}){1,5},|(?:,[0-9]{3}){1,5}\.)[0-9]{1,8}")

# With all its words in brackets an amount is shorter; the rules below take long over a long text.
_LONGEST = 500

DASHES = frozenset({"-", "–", "—", "--", "/", "…", "..."})
NOT_SAID = frozenset({"chua", "chua co", "chua ro", "khong ro"})
_NONE = frozenset({"khong", "khong co", "ko", "ko co", "k co"})

SCALES = {
    "ty": 10**9, "ti": 10**9, "trieu": 10**6, "trd": 10**6, "tr": 10**6,
    "nghin": 10**3, "ngan": 10**3, "k": 10**3,
}  # fmt: skip
_ABOUT = re.compile(
    r"^(?:khoang|hon|tren|gan|uoc|xap xi|duoi|it nhat|toi da|tu|>|<|~|≈|≥|≤)|(?:\+| tro len)$"
)
_RANGE = re.compile(r"(?:tu )?[0-9][0-9.,]*[a-z ]*(?:[-–—~]|den|hoac) ?[0-9].*")
_NEGATIVE = re.compile(r"[-−] ?[0-9].*|\([-−]? ?[0-9][0-9.,]*\)")
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?e[+\-]?[0-9]{1,3}")
_PERCENT = re.compile(r"[0-9][0-9.,]* ?(?:%|phan tram)")
# A remark without a figure behind the amount: "115 hộ (toàn xóm)".
_REMARK = re.compile(r" ?\([^()0-9]+\)\.?$")
_WITH_WORD = re.compile(r"(?P<number>[0-9][0-9., ]*?) ?(?P<words>[a-z][a-z ]*)\.?")

MOST = 10**18


def parse_number(text: str) -> tuple[Decimal | None, Form]:
    """A written number and the form it has; `two ways` (1.234) and `none` carry no number."""
    if _PLAIN.fullmatch(text):
        return Decimal(text), "plain"
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub(r"[., ]", "", text)), "grouped"
    if _BOTH.fullmatch(text):
        whole, _, part = text.replace(",", ".").rpartition(".")
        return Decimal(whole.replace(".", "") + "." + part), "grouped"
    if _TWO_WAYS.fullmatch(text):
        return None, "two ways"
    if _DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", ".")), "decimal"
    return None, "none"


def parse_whole(text: str) -> Decimal | None:
    """A written number of what has no thousandths: 1.234 has one reading only."""
    value, form = parse_number(text)
    return Decimal(re.sub("[.,]", "", text)) if form == "two ways" else value


def digits(number: Decimal) -> str:
    """A number as notes tell it: `1234.5`."""
    return format(number.normalize(), "f")


def typed_number(raw: Raw) -> Decimal | None:
    """The number a cell of a number type holds, if it is one."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < MOST:
        return None
    return Decimal(int(raw)) if raw % 1 == 0 else Decimal(str(raw))


def without_number(raw: Raw) -> Read[Any] | None:
    """The reading of a cell that states nothing (blank, a dash, chưa có), none, or a whole story."""
    if raw is None:
        return EMPTY
    if not isinstance(raw, str):
        return None
    text = plain(raw)
    if not text:
        return EMPTY
    if len(text) > _LONGEST:
        return wrong("too_long", length=str(len(text)), limit=str(_LONGEST))
    word = fold(text).rstrip(".")
    if text in DASHES or word in NOT_SAID:
        return Read(None, "empty", doubtful("dash_is_empty", raw=text).notes)
    return understood(0, "none_is_zero", raw=text) if word in _NONE else None


def without_remark(text: str) -> str:
    """The text without a last remark in brackets that holds no figure."""
    return _REMARK.sub("", text)


def not_one_number(text: str) -> Read[Any] | None:
    """Why a text with figures states no exact number: below zero, a range, a share, about."""
    shape = fold(text[:200])
    if _NEGATIVE.fullmatch(shape):
        return doubtful("number_negative", raw=text)
    if _RANGE.fullmatch(shape):
        return doubtful("number_range", raw=text)
    if _ABOUT.search(shape) and re.search("[0-9]", shape):
        return doubtful("number_approximate", raw=text)
    if _PERCENT.fullmatch(shape):
        return doubtful("number_percent", raw=text)
    if _EXPONENT.fullmatch(shape):
        # A text file keeps only the figures that Excel showed: the others may be lost.
        return doubtful("number_exponent", raw=text)
    return None


def two_ways(raw: str, number: str) -> Read[Any]:
    """The doubt about `1.234`, which may have thousands or thousandths."""
    small, large = number.replace(",", "."), re.sub("[.,]", "", number)
    return doubtful("number_two_ways", raw=raw, small=small, large=large)


def read_number(raw: Raw) -> Read[Decimal]:
    """A number with or without a decimal part, not negative."""
    if (nothing := without_number(raw)) is not None:
        return nothing if nothing.value is None else Read(Decimal(0), nothing.how, nothing.notes)
    typed, text = typed_number(raw), plain(shown(raw))
    if typed is not None:
        return as_is(typed) if typed >= 0 else doubtful("number_negative", raw=text)
    if not isinstance(raw, str):
        return wrong("number_unreadable", raw=text)
    value, form = parse_number(without_remark(text))
    if form == "two ways":
        return two_ways(text, without_remark(text))
    if value is None:
        return not_one_number(text) or wrong("number_unreadable", raw=text)
    if form == "plain":
        return understood(value, "number_from_text", raw=text, value=digits(value))
    if form == "grouped":
        return understood(value, "number_grouped", raw=text, value=digits(value))
    return understood(value, "number_decimal", raw=text, value=digits(value))


def read_count(raw: Raw, *, heading: str = "") -> Read[int]:
    """How many: `45`, `115 hộ`. Words without a number (`toàn xóm`) are doubtful.

    `heading` is the text above the column: a word that is not in it (`20 người` under "Số hộ")
    makes the cell doubtful.
    """
    if (nothing := without_number(raw)) is not None:
        return nothing
    typed, text = typed_number(raw), plain(shown(raw))
    if typed is not None:
        if typed < 0:
            return doubtful("number_negative", raw=text)
        return as_is(int(typed)) if typed % 1 == 0 else doubtful("count_fraction", raw=text)
    if not isinstance(raw, str):
        return wrong("number_unreadable", raw=text)
    if not re.search("[0-9]", text):
        return doubtful("count_in_words", raw=text)
    return not_one_number(text) or _read_count_text(text, heading)


def _read_count_text(text: str, heading: str) -> Read[int]:
    counted = without_remark(text)
    found = _WITH_WORD.fullmatch(fold(counted))
    number = parse_whole(found["number"].strip() if found else counted)
    if number is None:
        return doubtful("count_unclear", raw=text)
    if number % 1:
        return doubtful("count_fraction", raw=text)
    if not found:
        return understood(int(number), "number_from_text", raw=text, value=digits(number))
    words = found["words"].split()
    if any(word in SCALES for word in words):
        return doubtful("count_unclear", raw=text)
    written = re.sub(r"^[0-9., ]+|[ .]+$", "", counted)
    if heading and words[0] not in re.findall("[a-z]+", fold(heading)):
        return doubtful("count_other_unit", raw=text, word=written, heading=nfc(heading))
    return understood(int(number), "count_with_word", raw=text, value=digits(number), word=written)
