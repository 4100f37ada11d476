"""kill -9 of a server in the middle of a piece: what was acknowledged stands, the rest goes on."""

import os
import signal
from typing import Any

import pytest
from django.db import connection

from banyan.documents import store, uploads
from banyan.documents.models import Document, Photo, Upload
from tests.documents import pictures

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
PIECE = 16_000


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def killed(work: Any) -> None:
    """Do it in a process that is killed before it commits."""
    child = os.fork()
    if not child:
        try:
            connection.connection = None  # the parent's; to close it would end it there
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.mark.parametrize("moment", ["after the bytes", "after the document", "at the first byte"])
def test_a_photo_arrives_once_though_the_server_is_killed_at_every_piece(
    moment, world, own_database, monkeypatch
):
    data, by = pictures.photo(2), world.actor(world.lan)
    told = uploads.Announced("k-1", "anh.jpg", len(data), "image/jpeg")
    pk = uploads.begin(told, by=by).pk

    def blow(real: Any, before: bool) -> Any:
        def struck(*words: Any, **more: Any) -> Any:
            if not before:
                real(*words, **more)
            os.kill(os.getpid(), signal.SIGKILL)

        return struck

    while (known := Upload.objects.get(pk=pk)).offset < known.size:
        at = known.offset
        piece = data[at : at + PIECE]
        with monkeypatch.context() as patch:
            if moment == "after the document":
                patch.setattr(uploads, "keep", blow(uploads.keep, False))
                patch.setattr(
                    store,
                    "append",
                    store.append if at + PIECE >= len(data) else blow(store.append, False),
                )
            else:
                patch.setattr(store, "append", blow(store.append, moment == "at the first byte"))
            killed(lambda at=at, piece=piece: uploads.append(pk, at, piece, by=by))
        assert Upload.objects.get(pk=pk).offset == at
        assert not Document.objects.exists()
        uploads.append(pk, at, piece, by=by)
        uploads.append(pk, at, piece, by=by)  # and its answer was lost
    assert Photo.objects.count() == 1
    assert Upload.objects.get(pk=pk).document_id == Document.objects.get().pk
