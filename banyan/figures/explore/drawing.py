"""Drawings as plain marks, and their SVG. A picture (`picture.py`) is made of the same marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# On paper and in files: the light colours, whatever the reader's screen has.
COLOURS = {
    "paper": "#ffffff",
    "ink": "#1b2420",
    "soft": "#56645d",
    "line": "#e5e2d9",
    "edge": "#848f88",
    "leaf": "#1d6b4f",
    "sky": "#1b5799",
    "amber": "#855300",
    "red": "#a8231b",
    "plum": "#6b3f8f",
    "heat0": "#f7f6f1",
    "heat1": "#e8f0ec",
    "heat2": "#d3e4dc",
    "heat3": "#bed6cb",
    "heat4": "#a9c9bb",
    "heat5": "#94bbab",
}
SERIES = ("leaf", "sky", "amber", "red", "plum", "ink")
FONT = "'Be Vietnam Pro', 'Noto Sans', sans-serif"
WIDE, NARROW = 1000, 344
# Roughly, how wide a letter is to how high: nobody measures text on a server.
LETTER = 0.56


@dataclass(frozen=True)
class Mark:
    """Something drawn: `tone` is a name of COLOURS, `href` where it opens to, `said` what it says."""

    tone: str
    href: str = ""
    said: str = ""


@dataclass(frozen=True)
class Box(Mark):
    """A rectangle."""

    x: float = 0
    y: float = 0
    w: float = 0
    h: float = 0


@dataclass(frozen=True)
class Stroke(Mark):
    """A line through points."""

    points: Sequence[tuple[float, float]] = ()
    width: float = 1
    dashed: bool = False


@dataclass(frozen=True)
class Dot(Mark):
    """A point of a line."""

    x: float = 0
    y: float = 0
    r: float = 4


@dataclass(frozen=True)
class Text(Mark):
    """A line of text; `anchor`: start, middle, end."""

    x: float = 0
    y: float = 0
    text: str = ""
    size: float = 13
    strong: bool = False
    anchor: str = "start"


@dataclass(frozen=True)
class Drawing:
    """A drawing with what it is called and what it says to those who do not see it."""

    width: float
    height: float
    title: str
    said: str
    marks: Sequence[Mark] = field(default_factory=tuple)


def fitting(text: str, width: float, size: float = 13) -> str:
    """A text that fits a width, its end left off where it must be."""
    most = int(width / (size * LETTER))
    return text if len(text) <= most else f"{text[: max(most - 1, 1)].rstrip()}…"


def framed(drawing: Drawing, under: Sequence[str]) -> Drawing:
    """For a file: its title above, what a reader must know below."""
    pad, size = 20.0, 12.0
    lines = [one for text in under for one in _wrapped(text, drawing.width, size)]
    titles = _wrapped(drawing.title, drawing.width, 17)
    top = pad + 24 * len(titles) + 10
    marks: list[Mark] = [
        Box("paper", w=drawing.width + 2 * pad, h=top + drawing.height + pad + 18 * len(lines) + 14)
    ]
    marks += [
        Text("ink", x=pad, y=pad + 15 + 24 * n, text=text, size=17, strong=True)
        for n, text in enumerate(titles)
    ]
    marks += [_shifted(mark, pad, top) for mark in drawing.marks]
    foot = top + drawing.height + 24
    marks += [
        Text("soft", x=pad, y=foot + 18 * n, text=text, size=size) for n, text in enumerate(lines)
    ]
    height = top + drawing.height + pad + 18 * len(lines) + 14
    return replace(drawing, width=drawing.width + 2 * pad, height=height, marks=marks)


def _wrapped(text: str, width: float, size: float) -> list[str]:
    most, lines = int(width / (size * LETTER)), [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


def _shifted(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Stroke):
        return replace(mark, points=[(x + dx, y + dy) for x, y in mark.points])
    if isinstance(mark, Box | Dot | Text):
        return replace(mark, x=mark.x + dx, y=mark.y + dy)
    return mark


# SVG --------------------------------------------------------------------------------------------


def svg(drawing: Drawing, name: str) -> SafeString:
    """As it stands in a page: its colours are the page's. `name` tells its ids from another's."""
    return format_html(
        '<svg class="drawn {}" viewBox="0 0 {} {}" width="{}" height="{}" role="group"'
        ' aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>',
        name,
        _n(drawing.width),
        _n(drawing.height),
        _n(drawing.width),
        _n(drawing.height),
        name,
        name,
        name,
        drawing.title,
        name,
        drawing.said,
        _joined(_mark(mark) for mark in drawing.marks),
    )


def svg_file(drawing: Drawing) -> str:
    """As a file that stands alone: its colours are its own, its links are left out."""
    rules = "".join(f".f-{tone}{{fill:{c}}}.s-{tone}{{stroke:{c}}}" for tone, c in COLOURS.items())
    style = f"text{{font-family:{FONT}}}.strong{{font-weight:600}}polyline{{fill:none}}{rules}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" width="{_n(drawing.width)}"'
        f' height="{_n(drawing.height)}" role="img" aria-labelledby="t d">'
        f'<title id="t">{conditional_escape(drawing.title)}</title>'
        f'<desc id="d">{conditional_escape(drawing.said)}</desc><style>{style}</style>'
        f"{_joined(_mark(replace(mark, href='')) for mark in drawing.marks)}</svg>\n"
    )


def _joined(pieces: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(pieces))


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _mark(mark: Mark) -> SafeString:
    told = format_html("<title>{}</title>", mark.said) if mark.said else SafeString("")
    drawn = _shape(mark, told)
    if not mark.href:
        return drawn
    label = mark.said or (mark.text if isinstance(mark, Text) else "")
    return format_html('<a href="{}" aria-label="{}">{}</a>', mark.href, label, drawn)


def _shape(mark: Mark, told: SafeString) -> SafeString:
    if isinstance(mark, Box):
        return format_html(
            '<rect class="f-{}" x="{}" y="{}" width="{}" height="{}" rx="2">{}</rect>',
            mark.tone,
            _n(mark.x),
            _n(mark.y),
            _n(max(mark.w, 0)),
            _n(mark.h),
            told,
        )
    if isinstance(mark, Stroke):
        return format_html(
            '<polyline class="s-{}" points="{}" fill="none" stroke-width="{}"'
            ' stroke-linejoin="round"{}>{}</polyline>',
            mark.tone,
            " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points),
            _n(mark.width),
            mark_safe(' stroke-dasharray="4 4"' if mark.dashed else ""),
            told,
        )
    if isinstance(mark, Dot):
        return format_html(
            '<circle class="f-{}" cx="{}" cy="{}" r="{}">{}</circle>',
            mark.tone,
            _n(mark.x),
            _n(mark.y),
            _n(mark.r),
            told,
        )
    assert isinstance(mark, Text)
    return format_html(
        '<text class="f-{}{}" x="{}" y="{}" font-size="{}" text-anchor="{}">{}{}</text>',
        mark.tone,
        " strong" if mark.strong else "",
        _n(mark.x),
        _n(mark.y),
        _n(mark.size),
        mark.anchor,
        told,
        mark.text,
    )
