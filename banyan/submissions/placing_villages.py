"""Which village a text names: by this, officers choose the records of one village together.

Only what is written is read: a word for a village with its number or its capitalised name after
it. A text that names several villages names none for certain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from banyan.kernel.text import nfc, same_tone

# The larger before the smaller one it may be a part of: xóm 2, thôn Đông is of thôn Đông.
LARGER = ("thôn", "làng", "ấp", "bản", "buôn", "khu phố", "tổ dân phố", "khu")
SMALLER = ("tổ", "xóm", "khóm")
_WORDS = "|".join(sorted((*LARGER, *SMALLER), key=len, reverse=True))
_NUMBER = r"\d{1,3}[A-Za-zĐđ]?(?![\w%])"
_CAPITAL = "".join(chr(n) for n in range(0x24F) if chr(n).isupper()) + "".join(
    chr(n) for n in range(0x1E00, 0x1F00) if chr(n).isupper()
)
_LETTER = r"[^\W\d_]"
_NAME_WORD = rf"[{_CAPITAL}](?:{_LETTER}|['’-])*"
# Capitalised or not, these go on with the word before them into something that is no village.
_OTHER_WORDS = (
    r"quốc\b|hợp tác|tự quản|dân vận|dân phòng|công tác|bảo vệ|liên gia|công nghiệp|dân cư|di tích"
    r"|đô thị|tập thể|chế xuất|nghề|văn h[oó][aá]|cam kết|sắc\b|đồ\b"
)
_NAMED = re.compile(
    rf"(?<!\w)(?<![nN][ôÔ][nN][gG] )(?P<word>(?i:{_WORDS}))\s+"
    rf"(?!(?i:{_OTHER_WORDS}))(?:(?i:số)\s+)?"
    rf"(?P<name>{_NUMBER}|{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,3}}(?:\s+{_NUMBER})?)"
)
# What stands between the parts of one place: "xóm 2, thôn Đông", "tổ 5 thuộc khu phố 3".
_OF = re.compile(r"[\s,()-]*(?:thuộc\s+)?")
# A number that goes on counting villages: "thôn 1, 2", "thôn 3 và 4", "xóm 5-7".
_AND_MORE = re.compile(
    rf"\s*(?:,|;|&|-|–|và)\s*(?:số\s+)?{_NUMBER}(?=\s*(?:$|[.,;:)&–-]|(?:và|tại|thuộc|xã|phường)\b))"
)


@dataclass(frozen=True)
class Village:
    """A village as a text names it. `key` is the same however the letters are written."""

    key: str
    label: str


SEVERAL = Village("several", "")
_Found = tuple[str, str]


def village_named(*texts: str) -> Village | None:
    """The one village that the first of these texts to name any names; SEVERAL; None: no village.

    The texts stand in the order in which they are trusted: a title before a remark.
    """
    for text in texts:
        found = _all_named(nfc(text))
        if found:
            return found[0] if len(set(found)) == 1 else SEVERAL
    return None


def _all_named(text: str) -> list[Village]:
    whole = text.upper() == text  # in capitals throughout, nobody can tell where a name ends
    found: list[Village] = []
    last: tuple[int, str] | None = None
    for match in _NAMED.finditer(text):
        word, name = nfc(match["word"]).lower(), match["name"]
        if whole and not name[0].isdigit():
            continue
        village = _village(word, name)
        if name[-1].isdigit() and _AND_MORE.match(text, match.end()):
            return [village, SEVERAL]
        nested = last and last[1] != word and _OF.fullmatch(text, last[0], match.start())
        if not nested:
            found.append(village)
        elif word in LARGER:
            found[-1] = village
        last = (match.end(), word)
    return found


def _village(word: str, name: str) -> Village:
    plain = re.sub(r"\b0+(?=\d)", "", name)
    label = f"{word} {plain}"
    return Village(same_tone(label).casefold(), label)


def tally(named: Iterable[tuple[int, Village | None]]) -> dict[tuple[int, str], tuple[str, int]]:
    """(unit, key) → (label, how many), for pairs of a record's own unit and its village.

    The same name in two communes is two villages. The key is empty where no village is named.
    """
    counted: dict[tuple[int, str], tuple[str, int]] = {}
    for unit, village in named:
        key = village.key if village else ""
        label, n = counted.get((unit, key), (village.label if village else "", 0))
        counted[unit, key] = (label, n + 1)
    return counted
