"""The name of a unit as somebody wrote it, its kind and what it lies in taken apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from banyan.kernel.text import clean, fold

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
# "xã Ân Hòa, huyện Kim Sơn", "xã Ân Hòa - huyện Kim Sơn", "xã Ân Hòa (Kim Sơn)".
_KIND_AHEAD = "|".join(re.escape(prefix) for prefix, _kind in _PREFIXES)
_WITHIN = re.compile(
    r"(?P<head>[^,(]+?)(?: ?\([^()]*\)(?=,))? ?"  # brackets before a comma tell of something else
    rf"(?:, ?|\((?=[^()]+\)$)|[-–—] ?(?=(?:{_KIND_AHEAD})[ .]?\w))(?P<within>.+)",
    re.IGNORECASE,
)
# Bodies that sit at a unit and are written for it, and the word of its kind behind them.
_BODY = re.compile(
    r"(?:ubnd|uy ban nhan dan|hdnd|hoi dong nhan dan|dang uy|dang bo|ban chap hanh dang bo"
    r"|(?:uy ban |ub)?(?:mttq|mat tran to quoc)(?: viet nam| vn)?"
    r"|(?:khoi|to|ban|bcd|ban chi dao)(?: cong tac)? dan van|cong an|doan (?:thanh nien|tn[a-z ]*)"
    r"|hoi [a-z ]+?) "
    rf"(?=(?:{'|'.join(re.escape(fold(prefix)) for prefix, _kind in _PREFIXES)})[ .]?\w)"
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
    within  what followed a comma or stands in brackets: the unit it lies in, else ""
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
    found = _WITHIN.fullmatch(text)
    head, within = (found["head"], found["within"].rstrip(" )")) if found else (text, "")
    kind, length, abbreviated = _prefix_of(head)
    bare = head[length:].strip(" .") or head
    if bare.isupper() and any(ch.isalpha() for ch in bare):
        bare = _initials(bare)
    return UnitName(text, kind, bare, fold(bare), within, abbreviated)


def without_body(text: str) -> str:
    """The unit where a body sits: "UBND xã Ân Hòa" is "xã Ân Hòa". Other texts as they stand."""
    text = clean(text)
    shape = fold(text)
    found = _BODY.match(shape) if len(shape) == len(text) else None
    return text[found.end() :] if found else text
