"""A record's words as they are compared: without marks, numbers, and the names of places.

A text copied from another commune has other names of places and other numbers, and little else.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from banyan.kernel.text import fold, nfc, same_tone

COMPARED = ("title", "content", "result")
# Shorter than this, everybody says the same: "Tuyến đường hoa tự quản" is a kind of model.
SHORTEST = 150
# Kinds of places, longest first: what stands after them with a capital or a number is a name.
PLACES = (
    "tổ dân phố", "khu dân cư", "khu phố", "thị trấn", "thị xã", "thành phố", "tổ dân cư",
    "phường", "huyện", "quận", "tỉnh", "thôn", "xóm", "làng", "buôn", "khóm", "bản", "khu",
    "ấp", "xã", "tổ", "tdp", "tp",
)  # fmt: skip
_KINDS = {tuple(fold(place).split()) for place in PLACES}
_MOST_WORDS = max(map(len, _KINDS))
_WORD = re.compile(r"[\w./-]+|[^\w\s]")
_BARE = re.compile(r"[^a-z]+")


def bare(text: str, names: Iterable[str] = ()) -> str:
    """The text to compare; `names` are those of the units it was written in and under."""
    words = _WORD.findall(nfc(text))
    shouted = nfc(text).isupper()
    kept: list[str] = []
    place = 0
    while place < len(words):
        kind = _kind_at(words, place)
        if kind and not shouted:
            end = place + kind
            while end < len(words) and _is_name(words[end : end + 2]):
                end += 1
            if end > place + kind:
                place = end
                continue
        kept.append(words[place])
        place += 1
    told = f" {_letters(' '.join(kept))} "
    for name in sorted(map(_name_alone, names), key=len, reverse=True):
        if " " in name:  # a name of one syllable (Bắc, Hòa) is a word as well
            told = told.replace(f" {name} ", " ")
    return told.strip()


def _letters(text: str) -> str:
    """Letters without marks, numbers and signs gone."""
    return _BARE.sub(" ", fold(same_tone(text))).strip()


def _kind_at(words: list[str], place: int) -> int:
    """How many words name a kind of place here."""
    for length in range(_MOST_WORDS, 0, -1):
        if tuple(map(_plain, words[place : place + length])) in _KINDS:
            return length
    return 0


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    """A word without marks: a register of five thousand has a few hundred."""
    return fold(word)


def _is_name(words: list[str]) -> bool:
    """Whether the first of these belongs to a name: a capital, a number, or the word before one."""
    first, then = words[0], words[1:]
    numbered = _plain(first) == "so" and bool(then) and then[0][0].isdigit()
    return numbered or first[0].isdigit() or first[0].isupper()


@lru_cache(maxsize=20_000)
def _name_alone(name: str) -> str:
    """A unit's name without what kind of unit it is."""
    words = name.split()
    return _letters(" ".join(words[_kind_at(words, 0) :]))
