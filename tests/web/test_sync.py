"""`POST /sync`: what a browser kept arrives once, and whatever is in the way is said in JSON."""

import hashlib
import json
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from banyan.ledger.models import Event

pytestmark = pytest.mark.django_db


def item(world: Any, **other: Any) -> dict[str, Any]:
    """A registration as lan's phone keeps it."""
    actor = world.actor(world.lan)
    answers = {**world.answers, "title": "Ngõ xóm sáng đèn", "unit": world.commune.pk}
    return {
        "key": "k-1",
        "account": str(actor.account_id),
        "post": str(actor.post_id),
        "path": f"/initiatives/quick?round={world.round.pk}",
        "fields": [[name, str(value)] for name, value in answers.items()],
        **other,
    }


def send(client: Any, body: dict[str, Any]) -> Any:
    """Send it as the browser does."""
    return client.post("/sync", json.dumps(body), content_type="application/json")


def test_a_receipt_bears_the_key_and_the_hash_of_what_was_sent(world):
    body = item(world)
    answer = send(world.client(world.lan), body)
    assert answer.status_code == 200, answer.content
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    assert answer.json()["receipt"] == {"key": "k-1", "hash": digest}
    assert Initiative.objects.get(title="Ngõ xóm sáng đèn").submission.state == "registered"


def test_what_is_sent_again_gets_the_same_answer_and_changes_nothing(world):
    client, body = world.client(world.lan), item(world)
    first, count = send(client, body).json(), Event.objects.count()
    assert send(client, body).json()["receipt"] == first["receipt"]
    assert Event.objects.count() == count + 0
    assert Initiative.objects.filter(title="Ngõ xóm sáng đèn").count() == 1


def test_the_same_key_with_other_content_is_refused(world):
    client = world.client(world.lan)
    send(client, item(world))
    other = item(world, path=f"/initiatives/new?round={world.round.pk}")
    answer = send(client, other)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")


def test_an_incomplete_one_becomes_a_draft_record(world):
    body = item(world)
    body["fields"] = [pair for pair in body["fields"] if pair[0] in ("title", "unit")]
    assert send(world.client(world.lan), body).status_code == 200
    assert Initiative.objects.get(title="Ngõ xóm sáng đèn").submission.state == "draft"


def test_what_is_in_the_way_is_told_apart(world):
    hoa = world.actor(world.hoa)
    cases = [
        (world.client(), item(world), 401, "signed_out"),
        (world.client(world.hoa), item(world), 409, "account"),
        (world.client(world.lan), item(world, post=str(hoa.post_id)), 409, "post"),
        (world.client(world.lan), item(world, path="/units/"), 404, "gone"),
        (world.client(world.lan), item(world, path="/initiatives/0/amend"), 404, "gone"),
        (world.client(world.lan), item(world, path="/people/new"), 403, "forbidden"),
        (world.client(world.lan), item(world, fields=[["title", ""]]), 422, "refused"),
        (world.client(world.lan), item(world, key=""), 400, "refused"),
    ]
    for client, body, status, code in cases:
        answer = send(client, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    assert not Initiative.objects.filter(title="Ngõ xóm sáng đèn").exists()


def test_a_change_of_a_record_that_moved_on_is_a_conflict(world):
    path = f"{world.initiative.get_absolute_url()}/amend"
    version = world.initiative.submission.version
    fields = [[name, str(value)] for name, value in world.answers.items()]
    client = world.client(world.lan)
    first = item(world, path=path, fields=[*fields, ["version", str(version)]])
    assert send(client, first).status_code == 200
    second = item(world, key="k-2", path=path, fields=[*fields, ["version", str(version)]])
    answer = send(client, second)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")


def test_a_torn_body_is_said_to_be_torn(world):
    client = world.client(world.lan)
    for torn in ("{", "[]", '{"key": "k", "fields": [["\\ud800", "x"]]}', '{"fields": 3}'):
        answer = client.post("/sync", torn, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["what"]


def test_the_worker_names_files_that_are_there_and_is_asked_for_anew(world):
    answer = world.client().get("/sw.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "banyan/queue" in answer.content.decode()


def test_the_app_has_a_name_in_both_languages(world):
    client = world.client()
    named = {
        language: client.get("/manifest.webmanifest", HTTP_ACCEPT_LANGUAGE=language).json()
        for language in ("vi", "en")
    }
    assert named["vi"]["name"] != named["en"]["name"]
    assert {icon["sizes"] for icon in named["vi"]["icons"]} == {"192x192", "512x512"}


def test_pages_are_sent_compressed(world):
    answer = world.client(world.lan).get("/", HTTP_ACCEPT_ENCODING="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
