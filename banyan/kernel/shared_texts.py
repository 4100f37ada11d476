"""The texts that the cells of an .xlsx share: how long they are, and what all cells would hold.

The reader proper (calamine) makes room for as many texts as the part says it has, and gives each
cell a copy of its own: a few bytes could ask for many gigabytes.
"""

import re
from collections.abc import Iterable
from xml.parsers import expat

_ROOT = re.compile(rb'<sst(?:\s+[\w:]+="[^"<>&]*")*\s*/?>')
_STATED = re.compile(rb'\s(?:uniqueC|c)ount="[^"]*"')
_ANY_ROOT = re.compile(rb"<(?:[^\s<>/!?]*:)?sst[\s/>]")
_TEXT_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[^<>]*\st="s"[^<>]*><v>([0-9]{1,9})</v>')
_MOST_STATED = 1_000_000


def told_plainly(content: bytes) -> tuple[bytes, list[int]]:
    """The part without the number of texts it states, and the length of each text at most.

    Raises ValueError or ExpatError.
    """
    roots = [found.start() for found in _ANY_ROOT.finditer(content)]
    root = _ROOT.search(content)
    if root is None or roots != [root.start()] or not _is_usual(content):
        return content, _walked(content)
    plain = content[: root.start()] + _STATED.sub(b"", root[0]) + content[root.end() :]
    return plain, [len(item) for item in content.split(b"</si>")]


def _is_usual(content: bytes) -> bool:
    """Whether it is UTF-8 without comments, and each text ends with the very sign `</si>`."""
    stated = re.search(rb"encoding=.([\w-]*)", content[:200])
    if stated and stated[1].lower() != b"utf-8":
        return False
    return not any(odd in content for odd in (b"<!", b"\0", b":si", b"<si/", b"</si "))


def _walked(content: bytes) -> list[int]:
    lengths: list[int] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            lengths.append(0)
        elif name == "sst":
            for stated in ("count", "uniqueCount"):
                if int(attributes.get(stated, "0")) > _MOST_STATED:
                    raise ValueError("more texts than a workbook has")

    def text(said: str) -> None:
        if lengths:
            lengths[-1] += len(said.encode())

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.Parse(content, True)
    return lengths


def unfolded(sheets: Iterable[bytes], text_cells: int, lengths: list[int], enough: int) -> int:
    """How many bytes of shared text all cells together would hold, at most.

    Reckoned only as closely as is needed to tell that it is within `enough`.
    """
    longest = max(lengths, default=0)
    if longest * text_cells <= enough:
        return longest * text_cells
    known = held = 0
    for content in sheets:
        # A cell in a comment or an instruction would be taken for one that counts.
        if b"<!" in content or content.count(b"<?") > 1:
            continue
        for found in _TEXT_CELL.finditer(content):
            place = int(found[1])
            known, held = known + 1, held + (lengths[place] if place < len(lengths) else 0)
    return held + longest * max(0, text_cells - known)
