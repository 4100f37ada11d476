"""Reading numbers, counts and money as Vietnamese offices write them.

The comma is the decimal sign and the dot groups thousands, yet many write the other way round.
What only one reading fits is read; `1.234`, which could be either, is doubtful.
"""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal

from banyan.kernel.notes import EMPTY, Raw, Read, as_is, doubtful, shown, understood, wrong
from banyan.kernel.text import fold, nfc

Form = Literal["plain", "grouped", "decimal", "two ways", "none"]

_PLAIN = re.compile(r"[0-9]{1,18}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3}){2,5}|(?:,[0-9]{3}){2,5}|(?: [0-9]{3}){1,5})")
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_DECIMAL = re.compile(r"[0-9]{1,18}[.,][0-9]{1,8}")
_BOTH = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3}){1,5},|(?:,[0-9]{3}){1,5}\.)[0-9]{1,8}")

_DASHES = frozenset({"-", "–", "—", "--", "/", "…", "..."})
_ABOUT = re.compile(
    r"^(?:khoang|hon|tren|gan|uoc|xap xi|duoi|it nhat|toi da|tu|>|<|~|≈|≥|≤)|(?:\+| tro len)$"
)
_SCALES = {
    "ty": 10**9, "ti": 10**9, "trieu": 10**6, "trd": 10**6, "tr": 10**6,
    "nghin": 10**3, "ngan": 10**3, "k": 10**3,
}  # fmt: skip
_PART = re.compile(
    r"(?P<number>[0-9][0-9.,]*(?: [0-9]{3}(?![0-9]))*) ?"
    r"(?:(?P<scale>ty|ti|trieu|trd|tr|nghin|ngan|k)(?![a-z])\.?)? ?"
)
_CURRENCY = re.compile(r"(?:viet nam dong|vn dong|dong|vnd|d|₫)\.?(?: chan)?")
_UNIT_IN_HEADING = re.compile(
    r"\b(ty dong|ti dong|trieu dong|trieu|trd|tr\.?d|nghin dong|nghin|ngan dong|ngan"
    r"|1\.?000 ?(?:d|dong)|dong|vnd)\b|\((ty|ti|tr|d)\)"
)
_WITH_WORD = re.compile(r"(?P<number>[0-9][0-9., ]*?) ?(?P<words>[a-z][a-z ]*)\.?")

# Under a thousand đồng nobody reports: a 85 in a money column wants its "triệu".
_LEAST_MONEY, _MOST_MONEY = 1_000, 10**14
_MOST = 10**18


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


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _two_ways(raw: str, number: str) -> Read[Decimal]:
    small, large = number.replace(",", "."), re.sub("[.,]", "", number)
    return doubtful("number_two_ways", raw=raw, small=small, large=large)


def _typed(raw: Raw) -> Decimal | None:
    """The number a cell of a number type holds, if it is one."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < _MOST:
        return None
    return Decimal(int(raw)) if raw % 1 == 0 else Decimal(str(raw))


def _unreadable_kind(raw: Raw) -> bool:
    return isinstance(raw, bool | int | float | date | time | timedelta)


def _nothing(raw: Raw) -> Read[Decimal] | None:
    """The reading of a cell without content, or None when there is some."""
    if raw is None:
        return EMPTY
    if isinstance(raw, str):
        text = nfc(raw)
        if not text:
            return EMPTY
        if text in _DASHES:
            return Read(None, "empty", doubtful("dash_is_empty", raw=text).notes)
    return None


def read_number(raw: Raw) -> Read[Decimal]:
    """A number with or without a decimal part, not negative."""
    if (nothing := _nothing(raw)) is not None:
        return nothing
    typed, text = _typed(raw), nfc(shown(raw))
    if typed is not None:
        return as_is(typed) if typed >= 0 else doubtful("number_negative", raw=text)
    if _unreadable_kind(raw):
        return wrong("number_unreadable", raw=text)
    value, form = parse_number(text)
    if form == "two ways":
        return _two_ways(text, text)
    if value is None:
        return _no_number(text)
    if form == "plain":
        return understood(value, "number_from_text", raw=text, value=_plain(value))
    if form == "grouped":
        return understood(value, "number_grouped", raw=text, value=_plain(value))
    return understood(value, "number_decimal", raw=text, value=_plain(value))


def _no_number(text: str) -> Read[Decimal]:
    if re.fullmatch(r"[-−] ?[0-9][0-9.,]*", text):
        return doubtful("number_negative", raw=text)
    if _ABOUT.search(fold(text)) and re.search("[0-9]", text):
        return doubtful("number_approximate", raw=text)
    return wrong("number_unreadable", raw=text)


def read_count(raw: Raw, *, heading: str = "") -> Read[int]:
    """How many: `45`, `115 hộ`. Words without a number (`toàn xóm`) are doubtful.

    `heading` is the text above the column: a word that is not in it (`20 người` under "Số hộ")
    makes the cell doubtful.
    """
    if (nothing := _nothing(raw)) is not None:
        return Read(None, "empty", nothing.notes)
    typed, text = _typed(raw), nfc(shown(raw))
    if typed is not None:
        if typed < 0:
            return doubtful("number_negative", raw=text)
        return as_is(int(typed)) if typed % 1 == 0 else doubtful("count_fraction", raw=text)
    if _unreadable_kind(raw):
        return wrong("number_unreadable", raw=text)
    return _read_count_text(text, heading)


def _read_count_text(text: str, heading: str) -> Read[int]:
    shape = fold(text)
    if not re.search("[0-9]", shape):
        return doubtful("count_in_words", raw=text)
    if _ABOUT.search(shape):
        return doubtful("number_approximate", raw=text)
    found = _WITH_WORD.fullmatch(shape)
    number = _counted(found["number"].strip() if found else text)
    if number is None:
        return doubtful("count_unclear", raw=text)
    if number % 1:
        return doubtful("count_fraction", raw=text)
    if not found:
        return understood(int(number), "number_from_text", raw=text, value=_plain(number))
    words = found["words"].split()
    if any(word in _SCALES for word in words):
        return doubtful("count_unclear", raw=text)
    written = re.sub(r"^[0-9., ]+|[ .]+$", "", text)
    if heading and words[0] not in re.findall("[a-z]+", fold(heading)):
        return doubtful("count_other_unit", raw=text, word=written, heading=nfc(heading))
    return understood(int(number), "count_with_word", raw=text, value=_plain(number), word=written)


def _counted(text: str) -> Decimal | None:
    value, form = parse_number(text)
    # A count has no thousandths, so here 1.234 has one reading only.
    return Decimal(re.sub("[.,]", "", text)) if form == "two ways" else value


def money_unit(heading: str) -> int | None:
    """How many đồng one unit of a column is, by its heading; None when it does not say.

    "Kinh phí (triệu đồng)" is 1 000 000, "Kinh phí (đồng)" 1.
    """
    found = _UNIT_IN_HEADING.search(fold(heading))
    if not found:
        return None
    word = (found[1] or found[2]).split()[0].rstrip(".")
    if word.startswith("1"):
        return 1_000
    return 10**6 if word.startswith("tr") else _SCALES.get(word, 1)


def read_money(raw: Raw, *, heading: str = "") -> Read[int]:
    """Đồng as a whole number: `446.000.000`, `85,0 triệu`, `1,2 tỷ`, `1 tỷ 200 triệu`, 881000000.

    `heading` may state the unit of bare numbers ("Kinh phí (triệu đồng)").
    """
    if (nothing := _nothing(raw)) is not None:
        return Read(None, "empty", nothing.notes)
    typed, text, unit = _typed(raw), nfc(shown(raw)), money_unit(heading)
    if typed is not None:
        if typed < 0:
            return doubtful("number_negative", raw=text)
        if unit and unit > 1:
            return _money_by_heading(typed, text, unit, heading)
        if typed % 1:
            return doubtful("money_fraction", raw=text)
        return _sized(as_is(int(typed)), text)
    if _unreadable_kind(raw):
        return wrong("money_unreadable", raw=text)
    return _read_money_text(text, unit, heading)


def _money_by_heading(number: Decimal, text: str, unit: int, heading: str) -> Read[int]:
    value = number * unit
    if value % 1:
        return doubtful("money_fraction", raw=text)
    made, above = str(int(value)), nfc(heading)
    read = understood(int(value), "money_by_heading", raw=text, value=made, heading=above)
    return _sized(read, text)


def _sized(read: Read[int], text: str) -> Read[int]:
    value = read.value
    if value is not None and 0 < value < _LEAST_MONEY:
        return doubtful("money_too_small", raw=text)
    if value is not None and value > _MOST_MONEY:
        return doubtful("money_too_large", raw=text, value=str(value))
    return read


def _parts(shape: str) -> tuple[list[tuple[str, int | None]], bool] | None:
    """`1 ty 200 trieu dong` as [(1, 10**9), (200, 10**6)] and whether a currency follows."""
    parts: list[tuple[str, int | None]] = []
    at = 0
    while found := _PART.match(shape, at):
        parts.append((found["number"].strip(), _SCALES.get(found["scale"] or "")))
        at = found.end()
    rest = shape[at:].strip(" .")
    if not parts or (rest and not _CURRENCY.fullmatch(rest)):
        return None
    return parts, bool(rest)


def _read_money_text(text: str, unit: int | None, heading: str) -> Read[int]:
    shape = fold(text).rstrip(" .;")
    if _ABOUT.search(shape) and re.search("[0-9]", shape):
        return doubtful("number_approximate", raw=text)
    if re.fullmatch(r"[-−] ?[0-9].*", shape):
        return doubtful("number_negative", raw=text)
    taken = _parts(shape)
    if taken is None:
        return wrong("money_unreadable", raw=text)
    parts, has_currency = taken
    if len(parts) == 1 and parts[0][1] is None:
        if has_currency and (whole := _counted(parts[0][0])) is not None and whole % 1 == 0:
            # Đồng has no fractions: 500.000 đồng has one reading.
            made = understood(int(whole), "money_words", raw=text, value=_plain(whole))
            return _sized(made, text)
        return _bare_money(text, parts[0][0], 1 if has_currency else unit, heading)
    scales = [scale or 0 for _, scale in parts]
    if scales != sorted(set(scales), reverse=True) or (0 in scales and not has_currency):
        return doubtful("money_unit_missing", raw=text)
    return _added_up(text, parts)


def _added_up(text: str, parts: list[tuple[str, int | None]]) -> Read[int]:
    total = Decimal(0)
    for written, scale in parts:
        number, form = parse_number(written)
        if form == "two ways":
            return _as_money(_two_ways(text, written))
        if number is None:
            return wrong("money_unreadable", raw=text)
        total += number * (scale or 1)
    if total % 1:
        return doubtful("money_fraction", raw=text)
    return _sized(understood(int(total), "money_words", raw=text, value=str(int(total))), text)


def _bare_money(text: str, written: str, unit: int | None, heading: str) -> Read[int]:
    """Money without a word for its size: by the heading, or because only đồng fits."""
    number, form = parse_number(written)
    if form == "two ways":
        # Under "Kinh phí (đồng)" 500.000 has one reading, but 1.234 may be meant in triệu.
        if unit != 1 or not written.endswith("000"):
            return _as_money(_two_ways(text, written))
        number, form = Decimal(re.sub("[.,]", "", written)), "grouped"
    if number is None:
        return wrong("money_unreadable", raw=text)
    if unit and unit > 1:
        return _money_by_heading(number, text, unit, heading)
    if form == "decimal":
        return doubtful("money_unit_missing", raw=text)
    if number % 1:
        return doubtful("money_fraction", raw=text)
    if form == "grouped":
        made = understood(int(number), "number_grouped", raw=text, value=_plain(number))
    else:
        made = understood(int(number), "number_from_text", raw=text, value=_plain(number))
    return _sized(made, text)


def _as_money(read: Read[Decimal]) -> Read[int]:
    return Read(None, read.how, read.notes)
