"""Reminders of due dates, and the same days in one's own calendar."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from icalendar import Calendar as Read

from banyan.initiatives.operations import register
from banyan.ledger.models import Event
from banyan.ledger.operation import record
from banyan.notices.clock import remind
from banyan.notices.models import Calendar, Notice
from banyan.notices.operations import choose, open_calendar
from banyan.people.models import Account, Post
from banyan.people.operations import relieve
from banyan.submissions.models import Round
from banyan.submissions.operations import open_round

pytestmark = pytest.mark.django_db
DUE = date(2024, 6, 15)  # of the world's rounds


@pytest.fixture(autouse=True)
def _no_guesses_yet() -> None:
    cache.clear()


def told() -> dict[str, int]:
    """Account's first name → how many reminders it has."""
    found: dict[str, int] = {}
    for notice in Notice.objects.filter(kind="round.due").select_related("account"):
        name = notice.account.email.split("@")[0]
        found[name] = found.get(name, 0) + 1
    return found


def unanswered_round(world: Any, due: date) -> Round:
    """A round of the district that nobody has answered."""
    by = world.actor(world.minh)
    return open_round(
        world.district, edition=world.edition, form="register", period="2024Q2", due=due, by=by
    )


@pytest.mark.parametrize("days", [-5, -3, -1, 1, 3, 5])
def test_five_three_and_one_day_before_and_after_everybody_concerned_is_reminded(days, world):
    unanswered_round(world, date(2024, 9, 15))
    remind(date(2024, 9, 15) + timedelta(days=days))
    assert told() == {"lan": 1, "minh": 1, "hung": 1, "an": 1}


@pytest.mark.parametrize("days", [-6, -4, -2, 0, 2, 4, 7])
def test_on_other_days_nobody_is(days, world):
    unanswered_round(world, date(2024, 9, 15))
    remind(date(2024, 9, 15) + timedelta(days=days))
    assert told() == {}


def test_a_reminder_is_written_once_a_day_however_often_the_worker_asks(world):
    unanswered_round(world, date(2024, 9, 15))
    for day in (date(2024, 9, 12), date(2024, 9, 12), date(2024, 9, 14), date(2024, 9, 14)):
        remind(day)
    assert told()["lan"] == 2


def test_who_has_switched_due_dates_off_is_not_reminded(world):
    unanswered_round(world, date(2024, 9, 15))
    choose(world.lan.account_id, {"round.due": (False, False)})
    remind(date(2024, 9, 12))
    assert set(told()) == {"minh", "hung", "an"}


def test_who_lost_the_post_or_the_account_is_not_reminded(world):
    unanswered_round(world, date(2024, 9, 15))
    relieve(Post.objects.get(person=world.lan), on=world.today, by=world.actor(world.an))
    Account.objects.filter(pk=world.hung.account_id).update(is_active=False)
    remind(date(2024, 9, 12))
    assert set(told()) == {"minh", "an"}


def test_the_unit_that_has_answered_is_left_alone_and_no_longer_named(world):
    opened = unanswered_round(world, date(2024, 9, 15))
    register(world.commune, round=opened, answers=dict(world.answers), by=world.actor(world.lan))
    remind(date(2024, 9, 12))
    assert "lan" not in told()
    page = world.client(world.minh).get("/inbox/?kind=round.due").content.decode()
    assert "Xã Đồng Mẫu" in page
    assert "Xã Đồi Mẫu" not in page


def test_a_kept_draft_is_no_answer(world):
    opened = unanswered_round(world, date(2024, 9, 15))
    by = world.actor(world.lan)
    register(world.commune, round=opened, answers=dict(world.answers), submit=False, by=by)
    remind(date(2024, 9, 12))
    assert "lan" in told()


def test_a_reminder_says_round_unit_day_and_who_has_not_answered(world):
    opened = unanswered_round(world, world.today + timedelta(days=3))
    remind(world.today)
    mine = world.client(world.lan).get("/inbox/?kind=round.due").content.decode()
    assert "23/06/2024" in mine
    assert "còn 3 ngày" in mine
    assert "Huyện Suối Mẫu" in mine
    assert "Đơn vị của bạn chưa nộp: Xã Đồi Mẫu." in mine
    assert "Xã Đồng Mẫu" not in mine
    above = world.client(world.minh).get("/inbox/?kind=round.due").content.decode()
    assert "đơn vị chưa nộp" in above
    assert "Xã Đồng Mẫu" in above
    about = Notice.objects.filter(kind="round.due", thing_id=opened.pk)
    notice = about.get(account=world.minh.account_id)
    assert world.client(world.minh).get(notice.get_absolute_url()).url == opened.get_absolute_url()
    notice = about.get(account=world.lan.account_id)
    url = world.client(world.lan).get(notice.get_absolute_url()).url
    assert url == f"/initiatives/new?round={opened.pk}"


def test_a_district_next_door_hears_nothing(world):
    unanswered_round(world, date(2024, 9, 15))
    remind(date(2024, 9, 12))
    assert "hoa" not in told()


# -- the calendar -------------------------------------------------------------------------------


def feed(world: Any, secret: str, **more: Any) -> Any:
    return world.client().get(f"/calendar/{secret}.ics", **more)


def events(answer: Any) -> dict[str, Any]:
    """Summary → event."""
    read = Read.from_ical(answer.content)
    return {str(one["SUMMARY"]): one for one in read.walk("VEVENT")}


def test_a_calendar_shows_the_days_on_which_my_unit_must_answer_with_alarms(world):
    answer = feed(world, open_calendar(world.actor(world.lan)))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (summary, event), *rest = events(answer).items()
    assert rest == []
    assert "6 tháng đầu năm 2024" in summary
    assert event["DTSTART"].dt == DUE
    assert event["DTEND"].dt == DUE + timedelta(days=1)
    rings = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert rings == [timedelta(hours=8) - timedelta(days=n) for n in (5, 3, 1)]


def test_the_receiver_s_calendar_has_it_too_and_the_neighbour_s_has_only_his_own(world):
    both = [events(feed(world, open_calendar(world.actor(who)))) for who in (world.lan, world.minh)]
    uids = [{str(one["UID"]) for one in found.values()} for found in both]
    assert uids[0] == uids[1]
    hoa = events(feed(world, open_calendar(world.actor(world.hoa))))
    assert {str(one["UID"]) for one in hoa.values()}.isdisjoint(uids[0])


def test_a_round_keeps_its_name_in_the_calendar_and_counts_its_changes(world):
    secret = open_calendar(world.actor(world.lan))
    first = next(iter(events(feed(world, secret)).values()))
    Round.objects.filter(pk=world.round.pk).update(due=date(2024, 6, 25))
    record("round.postponed", world.round, by=world.actor(world.minh))
    second = next(iter(events(feed(world, secret)).values()))
    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second["DTSTART"].dt == date(2024, 6, 25)


def test_a_round_that_is_gone_is_cancelled_in_the_calendar(world):
    opened = unanswered_round(world, date(2024, 9, 15))
    secret = open_calendar(world.actor(world.lan))
    uid = f"round-{opened.pk}."
    Round.objects.filter(pk=opened.pk).delete()
    found = events(feed(world, secret)).values()
    gone = next(one for one in found if str(one["UID"]).startswith(uid))
    assert str(gone["STATUS"]) == "CANCELLED"
    assert gone["DTSTART"].dt == date(2024, 9, 15)


def test_an_unchanged_calendar_is_answered_with_unchanged(world):
    secret = open_calendar(world.actor(world.lan))
    first = feed(world, secret)
    assert first.headers["ETag"]
    again = feed(world, secret, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_calendar_speaks_the_language_of_its_owner_and_says_nothing_of_records(world):
    Account.objects.filter(pk=world.lan.account_id).update(language="en")
    text = feed(world, open_calendar(world.actor(world.lan))).content.decode()
    assert "Due:" in text
    assert world.answers["title"] not in text
    assert world.lan.name not in text
    assert world.lan.account.email not in text


def test_only_the_newest_address_opens_and_none_after_it_is_taken_back(world):
    client = world.client(world.lan)
    first = client.post("/inbox/calendar").context["address"]
    second = client.post("/inbox/calendar").context["address"]
    paths = [address.partition("/calendar/")[2] for address in (first, second)]
    codes = [world.client().get(f"/calendar/{path}").status_code for path in paths]
    assert codes == [404, 200]
    kept = Calendar.objects.get()
    assert kept.address_hash not in second
    assert second not in client.get("/inbox/choices").content.decode()
    assert client.post("/inbox/calendar/shut").status_code == 303
    assert world.client().get(f"/calendar/{paths[1]}").status_code == 404
    verbs = Event.objects.order_by("-pk").values_list("verb", flat=True)[:3]
    assert list(verbs) == ["calendar.shut", "calendar.opened", "calendar.opened"]


def test_a_shut_account_s_calendar_is_shut_with_it(world):
    secret = open_calendar(world.actor(world.lan))
    Account.objects.filter(pk=world.lan.account_id).update(is_active=False)
    assert feed(world, secret).status_code == 404


def test_a_calendar_forgets_the_units_of_a_post_that_ended(world):
    secret = open_calendar(world.actor(world.lan))
    relieve(Post.objects.get(person=world.lan), on=world.today, by=world.actor(world.an))
    assert events(feed(world, secret)) == {}


def test_whoever_guesses_addresses_is_slowed_down_and_right_ones_still_open_elsewhere(world):
    secret = open_calendar(world.actor(world.lan))
    codes = {feed(world, f"guess{n}").status_code for n in range(30)}
    assert codes == {404}
    assert feed(world, "guess").status_code == 429
    assert feed(world, secret, REMOTE_ADDR="192.0.2.7").status_code == 200
