"""Whether a picture carries more than a picture: where it was taken, by which device, under whose name."""

EXIF, XMP, PHOTOSHOP, COMMENT = 0xE1, 0xE1, 0xED, 0xFE
TELLING_MARKERS = {EXIF, XMP, PHOTOSHOP, COMMENT}
TELLING_CHUNKS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"EXIF", b"XMP "}
START_OF_SCAN = 0xDA


def is_bare(picture: bytes) -> bool:
    """True for a JPEG, PNG or WebP that says nothing beside its pixels; False for all else."""
    if picture.startswith(b"\xff\xd8"):
        return _bare_jpeg(picture)
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return _bare_chunks(picture, at=8, order="big", name_first=False)
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return _bare_chunks(picture, at=12, order="little", name_first=True)
    return False


def _bare_jpeg(picture: bytes) -> bool:
    at = 2
    while at + 4 <= len(picture):
        if picture[at] != 0xFF:
            return False
        marker = picture[at + 1]
        if marker == START_OF_SCAN:
            return True
        if marker in TELLING_MARKERS:
            return False
        at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    return False


def _bare_chunks(picture: bytes, *, at: int, order: str, name_first: bool) -> bool:
    """Chunks of PNG (size, name, data, sum) or WebP (name, size, data, padded to even)."""
    while at + 8 <= len(picture):
        first, second = picture[at : at + 4], picture[at + 4 : at + 8]
        name, size = (first, second) if name_first else (second, first)
        if name in TELLING_CHUNKS:
            return False
        length = int.from_bytes(size, "little" if order == "little" else "big")
        at += 8 + length + (length % 2 if name_first else 4)
    return True
