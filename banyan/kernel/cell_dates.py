"""Reading dates as Vietnamese offices write them: day first, in figures or in words."""

import re
from datetime import date, datetime, time, timedelta

from banyan.kernel.cell_numbers import DASHES, NOT_SAID
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
    with_warning,
    wrong,
)
from banyan.kernel.text import fold, plain

# "từ ngày 5/3/2024" in a column of first days names one day.
_FROM = r"(?:(?:tu|den) )?(?:ngay )?"
_FIGURES = re.compile(_FROM + r"([0-9]{1,2}) ?[/.\-] ?([0-9]{1,2}) ?[/.\-] ?([0-9]{1,5})\.?")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.\-])([0-9]{1,2})\2([0-9]{1,2})")
_WORDS = re.compile(_FROM + r"([0-9]{1,2}) thang ([0-9]{1,2})(?: nam|,|/)? ?([0-9]{4})")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
# Excel in English shows 5-Mar-24.
_ENGLISH = re.compile(rf"([0-9]{{1,2}})[ \-/]({_MONTHS})[ \-/,]{{1,2}}([0-9]{{2}}|[0-9]{{4}})")
_TIME = re.compile(r"[t ] ?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?: ?(?:am|pm|z))?$")
_SERIAL = re.compile(r"[2-7][0-9]{4}")
_MONTH_ONLY = re.compile(
    r"(?:thang ?|t\.?)?[0-9]{1,2} ?[/.\-] ?(?:19|20)[0-9]{2}|(?:thang ?|t\.?)[0-9]{1,2}(?: nam [0-9]{4})?"
    r"|(?:quy |q\.?) ?[ivx0-9]+.*|(?:dau|giua|cuoi) (?:thang|nam|quy)\b.*|(?:6|sau) thang .*"
    rf"|(?:{_MONTHS})[ \-/][0-9]{{2,4}}"
)
_YEAR_ONLY = re.compile(r"(?:tu |den )?(?:nam (?:hoc )?)?[0-9]{4}(?: ?[-–] ?[0-9]{4})?")
_NO_YEAR = re.compile(_FROM + r"[0-9]{1,2}(?: ?[/.\-] ?| thang )[0-9]{1,2}")
_SEVERAL = re.compile(
    r".*[0-9]{1,2} ?[/.\-] ?[0-9]{1,4}.*(?:[-–—;,]|den|va).*[0-9]{1,2} ?[/.\-] ?[0-9]{4}"
)
_IN_SENTENCE = re.compile(r"ngay ([0-9]{1,2}) thang ([0-9]{1,2}) nam ([0-9]{4})")
_PERIODS = (
    (re.compile(r"(?:6|sau) thang dau nam ([0-9]{4})"), "H1"),
    (re.compile(r"(?:6|sau) thang cuoi nam ([0-9]{4})"), "H2"),
    (re.compile(r"quy (?:iv|4)\b[ ,/]*(?:nam )?([0-9]{4})"), "Q4"),
    (re.compile(r"quy (?:iii|3)\b[ ,/]*(?:nam )?([0-9]{4})"), "Q3"),
    (re.compile(r"quy (?:ii|2)\b[ ,/]*(?:nam )?([0-9]{4})"), "Q2"),
    (re.compile(r"quy (?:i|1)\b[ ,/]*(?:nam )?([0-9]{4})"), "Q1"),
    (re.compile(r"nam ([0-9]{4})"), ""),
)

# Excel counts days from 30 December 1899; the span 1954–2119 keeps years (2024) and counts out.
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_YEARS = range(1900, 2101)

Within = tuple[date, date]


def read_date(
    raw: Raw, *, within: Within | None = None, document: date | None = None
) -> Read[date]:
    """The day a cell holds: a real date, an Excel serial number, or text read day first.

    `within` is the first and the last day of the period, both included; `document` the date the
    sheet itself bears. A day outside the one or after the other keeps its value with a warning.
    """
    read = _read(raw)
    day = read.value
    if day is None:
        return read
    if document and day > document:
        read = with_warning(read, note("after_document", date=str(day), document=str(document)))
    if within and not within[0] <= day <= within[1]:
        read = with_warning(read, _outside(day, within))
    return read


def _outside(day: date, within: Within) -> Note:
    first, last = str(within[0]), str(within[1])
    try:
        swapped = date(day.year, day.day, day.month)
    except ValueError:
        return note("outside_period", date=str(day), first=first, last=last)
    if swapped != day and within[0] <= swapped <= within[1]:
        # A sheet typed on a machine set to month-first turns 9 February into 2 September.
        return note(
            "outside_period_swapped", date=str(day), first=first, last=last, swapped=str(swapped)
        )
    return note("outside_period", date=str(day), first=first, last=last)


def _read(raw: Raw) -> Read[date]:
    if raw is None:
        return EMPTY
    if isinstance(raw, date):
        return _read_typed(raw)
    if isinstance(raw, bool | time | timedelta):
        return wrong("date_unreadable", raw=shown(raw))
    if isinstance(raw, int | float):
        return _read_number(raw, shown(raw))
    return _read_text(raw)


def _read_typed(raw: date) -> Read[date]:
    day = raw.date() if isinstance(raw, datetime) else raw
    if day.year not in _YEARS:
        return doubtful("date_odd_year", raw=shown(raw))
    if isinstance(raw, datetime) and raw.time() != time():
        return understood(day, "date_time_dropped", raw=shown(raw), date=str(day))
    return as_is(day)


def _read_number(number: float, text: str) -> Read[date]:
    if number in _YEARS:
        return doubtful("date_year_only", raw=text)
    if _SERIALS.start <= number < _SERIALS.stop:
        day = _EPOCH + timedelta(days=int(number))
        return understood(day, "date_serial", raw=text, date=str(day))
    if 1000 <= number <= 9999 and number % 1 == 0:
        return doubtful("date_odd_year", raw=text)
    return wrong("date_unreadable", raw=text)


def _read_text(raw: str) -> Read[date]:
    text = plain(raw)
    shape = fold(text)
    if not text:
        return EMPTY
    if text in DASHES or shape in NOT_SAID:
        return Read(None, "empty", doubtful("dash_is_empty", raw=text).notes)
    if found := _TIME.search(shape):
        day = _read_day(text, shape[: found.start()])
        if day.value is None or not any(int(part) for part in found.groups("0")):
            return day
        return with_note(day, note("date_time_dropped", raw=text, date=str(day.value)))
    return _read_day(text, shape)


def _read_day(text: str, shape: str) -> Read[date]:
    if found := _YEAR_FIRST.fullmatch(shape):
        return _made(text, (found[4], found[3], found[1]), "")
    if found := _FIGURES.fullmatch(shape):
        return _read_figures(text, found)
    if found := _WORDS.fullmatch(shape):
        return _made(text, (found[1], found[2], found[3]), "date_words")
    if found := _ENGLISH.fullmatch(shape):
        month = str(_MONTHS.split("|").index(found[2]) + 1)
        year = found[3] if len(found[3]) == 4 else "20" + found[3]
        return _made(text, (found[1], month, year), "date_words")
    if _SERIAL.fullmatch(shape):
        return _read_number(int(shape), text)
    return _no_day(text, shape)


def _no_day(text: str, shape: str) -> Read[date]:
    """Why a text names no one day."""
    if _YEAR_ONLY.fullmatch(shape):
        years = [int(year) for year in re.findall("[0-9]{4}", shape)]
        sound = all(year in _YEARS for year in years)
        return doubtful("date_year_only" if sound else "date_odd_year", raw=text)
    if _NO_YEAR.fullmatch(shape):
        return doubtful("date_without_year", raw=text)
    if _MONTH_ONLY.fullmatch(shape):
        return doubtful("date_month_only", raw=text)
    if _SEVERAL.fullmatch(shape[:100]):
        return doubtful("date_several", raw=text)
    return wrong("date_unreadable", raw=text)


def _read_figures(text: str, found: re.Match[str]) -> Read[date]:
    day, month, year = found[1], found[2], found[3]
    if len(year) not in (2, 4):
        return doubtful("date_odd_year", raw=text)
    if int(month) > 12 and 1 <= int(day) <= 12:
        return doubtful("date_month_first", raw=text)
    if len(year) == 2:
        # Registers speak of this century: 24 is 2024. Others show as outside the period.
        return _made(text, (day, month, "20" + year), "date_short_year")
    could_be_swapped = int(day) <= 12 and int(day) != int(month)
    return _made(text, (day, month, year), "date_day_first" if could_be_swapped else "")


def _made(text: str, parts: tuple[str, str, str], code: str) -> Read[date]:
    day, month, year = (int(part) for part in parts)
    if year not in _YEARS:
        return doubtful("date_odd_year", raw=text)
    try:
        made = date(year, month, day)
    except ValueError:
        return wrong("date_impossible", raw=text)
    if code == "date_day_first":
        return understood(made, "date_day_first", raw=text, date=str(made))
    if code == "date_short_year":
        return understood(made, "date_short_year", raw=text, date=str(made))
    if code == "date_words":
        return understood(made, "date_words", raw=text, date=str(made))
    return as_is(made)


def date_in_sentence(text: str) -> date | None:
    """The day in "Kim Sơn, ngày 14 tháng 6 năm 2024", or None."""
    found = _IN_SENTENCE.search(fold(text))
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def period_in_title(text: str) -> str | None:
    """The period a title names ("… 6 THÁNG ĐẦU NĂM 2024" is `2024H1`), or None."""
    shape = fold(text)
    for pattern, part in _PERIODS:
        if (found := pattern.search(shape)) and int(found[1]) in _YEARS:
            return found[1] + part
    return None
