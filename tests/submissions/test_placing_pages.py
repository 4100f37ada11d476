"""What an officer reads while placing: which records, in which order, by which decision."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banyan.initiatives.operations import Row, Source, register_many
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Dissolve
from banyan.orgs.following import Way
from banyan.submissions.models import Placing, Submission
from tests.contracts.planting import sow
from tests.submissions.test_placing import DAY, Divided

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(world: Any) -> Any:
    """Models of the commune, registered before it was divided, with titles out of order."""
    assert world.initiative.title  # the one the world begins with, found while it is the only one
    titles = ["Chính quyền thân thiện", "Cánh đồng sạch", "Camera an ninh", "Đường hoa"]
    titles += [f"Mô hình {n:02}" for n in range(8)]
    register_many(
        world.district,
        round=world.round,
        rows=[
            Row(world.commune, {**world.answers, "title": t}, state="registered") for t in titles
        ],
        source=Source("synthetic.xlsx", "5" * 64),
        summary={},
        synthetic=True,
        by=world.actor(world.minh),
    )
    return Divided(world)


def shown(client: Any, **asked: str) -> list[str]:
    """The titles on the list, in its order."""
    listing = client.get(reverse("placing"), asked).context["listing"]
    return [row.said_title for row in listing.page_rows]


def test_titles_stand_in_the_order_of_the_register(waiting):
    titles = shown(waiting.world.client(waiting.world.minh))
    ours = [t for t in titles if t[0] in "CĐ"]
    assert ours == ["Camera an ninh", "Cánh đồng sạch", "Chính quyền thân thiện", "Đường hoa"]
    assert shown(waiting.world.client(waiting.world.minh), sort="-title") == titles[::-1]


def test_the_form_names_the_first_ten_records_and_how_many_more(waiting):
    client = waiting.world.client(waiting.world.minh)
    url = f"{reverse('placing_place')}?how=all"
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url)
    assert len(asked) <= 12, "\n".join(q["sql"][:150] for q in asked)
    thing, text = page.context["thing"], page.content.decode()
    assert len(thing.shown) == 10
    assert thing.more == len(thing.chosen) - 10 > 0
    assert f"và {thing.more} hồ sơ khác" in text
    for one in thing.shown:
        assert one.code
        assert one.code in text
        assert one.title in text
        assert client.get(one.url).status_code == 200


def test_a_decision_that_is_still_to_come_places_nothing(waiting):
    client = waiting.world.client(waiting.world.minh)
    url = f"{reverse('placing_place')}?r={waiting.record.pk}"
    today = waiting.world.today
    body = {"unit": waiting.west.pk, "decision_number": "7/QĐ", "n": 1}
    late = client.post(url, {**body, "decided_on": (today + timedelta(days=1)).isoformat()})
    assert late.status_code == 422
    (error,) = late.context["form"].errors["decided_on"]
    assert "chưa đến" in error
    assert "ngày ký" in error
    assert not Placing.objects.exists()
    assert client.post(url, {**body, "decided_on": today.isoformat()}).status_code == 303
    assert Placing.objects.get().decided_on == today


def test_the_period_is_chosen_in_words_and_what_is_none_is_said(waiting):
    client = waiting.world.client(waiting.world.minh)
    page = client.get(reverse("placing"), {"period": "2024H1"})
    assert '<option value="2024H1" selected>6 tháng đầu năm 2024</option>' in page.content.decode()
    assert client.get(reverse("placing"), {"period": "sáu tháng"}).status_code == 422
    part = client.get(reverse("placing"), {"period": "sáu tháng"}, headers={"HX-Request": "true"})
    assert part.status_code == 200, "htmx shows nothing of an answer with an error's status"
    assert "“sáu tháng”" in part.content.decode()


def test_the_register_too_offers_periods_in_words_and_refuses_what_is_none(waiting):
    client = waiting.world.client(waiting.world.minh)
    page = client.get("/initiatives/?period=2024Q2")
    assert '<option value="2024Q2" selected>Quý 2 năm 2024</option>' in page.content.decode()
    assert client.get("/initiatives/?period=none").status_code == 422


def test_of_records_nobody_is_known_for_the_list_says_where_they_count(world):
    sow(Submission, unit=world.sister_commune, mark="Zqk")
    carry_out([Dissolve(world.sister_commune.pk, world.district.pk)], Way(DAY, "3/NQ"))
    client = world.client(world.minh)
    words = "không ai phải xử lý gì thêm"
    assert words in client.get("/placing/?state=unknown").content.decode()
    assert words not in client.get("/placing/").content.decode()
