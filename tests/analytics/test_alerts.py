"""Alerts on figures: told once when they come true, to whose they are, while they may be seen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from banyan.analytics import operations, watching
from banyan.analytics.models import Alert
from banyan.analytics.operations import Wish
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.notices.models import Notice
from banyan.notices.readers import put_into_inboxes
from banyan.notices.wording import lines
from banyan.orgs.operations import merge
from banyan.people.actor import Installer
from banyan.people.models import Post

PROGRAMME, MODELS = "dan-van-kheo", "models"
pytestmark = pytest.mark.django_db


def wish(kind: str = "threshold", **more: Any) -> Wish:
    usual = {"sign": "above", "amount": Decimal(0), "indicator": MODELS}
    return Wish(kind=kind, programme=PROGRAMME, **{**usual, **more})


def make(world: Any, who: Any, **more: Any) -> Alert:
    made: Alert = operations.make_alert(world.district, wish=wish(**more), by=world.actor(who))
    return made


def looked(alert: Alert, day: Any) -> Alert:
    """Look once, and let what follows be read."""
    before = set(Event.objects.values_list("pk", flat=True))
    one = Alert.objects.watched().filter(pk=alert.pk).first()
    if one is not None:
        watching.check(one, day)
    for event in Event.objects.exclude(pk__in=before).filter(verb__startswith="alert."):
        put_into_inboxes(event)
    alert.refresh_from_db()
    return alert


def told(world: Any, who: Any) -> list[str]:
    actor = world.actor(who)
    actor.posts = [actor.post]
    found = Notice.objects.visible_to(actor).filter(kind__startswith="alert.").order_by("pk")
    return [line["text"] for line in lines(list(found), actor)]


def test_a_number_above_its_limit_is_told_once_with_the_number(world):
    alert = make(world, world.hung)
    looked(alert, world.today)
    looked(alert, world.today)
    said = told(world, world.hung)
    assert len(said) == 1
    assert "1" in said[0]
    assert alert.true_since is not None


def test_it_is_told_again_only_after_it_was_false_in_between(world):
    alert = make(world, world.hung)
    looked(alert, world.today)
    Alert.objects.filter(pk=alert.pk).update(amount=100)
    assert looked(alert, world.today).true_since is None
    Alert.objects.filter(pk=alert.pk).update(amount=0)
    looked(alert, world.today)
    assert len(told(world, world.hung)) == 2


def test_a_number_below_its_limit(world):
    assert (
        looked(make(world, world.hung, sign="below", amount=Decimal(1)), world.today).true_since
        is None
    )
    assert looked(make(world, world.hung, sign="below", amount=Decimal(2)), world.today).true_since


def test_a_share_is_measured_in_percent(world):
    shares = [i.id for i in world.edition.pack.indicators.values() if i.op == "share"]
    alert = make(world, world.hung, indicator=shares[0], sign="below", amount=Decimal("0.5"))
    assert looked(alert, world.today).true_since is not None


def test_a_fall_against_last_year(world):
    alert = make(world, world.hung, kind="fall", sign="", against="year", amount=Decimal(20))
    assert looked(alert, world.today).true_since is None  # nothing last year: no fall
    later = world.today.replace(year=2025)
    Post.objects.filter(pk=alert.post_id).update(valid=(world.today.replace(year=2023), None))
    looked(alert, later)
    (said,) = told(world, world.hung)
    assert "2024" in said
    assert alert.true_since is not None


def test_a_fall_against_the_period_before(world):
    alert = make(world, world.hung, kind="fall", sign="", against="before", amount=Decimal(20))
    assert looked(alert, world.today.replace(month=8)).true_since is not None


def test_silence_counts_the_units_below_that_sent_nothing(world):
    alert = make(world, world.hung, kind="silence", indicator="", sign="", amount=None)
    looked(alert, world.today)
    (said,) = told(world, world.hung)
    assert "chưa gửi gì" in said or "sent nothing" in said


def test_silence_of_days_waits_until_so_many_days_of_the_period_are_over(world):
    alert = make(world, world.hung, kind="silence", indicator="", sign="", amount=Decimal(90))
    assert looked(alert, world.today.replace(month=2, day=1)).true_since is None
    assert looked(alert, world.today).true_since is not None


def test_nobody_sets_one_beyond_his_reach(world):
    with pytest.raises(Refusal):
        operations.make_alert(world.other_district, wish=wish(), by=world.actor(world.hung))


def test_an_alert_stops_with_a_note_when_the_post_ends(world):
    alert = make(world, world.hung)
    Post.objects.filter(pk=alert.post_id).update(
        valid=(world.today - timedelta(days=400), world.today - timedelta(days=1))
    )
    assert looked(alert, world.today).stopped == Alert.Stopped.RIGHTS
    assert looked(alert, world.today).stopped == Alert.Stopped.RIGHTS
    assert len(told(world, world.hung)) == 1


def test_an_alert_stops_with_a_note_when_its_unit_ends(world):
    made = operations.make_alert(world.commune, wish=wish(), by=world.actor(world.hung))
    merge([world.commune], into=world.sister_commune, on=world.today, by=Installer())
    assert looked(made, world.today + timedelta(days=1)).stopped == Alert.Stopped.UNIT


def test_whose_posts_no_longer_reach_the_unit_reads_no_number(world):
    alert = make(world, world.hung)
    looked(alert, world.today)
    Post.objects.filter(pk=alert.post_id).update(unit=world.other_district)
    (said,) = told(world, world.hung)
    assert "không còn" in said or "no longer" in said


def test_one_pauses_resumes_and_deletes_ones_own_and_nobody_elses(world):
    alert, client = make(world, world.hung), world.client(world.hung)
    assert world.client(world.minh).post(f"/alerts/{alert.pk}/drop").status_code == 404
    client.post(f"/alerts/{alert.pk}/pause")
    assert looked(alert, world.today).true_since is None
    client.post(f"/alerts/{alert.pk}/resume")
    assert looked(alert, world.today).true_since is not None
    client.post(f"/alerts/{alert.pk}/drop")
    assert not Alert.objects.exists()
    verbs = list(Event.objects.filter(verb__startswith="alert.").values_list("verb", flat=True))
    assert {"alert.paused", "alert.resumed", "alert.dropped"} <= set(verbs)


def test_a_form_sets_one_and_says_what_is_wrong(world):
    client = world.client(world.hung)
    sent = {"figure": f"{PROGRAMME}:{MODELS}", "span": "half", "sign": "above", "unit": ""}
    assert client.post("/alerts/new/threshold", sent).status_code == 422
    assert client.post("/alerts/new/threshold", {**sent, "amount": "300"}).status_code == 303
    alert = Alert.objects.get()
    assert (alert.unit, alert.amount, alert.indicator) == (world.district, 300, MODELS)
    assert (
        client.post(
            "/alerts/new/silence", {"programme": PROGRAMME, "span": "half", "amount": "14"}
        ).status_code
        == 303
    )
    page = client.get("/alerts/").content.decode()
    assert "300" in page
    assert "14 ngày" in page
    assert client.get("/alerts/new/nothing").status_code == 404


def test_the_list_asks_few_questions(world, django_assert_max_num_queries):
    for _n in range(5):
        make(world, world.hung)
    client = world.client(world.hung)
    client.get("/alerts/")
    with django_assert_max_num_queries(8):
        client.get("/alerts/")


def test_a_notice_leads_to_the_figures(world):
    looked(make(world, world.hung), world.today)
    notice = Notice.objects.get(kind="alert.raised")
    answer = world.client(world.hung).get(notice.get_absolute_url(), follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == "/figures/"


def test_the_worker_looks_once_a_day_and_when_records_changed(world, monkeypatch):
    watcher = watching.Watcher()
    make(world, world.hung)
    assert watcher.work() == 1
    assert watcher.work() == 0
    monkeypatch.setattr(watcher, "looked", -watching.EVERY)
    monkeypatch.setattr(watching, "EVERY", 0)
    assert watcher.work() == 0  # nothing changed
    monkeypatch.setattr(watching, "_newest_change", lambda: 10**9)
    assert watcher.work() == 1
