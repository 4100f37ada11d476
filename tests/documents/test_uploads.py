"""Files that come in piece by piece over a weak network."""

from pathlib import Path
from typing import Any

import pytest

from banyan.documents import store
from banyan.documents.models import Document, Photo, Upload
from banyan.documents.uploads import LARGEST_PIECE, MOST_OPEN
from banyan.ledger.models import Event
from tests.documents import pictures

pytestmark = pytest.mark.django_db
PIECE = 16_000


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


class Phone:
    """A sender: one file, one key."""

    def __init__(self, world: Any, who: Any, data: bytes, name: str = "anh.jpg", key: str = "k-1"):
        self.client, self.data, self.name, self.key = world.client(who), data, name, key

    def begin(self, **other: Any) -> Any:
        told = {"key": self.key, "filename": self.name, "size": len(self.data), "media_type": ""}
        answer = self.client.post("/uploads/", {**told, **other})
        if answer.status_code == 201:
            self.url = answer.json()["url"]
        return answer

    def piece(self, offset: int, length: int = PIECE) -> Any:
        return self.patch(offset, self.data[offset : offset + length])

    def patch(self, offset: Any, body: bytes) -> Any:
        head = {"Upload-Offset": str(offset)}
        kind = "application/offset+octet-stream"
        return self.client.patch(self.url, body, content_type=kind, headers=head)

    def came(self) -> int:
        return int(self.client.head(self.url)["Upload-Offset"])

    def rest(self) -> Any:
        """All that is still wanting."""
        answer = None
        while (came := self.came()) < len(self.data):
            answer = self.piece(came)
            assert answer.status_code == 200, answer.content
        return answer


@pytest.fixture
def phone(world: Any) -> Phone:
    return Phone(world, world.lan, pictures.photo(2))


def waiting(settings: Any) -> list[Path]:
    return list(Path(settings.BANYAN_FILES).with_name("uploads").glob("*"))


def test_a_photo_sent_in_pieces_becomes_a_document_with_its_picture(
    phone, world, settings, django_capture_on_commit_callbacks
):
    before = Event.objects.count()
    begun = phone.begin()
    assert begun.status_code == 201
    assert begun.json()["document"] is None
    with django_capture_on_commit_callbacks(execute=True):
        done = phone.rest()
    document = Document.objects.get()
    assert done.json()["document"] == document.pk
    assert document.unit == world.commune
    assert Photo.objects.get().document == document
    assert waiting(settings) == []
    assert [e.verb for e in Event.objects.order_by("pk")[before:]] == ["document.kept"]


def test_any_other_file_comes_back_byte_for_byte(world):
    data = b"%PDF-1.4 synthetic " * 5_000
    phone = Phone(world, world.lan, data, "Công văn số 5.pdf")
    phone.begin(media_type="application/pdf")
    phone.rest()
    document = Document.objects.get()
    with store.open_blob(document.blob_id) as file:
        assert file.read() == data
    assert document.filename == "Công văn số 5.pdf"


def test_who_lost_the_answer_asks_how_far_it_came_and_goes_on(phone):
    phone.begin()
    phone.piece(0)  # the answer is lost on the way
    assert phone.came() == PIECE
    assert phone.begin().json()["offset"] == PIECE  # also after the page was closed
    phone.rest()
    assert Document.objects.count() == 1


def test_a_piece_sent_twice_stands_once(phone):
    phone.begin()
    for _n in range(2):
        assert phone.piece(0).json()["offset"] == PIECE
    last = phone.rest()
    at = len(phone.data) - len(phone.data) % PIECE
    again = phone.piece(at)
    assert again.json()["document"] == last.json()["document"]
    assert Document.objects.count() == 1


def test_the_same_key_is_the_same_file_also_when_all_has_come(phone):
    phone.begin()
    phone.rest()
    known = phone.begin().json()
    assert known["document"] == Document.objects.get().pk
    assert Upload.objects.count() == 1


def test_a_killed_server_costs_one_piece_at_most(phone):
    """Killed after the bytes were written and before the row knew: they are written once more."""
    phone.begin()
    phone.piece(0)
    upload = Upload.objects.get()
    store.append(str(upload.pk), PIECE, b"half a piece of somebody killed")
    assert phone.came() == PIECE
    phone.rest()
    assert Photo.objects.count() == 1


def test_a_piece_from_the_middle_of_nowhere_is_refused(phone):
    phone.begin()
    for offset in (PIECE, -1, "x", "", 10**30):
        assert phone.patch(offset, b"abc").status_code == 409, offset
    assert phone.patch(0, b"").status_code == 409
    assert phone.patch(0, phone.data + b"!").status_code == 409
    assert phone.came() == 0


def test_a_piece_that_is_too_large_is_refused(world):
    phone = Phone(world, world.lan, b"x" * 3 * LARGEST_PIECE, "a.bin")
    phone.begin()
    assert phone.piece(0, LARGEST_PIECE + 1).status_code == 413
    assert phone.came() == 0


def test_what_turns_out_to_be_no_picture_is_refused_and_forgotten(world, settings):
    phone = Phone(world, world.lan, b"MZ" + b"\0" * 40_000, "anh.jpg")
    phone.begin()
    phone.piece(0, 20_000)
    answer = phone.piece(20_000, 30_000)
    assert answer.status_code == 422
    assert set(answer.json()) == {"what", "why", "mend"}
    assert not Document.objects.exists()
    assert not Upload.objects.exists()
    assert waiting(settings) == []


@pytest.mark.parametrize("size", ["0", "-5", "x", "", "50000001", "9" * 40])
def test_a_size_that_cannot_be_is_refused_at_the_start(size, phone):
    assert phone.begin(size=size).status_code in (413, 422)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("key", ["", "ă", "k" * 101, "a\nb"])
def test_a_key_that_cannot_be_is_refused(key, phone):
    assert phone.begin(key=key).status_code == 400


def test_nobody_adds_to_or_hears_of_somebody_elses_upload(phone, world):
    phone.begin()
    phone.piece(0)
    for who in (world.hoa, world.an):
        thief = Phone(world, who, phone.data)
        thief.url = phone.url
        assert thief.patch(PIECE, b"evil").status_code == 404
        assert thief.client.head(phone.url).status_code == 404
        own = Phone(world, who, phone.data)  # even with the same key
        assert own.begin().json()["offset"] == 0
        assert own.url != phone.url
    assert phone.came() == PIECE
    assert world.client().patch(phone.url, b"x").status_code == 302
    assert world.client(world.stranger).patch(phone.url, b"x").status_code == 403


def test_another_size_under_the_same_key_is_refused(phone):
    phone.begin()
    assert phone.begin(size=len(phone.data) + 1).status_code == 409


def test_nobody_fills_the_disk_with_beginnings(world):
    for n in range(MOST_OPEN):
        assert Phone(world, world.lan, b"x", key=f"k{n}").begin().status_code == 201
    assert Phone(world, world.lan, b"x", key="one-more").begin().status_code == 429
    assert Phone(world, world.hoa, b"x", key="one-more").begin().status_code == 201


def test_nobody_claims_more_bytes_than_are_his(world):
    sizes = [Phone(world, world.lan, b"", key=f"k{n}").begin(size=45_000_000) for n in range(9)]
    assert [answer.status_code for answer in sizes] == [201] * 8 + [429]


def test_what_nobody_went_on_with_is_forgotten_after_seven_days(phone, world, settings):
    phone.begin()
    phone.piece(0)
    Upload.objects.update(touched_at="2020-01-01T00:00+00:00")
    Phone(world, world.hoa, b"x").begin()
    assert phone.client.head(phone.url).status_code == 404
    assert waiting(settings) == []
    assert phone.begin().json()["offset"] == 0


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "a\x00b.jpg", "\u202egpj.exe", ""])
def test_a_hostile_name_leads_nowhere(name, world, settings):
    phone = Phone(world, world.lan, pictures.photo(2), name)
    phone.begin(filename=name)
    phone.rest()
    document = Document.objects.get()
    assert not set(document.filename) & set("/\\\x00\u202e")
    inside = Path(settings.BANYAN_FILES).parent
    assert {p.parent.name for p in inside.iterdir()} == {inside.name}
    assert {p.name for p in inside.iterdir()} <= {"files", "uploads"}
