"""What a periodic report says, apart from how it is printed: plain values, no database.

Texts are final: the caller has already filled in figures, chosen the language and translated.
The writer (`party_docx.write`) only lays them out.
"""

import re
from dataclasses import dataclass
from datetime import date


class BarePercentage(ValueError):
    """A shown percentage has no base: the reader could not tell what it is a part of."""


@dataclass(frozen=True)
class Heading:
    """The block at the top. `number` is the whole printed line (see `number_line`) or None;
    `on` is None while the report is not issued: place is then left for the day to be written in.
    A line break in `superior` or `issuer` is kept."""

    superior: str
    issuer: str
    number: str | None
    place: str
    on: date | None


@dataclass(frozen=True)
class Figure:
    """A figure within a text, `text[start:end]`; `source` is the key of its AnnexSource or ''."""

    start: int
    end: int
    source: str = ""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of prose with the places of its figures, in order and not overlapping."""

    text: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A figure as a piece of a `sentence`: its printed text and the key of its source."""

    text: str
    source: str = ""


@dataclass(frozen=True)
class Slot:
    """A narrative place to be filled by hand: what to write there, and how many dotted lines."""

    prompt: str
    lines: int = 2


@dataclass(frozen=True)
class Table:
    """A table of printed cells. `numeric` are indices of columns set to the right; the last
    `total_rows` rows are totals. Rows shorter than the headers are filled with empty cells."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""
    total_rows: int = 0


@dataclass(frozen=True)
class Section:
    """A numbered part. `level` 1 to 4; `numeral` as printed ("I.", "1.", "a)")."""

    level: int
    numeral: str
    title: str
    blocks: tuple["Block", ...] = ()


Block = Paragraph | Slot | Table | Section


@dataclass(frozen=True)
class Annex:
    """A part on its own page after the signature; `landscape` for tables of many columns."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True)
class FiguresNote:
    """How the figures are to be read: each a whole sentence, or '' for nothing to say."""

    as_of: str = ""
    reading: str = ""
    completeness: str = ""
    placing: str = ""
    base: str = ""

    def sentences(self) -> tuple[str, ...]:
        """The sentences that say something, in reading order."""
        said = (self.as_of, self.reading, self.completeness, self.placing, self.base)
        return tuple(s for s in said if s)


@dataclass(frozen=True)
class AnnexSource:
    """Where one figure comes from: what it counts, its printed value, the base it is a part of or
    the way it is counted, and the address of its records (made a link when it is http or https)."""

    key: str
    name: str
    value: str
    base: str
    path: str


@dataclass(frozen=True)
class PartyReport:
    """A whole report. `language` is 'vi' or 'en' (a key of the layout's words)."""

    heading: Heading
    kind: str
    subject: tuple[str, ...]
    intro: tuple[Paragraph | Slot, ...]
    sections: tuple[Section, ...]
    annexes: tuple[Annex, ...]
    recipients: tuple[str, ...]
    authority: str
    signer_post: str
    signer_name: str | None
    synthetic: bool
    language: str = "vi"
    figures_note: FiguresNote = FiguresNote()
    annex_sources: tuple[AnnexSource, ...] = ()


def sentence(*pieces: str | Shown) -> Paragraph:
    """A paragraph from plain pieces and shown figures, with the figures' places worked out."""
    text, figures = "", []
    for piece in pieces:
        if isinstance(piece, Shown):
            figures.append(Figure(len(text), len(text) + len(piece.text), piece.source))
            text += piece.text
        else:
            text += piece
    return Paragraph(text, tuple(figures))


def number_line(number: int | None, symbol: str, word: str = "Số") -> str:
    """ "Số 05-BC/BDVHU": two digits below 10; without a number the place for it stays blank.

    `symbol` is kind and body, "BC/BDVHU". Source: Guide 36-HD/VPTW (form of number and symbol).
    """
    return f"{word} {number:02}-{symbol}" if number is not None else f"{word}       -{symbol}"


_RATIO = re.compile(r"\d[\d.,]*\s*/\s*\d")


def check_bases(report: PartyReport) -> None:
    """Raise BarePercentage for a shown percentage that neither carries its base in the text
    ("185/261, đạt 70,88 %") nor points to a source that names one."""
    based = {source.key for source in report.annex_sources if source.base.strip()}
    for source in report.annex_sources:
        if "%" in source.value and source.key not in based:
            raise BarePercentage(f"{source.name}: {source.value}")
    for block in _blocks(report):
        if not isinstance(block, Paragraph) or _RATIO.search(block.text):
            continue
        for figure in block.figures:
            shown = block.text[figure.start : figure.end]
            if "%" in shown and figure.source not in based:
                raise BarePercentage(f"{shown}: {block.text}")


def _blocks(report: PartyReport) -> list[Block]:
    waiting: list[Block] = [*report.intro, *report.sections]
    for annex in report.annexes:
        waiting += annex.blocks
    found: list[Block] = []
    while waiting:
        block = waiting.pop(0)
        found.append(block)
        if isinstance(block, Section):
            waiting += block.blocks
    return found
