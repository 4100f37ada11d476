"""Deciding at the desk: what was seen is what is decided, nothing typed is lost, slips are mended."""

import re
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import amend, register
from banyan.ledger.models import Event
from banyan.submissions.models import Draft, Remark, Review
from banyan.submissions.operations import move
from banyan.submissions.remarks import score_own

pytestmark = pytest.mark.django_db

OWN = {"necessity": "14", "method": "18", "result": "27", "participation": "13", "durability": "18"}
GIVEN = {**OWN, "result": "25"}
RESULT = {"result": "Trồng 1,2 km đường hoa tại thôn mẫu", "beneficiary_households": 40}


def again(one: Any) -> Any:
    return Initiative.objects.with_page().get(pk=one.pk)


def hidden(html: str, form: str) -> dict[str, str]:
    """The hidden fields of the form whose action ends so."""
    start = html.index(form)
    part = html[start : html.index("</form>", start)]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', part))


def registered(world: Any, title: str, **answers: Any) -> Any:
    given = {**world.answers, "title": title, **answers}
    return register(world.commune, round=world.round, answers=given, by=world.actor(world.lan))


def completed(world: Any, title: str, own: dict[str, str] | None = OWN) -> Any:
    made = registered(world, title, **RESULT)
    move(made.submission, move="complete", by=world.actor(world.lan))
    if own:
        score_own(made.submission, scores=own, by=world.actor(world.lan))
    return again(made)


def sent(client: Any, one: Any, name: str, **told: Any) -> Any:
    url = f"/desk/{one.pk}"
    fields = hidden(client.get(url).content.decode(), f"{url}/do/{name}")
    return client.post(f"{url}/do/{name}", {**fields, **told})


def test_approving_opens_the_next_record_and_says_what_was_done(world: Any):
    first = world.initiative
    second = registered(world, "Ngõ xóm sáng đèn")
    client = world.client(world.minh)
    answer = sent(client, first, "approve")
    assert answer.status_code == 303
    assert answer.url == f"/desk/{second.pk}?done={world.initiative.pk}"
    assert again(world.initiative).submission.state == "approved"
    html = client.get(answer.url).content.decode()
    assert "Ngõ xóm sáng đèn" in html
    assert f"/desk/{world.initiative.pk}/undo" in html


def test_a_slip_is_taken_back_within_ten_seconds(world: Any):
    client = world.client(world.minh)
    landed = client.get(sent(client, world.initiative, "approve").url).content.decode()
    url = f"/desk/{world.initiative.pk}/undo"
    answer = client.post(url, hidden(landed, url))
    assert answer.status_code == 303
    assert again(world.initiative).submission.state == "registered"
    assert Event.objects.filter(verb="submission.step_undone").count() == 1


def test_a_second_tap_changes_nothing_and_says_the_same(world: Any):
    client = world.client(world.minh)
    url = f"/desk/{world.initiative.pk}"
    fields = hidden(client.get(url).content.decode(), f"{url}/do/approve")
    first = client.post(f"{url}/do/approve", fields)
    second = client.post(f"{url}/do/approve", fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.url == second.url
    assert Event.objects.filter(verb="submission.moved").count() == 1


def test_a_result_is_reviewed_with_the_points_typed(world: Any):
    one = completed(world, "Tổ tự quản")
    html = world.client(world.minh).get(f"/desk/{one.pk}").content.decode()
    assert 'data-own="27"' in html
    assert sent(world.client(world.minh), one, "review", **GIVEN, remark="Tốt").status_code == 303
    review = Review.objects.get(submission=one.submission, move="review")
    assert (str(review.total), review.remark) == ("88.00", "Tốt")


def test_points_that_are_wanting_are_asked_for_and_those_typed_stay(world: Any):
    one = completed(world, "Tổ tự quản")
    answer = sent(world.client(world.minh), one, "review", necessity="14", method="99")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="necessity" value="14"' in html
    assert 'name="method" value="99"' in html
    assert again(one).submission.state == "completed"


def test_who_was_faster_is_said_in_place_and_nothing_typed_is_lost(world: Any):
    one = completed(world, "Tổ tự quản")
    client = world.client(world.minh)
    fields = hidden(client.get(f"/desk/{one.pk}").content.decode(), f"/desk/{one.pk}/do/review")
    sent(world.client(world.hung), one, "review", **OWN)
    told = {**fields, **GIVEN, "remark": "Cần nhân rộng"}
    answer = client.post(f"/desk/{one.pk}/do/review", told)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Cần nhân rộng" in html
    assert Review.objects.filter(submission=one.submission, move="review").count() == 1


def test_what_was_changed_since_the_page_was_made_is_not_decided_unseen(world: Any):
    one = registered(world, "Tổ tự quản")
    client = world.client(world.minh)
    fields = hidden(client.get(f"/desk/{one.pk}").content.decode(), f"/desk/{one.pk}/do/approve")
    changed = {**world.answers, "title": "Tổ tự quản", "beneficiary_households": 186}
    amend(one, answers=changed, version=one.submission.version, by=world.actor(world.lan))
    answer = client.post(f"/desk/{one.pk}/do/approve", fields)
    assert answer.status_code == 409
    assert again(one).submission.state == "registered"
    assert "<del>40 hộ</del> <ins>186 hộ</ins>" in answer.content.decode()


def test_words_used_before_are_offered_the_most_used_first(world: Any):
    client, waiting = world.client(world.minh), world.initiative
    for n, reason in enumerate(["Thiếu số hộ", "Bổ sung ảnh", "Bổ sung ảnh"]):
        one = registered(world, f"Tổ tự quản {n}")
        assert sent(client, one, "send_back", reason=reason).status_code == 303
    html = client.get(f"/desk/{waiting.pk}").content.decode()
    assert html.index('data-phrase="Bổ sung ảnh"') < html.index('data-phrase="Thiếu số hộ"')


def test_a_record_sent_back_stands_among_the_returned_until_it_comes_again(world: Any):
    client = world.client(world.minh)
    sent(client, world.initiative, "send_back", reason="Thiếu số hộ")
    shown = client.get("/desk/?show=returned").content.decode()
    assert world.initiative.title in shown
    one = again(world.initiative)
    changed = {**world.answers, "beneficiary_households": 186}
    amend(one, answers=changed, version=one.submission.version, by=world.actor(world.lan))
    move(again(one).submission, move="register", by=world.actor(world.lan))
    assert world.initiative.title not in client.get("/desk/?show=returned").content.decode()
    html = client.get(f"/desk/{one.pk}").content.decode()
    assert "<ins>186 hộ</ins>" in html
    assert "lần nộp 2" in html
    assert "“Thiếu số hộ”" in html


def test_nobody_is_offered_to_review_what_he_sent_in_himself(world: Any):
    answers = {**world.answers, "title": "Của chính cán bộ"}
    mine = register(world.commune, round=world.round, answers=answers, by=world.actor(world.minh))
    client = world.client(world.minh)
    assert "Của chính cán bộ" not in client.get("/desk/").content.decode()
    html = client.get(f"/desk/{mine.pk}").content.decode()
    assert "/do/approve" not in html
    assert "cán bộ khác thẩm định" in html


def test_what_is_typed_is_kept_and_stands_there_after_a_reload(world: Any):
    one = completed(world, "Tổ tự quản")
    client = world.client(world.minh)
    kept = client.post(
        f"/desk/{one.pk}/draft", {"necessity": "13", "remark": "Đang xem", "key": "k"}
    )
    assert "Đã lưu nháp" in kept.content.decode()
    html = client.get(f"/desk/{one.pk}").content.decode()
    assert 'name="necessity" value="13"' in html
    assert "Đang xem</textarea>" in html
    sent(client, one, "review", **GIVEN)
    assert not Draft.objects.filter(form="desk").exists()


def test_a_remark_names_what_it_is_about(world: Any):
    client = world.client(world.minh)
    url = f"/desk/{world.initiative.pk}"
    told = {"field": "beneficiary_households", "text": "Đã đo lại chưa?", "key": "r-1"}
    assert client.post(f"{url}/remark", told).status_code == 303
    assert Remark.objects.get().field == "beneficiary_households"
    assert "Đã đo lại chưa?" in client.get(url).content.decode()


def test_records_of_other_places_do_not_exist_here(world: Any):
    client = world.client(world.minh)
    there = world.other_initiative.pk
    assert client.get(f"/desk/{there}").status_code == 404
    assert client.post(f"/desk/{there}/do/approve", {}).status_code == 404
    assert client.post(f"/desk/{there}/draft", {}).status_code == 404


def test_a_registrar_finds_no_desk(world: Any):
    assert world.client(world.lan).get("/desk/").status_code == 403


def test_points_of_a_step_taken_back_stand_on_the_sheet_again(world):
    one = completed(world, "Kết quả đo được")
    scores = {item.id: "11" for item in world.edition.pack.criteria.items}
    minh = world.client(world.minh)
    sent = minh.post(f"/desk/{one.pk}/do/review", {**scores, "remark": "Tốt"})
    assert sent.status_code == 303
    assert minh.post(f"/desk/{one.pk}/undo").status_code == 303
    html = minh.get(f"/desk/{one.pk}").content.decode()
    assert html.count('value="11"') == len(scores)
    assert "Tốt" in html
