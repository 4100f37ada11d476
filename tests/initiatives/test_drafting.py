"""What is typed saves itself: per form, per post, versioned, and is erased in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from banyan.submissions.drafts import KEPT_FOR, forget_old
from banyan.submissions.models import Draft

pytestmark = pytest.mark.django_db


def type_in(client: Any, url: str, title: str, version: int = 0) -> Any:
    """Two seconds after the last key."""
    return client.post(url, {"title": title, "draft_version": version})


def test_of_two_devices_the_slower_sees_both_versions_and_nothing_is_lost(world):
    phone, desk = world.client(world.lan), world.client(world.lan)
    url = f"/initiatives/draft?round={world.round.pk}"
    assert type_in(phone, url, "Bản trên điện thoại").status_code == 200
    answer = type_in(desk, url, "Bản ở bàn làm việc")
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "Bản trên điện thoại" in said
    assert "Bản ở bàn làm việc" in said
    assert Draft.objects.get().raw["title"] == "Bản trên điện thoại"
    assert type_in(desk, url, "Bản ở bàn làm việc", version=1).status_code == 200
    assert Draft.objects.get().raw["title"] == "Bản ở bàn làm việc"


def test_what_is_changed_in_a_model_is_a_draft_too_until_it_is_sent(world):
    client, page = world.client(world.lan), world.initiative.get_absolute_url()
    assert type_in(client, f"{page}/draft", "Tên đang sửa").status_code == 200
    assert "Tên đang sửa" in client.get(f"{page}/amend").content.decode()
    assert "Tên đang sửa" not in client.get(f"{page}/amend?fresh=1").content.decode()
    version = world.initiative.submission.version
    answer = client.post(f"{page}/amend", {**world.answers, "version": version})
    assert answer.status_code == 303
    assert not Draft.objects.exists()


def test_nobody_keeps_a_draft_in_a_model_out_of_reach(world):
    page = world.other_initiative.get_absolute_url()
    assert type_in(world.client(world.lan), f"{page}/draft", "x").status_code == 404


def test_a_draft_that_nobody_has_touched_for_ninety_days_is_erased(world):
    client = world.client(world.lan)
    type_in(client, f"/initiatives/draft?round={world.round.pk}", "Bỏ dở")
    now = timezone.now()
    assert forget_old(now + KEPT_FOR - timedelta(hours=1)) == 0
    assert forget_old(now + KEPT_FOR + timedelta(hours=1)) == 1
