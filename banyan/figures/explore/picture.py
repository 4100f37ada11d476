"""A drawing as a PNG: the same marks, painted with the page's own typeface."""

import io
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from PIL import Image, ImageColor, ImageDraw, ImageFont

from banyan.figures.explore.drawing import COLOURS, Box, Dot, Drawing, Stroke, Text
from banyan.kernel.errors import Refusal

SHARP, SMOOTH = 2, 2
"""Twice as many points as the drawing has, for paper; shapes are drawn twice as large again, then made
smaller, because the library draws edges like stairs."""
MOST_POINTS = 40_000_000
FAMILY = "be-vietnam-pro"
SHEET = "vendor/fonts.css"
# Which letters which file of the typeface holds, as the browser is told.
_FACE = re.compile(r"/\* (\S+) \*/.*?url\(\"([^\"]+)\"\).*?unicode-range: ([^;]+);", re.S)


def png(drawing: Drawing) -> bytes:
    """Paint it. Refusal (422) for what would be larger than a sheet, (503) without the typeface."""
    width, height = int(drawing.width * SHARP), int(drawing.height * SHARP)
    if width * height * SMOOTH * SMOOTH > MOST_POINTS * 4:
        raise Refusal(
            _("The picture would be too large."),
            "",
            _("Ask for fewer units, or take the SVG."),
            status=422,
        )
    image = Image.new("RGB", (width * SMOOTH, height * SMOOTH), COLOURS["paper"])
    _shapes(ImageDraw.Draw(image), drawing, SHARP * SMOOTH)
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        if isinstance(mark, Text):
            _write(pen, mark)
    held = io.BytesIO()
    image.save(held, "PNG", optimize=True, dpi=(192, 192))
    return held.getvalue()


def _shapes(pen: ImageDraw.ImageDraw, drawing: Drawing, scale: int) -> None:
    for mark in drawing.marks:
        colour = ImageColor.getrgb(COLOURS[mark.tone])
        if isinstance(mark, Box) and mark.w > 0:
            corner = ((mark.x + mark.w) * scale, (mark.y + mark.h) * scale)
            pen.rectangle([(mark.x * scale, mark.y * scale), corner], fill=colour)
        elif isinstance(mark, Dot):
            pen.circle((mark.x * scale, mark.y * scale), mark.r * scale, fill=colour)
        elif isinstance(mark, Stroke):
            points = [(x * scale, y * scale) for x, y in mark.points]
            for part in _dashes(points, 4 * scale) if mark.dashed else [points]:
                pen.line(part, fill=colour, width=round(mark.width * scale), joint="curve")


Points = list[tuple[float, float]]


def _dashes(points: Points, length: float) -> list[Points]:
    found: list[Points] = []
    gone = 0.0
    for (ax, ay), (bx, by) in pairwise(points):
        whole = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        at = 0.0
        while at < whole:
            step = min(length - gone % length, whole - at)
            if int(gone // length) % 2 == 0:
                ends = [(at / whole), ((at + step) / whole)]
                found.append([(ax + (bx - ax) * t, ay + (by - ay) * t) for t in ends])
            at, gone = at + step, gone + step
    return found


def _write(pen: ImageDraw.ImageDraw, mark: Text) -> None:
    """A line of text, each stretch of it from the file that holds its letters."""
    stretches = [(_font(face, round(mark.size * SHARP)), text) for face, text in _runs(mark)]
    width = sum(font.getlength(text) for font, text in stretches)
    x = mark.x * SHARP - {"start": 0.0, "middle": width / 2, "end": width}[mark.anchor]
    for font, text in stretches:
        pen.text((x, mark.y * SHARP), text, font=font, fill=COLOURS[mark.tone], anchor="ls")
        x += font.getlength(text)


def _runs(mark: Text) -> list[tuple[str, str]]:
    faces = _faces(600 if mark.strong else 400)
    runs: list[tuple[str, str]] = []
    for letter in mark.text:
        face = next((path for path, has in faces if ord(letter) in has), faces[0][0])
        if runs and runs[-1][0] == face:
            runs[-1] = (face, runs[-1][1] + letter)
        else:
            runs.append((face, letter))
    return runs


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@cache
def _faces(weight: int) -> list[tuple[str, frozenset[int]]]:
    """The files of a weight, each with the letters it holds; the plain ones first."""
    sheet = finders.find(SHEET)
    if not sheet:
        raise Refusal(
            _("No picture can be painted here: the typeface is not installed."),
            "",
            _("Take the SVG."),
            status=503,
        )
    found = [
        (str(Path(sheet).parent / url), frozenset(_letters(ranges)), name)
        for name, url, ranges in _FACE.findall(Path(sheet).read_text())
        if name.startswith(FAMILY) and f"-{weight}-" in name
    ]
    found.sort(key=lambda one: (f"{FAMILY}-latin-{weight}" not in one[2], one[2]))
    return [(path, letters) for path, letters, _name in found]


def _letters(ranges: str) -> set[int]:
    held: set[int] = set()
    for one in ranges.split(","):
        first, _dash, last = one.strip().removeprefix("U+").partition("-")
        held |= set(range(int(first, 16), int(last or first, 16) + 1))
    return held
