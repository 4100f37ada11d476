"""The mail digest: to whom, when, what stands in it; against a real mail server on this machine."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller

from banyan.notices.mail import next_time, send_due, token_of, wait_after
from banyan.notices.models import Digest, Notice
from banyan.notices.operations import choose, choose_rhythm
from banyan.people.models import Account
from banyan.site import checks, mail_server
from banyan.site.mail_server import parse
from tests.house import PATIENCE, free_port

pytestmark = pytest.mark.django_db
# A Thursday, half past nine, in the installation's time.
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2024, 6, 20, 9, 30, tzinfo=HERE)
MORNING = datetime(2024, 6, 21, 7, 0, tzinfo=HERE)


class Sink:
    """Keeps what is handed in, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 later, please"
        mail = message_from_bytes(envelope.original_content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 kept"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server on the loopback, and settings that name it."""
    kept = Sink()
    port = free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "banyan@example.org"
    settings.BANYAN_URL = "https://banyan.example.org"
    yield kept
    server.stop()


def notice(who: Any, kind: str, number: int, **more: Any) -> Notice:
    return Notice.objects.create(
        account=who.account, event=-number, kind=kind, thing_kind="people.post", **more
    )


def subscribed(who: Any, rhythm: str = "daily") -> None:
    choose_rhythm(who.account_id, rhythm, next_time(rhythm, NOW))


def test_nobody_gets_mail_without_asking_for_it(world, sink):
    notice(world.lan, "submission.waiting", 1)
    assert send_due(MORNING) == 0
    assert sink.mails == []


def test_one_mail_in_the_morning_counts_what_is_new_and_links_to_it(world, sink):
    subscribed(world.lan)
    for number in range(3):
        notice(world.lan, "submission.waiting", number + 1)
    notice(world.lan, "submission.returned", 9)
    notice(world.minh, "submission.waiting", 10)
    assert send_due(NOW) == 0
    assert send_due(MORNING) == 1
    assert send_due(MORNING) == 0
    [(to, mail)] = sink.mails
    assert to == [world.lan.account.email]
    assert mail["Subject"] == "Banyan: 4 thông báo mới"
    assert mail["From"] == "banyan@example.org"
    text = mail.get_content()
    assert "Chờ bạn xử lý: 3" in text
    assert "https://banyan.example.org/inbox/?kind=submission.waiting" in text
    assert "Trả lại: 1" in text


def test_a_mail_names_nobody_and_no_record(world, sink):
    subscribed(world.lan)
    Notice.objects.create(
        account=world.lan.account,
        event=-1,
        kind="submission.waiting",
        thing_kind="initiatives.initiative",
        thing_id=world.initiative.pk,
    )
    send_due(MORNING)
    whole = sink.mails[0][1].as_string() + sink.mails[0][1].get_content()
    for secret in (world.lan.name, world.initiative.title, world.initiative.code, "Đồi Mẫu"):
        assert secret not in whole


def test_nothing_new_is_no_mail_and_what_was_counted_is_not_counted_again(world, sink):
    subscribed(world.lan)
    notice(world.lan, "submission.waiting", 1)
    notice(world.lan, "submission.waiting", 2, read_at=NOW)
    assert send_due(MORNING) == 1
    assert "1" in sink.mails[0][1]["Subject"]
    assert send_due(MORNING + timedelta(days=1)) == 0
    notice(world.lan, "submission.waiting", 3)
    assert send_due(MORNING + timedelta(days=2)) == 1


def test_kinds_switched_off_are_not_counted(world, sink):
    subscribed(world.lan)
    choose(world.lan.account_id, {"submission.waiting": (True, False)})
    notice(world.lan, "submission.waiting", 1)
    assert send_due(MORNING) == 0


def test_weekly_mails_come_on_monday_mornings():
    monday = next_time("weekly", NOW)
    assert monday == datetime(2024, 6, 24, 7, 0, tzinfo=HERE)
    assert next_time("weekly", monday) == monday + timedelta(days=7)
    assert next_time("daily", NOW) == MORNING
    assert next_time("never", NOW) is None


def test_a_mail_in_english_for_who_reads_english(world, sink):
    Account.objects.filter(pk=world.lan.account_id).update(language="en")
    subscribed(world.lan)
    notice(world.lan, "submission.waiting", 1)
    send_due(MORNING)
    assert sink.mails[0][1]["Subject"] == "Banyan: 1 new notice"


def test_a_server_that_refuses_is_tried_again_later_and_nothing_is_lost_or_doubled(world, sink):
    subscribed(world.lan)
    notice(world.lan, "submission.waiting", 1)
    sink.refuses = True
    assert send_due(MORNING) == 0
    kept = Digest.objects.get()
    assert (kept.tries, kept.next_at) == (1, MORNING + timedelta(minutes=5))
    assert send_due(MORNING + timedelta(minutes=6)) == 0
    sink.refuses = False
    assert send_due(MORNING + timedelta(minutes=7)) == 0
    assert send_due(MORNING + timedelta(minutes=17)) == 1
    assert Digest.objects.get().tries == 0
    assert len(sink.mails) == 1


def test_a_server_that_is_not_there_harms_nobody(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    for who in (world.lan, world.minh):
        subscribed(who)
        notice(who, "submission.waiting", who.pk)
    assert send_due(MORNING) == 0
    assert {one.tries for one in Digest.objects.all()} == {1}
    assert [wait_after(n) for n in (1, 2, 3, 40)] == [
        timedelta(minutes=5),
        timedelta(minutes=10),
        timedelta(minutes=20),
        timedelta(hours=24),
    ]


def test_the_link_in_a_mail_stops_mails_without_signing_in_and_does_nothing_else(world, sink):
    subscribed(world.lan)
    notice(world.lan, "submission.waiting", 1)
    send_due(MORNING)
    mail = sink.mails[0][1]
    link = mail["List-Unsubscribe"].strip(" <>").removeprefix("https://banyan.example.org")
    assert link in mail.get_content().replace("\n", "")
    stranger = world.client()
    page = stranger.get(link).content.decode()
    assert "Ngừng gửi" in page
    assert world.lan.account.email not in page
    assert world.lan.name not in page
    assert Digest.objects.get().rhythm == "daily"
    assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Digest.objects.get().rhythm == "never"
    assert stranger.get("/inbox/").status_code == 302
    notice(world.lan, "submission.waiting", 2)
    assert send_due(MORNING + timedelta(days=1)) == 0


def test_a_link_that_we_did_not_sign_opens_nothing(world):
    token = token_of(world.lan.account_id)
    for wrong in (token[:-2] + "xx", "abc", token.replace(":", "", 1)):
        assert world.client().get(f"/mail/off/{wrong}").status_code == 404
        assert world.client().post(f"/mail/off/{wrong}").status_code == 404


def test_mails_are_chosen_on_the_page_of_choices(world, sink):
    client = world.client(world.lan)
    assert client.post("/inbox/choices", {"rhythm": "weekly"}).status_code == 303
    assert Digest.objects.get().rhythm == "weekly"
    client.post("/inbox/choices", {"rhythm": "never"})
    assert Digest.objects.get().next_at is None
    page = client.post("/inbox/choices", {"rhythm": "hourly"}).content.decode()
    assert "hourly" in page


def test_the_address_of_a_server_is_read_with_its_signs():
    read = parse("smtp://nguoi%40gui:m%2Fk@mail.example.org/?from=banyan@example.org&tls=1")
    assert (read.host, read.port, read.user, read.password) == (
        "mail.example.org",
        587,
        "nguoi@gui",
        "m/k",
    )
    assert (read.sender, read.starttls, read.tls) == ("banyan@example.org", True, False)
    secure = parse("smtps://mail.example.org/?from=a@example.org")
    assert (secure.port, secure.tls, secure.starttls) == (465, True, False)
    assert parse("smtp://localhost:2525/?from=a@example.org").port == 2525


@pytest.mark.parametrize(
    "address",
    [
        "mail.example.org",
        "http://mail.example.org/?from=a@b",
        "smtp:///?from=a@b",
        "smtp://mail.example.org",
        "smtp://mail.example.org:port/?from=a@b",
        "smtp://mail.example.org/?from=a@b%0d%0aBcc:c@d",
    ],
)
def test_an_address_that_is_not_understood_is_no_server_and_says_why(address, monkeypatch):
    read = parse(address)
    assert read.host == ""
    assert read.fault
    monkeypatch.setenv(mail_server.VARIABLE, address)
    [finding] = checks.mail()
    assert finding.state == "broken"
    assert mail_server.EXAMPLE in finding.mend


def test_the_doctor_says_whether_mail_is_set_and_answers(sink, settings, monkeypatch):
    monkeypatch.delenv(mail_server.VARIABLE, raising=False)
    [finding] = checks.mail()
    assert (finding.state, "no server is set" in finding.text) == ("ok", True)
    port = settings.EMAIL_PORT
    monkeypatch.setenv(mail_server.VARIABLE, f"smtp://127.0.0.1:{port}/?from=a@example.org")
    [finding] = checks.mail()
    assert (finding.state, "answers" in finding.text) == ("ok", True)
    monkeypatch.setenv(mail_server.VARIABLE, "smtp://127.0.0.1:9/?from=a@example.org")
    [finding] = checks.mail()
    assert finding.state == "broken"
