"""What can be done with documents: keep one."""

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category

from django.utils.translation import gettext as _

from banyan.documents import store
from banyan.documents.models import Blob, Document, Level
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
    """Store a file and its row inside another operation (a report, an import)."""
    try:
        sha256, size = store.put(file.chunks)
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
    name = _label(file.filename)
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


def _label(filename: str) -> str:
    """A file's name as a harmless label: no folders, nothing unseen or turning the text round."""
    shown = ("_" if c in "/\\" or category(c).startswith("C") else c for c in nfc(filename))
    return "".join(shown)[-200:] or "file"


@operation("document.kept", needs="document.keep", tells=("level",))
def keep(
    unit: Unit, *, file: Incoming, title: str = "", level: int = Level.INTERNAL, by: Actor
) -> Document:
    """Keep a file at a unit. The bytes are on disk before the row; a torn upload leaves no row."""
    return put(unit, file=file, title=title, level=level, synthetic=False, by=by)
