"""The page of a model: its conversation, own points, years, photographs; who may do what there."""

from datetime import date
from typing import Any

import pytest

from banyan.initiatives.operations import register
from banyan.submissions.models import Remark
from banyan.submissions.operations import move, open_round

POINTS = {
    "necessity": "14",
    "method": "17",
    "result": "26",
    "participation": "15",
    "durability": "18",
}


def page(world: Any, who: Any, path: str = "") -> str:
    """A page of the world's model as somebody reads it."""
    answer = world.client(who).get(f"/initiatives/{world.initiative.pk}{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(world: Any, who: Any, path: str, body: dict[str, Any]) -> Any:
    return world.client(who).post(f"/initiatives/{world.initiative.pk}{path}", body)


@pytest.mark.django_db
def test_the_unit_and_the_reviewer_speak_about_a_record_on_its_page(world):
    assert post(world, world.minh, "/remark", {"text": "Bao nhiêu hộ?"}).status_code == 303
    assert post(world, world.lan, "/remark", {"text": "186 hộ, đã đếm lại."}).status_code == 303
    read = page(world, world.minh)
    assert read.index("Bao nhiêu hộ?") < read.index("186 hộ, đã đếm lại.")
    assert world.lan.name in read


@pytest.mark.django_db
def test_an_empty_remark_keeps_the_page_and_says_why(world):
    assert post(world, world.lan, "/remark", {"text": "  "}).status_code == 422
    assert not Remark.objects.exists()


@pytest.mark.django_db
def test_nobody_beyond_reach_speaks_about_it(world):
    assert post(world, world.hoa, "/remark", {"text": "x"}).status_code == 404


@pytest.mark.django_db
def test_the_unit_gives_itself_points_that_stand_beside_the_reviewers(world):
    assert post(world, world.lan, "/own-points", POINTS).status_code == 303
    read = page(world, world.lan)
    assert "Điểm tự chấm" in read
    assert ">26<" in read
    assert post(world, world.lan, "/own-points", {**POINTS, "result": "99"}).status_code == 422


@pytest.mark.django_db
def test_who_only_reviews_gives_no_own_points(world):
    assert post(world, world.hung, "/own-points", POINTS).status_code == 403


@pytest.mark.django_db
def test_a_model_is_continued_from_its_page_into_a_later_round(world):
    move(world.initiative.submission, move="approve", by=world.actor(world.minh))
    later = open_round(
        world.district,
        edition=world.edition,
        form="register",
        period="2024H2",
        due=date(2024, 12, 15),
        by=world.actor(world.an),
    )
    answer = post(world, world.lan, "/continue", {"round": later.pk})
    assert answer.status_code == 303
    made = world.client(world.lan).get(answer["Location"]).content.decode()
    assert world.initiative.code in made
    assert answer["Location"] in page(world, world.lan)


@pytest.mark.django_db
def test_a_draft_completed_before_it_was_ever_sent_opens_and_is_sent_in_with_one_press(world):
    lan = world.actor(world.lan)
    made = register(
        world.commune, round=world.round, answers={"title": "Ngõ sáng"}, submit=False, by=lan
    )
    client, url = world.client(world.lan), f"/initiatives/{made.pk}"
    kept = client.post(f"{url}/amend", {**world.answers, "title": "Ngõ xanh", "version": 1})
    assert kept.status_code == 303
    assert client.get(url).status_code == 200
    answer = client.post(f"{url}/amend", {**world.answers, "version": 2, "send": "1", "key": "k1"})
    assert answer.status_code == 303
    made.submission.refresh_from_db()
    assert made.submission.state == "registered"
    again = client.post(f"{url}/amend", {**world.answers, "version": 2, "send": "1", "key": "k1"})
    assert again.status_code == 303


@pytest.mark.django_db
def test_what_came_back_shows_the_reviewers_words_where_it_is_mended(world):
    asked = {"reason": "Bổ sung số hộ."}
    move(world.initiative.submission, move="send_back", asked=asked, by=world.actor(world.minh))
    assert "Bổ sung số hộ." in page(world, world.lan, "/amend")
