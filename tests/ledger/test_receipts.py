"""Repeats: a second tap gives the answer of the first, never a second change."""

import json
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import register
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event, Receipt
from banyan.ledger.receipts import Request
from tests.threads import together


def sent(world: Any, key: str = "k1", body: str = "b1", title: str = "Hai lần chạm") -> Initiative:
    """Lan's registration with the key of its form."""
    actor = world.actor(world.lan)
    actor.request = Request(key, body)
    made: Initiative = register(
        world.commune, round=world.round, answers={**world.answers, "title": title}, by=actor
    )
    return made


def test_a_double_tap_makes_one_record_and_gets_the_same_answer(world):
    before = Event.objects.count()
    assert sent(world).pk == sent(world).pk
    assert Initiative.objects.filter(title="Hai lần chạm").count() == 1
    assert Event.objects.count() == before + 1


def test_the_same_key_with_another_body_is_refused(world):
    sent(world)
    with pytest.raises(Refusal) as refused:
        sent(world, body="b2", title="Nội dung khác")
    assert refused.value.status == 422
    assert not Initiative.objects.filter(title="Nội dung khác").exists()


def test_two_sendings_at_the_same_instant_make_one_record(own_database, world):
    _ = world.lan, world.commune, world.round
    said = together([lambda: sent(world).pk for _n in range(6)])
    assert len(set(said)) == 1, said
    assert isinstance(said[0], int)
    assert Initiative.objects.filter(title="Hai lần chạm").count() == 1
    assert Receipt.objects.filter(key="k1").count() == 1


def test_keys_of_two_accounts_do_not_meet(world):
    sent(world)
    hoa = world.actor(world.hoa)
    hoa.request = Request("k1", "b1")
    other = register(
        world.other_commune, round=world.other_round, answers=dict(world.answers), by=hoa
    )
    assert other.unit == world.other_commune


def test_a_refused_sending_leaves_its_key_free(world):
    actor = world.actor(world.lan)
    actor.request = Request("k9", "b9")
    with pytest.raises(Refusal):
        register(world.commune, round=world.round, answers={"title": "Thiếu"}, by=actor)
    assert not Receipt.objects.filter(key="k9").exists()


def test_a_second_tap_in_the_browser_leads_to_the_same_page(world):
    client = world.client(world.lan)
    body = {**world.answers, "unit": world.commune.pk, "key": "tap", "title": "Một lần thôi"}
    first, second = (client.post("/initiatives/new", body) for _n in range(2))
    assert first.status_code == second.status_code == 303
    assert first.url == second.url
    assert Initiative.objects.filter(title="Một lần thôi").count() == 1
    other = client.post("/initiatives/new", {**body, "title": "Nội dung khác"})
    assert other.status_code == 422


def test_a_repeat_through_the_api_gets_the_same_answer(world):
    client = world.client(world.lan)
    body = json.dumps({**world.answers, "unit": world.commune.pk, "title": "Qua giao diện máy"})
    send: Any = {"content_type": "application/json", "headers": {"Idempotency-Key": "api-1"}}
    first, second = (client.post("/initiatives/new", body, **send) for _n in range(2))
    assert first.status_code == second.status_code == 201, first.content
    assert first.json() == second.json()
    assert Initiative.objects.filter(title="Qua giao diện máy").count() == 1


def test_an_operation_inside_an_operation_shares_its_sending(world):
    """One form, one key: what the operation does on the way needs no receipt of its own."""
    from banyan.packs.operations import install

    actor = world.actor(world.an)
    actor.request = Request("install", "b")
    content = json.loads(json.dumps(world.edition.content))
    number = content["pack"]["edition"] + 1
    content["pack"]["edition"], content["pack"]["valid_from"] = number, "2025-01-01"
    words = {"pack": world.edition.programme.key, "edition": number, "content": content}
    made = install(world.district, **words, by=actor)
    again = install(world.district, **words, by=actor)
    assert made == again
    assert made.number == number
