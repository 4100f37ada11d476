"""Questions kept under Explore: opened, shared, pinned to the page of the situation."""

from typing import Any

import pytest

from banyan.people.models import SavedView
from tests.figures.test_explore import filled as filled

pytestmark = pytest.mark.django_db


def kept(world: Any, who: Any, query: str, whom: str = "") -> SavedView:
    """Keep a question by the page's own form."""
    client = world.client(who)
    answer = client.post(
        f"/views/new?{query}&listing=explore", {"name": "Theo tháng", "whom": whom}
    )
    assert answer.status_code in (302, 303), answer.content.decode()[:500]
    return SavedView.objects.get(name="Theo tháng")


def test_a_question_is_kept_opened_and_known_as_changed(filled):
    query = "period=2024H1&show=heat&rows=units&columns=periods&i=models"
    view = kept(filled, filled.hung, query)
    assert view.listing == "explore"
    client = filled.client(filled.hung)
    page = client.get(f"/figures/explore?view={view.pk}", follow=True)
    assert page.context["kept"]["open"] == view
    assert page.context["table"]["heat"]
    assert not page.context["kept"]["changed"]
    changed = client.get(f"/figures/explore?saved={view.pk}&{query.replace('heat', 'table')}")
    assert changed.context["kept"]["changed"]


def test_a_shared_question_shows_its_reader_what_is_within_his_own_reach(filled):
    query = "period=2024H1&place=W11@2024-06-30&rows=units&i=models"
    view = kept(filled, filled.hung, query, "own")
    page = filled.client(filled.lan).get(f"/figures/explore?view={view.pk}", follow=True)
    assert page.status_code == 200
    assert page.context["title"] == "Xã Đồi Mẫu"
    assert filled.client(filled.hoa).get(f"/figures/explore?view={view.pk}").status_code == 404


def test_a_pinned_question_stands_on_the_situation_of_all_who_may_open_it(filled):
    query = "period=2024H1&place=W11@2024-06-30&show=ranking&i=models"
    view = kept(filled, filled.hung, query, "own")
    client = filled.client(filled.hung)
    assert client.post(f"/views/{view.pk}/pin").headers["Location"] == "/situation/"
    for who in (filled.hung, filled.lan):
        reader = filled.client(who)
        assert [one.pk for one in reader.get("/situation/pinned").context["pinned"]] == [view.pk]
        card = reader.get(f"/figures/explore?view={view.pk}&card=1", follow=True)
        html = card.content.decode()
        assert "<svg" in html
        assert "<html" not in html
        assert "Số liệu lúc" in html
    assert list(filled.client(filled.hoa).get("/situation/pinned").context["pinned"]) == []
    client.post(f"/views/{view.pk}/pin")
    assert list(client.get("/situation/pinned").context["pinned"]) == []


def test_only_its_owner_pins_a_question(filled):
    view = kept(filled, filled.hung, "period=2024H1&i=models", "own")
    assert filled.client(filled.lan).post(f"/views/{view.pk}/pin").status_code == 403
