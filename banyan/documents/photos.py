"""A photograph as it may be kept: upright, a plain JPEG, without a word about where it was taken.

What phones write beside the picture (place, time, device, a small copy of the uncut picture) never
reaches the store: the picture is drawn anew, and only that drawing is kept.
"""

import io
import math
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from statistics import median

import pi_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from banyan.kernel.errors import Refusal

pi_heif.register_heif_opener()

READ = ("JPEG", "PNG", "WEBP", "HEIF")  # a phone's MPO is read as the JPEG it begins with
TYPES = {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"}
ENDINGS = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif"}
LONGEST, THUMB, SHORTEST = 2048, 320, 64
STRETCHED = 12  # longer than so many times its width, it is a strip and no picture
# A JPEG is decoded at a fraction of its size, the others whole: 4 bytes a point in memory.
MOST_POINTS = {"JPEG": 170_000_000, "MPO": 170_000_000}
MOST_POINTS_WHOLE = 50_000_000
HEAD = 16
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
PLAIN = 24.0  # below this swing of its light a picture has no features to compare


@dataclass(frozen=True)
class Cleaned:
    """A picture ready to be stored: its two sizes as JPEG, and what it is compared by."""

    shown: bytes
    thumb: bytes
    width: int
    height: int
    hash: int | None


def is_photo(filename: str, media_type: str, head: bytes) -> bool:
    """Whether a file is a photograph, by what it says or by how it begins.

    A picture under another name is one too: its position must not slip into the store.
    """
    if media_type.split(";")[0].strip().lower() in TYPES:
        return True
    if PurePath(filename.replace("\\", "/").lower()).suffix in ENDINGS:
        return True
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS)
    )


def clean(data: bytes) -> Cleaned:
    """The picture in these bytes, upright and bare. Raises Refusal for what is none."""
    if not data:
        raise Refusal(
            _("The picture is empty."),
            _("Its file holds 0 bytes; perhaps the sending broke off."),
            _("Choose it again."),
        )
    image = _opened(data)
    try:
        image.draft("RGB", (LONGEST, LONGEST))
        icc = image.info.get("icc_profile")
        image = ImageOps.exif_transpose(image)
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        image = _in_plain_colours(image, icc)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, RuntimeError) as torn:
        raise _unreadable() from torn
    small = image.copy()
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return Cleaned(_jpeg(image, 85), _jpeg(small, 70), image.width, image.height, hash_of(small))


def _opened(data: bytes) -> Image.Image:
    """The picture, not yet decoded: sizes are judged before any memory is spent on its points."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=READ)
    except Image.DecompressionBombError as bomb:
        raise _too_many_points() from bomb
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as strange:
        raise _unreadable() from strange
    width, height = image.size
    if width * height > MOST_POINTS.get(str(image.format), MOST_POINTS_WHOLE):
        raise _too_many_points()
    if min(width, height) < SHORTEST or max(width, height) > STRETCHED * min(width, height):
        raise Refusal(
            _("The picture is too small to show anything."),
            _("It measures %(width)d × %(height)d points.") % {"width": width, "height": height},
            _("Send the photograph itself, at least %(least)d points each way.")
            % {"least": SHORTEST},
        )
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise Refusal(
            _("This is a moving picture."),
            _("Only still photographs can stand as evidence here."),
            _("Take a still picture of it and send that."),
        )
    return image


def _too_many_points() -> Refusal:
    return Refusal(
        _("The picture has too many points."),
        _("Opening it could bring the machine down."),
        _("Make it smaller, for example 4000 × 3000, and send it again."),
    )


def _unreadable() -> Refusal:
    return Refusal(
        _("This picture cannot be read."),
        _("It is broken off, or it is no JPEG, HEIC, PNG or WebP whatever its name says."),
        _("Choose the photograph again, or save it as JPEG first."),
    )


def _in_plain_colours(image: Image.Image, icc: bytes | None) -> Image.Image:
    """In sRGB and eight bits, on white where it was transparent, with nothing written beside it."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    elif icc and image.mode in ("RGB", "CMYK", "L"):
        image = _in_srgb(image, icc)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    bare = Image.new("RGB", image.size)
    bare.paste(image.convert("RGB"))
    return bare


def _in_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """Seen through its own colour profile; one that cannot be read is let go."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        made = ImageCms.profileToProfile(
            image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return made or image


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


# -- what pictures are compared by ----------------------------------------------------------------

SIDE, KEPT = 32, 8
MARGIN = 0.06  # cut off all round: that is where phones write day and place
# Light tells the composition in 46 bits; two of colour, 9 bits each, tell a wall painted anew.
_LOW = sorted(((v, u) for v in range(KEPT) for u in range(KEPT)), key=lambda at: (sum(at), at))
LIGHT, COLOUR = _LOW[1:47], _LOW[1:9]
MIDDLE_COLOUR = 128 * SIDE * SIDE
FAINT = 0.75 * SIDE * SIDE  # less colour than this is the noise of a picture in greys


@cache
def _waves() -> list[list[float]]:
    """The first waves of a discrete cosine transform over 32 points."""
    step = math.pi / (2 * SIDE)
    return [[math.cos(step * (2 * x + 1) * u) for x in range(SIDE)] for u in range(KEPT)]


def _transformed(points: bytes) -> list[list[float]]:
    """The 8 × 8 slowest waves of 32 × 32 points."""
    waves = _waves()
    rows = [points[y * SIDE : (y + 1) * SIDE] for y in range(SIDE)]
    across = [
        [sum(a * b for a, b in zip(wave, row, strict=True)) for wave in waves] for row in rows
    ]
    return [
        [sum(wave[y] * across[y][u] for y in range(SIDE)) for u in range(KEPT)] for wave in waves
    ]


def hash_of(image: Image.Image) -> int | None:
    """64 bits by which pictures are compared: alike when few of them differ (a pHash by DCT).

    Signed, as a bigint stores it. None for a picture without features (a wall, a night): any two
    of these would be alike.
    """
    w, h = image.size
    inner = (int(w * MARGIN), int(h * MARGIN), int(w * (1 - MARGIN)), int(h * (1 - MARGIN)))
    small = image.crop(inner).convert("YCbCr").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    light, *colours = (band.tobytes() for band in small.split())
    if max(light) - min(light) < PLAIN:
        return None
    low = _transformed(light)
    middle = median(low[v][u] for v, u in LIGHT)
    told = [low[v][u] > middle for v, u in LIGHT]
    for colour in colours:
        low = _transformed(colour)
        told += [low[0][0] > MIDDLE_COLOUR + FAINT, *(low[v][u] > FAINT for v, u in COLOUR)]
    bits = sum(1 << place for place, bit in enumerate(reversed(told)) if bit)
    return bits - (1 << 64) if bits >> 63 else bits


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two hashes differ."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()
