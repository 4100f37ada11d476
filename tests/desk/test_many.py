"""Many at once: the unremarkable accepted together, one decision for many."""

from typing import Any

import pytest

from banyan.initiatives.models import Recognition
from banyan.submissions.models import Review
from banyan.submissions.operations import move
from banyan.submissions.remarks import remark
from tests.desk.test_deciding import OWN, again, completed, registered

pytestmark = pytest.mark.django_db
MOST = {
    "necessity": "15",
    "method": "20",
    "result": "30",
    "participation": "15",
    "durability": "20",
}


def test_the_unremarkable_are_accepted_together_and_told_one_by_one(world: Any):
    plain, result = registered(world, "Ngõ sáng"), completed(world, "Tổ tự quản")
    client = world.client(world.minh)
    html = client.get("/desk/together").content.decode()
    assert "1 hồ sơ là báo cáo kết quả" in html
    picks = [plain.pk, result.pk]
    answer = client.post("/desk/together", {"pick": picks, "key": "many-1"})
    assert "<b>2</b> hồ sơ" in answer.content.decode()
    assert again(plain).submission.state == "approved"
    review = Review.objects.get(submission=result.submission, move="review")
    assert review.scores == OWN
    assert review.remark == "Lấy theo điểm tự chấm của đơn vị."


def test_a_second_tap_on_many_changes_nothing(world: Any):
    one = completed(world, "Tổ tự quản")
    client = world.client(world.minh)
    told = {"pick": [one.pk], "key": "many-2"}
    client.post("/desk/together", told)
    answer = client.post("/desk/together", told)
    assert "<b>1</b> hồ sơ" in answer.content.decode()
    assert Review.objects.filter(submission=one.submission, move="review").count() == 1


def test_what_wants_a_look_of_its_own_is_not_among_them(world: Any):
    spoken = registered(world, "Đã có trao đổi")
    remark(spoken.submission, text="Xem lại", by=world.actor(world.hung))
    completed(world, "Không tự chấm", own=None)
    completed(world, "Tối đa mọi dòng", own=MOST)
    back = registered(world, "Từng bị trả lại")
    by = world.actor(world.minh)
    move(back.submission, move="send_back", asked={"reason": "Thiếu"}, by=by)
    move(again(back).submission, move="register", by=world.actor(world.lan))
    client = world.client(world.minh)
    html = client.get("/desk/together").content.decode()
    for title in ("Đã có trao đổi", "Không tự chấm", "Tối đa mọi dòng", "Từng bị trả lại"):
        assert title not in html
    answer = client.post("/desk/together", {"pick": [spoken.pk], "key": "many-3"})
    assert "không thực hiện được" in answer.content.decode()
    assert again(spoken).submission.state == "registered"


def test_one_decision_recognises_many_and_names_those_it_could_not(world: Any):
    good, bad = completed(world, "Tổ tự quản"), completed(world, "Tổ khác")
    from banyan.submissions.operations import review

    review(good.submission, move="review", scores=OWN, by=world.actor(world.minh))
    poor = {**OWN, "result": "1", "method": "1"}
    review(bad.submission, move="review", scores=poor, by=world.actor(world.minh))
    client = world.client(world.hung)
    html = client.get("/desk/recognise").content.decode()
    assert "disabled" in html.split("Tổ khác")[0][-300:]
    told = {
        "decision_number": "12-QĐ/HU",
        "decision_date": "2024-06-18",
        "signer": "Bí thư",
        "reward": "",
        "pick": [good.pk, bad.pk],
        "key": "dec-1",
    }
    answer = client.post("/desk/recognise", told)
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "<b>1</b> hồ sơ không thực hiện được" in said
    kept = Recognition.objects.get()
    assert (kept.initiative_id, kept.signer) == (good.pk, "Bí thư")


def test_a_decision_without_a_number_is_not_carried_out(world: Any):
    answer = world.client(world.hung).post("/desk/recognise", {"pick": ["1"], "key": "dec-2"})
    assert answer.status_code == 422
