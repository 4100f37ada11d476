"""What can be done with documents: keep one."""

from collections.abc import Iterable
from dataclasses import dataclass

from banyan.documents import store
from banyan.documents.models import Blob, Document, Level
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
    """Store a file and its row inside another operation (a report, an import)."""
    sha256, size = store.put(file.chunks)
    blob, _made = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})
    name = nfc(file.filename).replace("/", "_").replace("\\", "_")[-200:] or "file"
    return Document.objects.create(
        unit=unit,
        title=(nfc(title) or name)[:200],
        filename=name,
        media_type=file.media_type[:100],
        level=level,
        blob=blob,
        uploaded_by_id=by.account_id,
        synthetic=synthetic,
    )


@operation("document.kept", needs="document.keep", tells=("level",))
def keep(
    unit: Unit, *, file: Incoming, title: str = "", level: int = Level.INTERNAL, by: Actor
) -> Document:
    """Keep a file at a unit. The bytes are on disk before the row; a torn upload leaves no row."""
    return put(unit, file=file, title=title, level=level, synthetic=False, by=by)
