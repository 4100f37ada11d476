"""What is told of a unit's answer to a round, and where it opens."""

import pytest

from banyan.notices.models import Notice
from banyan.submissions.operations import move
from tests.notices.test_inbox import told
from tests.submissions.rounds_of_tests import of, review, send


@pytest.mark.django_db
def test_a_unit_s_answer_to_a_round_is_told_to_who_receives_it_and_its_return_to_the_unit(world):
    opened = review(world)
    sent = send(world, opened)
    assert told() == {"minh": "submission.waiting", "hung": "submission.waiting"}
    page = world.client(world.minh).get("/inbox/").content.decode()
    assert "Sơ kết" in page or "sơ kết" in page
    move(sent, move="send_back", asked={"reason": "Nêu số văn bản."}, by=world.actor(world.minh))
    assert told() == {"lan": "submission.returned"}
    lan = world.client(world.lan)
    assert "Nêu số văn bản." in lan.get("/inbox/").content.decode()
    notice = Notice.objects.get(account=world.lan.account)
    assert (
        lan.get(notice.get_absolute_url())["Location"]
        == of(opened, world.commune).get_absolute_url()
    )
