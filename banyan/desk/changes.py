"""What changed in a text, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# Below this likeness it is another text: marking single words would only confuse.
ALIKE, LONGEST = 0.35, 4_000
WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text: `same`, `was` (gone) or `new`."""

    kind: str
    text: str


def pieces(was: str, now: str) -> list[Piece]:
    """The two texts laid over each other; whole where they have little in common."""
    if was == now:
        return [Piece("same", now)] if now else []
    whole = [Piece(kind, text) for kind, text in (("was", was), ("new", now)) if text]
    before, after = WORDS.findall(was), WORDS.findall(now)
    if not was or not now or len(before) + len(after) > LONGEST:
        return whole
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return whole
    return list(_joined(_told(matcher, before, after)))


def _told(matcher: SequenceMatcher[str], before: list[str], after: list[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(after[c:d]))
            continue
        yield Piece("was", "".join(before[a:b]))
        yield Piece("new", "".join(after[c:d]))


def _joined(told: Iterator[Piece]) -> Iterator[Piece]:
    """Changes parted only by a space become one: “1,2 km” → “1,5 km” reads as one change."""
    was = new = ""
    for piece in told:
        if piece.kind == "same" and (piece.text.strip() or not (was or new)):
            yield from _flushed(was, new)
            was = new = ""
            yield piece
        elif piece.kind == "same":
            was, new = was + piece.text, new + piece.text
        elif piece.kind == "was":
            was += piece.text
        else:
            new += piece.text
    yield from _flushed(was, new)


def _flushed(was: str, new: str) -> Iterator[Piece]:
    """Spaces at the ends belong to the sentence, not to the mark."""
    if (new or was)[:1].isspace():
        yield Piece("same", " ")
    tail = new[len(new.rstrip()) :] or (was[len(was.rstrip()) :] if not new else "")
    if was.strip():
        yield Piece("was", was.strip())
    if was.strip() and new.strip():
        yield Piece("same", " ")
    if new.strip():
        yield Piece("new", new.strip())
    if tail:
        yield Piece("same", tail)
