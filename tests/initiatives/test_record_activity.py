"""What happened to one model: who, when, which step, and what was changed from what to what."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import amend
from banyan.ledger.operation import record
from banyan.submissions.operations import move

pytestmark = pytest.mark.django_db


def current(world: Any) -> Any:
    return Initiative.objects.with_page().get(pk=world.initiative.pk)


def change(world: Any, **answers: Any) -> None:
    one = current(world)
    told = {**one.submission.answers, **answers}
    amend(one, answers=told, version=one.submission.version, by=world.actor(world.lan))


def shown(world: Any, query: str = "") -> list[dict[str, Any]]:
    answer = world.client(world.minh).get(f"/initiatives/{world.initiative.pk}/activity{query}")
    assert answer.status_code == 200
    return list(answer.context["events"])


def test_a_change_shows_each_field_before_and_after_in_words(world):
    change(world, title="Tuyến đường hoa mới", level="commune", beneficiary_households=45)
    newest = shown(world)[0]
    assert newest["who"] == world.lan.name
    told = {one["label"]: (one["before"], one["after"]) for one in newest["changes"]}
    assert ("Tuyến đường hoa tự quản", "Tuyến đường hoa mới") in told.values()
    assert ("40", "45") in told.values()
    assert len(told) == 3
    page = world.client(world.minh).get(f"/initiatives/{world.initiative.pk}").content.decode()
    assert "<del>40</del> → <ins>45</ins>" in page


def test_changes_of_one_sending_are_told_once_and_not_again_at_the_next(world):
    asked = {"reason": "Nêu rõ số hộ."}
    move(current(world).submission, move="send_back", asked=asked, by=world.actor(world.minh))
    change(world, beneficiary_households=45)
    move(current(world).submission, move="register", by=world.actor(world.lan))
    change(world, beneficiary_households=50)
    with_changes = [line for line in shown(world) if line["changes"]]
    pairs = [(one["changes"][0]["before"], one["changes"][0]["after"]) for one in with_changes]
    assert pairs == [("45", "50"), ("40", "45")]


def test_a_step_shows_the_reviewer_s_words(world):
    asked = {"reason": "Nêu rõ số hộ."}
    move(current(world).submission, move="send_back", asked=asked, by=world.actor(world.minh))
    newest = shown(world)[0]
    assert (newest["who"], newest["quote"]) == (world.minh.name, "Nêu rõ số hộ.")


def test_pages_follow_each_other_and_the_record_shows_the_newest_with_a_way_to_all(world):
    for _turn in range(30):
        record("initiative.amended", world.initiative, by=world.actor(world.lan))
    address, seen = f"/initiatives/{world.initiative.pk}/activity", 0
    page = world.client(world.minh).get(f"/initiatives/{world.initiative.pk}")
    assert len(page.context["record"]["events"]) == 8
    assert address in page.content.decode()
    while address:
        answer = world.client(world.minh).get(address)
        seen += len(answer.context["events"])
        address = answer.context["next_url"]
    assert seen == 31


def test_a_record_s_pages_stay_within_twelve_questions(world):
    change(world, beneficiary_households=45)
    client = world.client(world.minh)
    for path in ("", "/activity"):
        url = f"/initiatives/{world.initiative.pk}{path}"
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        assert len(asked) <= 12


def test_the_activity_of_a_record_beyond_reach_does_not_exist(world):
    url = f"/initiatives/{world.initiative.pk}/activity"
    assert world.client(world.hoa).get(url).status_code == 404
    assert world.client(world.stranger).get(url).status_code == 403
