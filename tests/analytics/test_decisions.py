"""What waits for a decision: only what this person may decide, with who asks and since when."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import recognise
from banyan.submissions.models import Step
from banyan.submissions.operations import move, review
from tests.analytics.years import above, counted, models, shown
from tests.figures.changes import divided

pytestmark = pytest.mark.django_db


def reviewed(world: Any, n: int) -> list[Any]:
    """So many completed models of the commune, reviewed by minh."""
    models(world, world.commune, n, "completed")
    found = Initiative.objects.with_page().filter(submission__state="completed")
    for one in found:
        one.submission.submitted_by_id = world.lan.account_id
        one.submission.save(update_fields=["submitted_by"])
        items = one.submission.pack.criteria.items
        scores = {item.id: str(Decimal(item.maximum)) for item in items}
        review(one.submission, move="review", scores=scores, by=world.actor(world.minh))
    return list(Initiative.objects.with_page().filter(submission__state="reviewed"))


def decisions(world: Any, who: Any, query: str = "") -> list[dict[str, str]]:
    """The rows of the page."""
    rows: list[dict[str, str]] = shown(world.client(who), query)["decisions"]
    return rows


def test_what_was_reviewed_waits_for_whoever_recognises_with_who_asks(world):
    reviewed(world, 2)
    (row,) = decisions(world, world.hung)
    assert row["text"] == "Công nhận 2 hồ sơ (đã thẩm định)"
    assert row["sub"].startswith("Trần Văn Minh Thử · ")
    assert row["url"] == "/desk/recognise"  # one decision for many; it lists these two
    page = world.client(world.hung).get(row["url"]).content.decode()
    assert page.count('name="chosen"') == 2 or page.count('type="checkbox"') >= 2


def test_a_single_record_is_opened_itself(world):
    (one,) = reviewed(world, 1)
    (row,) = decisions(world, world.hung)
    assert row["url"] == f"/initiatives/{one.pk}"
    assert row["label"] == "Xem và quyết định"


def test_who_may_not_decide_is_asked_for_nothing(world):
    reviewed(world, 1)
    assert decisions(world, world.lan) == []
    answer = world.client(world.lan).get("/situation/").content.decode()
    assert "Hiện không có việc nào chờ bạn quyết định." in answer


def test_models_put_forward_for_a_sign_wait_until_their_life_ends(world):
    models(world, world.commune, 2, "completed", commemorative_mark=True)
    models(world, world.sister_commune, 1)
    (row,) = decisions(world, world.hung)
    assert row["text"] == "Công trình đề nghị gắn biển: 2"
    assert row["sub"].startswith("Xã Đồi Mẫu · ")
    assert counted(world.client(world.hung), row["url"]) == 2


def test_what_one_recognised_oneself_and_proposed_waits_for_the_level_above(world):
    (one,) = reviewed(world, 1)
    hung = world.actor(world.hung)
    number, day = "7-QĐ/TN", date(2024, 6, 18)
    recognise(one, body=world.district, decision_number=number, decided_on=day, by=hung)
    one.submission.refresh_from_db()
    move(one.submission, move="propose", by=world.actor(world.minh))
    assert decisions(world, world.hung) == []
    (row,) = decisions(world, above(world))
    assert row["text"] == "Công nhận 1 hồ sơ (đề nghị cấp trên công nhận)"
    assert row["sub"].startswith("Trần Văn Minh Thử · ")


def test_what_was_given_back_long_ago_is_shown_to_whoever_reviews(world):
    one = world.initiative
    move(one.submission, move="send_back", asked={"reason": "Thiếu"}, by=world.actor(world.minh))
    assert decisions(world, world.hung) == []
    long_ago = world.today - timedelta(days=20)
    Step.objects.filter(submission=one.submission).update(at=f"{long_ago} 08:00+07:00")
    (row,) = decisions(world, world.hung)
    assert row["text"] == "1 hồ sơ đã trả lại quá hai tuần, chưa gửi lại"
    assert row["sub"] == "Xã Đồi Mẫu · từ 31/5"
    assert row["url"] == f"/initiatives/{one.pk}"


def test_records_of_divided_units_lead_to_where_they_are_placed(world):
    divided(world)
    (row,) = decisions(world, world.hung, "?period=2024H1")
    assert row["text"] == "Phân 5 hồ sơ của đơn vị đã chia tách về đơn vị mới"
    assert row["url"].startswith("/placing/?programme=dan-van-kheo&period=2024H1")
    assert world.client(world.hung).get(row["url"]).status_code == 200


def test_never_more_than_five_rows_stand_there(world, monkeypatch):
    monkeypatch.setattr("banyan.analytics.decisions.MOST", 1)
    reviewed(world, 1)
    models(world, world.commune, 1, "completed", commemorative_mark=True)
    assert len(decisions(world, world.hung)) == 1
