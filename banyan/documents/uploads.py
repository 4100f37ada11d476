"""Files that come in piece by piece over weak networks, as tus does it.

A piece is on disk before its row says so; a piece sent again changes nothing; the last one keeps
the document in the same transaction. So a killed server or a lost answer costs one piece at most.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from banyan.documents import store
from banyan.documents.models import Document, Upload
from banyan.documents.operations import Incoming, keep, too_large
from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.receipts import held

LARGEST_PIECE = 1024 * 1024
MOST_OPEN, MOST_BYTES = 40, 400_000_000  # of one account at a time
LONGEST_KEY = 100


@dataclass(frozen=True)
class Announced:
    """What a sender says before the first piece: its own key for the file, name, size, kind."""

    key: str
    filename: str
    size: int
    media_type: str


def begin(told: Announced, *, by: Any) -> Upload:
    """The upload of this key: the one begun earlier, or a new one. Raises Refusal."""
    _check(told)
    _forget_expired()
    own = Upload.objects.of(by.account_id)
    known = own.filter(key=told.key).first()
    if known is None:
        open_now = own.unfinished()
        waiting = open_now.aggregate(size=Sum("size"))["size"] or 0
        if open_now.count() >= MOST_OPEN or waiting + told.size > MOST_BYTES:
            raise Refusal(
                _("Too many files of yours are still on their way."),
                _("Files that were begun are kept for seven days."),
                _("Let the files that were begun finish first."),
                status=429,
            )
        known, _new = own.get_or_create(
            account_id=by.account_id,
            key=told.key,
            defaults={
                "filename": nfc(told.filename)[-200:].replace("\0", "_"),
                "media_type": told.media_type[:100],
                "size": told.size,
            },
        )
    if known.size != told.size:
        raise Refusal(
            _("This file was begun with another size."),
            _("The key it bears belongs to a file of %(size)d bytes.") % {"size": known.size},
            _("Choose the file again."),
            status=409,
        )
    return known


def _check(told: Announced) -> None:
    if not 0 < len(told.key) <= LONGEST_KEY or not (told.key.isascii() and told.key.isprintable()):
        raise Refusal(
            _("The key of this request cannot be used."),
            "",
            _("Use at most 100 letters, digits and signs without accents."),
            status=400,
        )
    if told.size > settings.BANYAN_LARGEST_FILE:
        raise too_large()
    if told.size < 1:
        raise Refusal(
            _("The file is empty."),
            _("It holds 0 bytes; perhaps copying it broke off."),
            _("Choose it again."),
        )


def append(upload: UUID, offset: int, piece: bytes, *, by: Any) -> Upload:
    """Add a piece at its place; after the last one the upload has its document.

    A piece that came already is answered as it was then. Raises Refusal: not one's own (404), not
    at this place (409), too large (413), or what `keep` refuses; then the upload is gone.
    """
    if len(piece) > LARGEST_PIECE:
        raise Refusal(_("This piece is too large."), "", _("Send at most 1 MB at a time."), 413)
    try:
        with transaction.atomic():
            return _append(found(upload, by=by, lock=True), offset, piece, by)
    except NotKept as no:
        store.forget(str(upload))
        Upload.objects.of(by.account_id).filter(pk=upload).delete()
        raise no.refusal from no


class NotKept(Exception):
    """The whole file came in, and was refused."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.sentence)


def found(upload: UUID, *, by: Any, lock: bool = False) -> Upload:
    """One's own upload; Refusal 404 for any other and for what is no longer kept."""
    own = Upload.objects.of(by.account_id)
    known = (own.select_for_update() if lock else own).filter(pk=upload).first()
    if known is None:
        raise Refusal(
            _("This file is not on its way here."),
            _("It was begun by somebody else, was refused, or is older than seven days."),
            _("Choose the file again."),
            status=404,
        )
    return known


def _append(known: Upload, offset: int, piece: bytes, by: Any) -> Upload:
    name = str(known.pk)
    if offset < known.offset:
        if offset + len(piece) <= known.offset:
            return known  # its answer was lost: it stands already
        raise _elsewhere(known)
    if offset > known.offset or offset + len(piece) > known.size or not piece:
        raise _elsewhere(known)
    store.append(name, offset, piece)
    known.offset = offset + len(piece)
    if known.offset == known.size:
        file = Incoming(known.filename, known.media_type, store.arrived(name))
        try:
            with held(by):
                known.document = keep(by.unit, file=file, by=by)
        except Refusal as no:
            raise NotKept(no) from no
        transaction.on_commit(lambda: store.forget(name))
    changed = {"offset": known.offset, "document": known.document, "touched_at": Now()}
    Upload.objects.filter(pk=known.pk).update(**changed)
    return known


def _elsewhere(known: Upload) -> Refusal:
    return Refusal(
        _("This piece does not fit here."),
        _("%(offset)d bytes of %(size)d have come in.")
        % {"offset": known.offset, "size": known.size},
        _("Ask how far it came (HEAD) and go on from there."),
        status=409,
    )


def _forget_expired() -> None:
    """What nobody went on with for seven days; whoever begins something sweeps."""
    for pk in Upload.objects.expired().values_list("pk", flat=True)[:100]:
        store.forget(str(pk))
        Upload.objects.expired().filter(pk=pk).delete()


def take(sent: "UploadedFile[bytes]", *, by: Any) -> Document:
    """A file that came whole with a form, the same way: sent again, it is the same document."""
    read = hashlib.sha256()
    for chunk in sent.chunks():
        read.update(chunk)
    key = f"{read.hexdigest()}-{by.post_id}"
    told = Announced(key, sent.name or "file", sent.size or 0, sent.content_type or "")
    upload = begin(told, by=by)
    while upload.document is None:
        sent.seek(upload.offset)
        upload = append(upload.pk, upload.offset, sent.read(LARGEST_PIECE), by=by)
    return upload.document
