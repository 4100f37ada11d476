"""Vietnamese text: one form for comparing, one for sorting."""

import re
import unicodedata

_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_BLANKS = re.compile(r"\s+")
# Old and new habits put the tone of oa, oe, uy on different letters: hoà and hòa are one word.
# After q the u belongs to the consonant, so quý has only one spelling.
_OLD_TONE = re.compile(r"(?<![qQ])([ouOU])([aeyAEY])([\u0300\u0309\u0303\u0301\u0323])(?![a-zA-Z])")
# Signs without width, marks of direction, controls (PostgreSQL refuses the first of them); the
# joiner inside an emoji is none of them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    "|(?<![\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])\u200d"
)
_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)}


def nfc(text: str) -> str:
    """Composed Unicode, blanks collapsed and trimmed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def is_decomposed(text: str) -> bool:
    """Whether a text keeps marks apart from their letters, as some keyboards write it."""
    return not text.isascii() and not unicodedata.is_normalized("NFC", text)


def clean(text: str) -> str:
    """Composed text without invisible signs, blanks collapsed and trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return nfc(_INVISIBLE.sub("", text))


def plain(text: str) -> str:
    """A text that should be a number, a date or a mark: `clean`, full-width signs as usual ones.

    The apostrophe that makes Excel take a cell for text is left out.
    """
    return clean(text.translate(_FULL_WIDTH)).removeprefix("'").lstrip()


def same_tone(text: str) -> str:
    """Put the tone mark where the older rule puts it (hoà → hòa), so both spellings meet."""
    apart = unicodedata.normalize("NFD", text)
    moved = _OLD_TONE.sub(lambda m: m[1] + m[3] + m[2], apart)
    return unicodedata.normalize("NFC", moved)


class _Bare(dict[int, int | None]):
    """What `fold` makes of a sign, found out when it is first met: every cell of a file is folded."""

    def __missing__(self, sign: int) -> int | None:
        self[sign] = None if unicodedata.combining(chr(sign)) else sign
        return self[sign]


_BARE = _Bare({ord("đ"): ord("d"), ord("Đ"): ord("D")})


def fold(text: str) -> str:
    """For search and comparison: lower case, no marks, đ as d, blanks collapsed."""
    bare = unicodedata.normalize("NFD", text).translate(_BARE)
    return _BLANKS.sub(" ", bare).strip().lower()


def folded(text: str) -> str:
    """The form compared when somebody searches without accents: `fold`, the tone where it belongs."""
    return fold(same_tone(nfc(text)))


def _letter(ch: str) -> tuple[str, str]:
    apart = unicodedata.normalize("NFD", ch)
    tone = next((_TONES[m] for m in apart if m in _TONES), 0)
    base = unicodedata.normalize("NFC", "".join(m for m in apart if m not in _TONES))
    if base in _LETTERS:
        return chr(0x81 + _LETTERS[base]), str(tone)
    if base.isalnum():
        return base, "0"
    return " ", "0"


def vi_sort_key(text: str) -> str:
    """Key that sorts under the "C" collation as a Vietnamese dictionary does.

    Letters first (a ă â b … đ e ê …), tones after (none, huyền, hỏi, ngã, sắc, nặng): the order
    of ICU's `vi`, kept in a column because the default server has no ICU. Letters start above
    every ASCII digit and sign, so numbers come before words.
    """
    pairs = [_letter(ch) for ch in same_tone(nfc(text)).lower()]
    return "".join(p[0] for p in pairs) + "\x01" + "".join(p[1] for p in pairs)
