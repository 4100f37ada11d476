"""Colours for marked cells, so that each cell's own look comes back once it is mended.

The tones are two families of colours nobody picks by hand; their last digit says which fill the
cell had before. So rows may be moved and the file saved by another program in between.
"""

import re
from copy import deepcopy
from functools import lru_cache

from lxml import etree

from banyan.kernel.marking_package import MAIN, Element, children
from banyan.kernel.marks import Tone

FILL_NAME = "_banyan_fill_{}"
"""Names in the workbook that keep the fills marked cells had before."""

TONES: dict[Tone, str] = {"wrong": "FFFBC9C", "doubtful": "FFFCE9A"}
_OURS = re.compile("(?:" + "|".join(TONES.values()) + ")([0-9A-F])", re.IGNORECASE)
_MOST_FILLS, _LONGEST_FILL = 15, 240
_GROUPS = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs",
    "tableStyles", "colors", "extLst",
)  # fmt: skip
EMPTY = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill'
    ' patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs'
    ' count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>'
)


def _plain(element: Element) -> str:
    """An element as text, however its namespace is written."""
    again = etree.Element(etree.QName(element).localname, dict(element.attrib))
    for child in element.iterchildren(tag=etree.Element):
        again.append(etree.fromstring(_plain(child)))
    return str(etree.tostring(again, encoding="unicode"))


class Styles:
    """The styles of a workbook, and what is added to them."""

    def __init__(self, root: Element, fills_before: dict[str, str]) -> None:
        self._root = root
        self._xfs = self._group("cellXfs", "<xf/>")
        self._fills = self._group(
            "fills",
            '<fill><patternFill patternType="none"/></fill>',
            '<fill><patternFill patternType="gray125"/></fill>',
        )
        self.before = dict(fills_before)  # "1" … "F" → the fill, as text
        self.old = frozenset(n for n, xf in enumerate(self._xfs) if self._digit(xf) is not None)
        self.marked = lru_cache(maxsize=None)(self._marked)
        self.mended = lru_cache(maxsize=None)(self._mended)

    def _group(self, name: str, *first: str) -> Element:
        found = children(self._root, name)
        group = found[0] if found else etree.Element(f"{{{MAIN}}}{name}")
        if not found:
            later = set(_GROUPS[_GROUPS.index(name) + 1 :])
            after = [e for e in self._root if etree.QName(e).localname in later]
            at = self._root.index(after[0]) if after else len(self._root)
            self._root.insert(at, group)
        if not len(group):
            for text in first:
                self._append(group, text)
        return group

    def _append(self, group: Element, text: str) -> int:
        group.append(etree.fromstring(re.sub(r"^<(\w+)", rf'<\1 xmlns="{MAIN}"', text)))
        group.set("count", str(len(group)))
        return len(group) - 1

    def _digit(self, xf: Element) -> str | None:
        """The digit of a tone that a style is filled with; None for any other fill."""
        place = xf.get("fillId", "0")
        if not place.isdecimal() or int(place) >= len(self._fills):
            return None
        for colour in self._fills[int(place)].iter(f"{{{MAIN}}}fgColor"):
            if ours := _OURS.fullmatch(colour.get("rgb", "")):
                return ours[1].upper()
        return None

    def _xf(self, place: int) -> Element:
        return self._xfs[place if place < len(self._xfs) else 0]

    def _fill(self, text: str) -> int:
        return self._in(self._fills, text)

    def _in(self, group: Element, text: str) -> int:
        """The place of an element in its group, put in if it is not there."""
        for place, element in enumerate(group):
            if _plain(element) == text:
                return place
        return self._append(group, text)

    def _with_fill(self, xf: Element, fill: int) -> int:
        """The place of a style like another but for its fill."""
        made = deepcopy(xf)
        made.set("fillId", str(fill))
        made.set("applyFill", "1")
        wanted = _sameness(made)
        for place, other in enumerate(self._xfs):
            if _sameness(other) == wanted:
                return place
        self._xfs.append(made)
        self._xfs.set("count", str(len(self._xfs)))
        return len(self._xfs) - 1

    def _marked(self, place: int, tone: Tone) -> int:
        """The style of a marked cell that had that one."""
        xf = self._xf(place)
        digit = self._digit(xf)
        if digit is None:
            digit = self._remembered(xf.get("fillId", "0"))
        text = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="{TONES[tone]}{digit}"/>'
            '<bgColor indexed="64"/></patternFill></fill>'
        )
        return self._with_fill(xf, self._fill(text))

    def _remembered(self, fill: str) -> str:
        """The digit under which a fill is kept; 0 for none, and for more than can be kept."""
        if not fill.isdecimal() or not 0 < int(fill) < len(self._fills):
            return "0"
        text = _plain(self._fills[int(fill)])
        for digit, kept in self.before.items():
            if kept == text:
                return digit
        if len(text) > _LONGEST_FILL or len(self.before) >= _MOST_FILLS:
            return "0"
        free = next(d for d in "123456789ABCDEF" if d not in self.before)
        self.before[free] = text
        return free

    def _mended(self, place: int) -> int:
        """The style a marked cell had before."""
        xf = self._xf(place)
        digit = self._digit(xf)
        if digit is None:
            return place
        text = self.before.get(digit, "")
        return self._with_fill(xf, self._fill(text) if text.startswith("<fill>") else 0)

    def tone_fill(self, tone: Tone) -> str:
        """The fill of a tone in the list of what is wrong."""
        return f'<fill><patternFill patternType="solid"><fgColor rgb="{TONES[tone]}0"/></patternFill></fill>'

    def look(self, font: str, fill: str = "", border: str = "", wrap: bool = True) -> int:
        """The place of a style of our own."""
        ids = {
            "fontId": self._in(self._group("fonts"), font),
            "fillId": self._fill(fill) if fill else 0,
            "borderId": self._in(self._group("borders"), border) if border else 0,
        }
        said = " ".join(f'{key}="{value}"' for key, value in ids.items())
        wrapped = ' wrapText="1"' if wrap else ""
        text = (
            f'<xf numFmtId="49" {said} xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"'
            f' applyAlignment="1" applyBorder="1"><alignment vertical="top"{wrapped}/></xf>'
        )
        return self._in(self._xfs, text)


def _sameness(xf: Element) -> tuple[object, ...]:
    """What makes two styles look the same."""
    told = {key: value for key, value in xf.attrib.items() if key != "applyFill"}
    return tuple(sorted(told.items())), tuple(_plain(child) for child in xf)
