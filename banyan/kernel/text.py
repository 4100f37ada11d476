"""Vietnamese text: one form for comparing, one for sorting."""

import re
import unicodedata

_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_BLANKS = re.compile(r"\s+")
# Old and new habits put the tone of oa, oe, uy on different letters: hoà and hòa are one word.
# After q the u belongs to the consonant, so quý has only one spelling.
_OLD_TONE = re.compile(r"(?<![qQ])([ouOU])([aeyAEY])([\u0300\u0309\u0303\u0301\u0323])(?![a-zA-Z])")


def nfc(text: str) -> str:
    """Composed Unicode, blanks collapsed and trimmed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def same_tone(text: str) -> str:
    """Put the tone mark where the older rule puts it (hoà → hòa), so both spellings meet."""
    apart = unicodedata.normalize("NFD", text)
    moved = _OLD_TONE.sub(lambda m: m[1] + m[3] + m[2], apart)
    return unicodedata.normalize("NFC", moved)


def fold(text: str) -> str:
    """For search and comparison: lower case, no marks, đ as d, blanks collapsed."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(ch for ch in apart if not unicodedata.combining(ch))
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
