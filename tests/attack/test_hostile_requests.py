"""Addresses and bodies nobody honest sends: each is refused in words, none is a fault of ours."""

import base64
import errno
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from banyan.documents.models import Document
from banyan.initiatives.models import Initiative
from banyan.site.cli import main

REFUSED = {400, 404, 422}
LISTS = ("/units/", "/people/", "/documents/", "/initiatives/", "/reports/", "/groups/", "/rounds/")
CURSORS = (
    [None, 1],
    [[1], 1],
    [{"a": 1}, 1],
    ["x", float("inf")],
    ["\0", 1],
    ["\ud800", 1],
    ["2024-99-99", 1],
    [True, "x"],
    1,
    {},
)


@pytest.mark.parametrize("address", LISTS)
def test_a_forged_cursor_of_a_list_is_refused_in_words(world, address):
    client = world.client(world.an)
    for forged in CURSORS:
        cursor = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()
        answer = client.get(address, {"after": cursor})
        # A list ordered by text may take any text for a place between two rows.
        assert answer.status_code in {200, 404}, (forged, answer.status_code)


def test_an_address_with_a_character_no_text_holds_is_refused(world):
    client = world.client(world.an)
    for address in ("/units/?q=%00", "/figures/?place=%00", "/f/dan-van-kheo/2024H1/%00/models"):
        assert client.get(address).status_code == 400, address


@pytest.mark.parametrize("number", ["²", "9" * 5000, "x", "-1"])
def test_what_is_no_number_in_an_address_counts_as_not_said(world, number):
    assert world.client(world.an).get("/me", {"before": number}).status_code == 200
    assert world.client(world.lan).get("/initiatives/new", {"round": number}).status_code == 200


def test_figures_are_shown_to_the_last_period_there_is(world):
    client = world.client(world.an)
    for period in ("1900", "2200", "2200H2", "2200Q4", "2200-12"):
        assert client.get("/figures/", {"period": period}).status_code == 200, period


@pytest.mark.parametrize("value", [[1], {"a": 1}, 0, 1.5, 10**30, True, None, "\ud800", "\0"])
def test_a_json_value_of_a_wrong_type_is_refused_and_nothing_is_registered(world, value):
    client, before = world.client(world.lan), Initiative.objects.count()
    for field in ("title", "registered_on", "unit", "key"):
        sent = {**world.answers, "unit": world.commune.pk, "registered_on": "x", field: value}
        answer = client.post("/initiatives/new", json.dumps(sent), "application/json")
        assert answer.status_code in REFUSED, (field, answer.status_code)
        assert answer.headers["Content-Type"] == "application/json"
    assert Initiative.objects.count() == before


@pytest.mark.parametrize("body", [b"[" * 100_000, b"null", b'{"title":NaN}', b"\xff", b"9" * 5000])
def test_a_torn_json_body_is_refused(world, body):
    answer = world.client(world.lan).post("/initiatives/new", body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["what"]


def test_a_json_number_answers_like_the_same_number_typed(world):
    sent = {**world.answers, "title": "Đèn đường", "unit": world.commune.pk, "draft": False}
    answer = world.client(world.lan).post("/initiatives/new", json.dumps(sent), "application/json")
    assert answer.status_code == 201, answer.content
    made = Initiative.objects.get(pk=answer.json()["id"])
    assert made.submission.state == "registered"


def test_a_draft_with_hostile_words_is_kept_without_them(world):
    client = world.client(world.lan)
    # The second and third do not know the first: both versions are shown, nothing is lost.
    for version, status in (("abc", 200), ("²", 409), ("9" * 5000, 409)):
        sent = {"title": "a\0b", "draft_version": version}
        assert client.post("/initiatives/draft", sent).status_code == status


def test_an_unknown_address_and_a_foreign_form_are_answered_in_words(world):
    client = Client(enforce_csrf_checks=True)
    unknown = client.get("/nope")
    assert (unknown.status_code, "Không có trang này" in unknown.content.decode()) == (404, True)
    foreign = client.post("/enter", {"email": "a@example.org", "code": "x"})
    assert foreign.status_code == 403
    assert "không còn hiệu lực" in foreign.content.decode()


def test_a_form_opened_in_one_post_is_not_sent_in_another(world):
    client, before = world.client(world.lan), Initiative.objects.count()
    sent = {**world.answers, "title": "Đèn đường", "unit": world.commune.pk, "as_post": 0}
    answer = client.post("/initiatives/new", sent)
    assert answer.status_code == 409
    assert "chuyển sang chức vụ khác" in answer.content.decode()
    assert Initiative.objects.count() == before


def test_the_same_key_for_another_question_of_one_address_is_another_sending(rf, world):
    from banyan.web.act import receipt_of

    hashes = {
        receipt_of(rf.post(f"/reports/new?period={period}"), {"key": "k"}).body_hash
        for period in ("2024H1", "2023H1")
    }
    assert len(hashes) == 2


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused(world, day):
    client = world.client(world.an)
    head = {"number": "1/QĐ", "decided_on": day, "on": day, "posts": "end", "pass_posts": ""}
    answer = client.post("/reorganisations/new", head)
    assert answer.status_code == 422
    assert "1900" in answer.content.decode()
    assert client.get(f"/units/{world.commune.pk}").status_code == 200


def test_nobody_stores_a_file_he_may_not_read_himself(world):
    file = SimpleUploadedFile("a.txt", b"a")
    sent = {"level": 2, "no_secrets": "on", "file": file}
    assert world.actor(world.lan).clearance() < 2
    assert world.client(world.lan).post("/documents/new", sent).status_code == 422


def test_a_name_this_machine_does_not_bear_is_refused_in_words(db):
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        answer = Client().get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "<main" in answer.content.decode()


def test_a_fault_of_ours_is_told_without_asking_the_database(
    db, monkeypatch, django_assert_num_queries
):
    from django.test import RequestFactory

    from banyan.site.failures import broken

    with django_assert_num_queries(0):
        answer = broken(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "<main" in answer.content.decode()


def test_a_full_disk_is_said_and_leaves_no_row(world, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("banyan.documents.store.os.fsync", full)
    sent = {"level": 1, "no_secrets": "on", "file": SimpleUploadedFile("a.txt", b"full disk")}
    answer = world.client(world.lan).post("/documents/new", sent)
    assert answer.status_code == 507
    assert "ổ đĩa đã đầy" in answer.content.decode()
    assert not Document.objects.filter(filename="a.txt").exists()


@pytest.mark.parametrize(
    "words",
    [["backup", "/nonexistent/folder/b.tar"], ["figures", "dan-van-kheo", "--unit", "a\udcff"]],
)
def test_a_command_with_a_place_or_word_that_cannot_be_says_so(words, capsys):
    assert main(words) == 2
    assert "Traceback" not in capsys.readouterr().err
