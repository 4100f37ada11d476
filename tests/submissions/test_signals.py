"""Signals: the same photograph, nearly the same words; told to whoever may know, never as a verdict."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.documents.operations import Incoming, keep
from banyan.initiatives.operations import register
from banyan.ledger import sealer
from banyan.ledger.models import Event
from banyan.ledger.readers import READERS, run_all
from banyan.submissions import signals
from banyan.submissions.models import Likeness, SignalText, Submission
from banyan.submissions.readers import keep_words
from tests.documents import pictures
from tests.submissions.texts import ROAD, ROAD_COPIED, WASTE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def photo(world: Any, who: Any, unit: Any, data: bytes) -> int:
    pk: int = keep(unit, file=Incoming("a.jpg", "image/jpeg", [data]), by=world.actor(who)).pk
    return pk


def model(world: Any, who: Any, data: bytes = b"", content: str = "", **more: Any) -> Submission:
    """A model that somebody registers at his commune, with a photograph and a description."""
    unit = {world.lan.pk: world.commune, world.hoa.pk: world.other_commune}[who.pk]
    asked = world.round if who.pk == world.lan.pk else world.other_round
    answers = {**world.answers, "title": more.pop("title", "Đường hoa"), "content": content}
    if data:
        answers["photos_after"] = [photo(world, who, unit, data)]
    made = register(unit, round=asked, answers=answers, by=world.actor(who), **more)
    submission: Submission = made.submission
    return submission


def work() -> None:
    """What the worker does: let the reader read what happened, then compare."""
    verbs = {"initiative.registered", "initiative.amended"}
    for event in Event.objects.filter(verb__in=verbs).order_by("pk"):
        keep_words(event)
    while signals.compare_waiting():
        pass


def told(world: Any, who: Any, submission: Submission) -> list[signals.Signal]:
    actor = world.actor(who)
    return signals.signals_of(submission, seen=lambda m: m.objects.visible_to(actor))


def squeezed(seed: int) -> bytes:
    return pictures.as_bytes(pictures.weakly(pictures.scene(seed)))


def test_a_photo_used_again_is_told_in_a_sentence_of_both_records(world):
    one = model(world, world.lan, pictures.photo(11))
    two = model(world, world.lan, squeezed(11), title="Đường cờ")
    model(world, world.lan, pictures.photo(12))
    work()
    (signal,) = told(world, world.minh, two)
    assert signal.kind == "photo"
    assert signal.other == one
    assert "Đường hoa" in signal.sentence
    assert "Xã Đồi Mẫu" in signal.sentence
    assert signal.score <= 6
    assert [s.other for s in told(world, world.minh, one)] == [two]


def test_words_taken_over_are_told_though_places_and_numbers_differ(world):
    one = model(world, world.lan, content=ROAD)
    two = model(world, world.hoa, content=ROAD_COPIED)
    model(world, world.lan, content=WASTE)
    work()
    (pair,) = Likeness.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, two.pk}
    assert pair.kind == "text"
    assert pair.score >= 80


def test_of_a_record_beyond_ones_reach_nothing_is_told_but_that_it_is(world):
    one = model(world, world.lan, pictures.photo(11), ROAD)
    model(world, world.hoa, squeezed(11), ROAD_COPIED, title="Zqk bí mật")
    work()
    for signal in told(world, world.minh, one):
        assert signal.other is None
        assert signal.url_side_by_side == ""
        assert "Zqk" not in signal.sentence
        assert "Cầu Giả" not in signal.sentence
    assert len(told(world, world.minh, one)) == 2


def test_a_draft_is_compared_with_nothing_until_it_is_sent(world):
    model(world, world.lan, pictures.photo(11))
    draft = model(world, world.lan, pictures.photo(11), submit=False)
    work()
    assert not Likeness.objects.exists()
    assert not SignalText.objects.filter(submission=draft).exists()


def test_short_texts_and_bare_pictures_say_nothing(world):
    from PIL import Image

    wall = pictures.as_bytes(Image.new("RGB", (300, 200), "white"))
    for _n in range(2):
        model(world, world.lan, wall, "Trồng hoa ven đường.")
    work()
    assert not Likeness.objects.exists()


def test_comparing_twice_tells_the_same_once(world):
    one = model(world, world.lan, pictures.photo(11), ROAD)
    model(world, world.lan, squeezed(11), ROAD_COPIED)
    work()
    before = list(Likeness.objects.order_by("kind").values_list("one", "other", "kind", "score"))
    signals.note([one.pk])
    work()
    after = list(Likeness.objects.order_by("kind").values_list("one", "other", "kind", "score"))
    assert before == after
    assert len(before) == 2


def test_a_record_that_was_changed_is_no_longer_like_the_other(world):
    from banyan.initiatives.operations import amend

    one = model(world, world.lan, content=ROAD)
    two = model(world, world.lan, content=ROAD_COPIED)
    work()
    assert Likeness.objects.exists()
    two.refresh_from_db()
    answers = {**two.answers, "content": WASTE}
    amend(two.initiative, answers=answers, version=two.version, by=world.actor(world.lan))
    work()
    assert not Likeness.objects.exists()
    assert told(world, world.minh, one) == []


def test_signals_of_many_records_are_counted_in_one_query(world):
    made = [model(world, world.lan, squeezed(11), ROAD).pk for _n in range(3)]
    work()
    with CaptureQueriesContext(connection) as asked:
        counted = signals.signal_counts(made)
    assert len(asked) == 1
    assert counted == dict.fromkeys(made, 2)


def test_both_are_shown_side_by_side_with_the_same_words_marked(world):
    one = model(world, world.lan, pictures.photo(11), ROAD)
    two = model(world, world.lan, squeezed(11), ROAD_COPIED, title="Đường cờ")
    work()
    url = told(world, world.minh, one)[0].url_side_by_side
    client = world.client(world.minh)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url)
    assert len(asked) <= 12
    text = page.content.decode()
    for record in (one, two):
        assert f"/photos/{record.answers['photos_after'][0]}" in text
        assert record.answers["title"] in text
    assert text.count("<mark>") >= 4
    assert "Đây chỉ là gợi ý" in text


def test_two_records_that_no_signal_joins_and_those_beyond_reach_are_not_shown(world):
    one = model(world, world.lan, pictures.photo(11))
    plain = model(world, world.lan, pictures.photo(12))
    far = model(world, world.hoa, squeezed(11))
    work()
    client = world.client(world.minh)
    for pair in ((one, plain), (one, far), (far, one), (one, one)):
        assert client.get(f"/signals/{pair[0].pk}/{pair[1].pk}").status_code == 404


def test_an_imported_register_is_noted_in_one_go_and_compared_little_by_little(world):
    made = [model(world, world.lan, content=ROAD).pk for _n in range(4)]
    with CaptureQueriesContext(connection) as asked:
        signals.note(made)
    assert len(asked) <= 6
    assert signals.compare_waiting(3) == 3
    assert SignalText.objects.filter(waiting=True).count() == 1


def test_where_all_say_the_very_same_the_nearly_same_are_not_looked_for(world):
    made = [model(world, world.lan, content=ROAD).pk for _n in range(signals.AT_ONCE + 3)]
    signals.note(made)
    with CaptureQueriesContext(connection) as asked:
        signals.compare_waiting(len(made))
    assert not [one for one in asked if "similarity(" in one["sql"]]
    for one in made:
        pairs = Likeness.objects.of(one)
        assert len(pairs) >= signals.AT_ONCE
        assert {pair.score for pair in pairs} == {100}


def test_the_worker_hears_of_what_was_sent_in(world, own_database):
    assert "banyan.submissions.readers.keep_words" in READERS
    made = [model(world, world.lan, content=text) for text in (ROAD, ROAD_COPIED)]
    sealer.seal_all()
    run_all()
    while signals.compare_waiting():
        pass
    (pair,) = Likeness.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk for one in made}
