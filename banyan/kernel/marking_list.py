"""The first sheet of a marked workbook: what is wrong, where, and how to mend it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from banyan.kernel.marking_notes import clean
from banyan.kernel.marking_package import MAIN
from banyan.kernel.marking_styles import Styles
from banyan.kernel.marks import Words, Wrong, cell_mark
from banyan.kernel.workbook_parts import coordinate

WIDTHS = (22, 9, 24, 30, 12, 48, 60)
MOST_LINKS = 65_000
"""Excel follows no more links on one sheet."""
MOST_LISTED = 1_000_000
_LONGEST = 2_000
MARK_COLUMN = len(WIDTHS)


@dataclass(frozen=True)
class Listed:
    """What the first sheet tells: the cells in order, those of them that are on a sheet."""

    words: Words
    batch: str
    wrong: Sequence[Wrong]
    linked: frozenset[tuple[str, str]]
    anew: bool = False

    @property
    def lead(self) -> list[str]:
        """The lines above the table."""
        lines = [self.words.title, self.words.lead]
        return [*lines, self.words.anew] if self.anew else lines

    @property
    def head(self) -> int:
        """The row of the headings, counted from 0."""
        return len(self.lead) + 1

    @property
    def last(self) -> int:
        """The last row of the table, counted from 0."""
        return self.head + max(len(self.wrong[:MOST_LISTED]), 1)

    @property
    def area(self) -> str:
        """The table with its headings: A5:G90."""
        return f"{coordinate(self.head, 0)}:{coordinate(self.last, len(WIDTHS) - 1)}"

    def cells(self, one: Wrong) -> list[str]:
        """One line of the table."""
        told = (
            one.sheet, one.cell, one.column, one.value or self.words.blank, self.words.tone(one.tone),
            one.rule, one.mend,
        )  # fmt: skip
        return [text[:_LONGEST] for text in told]

    def target(self, one: Wrong) -> str:
        """Where a line leads, "" for nowhere."""
        if (one.sheet, one.cell) not in self.linked:
            return ""
        return f"{sheet_reference(one.sheet)}!{one.cell}"


def sheet_reference(name: str) -> str:
    """A sheet's name as a formula says it."""
    return "'" + name.replace("'", "''") + "'"


def free_sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """A name for a sheet that no other has."""
    bare = "".join(" " if ch in "[]:*?/\\'" else ch for ch in wanted).strip()[:28] or "Banyan"
    known, name, number = {one.casefold() for one in taken}, bare, 2
    while name.casefold() in known:
        name, number = f"{bare} {number}", number + 1
    return name


def sheet_xml(told: Listed, styles: Styles) -> Iterator[bytes]:
    """The sheet, in pieces."""
    looks = _Looks(styles)
    top = coordinate(told.head + 1, 0)
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(WIDTHS, 1)
    )
    hidden = f'<col min="{MARK_COLUMN + 1}" max="{MARK_COLUMN + 1}" width="9" hidden="1"/>'
    yield (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
        '<sheetPr><tabColor rgb="FFC0392B"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        f'<pane ySplit="{told.head + 1}" topLeftCell="{top}" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols>{widths}{hidden}</cols><sheetData>'
    ).encode()  # fmt: skip
    for row, line in enumerate(told.lead):
        cells = [_cell(row, 0, line, looks.title if row == 0 else looks.lead)]
        if row == 0:
            cells.append(_cell(0, MARK_COLUMN, cell_mark(told.batch), looks.lead))
        yield _row(row, cells)
    yield _row(
        told.head, [_cell(told.head, n, w, looks.head) for n, w in enumerate(told.words.headings)]
    )
    links: list[str] = []
    for row, one in enumerate(told.wrong[:MOST_LISTED], told.head + 1):
        target = told.target(one)
        if target and len(links) < MOST_LINKS:
            links.append(
                f'<hyperlink ref="{coordinate(row, 1)}" location={quoteattr(clean(target))}/>'
            )
        yield _row(
            row,
            [
                _cell(row, n, text, looks.of(n, one, target))
                for n, text in enumerate(told.cells(one))
            ],
        )
    yield f'</sheetData><autoFilter ref="{told.area}"/>'.encode()
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()
    yield (
        b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


class _Looks:
    """The styles of the sheet."""

    def __init__(self, styles: Styles) -> None:
        font = '<font>{}<sz val="11"/>{}<name val="Calibri"/><family val="2"/></font>'
        line = "<border><left/><right/><top/>{}<diagonal/></border>"
        head = (
            '<fill><patternFill patternType="solid"><fgColor rgb="FFE7F0EA"/></patternFill></fill>'
        )
        plain, strong = font.format("", ""), font.format("<b/>", "")
        link = font.format("<u/>", '<color rgb="FF0B57A4"/>')
        self.title = styles.look(strong.replace('"11"', '"14"'), wrap=False)
        self.lead = styles.look(plain, wrap=False)
        self.head = styles.look(
            strong, head, line.format('<bottom style="thin"><color auto="1"/></bottom>')
        )
        self._text, self._link = styles.look(plain), styles.look(link)
        self._tones = {
            tone: styles.look(plain, styles.tone_fill(tone)) for tone in ("wrong", "doubtful")
        }

    def of(self, column: int, one: Wrong, target: str) -> int:
        """The style of a cell of the table."""
        if column == 1 and target:
            return self._link
        return self._tones[one.tone] if column == 4 else self._text


def _row(row: int, cells: list[str]) -> bytes:
    return f'<row r="{row + 1}">{"".join(cells)}</row>'.encode()


def _cell(row: int, column: int, text: str, style: int) -> str:
    told = escape(clean(text))
    if not told:
        return f'<c r="{coordinate(row, column)}" s="{style}"/>'
    return (
        f'<c r="{coordinate(row, column)}" s="{style}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{told}</t></is></c>'
    )
