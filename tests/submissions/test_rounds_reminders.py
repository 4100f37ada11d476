"""Rounds: whom to remind, what a unit owes, units that change, and the page of a round."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs import changes
from banyan.orgs import operations as orgs
from banyan.orgs.models import Ancestry, Unit, UnitName
from banyan.people.operations import change_phone
from banyan.submissions import extensions, rounds
from banyan.submissions.expecting import newcomers, owed
from banyan.submissions.models import Expectation, Submission
from tests.submissions.rounds_of_tests import DUE, of, reminded, review, send
from tests.world import installer

pytestmark = pytest.mark.django_db


# Reminders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [5, 3, 1, -1, -3, -5])
def test_a_unit_is_reminded_5_3_and_1_days_before_and_after_the_due_date(world, days):
    opened = review(world)
    found = reminded(opened, DUE - timedelta(days=days))
    assert sorted(found) == sorted([(world.commune.pk, days), (world.sister_commune.pk, days)])


@pytest.mark.parametrize("days", [6, 4, 2, 0, -2, -4, -6])
def test_on_other_days_nobody_is_reminded(world, days):
    assert reminded(review(world), DUE - timedelta(days=days)) == []


def test_who_has_answered_is_not_reminded_and_who_was_given_more_time_later(world):
    opened = review(world)
    send(world, opened)
    extension = extensions.ask_extension(
        of(opened, world.sister_commune),
        until=DUE + timedelta(days=10),
        reason="?",
        by=world.actor(world.minh),
    )
    extensions.decide_extension(extension, granted=True, by=world.actor(world.hung))
    assert reminded(opened, DUE - timedelta(days=1)) == []
    assert reminded(opened, DUE + timedelta(days=9)) == [(world.sister_commune.pk, 1)]


def test_in_a_registration_who_sent_a_model_in_has_answered(world):
    """lan's commune has; the sister commune has not."""
    on = world.round.due - timedelta(days=1)
    assert reminded(world.round, on) == [(world.sister_commune.pk, 1)]


def test_a_model_of_a_village_answers_for_its_commune(world):
    Submission.objects.filter(round=world.round).update(unit=world.village)
    assert reminded(world.round, world.round.due - timedelta(days=1)) == [
        (world.sister_commune.pk, 1)
    ]


def test_a_draft_or_a_withdrawn_model_is_no_answer(world):
    for state in ("draft", "withdrawn"):
        Submission.objects.filter(round=world.round).update(state=state)
        found = reminded(world.round, world.round.due - timedelta(days=1))
        assert (world.commune.pk, 1) in found


def test_what_a_unit_owes_is_found_by_two_questions(world):
    opened = review(world)
    actor = world.actor(world.lan)
    with CaptureQueriesContext(connection) as questions:
        mine = owed(actor, world.today)
    assert [one.round_id for one in mine] == [opened.pk]
    assert len(questions) <= 2


# Units that change -------------------------------------------------------------------------------


def test_a_unit_that_ended_is_said_and_neither_late_nor_reminded(world):
    opened = review(world)
    orgs.merge(
        [world.sister_commune],
        into=world.commune,
        on=date(2024, 6, 19),
        by=installer(),
    )
    found = reminded(opened, DUE - timedelta(days=1))
    assert found == [(world.commune.pk, 1)]
    page = world.client(world.minh).get(opened.get_absolute_url()).content.decode()
    assert "không còn" in page


def test_a_unit_founded_later_is_named_and_can_be_asked_too(world):
    opened = review(world)
    new = changes.Newcomer("commune", "Xã Mới Mẫu", "W119", source="synthetic")
    fresh = orgs.found(world.district, new=new, on=date(2024, 6, 10), by=installer())
    assert newcomers(opened, world.today) == {fresh.pk: world.district.pk}
    page = world.client(world.minh).get(opened.get_absolute_url()).content.decode()
    assert f"/rounds/{opened.pk}/newcomers" in page
    rounds.ask_newcomers(opened, on=world.today, by=world.actor(world.minh))
    assert of(opened, fresh).receiver_id == world.district.pk
    with pytest.raises(Refusal):
        rounds.ask_newcomers(opened, on=world.today, by=world.actor(world.minh))


# The page of a round -----------------------------------------------------------------------------


def test_a_round_s_page_says_who_has_answered_who_has_not_and_who_is_late(world):
    opened = review(world, due=date(2024, 6, 18))
    send(world, opened)
    client = world.client(world.minh)
    chips = {
        str(c.label): c.count
        for c in client.get(opened.get_absolute_url()).context["listing"].chips
    }
    assert list(chips.values())[:4] == [2, 1, 1, 1]
    late = client.get(f"{opened.get_absolute_url()}?state=late").content.decode()
    rows = late.split("<tbody")[1]
    assert "Xã Đồng Mẫu" in rows
    assert "Xã Đồi Mẫu" not in rows


def test_the_reminder_of_a_round_names_who_has_not_answered_and_can_be_copied(world):
    opened = review(world)
    send(world, opened)
    page = world.client(world.minh).get(opened.get_absolute_url()).content.decode()
    text = page.split("<textarea")[1].split("</textarea>")[0]
    assert "Xã Đồng Mẫu" in text
    assert "Xã Đồi Mẫu" not in text
    assert "25/06/2024" in text
    assert "/rounds/" in text


def test_telephone_numbers_are_shown_to_who_receives_and_reading_them_is_in_the_ledger(world):
    opened = review(world)
    change_phone(world.lan, phone="024 3000 0001", by=world.actor(world.an))
    client = world.client(world.minh)
    assert "tel:" not in client.get(opened.get_absolute_url()).content.decode()
    assert not Event.objects.filter(verb="phones.read").exists()
    page = client.get(f"{opened.get_absolute_url()}?phones=1").content.decode()
    assert 'href="tel:02430000001"' in page
    event = Event.objects.get(verb="phones.read")
    assert (event.thing_id, event.things) == (opened.pk, 1)


def test_who_only_answers_sees_neither_the_round_nor_anybody_s_number(world):
    opened = review(world)
    change_phone(world.lan, phone="024 3000 0001", by=world.actor(world.an))
    client = world.client(world.lan)
    assert client.get(opened.get_absolute_url()).status_code == 404
    page = client.get("/rounds/asked/?phones=1").content.decode()
    assert "tel:" not in page
    assert "Xã Đồng Mẫu" not in page


def test_a_district_reads_its_part_of_a_round_that_the_province_opened(world):
    opened = review(world, unit=world.province, by=installer("round.open"))
    page = world.client(world.minh).get(opened.get_absolute_url()).content.decode()
    assert "Xã Đồi Mẫu" in page
    assert "Xã Cầu Giả" not in page
    assert f"/rounds/{opened.pk}/close" not in page


def test_who_only_answers_is_led_to_what_his_unit_is_asked(world):
    review(world)
    answer = world.client(world.lan).get("/rounds/", follow=True)
    assert answer.redirect_chain == [("/rounds/asked/", 302)]
    assert "Xã Đồi Mẫu" in answer.content.decode()


def test_a_number_that_is_none_is_refused_with_an_example(world):
    answer = world.client(world.an).post(f"/people/{world.lan.pk}/phone", {"phone": "gọi chị Lan"})
    assert answer.status_code == 422
    assert "024" in answer.content.decode()


def test_a_round_of_10_000_units_is_read_page_by_page_with_few_questions(world):
    opened = review(world)
    units = Unit.objects.bulk_create([Unit(kind="commune") for _ in range(10_000)])
    since = DateRange(date(2020, 1, 1), None)
    UnitName.objects.bulk_create(
        [UnitName.made(unit, f"Xã Đông Đúc {n:05d}", since) for n, unit in enumerate(units)]
    )
    Ancestry.objects.bulk_create(
        [
            Ancestry(unit=unit, ancestor=above, tree="state", depth=depth, valid=since)
            for unit in units
            for above, depth in ((unit, 0), (world.district, 1), (world.province, 2))
        ]
    )
    Expectation.objects.bulk_create(
        [Expectation(round=opened, unit=unit, receiver=world.district) for unit in units]
    )
    client, url = world.client(world.minh), opened.get_absolute_url()
    client.get(url)
    with CaptureQueriesContext(connection) as questions:
        page = client.get(f"{url}?state=open")
    said = [one["sql"][:120] for one in questions if "SAVEPOINT" not in one["sql"]]
    assert len(said) <= 12, "\n".join(said)
    listing = page.context["listing"]
    assert listing.total == 10_002
    assert listing.next_url
    with CaptureQueriesContext(connection) as questions:
        rows = client.get(f"{listing.next_url}&as=json").json()["rows"]
    assert len(rows) == 50
    assert len(questions) <= 8
