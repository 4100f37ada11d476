"""Photographs: what is kept of them, what is not, who sees them, what is refused."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from banyan.documents import photos, store
from banyan.documents.models import Blob, Document, Level, Photo
from banyan.documents.operations import Incoming, keep
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.people.models import Role
from tests.documents import pictures

HEIC = (
    Path(__file__).parent / "fixtures/house.heic"
).read_bytes()  # drawn, turned, with a position
DEVICE = b"SYNTHETIC PHONE"


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: the device, how it was held, the place on earth."""
    made = Image.Exif()
    made[0x0110], made[0x0112] = DEVICE.decode(), orientation
    position = made.get_ifd(0x8825)
    position[1], position[2] = "N", (20.0, 15.0, 30.0)
    position[3], position[4], position[29] = "E", (105.0, 58.0, 12.0), "2024:03:05"
    return made


def kept(
    world: Any, data: bytes, name: str = "anh.jpg", kind: str = "image/jpeg", **more: Any
) -> Any:
    unit = more.pop("unit", world.commune)
    by = world.actor(more.pop("who", world.lan))
    return keep(unit, file=Incoming(name, kind, [data]), by=by, **more)


def everything_stored(settings: Any) -> bytes:
    paths = [p for p in Path(settings.BANYAN_FILES).rglob("*") if p.is_file()]
    assert paths
    return b"".join(path.read_bytes() for path in paths)


def quarters(data: bytes) -> list[str]:
    """The colours of the four corners, clockwise from the top left."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = image.size
    at = [(w // 4, h // 4), (3 * w // 4, h // 4), (3 * w // 4, 3 * h // 4), (w // 4, 3 * h // 4)]
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    return [names[tuple(int(c > 128) for c in image.getpixel(xy))] for xy in at]


def corners() -> Image.Image:
    image = Image.new("RGB", (400, 200), "white")
    for colour, xy in (("red", (0, 0)), ("lime", (200, 0)), ("blue", (200, 100))):
        image.paste(Image.new("RGB", (200, 100), colour), xy)
    return image


UPRIGHT = ["red", "green", "blue", "white"]
UNDO = {  # how the points lie in the file when the phone was held so
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("held", range(1, 9))
def test_a_picture_stands_upright_however_the_phone_was_held(held):
    image = corners()
    image = image.transpose(UNDO[held]) if held in UNDO else image
    cleaned = photos.clean(pictures.as_bytes(image, "JPEG", quality=95, exif=exif(held)))
    assert quarters(cleaned.shown) == UPRIGHT
    assert quarters(cleaned.thumb) == UPRIGHT
    assert (cleaned.width, cleaned.height) == (400, 200)


def test_a_picture_of_an_iphone_is_read_and_stands_upright():
    cleaned = photos.clean(HEIC)
    assert (cleaned.width, cleaned.height) == (120, 160)  # 160 × 120, turned
    ground, sky = (
        Image.open(io.BytesIO(cleaned.shown)).getpixel(xy) for xy in ((5, 150), (115, 5))
    )
    assert ground[1] > ground[2]
    assert sky[2] > 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["anh.jpg", "IMG_0001.HEIC", "anh.png", "anh.webp", "khong-ten.bin"]
)
def test_nothing_of_where_and_with_what_it_was_taken_reaches_the_store(name, world, settings):
    """Searched byte by byte through every file of the store; also under a name that says nothing."""
    data = hidden_words(name)
    assert DEVICE in data or b"GPS-20.2583" in data
    document = kept(world, data, name, "application/octet-stream")
    stored = everything_stored(settings)
    for word in (
        DEVICE,
        b"Exif",
        b"GPS",
        b"xmp",
        b"xap",
        b"2024:03:05",
        b"20.2583",
        b"tEXt",
        b"ICC_",
    ):
        assert word not in stored, word
    assert store.path_of(document.blob_id).read_bytes()[:3] == b"\xff\xd8\xff"
    assert Blob.objects.count() == 2
    assert document.media_type == "image/jpeg"
    assert document.filename.endswith(".jpg")


def hidden_words(name: str) -> bytes:
    """A picture with a position in each place where one may stand."""
    image = pictures.scene(3)
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">GPS-20.2583</x:xmpmeta>'
    if name.endswith("HEIC"):
        return HEIC
    if name.endswith("png"):
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "GPS-20.2583")
        return pictures.as_bytes(image, "PNG", pnginfo=text, exif=exif())
    if name.endswith("webp"):
        return pictures.as_bytes(image, "WEBP", exif=exif().tobytes(), xmp=xmp)
    return pictures.as_bytes(image, "JPEG", exif=exif(), xmp=xmp, comment=b"GPS-20.2583")


@pytest.mark.django_db
def test_a_large_photo_is_kept_at_a_size_for_looking_and_one_for_lists(world):
    image = pictures.scene(4).resize((4000, 3000))
    document = kept(world, pictures.as_bytes(image, "JPEG"))
    photo = document.photo
    assert (photo.width, photo.height) == (2048, 1536)
    with store.open_blob(photo.thumb_id) as file:
        small = Image.open(file)
        assert max(small.size) == 320
    assert Photo.objects.get().hash is not None


def test_what_was_transparent_lies_on_white_and_print_colours_are_shown():
    glass = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    for image, how in (
        (glass, "PNG"),
        (Image.new("CMYK", (100, 100), (0, 0, 0, 0)), "JPEG"),
        (Image.new("I;16", (100, 100), 65535), "PNG"),
    ):
        cleaned = photos.clean(pictures.as_bytes(image, how))
        shown = Image.open(io.BytesIO(cleaned.shown))
        assert shown.mode == "RGB"
        assert min(shown.getpixel((50, 50))) > 245


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (100, 100), c) for c in ("red", "blue")]
    return pictures.as_bytes(frames[0], kind, save_all=True, append_images=frames[1:])


def too_many_points() -> bytes:
    """A few kB that would be 300 MB of points."""
    return pictures.as_bytes(Image.new("1", (10_000, 10_000)), "PNG")


def bomb() -> bytes:
    """The head of a PNG says 60,000 × 60,000."""
    data = bytearray(pictures.as_bytes(Image.new("L", (64, 64)), "PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(data)


REFUSED = {
    "empty": lambda: b"",
    "a programme under another name": lambda: b"MZ\x90\x00" + b"\x00" * 500,
    "words": lambda: "đây không phải là ảnh".encode() * 20,
    "junk": lambda: b"\xff\xd8\xff" + b"\x5a" * 2_000_000,
    "broken off": lambda: pictures.photo(1)[:9_000],
    "a moving PNG": lambda: moving("PNG"),
    "a moving WebP": lambda: moving("WEBP"),
    "a dot": lambda: pictures.as_bytes(Image.new("RGB", (1, 1)), "PNG"),
    "a strip": lambda: pictures.as_bytes(Image.new("RGB", (4000, 70)), "PNG"),
    "too many points": too_many_points,
    "a bomb": bomb,
    "a drawing with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
    "a broken HEIC": lambda: HEIC[:900],
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photograph_is_refused_in_words_and_nothing_is_kept(what, world, settings):
    before = Event.objects.count()
    with pytest.raises(Refusal) as refused:
        kept(world, REFUSED[what]())
    assert refused.value.what
    assert refused.value.mend
    assert not Document.objects.exists()
    assert not Path(settings.BANYAN_FILES).exists()
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_fifty_megabytes_of_junk_are_stopped_before_they_are_read(world, settings):
    def endless():
        yield b"\xff\xd8\xff"
        for _n in range(60):
            yield b"x" * 1_000_000
        raise AssertionError("read on and on")

    with pytest.raises(Refusal) as refused:
        keep(
            world.commune,
            file=Incoming("a.jpg", "image/jpeg", endless()),
            by=world.actor(world.lan),
        )
    assert refused.value.status == 413


def test_a_wall_and_a_night_have_nothing_to_compare():
    for colour in ("white", "black", "navy"):
        assert photos.clean(pictures.as_bytes(Image.new("RGB", (300, 200), colour))).hash is None


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["", "/thumb"])
def test_a_photo_is_shown_to_whoever_may_see_its_document(size, world):
    document = kept(world, pictures.photo())
    address = f"/photos/{document.pk}{size}"
    for who in (world.lan, world.minh):
        answer = world.client(who).get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert "sandbox" in answer["Content-Security-Policy"]
        again = world.client(who).get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
        assert "private" in answer["Cache-Control"]
        assert "Cookie" in answer["Vary"]
    assert world.client(world.hoa).get(address).status_code == 404
    assert world.client().get(address).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["", "/thumb"])
def test_a_restricted_photo_is_kept_by_no_browser_and_reading_it_is_told(size, world):
    Role.objects.filter(key="dan-van-kheo-reviewer").update(clearance=Level.RESTRICTED)
    document = kept(world, pictures.photo(), level=Level.RESTRICTED)
    address = f"/photos/{document.pk}{size}"
    answer = world.client(world.minh).get(address)
    assert answer["Cache-Control"] == "private, no-store"
    assert Event.objects.order_by("pk").last().verb == "document.read"
    Role.objects.filter(key="dan-van-kheo-reviewer").update(clearance=Level.INTERNAL)
    assert world.client(world.minh).get(address).status_code == 404


@pytest.mark.django_db
def test_alike_photos_are_found_by_index_as_by_counting(world):
    """Four bands with one slip each find whatever differs in at most six bits."""
    from random import Random

    dice = Random(5)
    document = kept(world, pictures.photo())
    blob, middle = document.blob, document.photo.hash
    wanted = {}
    for n in range(60):
        flips = dice.sample(range(64), dice.randint(0, 12))
        bits = middle & (1 << 64) - 1
        for place in flips:
            bits ^= 1 << place
        signed = bits - (1 << 64) if bits >> 63 else bits
        twin = Document.objects.create(
            unit=world.commune, title=f"{n}", filename="a.jpg", media_type="image/jpeg", blob=blob
        )
        Photo.objects.create(document=twin, width=9, height=9, thumb=blob, hash=signed)
        if len(flips) <= 6:
            wanted[twin.pk] = len(flips)
    found = dict(Photo.objects.exclude(pk=document.pk).alike(middle).values_list("pk", "distance"))
    assert found == wanted
    assert found
