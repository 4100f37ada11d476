"""Pictures for the tests, drawn when they are needed: no file of anybody's is kept here."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

WIDE, HIGH = 800, 600


def scene(seed: int, *, layout: int | None = None, hues: int | None = None) -> Image.Image:
    """A made-up view of a place: sky, ground, road, houses, beds of flowers, people, noise.

    `layout` fixes where sky, road and houses stand, `hues` the colours; both follow the seed else.
    """
    place = random.Random(layout if layout is not None else seed)
    dye = random.Random(f"hues {hues if hues is not None else seed}")
    things = random.Random(f"things {seed}")
    image = Image.new("RGB", (WIDE, HIGH))
    draw = ImageDraw.Draw(image)
    horizon = place.randint(140, 380)
    _sky_and_ground(draw, horizon, dye)
    _road(draw, horizon, place, dye)
    for _n in range(place.randint(1, 4)):
        _house(draw, horizon, place, dye)
    for _n in range(place.randint(0, 3)):
        _tree(draw, horizon, place)
    for _n in range(things.randint(1, 5)):
        _bed(draw, horizon, things)
    for _n in range(things.randint(0, 14)):
        _person(draw, horizon, things)
    grain = Image.frombytes("L", (WIDE, HIGH), random.Random(seed).randbytes(WIDE * HIGH))
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1.2)), grain.convert("RGB"), 0.05)


def _colour(dice: random.Random, low: int = 30, high: int = 225) -> tuple[int, int, int]:
    return (dice.randint(low, high), dice.randint(low, high), dice.randint(low, high))


def _sky_and_ground(draw: Any, horizon: int, dye: random.Random) -> None:
    top, bottom, ground = _colour(dye, 120, 235), _colour(dye, 160, 250), _colour(dye, 50, 170)
    for y in range(horizon):
        part = y / horizon
        draw.line(
            (0, y, WIDE, y),
            fill=tuple(int(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)),
        )
    draw.rectangle((0, horizon, WIDE, HIGH), fill=ground)


def _road(draw: Any, horizon: int, place: random.Random, dye: random.Random) -> None:
    far, near = place.randint(50, WIDE - 50), place.randint(-100, WIDE)
    width = place.randint(160, 420)
    corners = [(far - 12, horizon), (far + 12, horizon), (near + width, HIGH), (near, HIGH)]
    draw.polygon(corners, fill=_colour(dye, 90, 200))


def _house(draw: Any, horizon: int, place: random.Random, dye: random.Random) -> None:
    x, w, h = place.randint(-40, WIDE - 80), place.randint(90, 260), place.randint(70, 220)
    base = horizon + place.randint(-10, 120)
    draw.rectangle((x, base - h, x + w, base), fill=_colour(dye))
    draw.polygon(
        [(x - 12, base - h), (x + w / 2, base - h - 60), (x + w + 12, base - h)], fill=_colour(dye)
    )
    for n in range(place.randint(1, 4)):
        draw.rectangle(
            (x + 14 + n * 50, base - h + 24, x + 40 + n * 50, base - h + 60), fill=_colour(dye)
        )


def _tree(draw: Any, horizon: int, place: random.Random) -> None:
    x, r = place.randint(0, WIDE), place.randint(30, 90)
    draw.rectangle((x - 7, horizon - 20, x + 7, horizon + 90), fill=(92, 66, 40))
    draw.ellipse(
        (x - r, horizon - 20 - 2 * r, x + r, horizon - 10), fill=(30, place.randint(70, 140), 40)
    )


def _bed(draw: Any, horizon: int, things: random.Random) -> None:
    x, y = things.randint(0, WIDE), things.randint(horizon, HIGH)
    w, h = things.randint(80, 300), things.randint(20, 80)
    draw.ellipse((x, y, x + w, y + h), fill=(40, things.randint(90, 150), 50))
    petal = _colour(things, 120, 255)
    for _n in range(60):
        fx, fy = x + things.randint(0, w), y + things.randint(0, h)
        draw.ellipse((fx, fy, fx + 7, fy + 7), fill=petal)


def _person(draw: Any, horizon: int, things: random.Random) -> None:
    x, y = things.randint(0, WIDE), things.randint(horizon + 20, HIGH)
    tall = things.randint(40, 150)
    draw.rectangle((x, y - tall, x + tall // 3, y), fill=_colour(things))
    head = tall // 5
    draw.ellipse((x + 2, y - tall - 2 * head, x + 2 + 2 * head, y - tall), fill=(196, 154, 120))


# -- the same picture, sent once more -------------------------------------------------------------


def weakly(image: Image.Image) -> Image.Image:
    """As a messenger squeezes it: JPEG of quality 35."""
    return Image.open(io.BytesIO(as_bytes(image, "JPEG", quality=35)))


def smaller(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC)


def cropped(image: Image.Image) -> Image.Image:
    """Three in a hundred cut off, unevenly."""
    w, h = image.size
    return image.crop((int(w * 0.02), int(h * 0.005), int(w * 0.99), int(h * 0.975)))


def lighter(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.15)


def darker(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.85)


def captioned(image: Image.Image) -> Image.Image:
    """With the day and place written in a corner, as phones do."""
    made = image.copy()
    draw = ImageDraw.Draw(made)
    draw.rectangle((WIDE - 220, HIGH - 44, WIDE - 10, HIGH - 10), fill="black")
    draw.text((WIDE - 210, HIGH - 38), "05/03/2024 09:12 Thon Mau", fill="white", font_size=16)
    return made


AGAIN = (weakly, smaller, cropped, lighter, darker, captioned)


# -- a picture that only looks so ------------------------------------------------------------------


def another_day(seed: int) -> Image.Image:
    """The same place in the same light: other flowers, other people."""
    return scene(seed + 5_000, layout=seed, hues=seed)


def other_colours(seed: int) -> Image.Image:
    """The same composition, painted otherwise."""
    return scene(seed, layout=seed, hues=seed + 5_000)


def mirrored(seed: int) -> Image.Image:
    return ImageOps.mirror(scene(seed))


NEARLY = (another_day, other_colours, mirrored)


def as_bytes(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def photo(seed: int = 1, **how: Any) -> bytes:
    """A whole JPEG of a scene."""
    return as_bytes(scene(seed), "JPEG", **how)
