"""Text in the encodings of before Unicode, TCVN3 (fonts .VnTime) and VNI (fonts VNI-Times), and
UTF-8 that was misread for Windows-1252.

In a workbook such a text is made of Latin letters and signs that only the old font shows as
Vietnamese: "x· Kim S¬n", "Uyû ban nhaân daân". Nothing in one cell tells it from French or from
Unicode for certain, so a workbook as a whole must first hold enough words that are Vietnamese
syllables after decoding and not before (`established`). Only then are its cells looked at, each by
its own words, and where these fit both ways by the cells of its column (`modern`).
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from banyan.kernel.notes import Note, Raw, note
from banyan.kernel.syllables import is_syllable

if TYPE_CHECKING:
    from banyan.kernel.sheets import Sheet

Evidence = Literal["old", "modern", "either", "foreign", "none"]

_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"


def _composed(letter: str, tone: str) -> str:
    return unicodedata.normalize("NFC", letter + tone)


def _tcvn3() -> dict[str, str]:
    """Sign as it shows in another font → letter. The fonts have no capitals that bear a tone."""
    letters = dict(zip("¡¢£¤¥¦§¨©ª«¬\u00ad®", "ĂÂÊÔƠƯĐăâêôơưđ", strict=True))
    # Each row: the letter without tone, then its huyền, hỏi, ngã, sắc, nặng.
    rows = (
        "aµ¶·¸¹", "ă»¼½¾Æ", "âÇÈÉÊË", "eÌÎÏÐÑ", "êÒÓÔÕÖ", "i×ØÜÝÞ",
        "oßáâãä", "ôåæçèé", "ơêëìíî", "uïñòóô", "ưõö÷øù", "yúûüýþ",
    )  # fmt: skip
    for row in rows:
        letter = row[0]
        for sign, tone in zip(row[1:], (_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT), strict=True):
            letters[sign] = _composed(letter, tone)
    return letters


def _vni() -> dict[str, str]:
    """One or two signs → letter: a vowel, and behind it the sign of its marks."""
    tones = {"ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ù": _ACUTE, "ï": _DOT}
    hats = {"à": _GRAVE, "å": _HOOK, "ã": _TILDE, "á": _ACUTE, "ä": _DOT, "â": ""}
    bowls = {"è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "é": _ACUTE, "ë": _DOT, "ê": ""}
    letters = dict(zip("ñôöìæóíòî", "đơưìỉĩíịỵ", strict=True))
    letters |= {
        vowel + sign: _composed(vowel, tone)
        for vowel in "aeouy"
        for sign, tone in tones.items()
        if vowel + sign != "yï"
    }
    letters |= {
        sign + mark: _composed(letter, tone)
        for sign, letter in ("ôơ", "öư")
        for mark, tone in tones.items()
    }
    letters |= {
        vowel + sign: _composed(hat, tone)
        for vowel, hat in ("aâ", "eê", "oô")
        for sign, tone in hats.items()
    }
    letters |= {"a" + sign: _composed("ă", tone) for sign, tone in bowls.items()}
    # A capital vowel may bear the sign of its marks as a capital or as a small one.
    capitals = {sign.upper(): letter.upper() for sign, letter in letters.items()}
    mixed = {
        sign[0].upper() + sign[1:]: letter.upper()
        for sign, letter in letters.items()
        if len(sign) == 2
    }
    return letters | capitals | mixed


def _misread() -> dict[str, str]:
    """UTF-8 that a program took for Windows-1252 and saved so: "XÃ£ Kim SÆ¡n"."""
    letters = {*_vni().values(), *"“”‘’–—…•°²³±×\u00a0"}
    return {"".join(map(_western, letter.encode())): letter for letter in letters}


def _western(byte: int) -> str:
    # Windows shows the five bytes that Windows-1252 leaves open as controls.
    shown = bytes([byte]).decode("cp1252", "ignore")
    return shown or chr(byte)


@dataclass(frozen=True)
class Encoding:
    """An old encoding: its name, and its signs with the letters they stand for."""

    name: str
    letters: Mapping[str, str] = field(repr=False, hash=False, compare=False)
    sign: re.Pattern[str] = field(repr=False, hash=False, compare=False)
    word: re.Pattern[str] = field(repr=False, hash=False, compare=False)

    @classmethod
    def of(cls, name: str, letters: Mapping[str, str]) -> "Encoding":
        """An encoding by its table."""
        longest_first = sorted(letters, key=len, reverse=True)
        signs = re.escape("".join(sorted({sign for many in letters for sign in many})))
        return cls(
            name,
            letters,
            re.compile("|".join(map(re.escape, longest_first))),
            re.compile(f"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff{signs}]+"),
        )


TCVN3 = Encoding.of("TCVN3 (ABC)", _tcvn3())
VNI = Encoding.of("VNI", _vni())
MISREAD = Encoding.of("UTF-8 (Windows-1252)", _misread())
ENCODINGS = (TCVN3, VNI, MISREAD)

# Letters that no encoding shows: they make a text Unicode, whatever else is in it. Those of
# Windows-1252 between them (Œ Š Ÿ Ž ƒ) are left out.
_UNICODE = re.compile(
    "[\u0100-\u0151\u0154-\u015f\u0162-\u0177\u0179-\u017c\u017f-\u0191\u0193-\u024f"
    "\u0300-\u036f\u0370-\u1fff\u2c00-\ud7ff]"
)
_ABBREVIATION = re.compile(r"(?=.*Đ)[BCDĐGHKLMNPQRSTVX]{2,6}")
_SAMPLE = 60
_CAPITALS = re.compile(r"[A-Z]{2}")


def decoded(text: str, encoding: Encoding) -> str:
    """A text of an old encoding in Unicode.

    TCVN3 has no capitals with a tone, its capital fonts only show them so: words (and texts)
    whose plain letters are all capitals become capitals, "KIM S¬N" is "KIM SƠN".
    """
    made = encoding.sign.sub(lambda found: encoding.letters[found[0]], text)
    if made == text or encoding is not TCVN3:
        return made
    if _in_capitals(text):
        return made.upper()
    return re.sub(r"\w+", lambda word: _as_capitals(word[0]), made)


def _in_capitals(text: str) -> bool:
    return bool(_CAPITALS.search(text)) and not re.search("[a-z]", text)


def _as_capitals(word: str) -> str:
    plain = [letter for letter in word if letter.isascii() and letter.isalpha()]
    return word.upper() if len(plain) > 1 and all(map(str.isupper, plain)) else word


def _wrote(encoding: Encoding, word: str) -> bool:
    """Whether an encoding has all the signs of a word: VNI has no ê that follows no a."""
    return encoding.sign.sub("", word).isascii()


@lru_cache(maxsize=200_000)
def _evidence(word: str, encoding: Encoding) -> Evidence:
    made = decoded(word, encoding)
    sound = is_syllable(made) or bool(_ABBREVIATION.fullmatch(made))
    new = sound and _wrote(encoding, word)
    if is_syllable(word):
        return "either" if new else "modern"
    return "old" if new else "foreign"


def _words(text: str, encoding: Encoding) -> list[str]:
    """The words that could tell; a sign that stands alone may be meant as such (· © µ)."""
    if text.isascii():
        return []
    found = encoding.word.findall(text)
    return [word for word in found if len(word) > 1 and not word.isascii()]


def established(texts: Iterable[str]) -> Encoding | None:
    """The old encoding that a workbook with these texts holds, or None.

    There must be at least four different words that are syllables only when decoded, and three
    times as many of them as words that are no syllables either way (French, German, symbols).
    """
    parts: set[str] = set()
    for text in texts:
        if not text.isascii() and not _UNICODE.search(text):
            parts.update(text.split(" "))
    best, most = None, 3
    for encoding in ENCODINGS:
        words = {word for part in parts for word in _words(part, encoding)}
        found = Counter(_evidence(word, encoding) for word in words)
        if found["old"] > most and found["old"] >= 3 * found["foreign"]:
            best, most = encoding, found["old"]
    return best


def text_of(data: bytes) -> str | None:
    """The text of bytes that are no Unicode: Windows-1258, or as TCVN3 and VNI show elsewhere.

    None when most of its words would be no Vietnamese in any of them.
    """
    vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", "replace"))
    words = {word for word in re.findall(r"[^\W\d_]+", vietnamese) if not word.isascii()}
    sound = sum(map(is_syllable, words))
    if sound > 3 and sound >= 4 * (len(words) - sound):
        return vietnamese
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if established(text.splitlines()) else None


def verdict(text: str, encoding: Encoding) -> Evidence:
    """Whether one text of such a workbook is in the old encoding, by its own words alone.

    `either` fits both ways, `foreign` (names, abbreviations) neither; `none` has nothing to tell.
    """
    if _UNICODE.search(text):
        return "modern"
    words = _words(text, encoding)
    found = Counter(_evidence(word, encoding) for word in words)
    if found["old"] > 2 * (found["foreign"] + found["modern"]):
        return "old"
    if found["modern"]:
        return "none" if found["old"] else "modern"
    if not all(_wrote(encoding, word) for word in words):
        return "none"
    return "foreign" if found["foreign"] else "either" if found["either"] else "none"


def modern(sheets: Sequence["Sheet"]) -> tuple[tuple["Sheet", ...], tuple[Note, ...]]:
    """The sheets with what is in an old encoding put into Unicode, and a note for each of them."""
    encoding = established(text for sheet in sheets for text in _texts(sheet))
    if encoding is None:
        return tuple(sheets), ()
    made = tuple(_modern_sheet(sheet, encoding) for sheet in sheets)
    return made, tuple(note for sheet in made for note in sheet.notes)


def _texts(sheet: "Sheet") -> Iterable[str]:
    return (value for row in sheet.rows for value in row if isinstance(value, str))


def _modern_sheet(sheet: "Sheet", encoding: Encoding) -> "Sheet":
    verdicts = {text: verdict(text, encoding) for text in set(_texts(sheet)) if not text.isascii()}
    columns, whole = _counted(sheet, verdicts)

    def read(value: Raw, column: int) -> Raw:
        told = verdicts.get(value) if isinstance(value, str) else None
        if told and _is_old(told, columns[column], whole):
            return decoded(str(value), encoding)
        return value

    rows = [[read(value, column) for column, value in enumerate(row)] for row in sheet.rows]
    sample = _first_change(sheet.rows, rows)
    if sample is None:
        return sheet
    before, after = (text[:_SAMPLE] for text in sample)
    told = note(
        "old_encoding", sheet=sheet.name, encoding=encoding.name, before=before, after=after
    )
    return replace(sheet, rows=rows, notes=(*sheet.notes, told))


def _counted(
    sheet: "Sheet", verdicts: Mapping[str, Evidence]
) -> tuple[Mapping[int, Counter[Evidence]], Counter[Evidence]]:
    """What the texts of each column tell, and those of the whole sheet."""
    columns: dict[int, Counter[Evidence]] = defaultdict(Counter)
    for row in sheet.rows:
        for column, value in enumerate(row):
            if isinstance(value, str) and value in verdicts:
                columns[column][verdicts[value]] += 1
    return columns, sum(columns.values(), Counter())


def _is_old(told: Evidence, column: Counter[Evidence], whole: Counter[Evidence]) -> bool:
    """Whether a text is old: by its own words, else by its column, else by the whole sheet."""
    if told == "either":
        by = column if column["old"] or column["modern"] else whole
        return by["old"] > by["modern"]
    if told == "foreign":
        return column["old"] > 3 * (column["modern"] + column["foreign"])
    return told == "old"


def _first_change(
    rows: Sequence[Sequence[Raw]], others: Sequence[Sequence[Raw]]
) -> tuple[str, str] | None:
    pairs = (
        (str(before), str(after))
        for row, other in zip(rows, others, strict=True)
        for before, after in zip(row, other, strict=True)
        if before is not after and before != after
    )
    return next(pairs, None)
