"""Documents: who may read them, how they leave the house, what is refused."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banyan.documents import store
from banyan.documents.models import Blob, Document, Level
from banyan.documents.operations import Incoming, keep
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.people.models import Role

pytestmark = pytest.mark.django_db
DATA = b"%PDF-1.4 synthetic"


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def kept(world: Any, level: int = Level.INTERNAL, unit: Any = None, **more: Any) -> Document:
    """A file kept by lan at her commune."""
    words = {"filename": "cong-van.pdf", "media_type": "application/pdf", "chunks": [DATA], **more}
    place, by = unit or world.commune, world.actor(world.hoa if unit else world.lan)
    made: Document = keep(place, file=Incoming(**words), title="Công văn", level=level, by=by)
    return made


def send(world: Any, name: str = "a.pdf", data: bytes = DATA, **words: Any) -> Any:
    """Lan's upload by the page."""
    kind = words.pop("kind", "application/pdf")
    body = {"file": SimpleUploadedFile(name, data, kind), "level": 1, "no_secrets": "on", **words}
    return world.client(world.lan).post(reverse("document_keep"), body)


def fetch(world: Any, who: Any, document: Document) -> Any:
    return world.client(who).get(document.get_absolute_url())


def test_what_was_uploaded_comes_back_byte_for_byte(world):
    assert send(world, name="Công văn số 5.pdf", name_="").status_code == 303
    document = Document.objects.get()
    assert document.blob_id == hashlib.sha256(DATA).hexdigest()
    assert document.unit == world.commune
    answer = fetch(world, world.lan, document)
    assert b"".join(answer.streaming_content) == DATA
    assert [e.verb for e in Event.objects.order_by("-pk")[:1]] == ["document.kept"]


def test_the_same_bytes_are_stored_once_and_named_twice(world):
    one, two = kept(world), kept(world, filename="ban-sao.pdf")
    assert one.blob_id == two.blob_id
    assert Blob.objects.count() == 1
    assert Document.objects.count() == 2


def test_a_torn_upload_leaves_no_row(world):
    def torn():
        yield DATA
        raise ConnectionResetError

    before = Event.objects.count()
    with pytest.raises(ConnectionResetError):
        kept(world, chunks=torn())
    assert not Document.objects.exists()
    assert not Blob.objects.exists()
    assert Event.objects.count() == before


def test_who_is_not_cleared_does_not_see_that_it_exists(world):
    document = kept(world, level=Level.RESTRICTED)
    Role.objects.filter(key="dan-van-kheo-reviewer").update(clearance=Level.INTERNAL)
    assert fetch(world, world.minh, document).status_code == 404
    assert "Công văn" not in world.client(world.minh).get(reverse("documents")).content.decode()
    assert world.client(world.minh).get("/api/documents").json()["total"] == 0


def test_who_stands_elsewhere_does_not_see_that_it_exists(world):
    document = kept(world, unit=world.other_commune)
    assert fetch(world, world.hoa, document).status_code == 200
    for who in (world.lan, world.minh):
        assert fetch(world, who, document).status_code == 404


def test_reading_a_restricted_document_stands_in_the_ledger(world):
    Role.objects.filter(key="dan-van-kheo-reviewer").update(clearance=Level.RESTRICTED)
    plain, restricted = kept(world), kept(world, level=Level.RESTRICTED, filename="mat.pdf")
    before = Event.objects.count()
    assert fetch(world, world.minh, plain).status_code == 200
    assert Event.objects.count() == before
    assert fetch(world, world.minh, restricted).status_code == 200
    event = Event.objects.order_by("pk")[before]
    assert (event.verb, event.thing_id) == ("document.read", restricted.pk)
    assert event.account == world.minh.account_id


def test_a_file_leaves_in_a_sandbox_and_is_not_guessed_at(world):
    answer = fetch(world, world.lan, kept(world))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "application/pdf"
    assert not answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "text/javascript", "nonsense"])
def test_what_a_browser_could_run_is_only_ever_saved(kind, world):
    document = kept(world, filename="trang.html", media_type=kind, chunks=[b"<script>1</script>"])
    answer = fetch(world, world.lan, document)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_file_that_is_too_large_is_refused_and_not_stored(world, settings):
    settings.BANYAN_LARGEST_FILE = 2_000_000
    answer = send(world, data=b"x" * 2_000_001)
    assert answer.status_code == 422
    assert "2 MB" in answer.content.decode()
    assert not Document.objects.exists()
    assert send(world, data=b"x" * 2_000_000).status_code == 303


def test_an_empty_file_and_a_missing_promise_are_refused(world):
    assert send(world, data=b"").status_code == 422
    assert send(world, no_secrets="").status_code == 422
    assert not Document.objects.exists()


def test_a_double_tap_keeps_one_document(world):
    first, second = (send(world, key="tap") for _n in range(2))
    assert first.status_code == second.status_code == 303
    assert Document.objects.count() == 1
    assert send(world, key="tap", data=DATA + b"!").status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "a\x00b.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "cong-van-\u202efdp.exe",
        "công văn " * 40 + ".pdf",
        '"; filename="x.exe',
        "",
        ".",
    ],
    ids=["up", "up-windows", "nul", "line-break", "turned-round", "long", "quote", "none", "dot"],
)
def test_a_hostile_name_is_only_ever_a_harmless_label(name, world):
    document = kept(world, filename=name)
    assert document.filename
    assert len(document.filename) <= 200
    assert not set(document.filename) & set("/\\\x00\r\n\u202e")
    answer = fetch(world, world.lan, document)
    assert answer.status_code == 200
    assert not set(answer["Content-Disposition"]) & set("\r\n\x00")
    assert "Set-Cookie: x" not in answer.headers
    assert store.path_of(document.blob_id).is_file()


def test_a_long_name_keeps_its_ending(world):
    assert kept(world, filename="văn bản " * 60 + ".pdf").filename.endswith(".pdf")


def test_whoever_may_not_keep_documents_is_refused(world):
    with pytest.raises(Refusal) as refused:
        keep(
            world.commune,
            file=Incoming("a.pdf", "application/pdf", [DATA]),
            by=world.actor(world.hoa),
        )
    assert refused.value.status == 403
    assert not Document.objects.exists()
