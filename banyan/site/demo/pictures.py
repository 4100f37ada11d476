"""Drawn pictures for the example: a lane before and after. Nobody could take them for photographs."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (960, 640)
SKY, EARTH, LANE = (186, 212, 228), (139, 128, 96), (150, 146, 140)
GREEN, LITTER = (96, 143, 84), (92, 84, 72)
PETALS = ((206, 74, 84), (224, 168, 58), (168, 92, 168), (236, 236, 224))
MARK = "ANH MINH HOA - SYNTHETIC"


def lane(seed: int, *, after: bool) -> bytes:
    """A JPEG of a lane: bare and littered before; swept, with beds of flowers, after."""
    place, things = random.Random(seed), random.Random(seed * 2 + after)
    image = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(image)
    horizon = place.randint(210, 290)
    draw.rectangle((0, horizon, *SIZE), fill=GREEN if after else EARTH)
    middle = place.randint(380, 580)
    draw.polygon(((middle - 30, horizon), (middle + 30, horizon), (760, 640), (200, 640)), LANE)
    for _house in range(place.randint(2, 4)):
        _draw_house(draw, horizon, place)
    for _thing in range(90 if after else 40):
        x, y = things.randint(0, 960), things.randint(horizon + 10, 630)
        size = 3 + (y - horizon) // 40
        beside_lane = abs(x - middle) > 40 + (y - horizon)
        if after and beside_lane:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=things.choice(PETALS))
        elif not after:
            draw.rectangle((x, y, x + size * 2, y + size), fill=LITTER)
    draw.text((20, 606), MARK, fill=(255, 255, 255))
    return as_jpeg(image, 88)


def sent_again(picture: bytes) -> bytes:
    """The same picture as a phone sends it on: smaller, and pressed harder."""
    image = Image.open(io.BytesIO(picture))
    return as_jpeg(image.resize((720, 480)), 60)


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _draw_house(draw: ImageDraw.ImageDraw, horizon: int, place: random.Random) -> None:
    x, wide, high = place.randint(0, 860), place.randint(70, 150), place.randint(60, 120)
    wall = (place.randint(190, 240), place.randint(180, 215), place.randint(140, 190))
    draw.rectangle((x, horizon - high, x + wide, horizon + 20), fill=wall)
    roof = ((x - 12, horizon - high), (x + wide + 12, horizon - high))
    draw.polygon((*roof, (x + wide // 2, horizon - high - 50)), fill=(150, 70, 52))
