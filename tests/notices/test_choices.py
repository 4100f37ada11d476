"""What one chooses to be told, and finding one's way in a full inbox."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from banyan.ledger.models import Event
from banyan.notices.kinds import KINDS
from banyan.notices.models import Notice, Switch
from banyan.notices.operations import choose, switches_of
from banyan.notices.readers import put_into_inboxes
from banyan.people.operations import IssuedCode, issue_entry_code
from banyan.submissions.operations import move

pytestmark = pytest.mark.django_db


def notice(who: Any, kind: str, number: int, **more: Any) -> Notice:
    """A notice of a post, of whatever kind."""
    return Notice.objects.create(
        account=who.account, event=-number, kind=kind, thing_kind="people.post", **more
    )


def send_back(world: Any) -> None:
    asked = {"reason": "Chưa rõ địa chỉ."}
    move(world.initiative.submission, move="send_back", asked=asked, by=world.actor(world.minh))
    put_into_inboxes(Event.objects.latest("pk"))


def form_of(world: Any, who: Any, **changed: bool) -> dict[str, str]:
    """What the page of choices would send, with some switches turned."""
    wanted = {}
    for key, (inbox, mail) in switches_of(who.account_id).items():
        wanted |= {f"inbox-{key}": inbox, f"mail-{key}": mail}
    wanted |= {name.replace("__", "-").replace("_dot_", "."): on for name, on in changed.items()}
    return {name: "on" for name, on in wanted.items() if on}


def test_what_is_switched_off_comes_no_more_and_the_rest_still_comes(world):
    client = world.client(world.lan)
    body = form_of(world, world.lan, inbox__submission_dot_returned=False)
    assert client.post("/inbox/choices", body).status_code == 303
    send_back(world)
    assert not Notice.objects.filter(account=world.lan.account_id).exists()
    assert client.get("/inbox/choices").context["form"]["inbox-submission.moved"].value()


def test_another_one_s_switches_change_nothing_for_me(world):
    choose(world.minh.account_id, {"submission.returned": (False, False)})
    send_back(world)
    assert Notice.objects.get(account=world.lan.account_id).kind == "submission.returned"


def test_a_one_time_code_is_told_whatever_was_switched_off_and_the_page_says_why(world):
    body = {"inbox-entry_code.issued": "", "rhythm": ""}
    client = world.client(world.lan)
    assert client.post("/inbox/choices", body).status_code == 303
    choose(world.lan.account_id, {"entry_code.issued": (False, False)})
    assert not Switch.objects.filter(kind="entry_code.issued").exists()
    by = world.actor(world.an)
    issue_entry_code(world.lan, code=IssuedCode(), at=timezone.now(), on=world.today, by=by)
    put_into_inboxes(Event.objects.latest("pk"))
    assert Notice.objects.get(account=world.lan.account_id).kind == "entry_code.issued"
    page = client.get("/inbox/choices").content.decode()
    assert "ai có mã này đều đăng nhập được dưới tên bạn" in page


def test_the_page_of_choices_names_every_kind_and_offers_no_mail_without_a_server(world):
    page = world.client(world.lan).get("/inbox/choices").content.decode()
    with override("vi"):
        assert [kind.key for kind in KINDS.values() if str(kind.label) not in page] == []
    assert "Hồ sơ tôi nộp bị trả lại, kèm lý do" in page
    assert "Tính vào thư" not in page
    assert world.lan.account.email not in page


def test_with_a_mail_server_the_page_offers_mail_and_says_where_it_goes(world, settings):
    settings.EMAIL_HOST = "mail.example"
    page = world.client(world.lan).get("/inbox/choices").content.decode()
    assert "Tính vào thư" in page
    assert world.lan.account.email in page


def test_chips_count_the_unread_of_each_kind_and_lead_to_them_alone(world):
    notice(world.lan, "post.given", 1)
    notice(world.lan, "entry_code.issued", 2)
    notice(world.lan, "entry_code.issued", 3, read_at=timezone.now())
    notice(world.minh, "entry_code.issued", 4)
    client = world.client(world.lan)
    chips = client.get("/inbox/").context["chips"]
    assert [(chip["url"], chip["count"]) for chip in chips] == [
        ("/inbox/", 2),
        ("/inbox/?kind=post.given", 1),
        ("/inbox/?kind=entry_code.issued", 1),
    ]
    answer = client.get("/inbox/?kind=entry_code.issued")
    assert len(answer.context["notices"]) == 2
    assert client.get("/inbox/?kind=nonsense").status_code == 404


def test_marking_all_of_a_kind_leaves_the_other_kinds_unread(world):
    notice(world.lan, "post.given", 1)
    notice(world.lan, "entry_code.issued", 2)
    client = world.client(world.lan)
    url = client.get("/inbox/?kind=post.given").context["read_url"]
    assert client.post(url).url == "/inbox/?kind=post.given"
    assert [one.kind for one in Notice.objects.unread()] == ["entry_code.issued"]


def test_a_line_is_marked_read_and_unread_again_and_one_stays_on_the_page(world):
    one = notice(world.lan, "post.given", 1)
    client = world.client(world.lan)
    page = client.get("/inbox/?kind=post.given").content.decode()
    assert f"/inbox/{one.pk}/mark?kind=post.given" in page
    url = f"/inbox/{one.pk}/mark?kind=post.given"
    for wanted, is_read in (("read", True), ("read", True), ("unread", False)):
        answer = client.post(url, {"as": wanted})
        assert (answer.status_code, answer.url) == (303, "/inbox/?kind=post.given")
        one.refresh_from_db()
        assert (one.read_at is not None) == is_read


def test_nobody_marks_another_one_s_line(world):
    one = notice(world.lan, "post.given", 1)
    assert world.client(world.hoa).post(f"/inbox/{one.pk}/mark", {"as": "read"}).status_code == 404
    one.refresh_from_db()
    assert one.read_at is None
