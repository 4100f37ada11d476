"""What can be done with documents: keep one."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from unicodedata import category

from django.conf import settings
from django.utils.translation import gettext as _

from banyan.documents import photos, store
from banyan.documents.models import Blob, Document, Level, Photo
from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit


@dataclass(frozen=True)
class Incoming:
    """A file on its way in: its name as sent, what it says it is, and its bytes."""

    filename: str
    media_type: str
    chunks: Iterable[bytes]


def put(
    unit: Unit, *, file: Incoming, title: str, level: int, synthetic: bool, by: Actor
) -> Document:
    """Store a file and its row inside another operation (a report, an import).

    Of a photograph only the cleaned picture is stored, never what came in.
    """
    chunks = iter(file.chunks)
    head = next(chunks, b"")
    words = {"unit": unit, "level": level, "synthetic": synthetic, "uploaded_by_id": by.account_id}
    name = _label(file.filename)
    words["title"] = (nfc(title) or name)[:200]
    if not photos.is_photo(file.filename, file.media_type, head):
        blob = _stored(chain([head], chunks))
        kind = file.media_type[:100]
        return Document.objects.create(blob=blob, filename=name, media_type=kind, **words)
    picture = photos.clean(_whole(head, chunks))
    kept = Document.objects.create(
        blob=_stored([picture.shown]),
        filename=f"{PurePath(name).stem[-196:]}.jpg",
        media_type="image/jpeg",
        **words,
    )
    Photo.objects.create(
        document=kept,
        width=picture.width,
        height=picture.height,
        thumb=_stored([picture.thumb]),
        hash=picture.hash,
    )
    return kept


def _stored(chunks: Iterable[bytes]) -> Blob:
    """Bytes in the store, and the row that names them."""
    try:
        sha256, size = store.put(chunks)
    except OSError as full:
        if full.errno is None:  # the sending tore, not the machine
            raise
        raise Refusal(
            _("The file could not be stored; nothing was kept."),
            _("The machine says: %(why)s.") % {"why": full.strerror},
            _("Keep your copy and tell who runs Banyan: the disk may be full."),
            status=507,
        ) from full
    blob, _new = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})
    return blob


def _whole(head: bytes, rest: Iterable[bytes]) -> bytes:
    """All the bytes of a picture, no more of them than a file may have."""
    data = bytearray(head)
    for chunk in rest:
        data += chunk
        if len(data) > settings.BANYAN_LARGEST_FILE:
            raise too_large()
    return bytes(data)


def too_large() -> Refusal:
    """What one hears whose file is larger than the installation takes."""
    return Refusal(
        _("The file is larger than %(most)s MB.")
        % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000},
        "",
        _("Make it smaller or split it."),
        status=413,
    )


def _label(filename: str) -> str:
    """A file's name as a harmless label: no folders, nothing unseen or turning the text round."""
    shown = ("_" if c in "/\\" or category(c).startswith("C") else c for c in nfc(filename))
    return "".join(shown)[-200:] or "file"


@operation("document.kept", needs="document.keep", tells=("level",))
def keep(
    unit: Unit,
    *,
    file: Incoming,
    title: str = "",
    level: int = Level.INTERNAL,
    synthetic: bool = False,
    by: Actor,
) -> Document:
    """Keep a file at a unit. The bytes are on disk before the row; a torn upload leaves no row."""
    return put(unit, file=file, title=title, level=level, synthetic=synthetic, by=by)
