"""The desk's pages: what they show, and how few questions they ask."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def test_the_queue_asks_at_most_eight_times(world: Any):
    client = world.client(world.minh)
    client.get("/desk/")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/desk/")
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    assert "Tuyến đường hoa tự quản" in answer.content.decode()
    assert len(asked) <= 8, "\n".join(q["sql"][:300] for q in asked)


def test_a_record_asks_at_most_twelve_times(world: Any):
    client = world.client(world.minh)
    url = f"/desk/{world.initiative.pk}"
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    assert answer.status_code == 200
    assert len(asked) <= 12, "\n".join(q["sql"][:300] for q in asked)
