"""Reading money as Vietnamese offices write it: `446.000.000`, `85,0 triệu`, `1 tỷ 200 triệu`."""

import re
from decimal import Decimal

from banyan.kernel.cell_numbers import (
    MOST,
    SCALES,
    digits,
    not_one_number,
    parse_number,
    parse_whole,
    two_ways,
    typed_number,
    without_number,
    without_remark,
)
from banyan.kernel.notes import Raw, Read, as_is, doubtful, shown, understood, wrong
from banyan.kernel.text import fold, nfc, plain

_PART = re.compile(
    r"(?P<number>[0-9][0-9.,]*(?: [0-9]{3}(?![0-9]))*) ?"
    r"(?:(?P<scale>ty|ti|trieu|trd|tr|nghin|ngan|k)(?![a-z])\.?)? ?"
)
_CURRENCY = re.compile(r"(?:viet nam dong|vn dong|dong|vnd|d|₫)\.?(?: chan)?")
_UNIT_IN_HEADING = re.compile(
    r"\b(ty dong|ti dong|trieu dong|trieu|trd|tr\.?d|nghin dong|nghin|ngan dong|ngan"
    r"|1\.?000 ?(?:d|dong)|dong|vnd)\b|\((ty|ti|tr|d)\)"
)
_FOR_EACH = re.compile(r"[0-9].*(?:/| moi | mot | tren moi ) ?[a-z ]+")

# Under a thousand đồng nobody reports: a 85 in a money column wants its "triệu".
_LEAST_MONEY, _MOST_MONEY = 1_000, 10**14


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
    return 10**6 if word.startswith("tr") else SCALES.get(word, 1)


def read_money(raw: Raw, *, heading: str = "") -> Read[int]:
    """Đồng as a whole number: `446.000.000`, `85,0 triệu`, `1,2 tỷ`, `1 tỷ 200 triệu`, 881000000.

    `heading` may state the unit of bare numbers ("Kinh phí (triệu đồng)").
    """
    if (nothing := without_number(raw)) is not None:
        return nothing
    typed, text, unit = typed_number(raw), plain(shown(raw)), money_unit(heading)
    if typed is not None:
        if typed < 0:
            return doubtful("number_negative", raw=text)
        if unit and unit > 1:
            return _money_by_heading(typed, text, unit, heading)
        if typed % 1:
            return doubtful("money_fraction", raw=text)
        return _sized(as_is(int(typed)), text)
    if isinstance(raw, int | float) and MOST <= raw < float("inf"):
        return doubtful("money_too_large", raw=text, value=str(int(raw)))
    if not isinstance(raw, str):
        return wrong("money_unreadable", raw=text)
    return not_one_number(text) or _read_money_text(text, unit, heading)


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
        parts.append((found["number"].strip(), SCALES.get(found["scale"] or "")))
        at = found.end()
    rest = shape[at:].strip(" .")
    if not parts or (rest and not _CURRENCY.fullmatch(rest)):
        return None
    return parts, bool(rest)


def _read_money_text(text: str, unit: int | None, heading: str) -> Read[int]:
    shape = fold(without_remark(text)).rstrip(" .;")
    if _FOR_EACH.fullmatch(shape):
        return doubtful("money_for_each", raw=text)
    taken = _parts(shape)
    if taken is None:
        return wrong("money_unreadable", raw=text)
    parts, has_currency = taken
    if len(parts) == 1 and parts[0][1] is None:
        if has_currency and (whole := parse_whole(parts[0][0])) is not None and whole % 1 == 0:
            # Đồng has no fractions: 500.000 đồng has one reading.
            made = understood(int(whole), "money_words", raw=text, value=digits(whole))
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
            return two_ways(text, written)
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
            return two_ways(text, written)
        number, form = Decimal(re.sub("[.,]", "", written)), "grouped"
    if number is None:
        return wrong("money_unreadable", raw=text)
    if unit and unit > 1:
        return _money_by_heading(number, text, unit, heading)
    if number % 1 or form == "decimal":
        # 85,0 and 1.234,5 are in triệu, or in nghìn: đồng has no fractions.
        return doubtful("money_unit_missing", raw=text)
    if form == "grouped":
        made = understood(int(number), "number_grouped", raw=text, value=digits(number))
    else:
        made = understood(int(number), "number_from_text", raw=text, value=digits(number))
    return _sized(made, text)
