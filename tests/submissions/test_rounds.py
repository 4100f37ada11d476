"""Rounds: who is asked along the line, who has answered, who may have more time, whom to remind."""

import re
from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs import changes
from banyan.orgs import operations as orgs
from banyan.orgs.models import Covers
from banyan.packs.schema import RoundSpec
from banyan.submissions import asked, extensions, rounds
from banyan.submissions.expecting import due_reminders, owed
from banyan.submissions.models import Extension, Round, Submission
from banyan.submissions.operations import move
from tests.submissions.rounds_of_tests import DUE, REVIEW, of, review, send
from tests.world import installer

pytestmark = pytest.mark.django_db


# Whom it asks ------------------------------------------------------------------------------------


def test_a_district_s_round_asks_its_communes_and_they_answer_to_it(world):
    opened = review(world)
    told = set(opened.expectations.values_list("unit", "receiver"))
    here = world.district.pk
    assert told == {(world.commune.pk, here), (world.sister_commune.pk, here)}


def test_in_a_province_s_round_a_commune_answers_to_its_district_and_a_district_to_the_province(
    world,
):
    opened = review(world, unit=world.province, by=installer("round.open"))
    told = dict(opened.expectations.values_list("unit", "receiver"))
    assert told[world.commune.pk] == world.district.pk
    assert told[world.other_commune.pk] == world.other_district.pk
    assert told[world.district.pk] == told[world.other_district.pk] == world.province.pk
    assert world.province.pk not in told
    assert world.village.pk not in told


def test_a_village_answers_to_its_commune_where_the_programme_asks_villages(world):
    spec = RoundSpec("x", "f", ("half",), ("village",), ("commune", "district"))
    found = asked._above(world.province, spec, ["state"], world.today)
    assert found == {world.village.pk: world.commune.pk}


def test_along_covers_a_unit_answers_to_the_body_that_works_in_its_area(world):
    new = changes.Newcomer("committee", "Huyện ủy Suối Mẫu", "", source="synthetic")
    committee = orgs.found(None, new=new, on=date(2020, 1, 1), by=installer())
    Covers.objects.create(
        unit=committee, covered=world.district, valid=DateRange(date(2020, 1, 1), None)
    )
    spec = RoundSpec("x", "f", ("half",), ("commune",), ("committee",))
    found = asked._across(committee, spec, world.today)
    assert found == {world.commune.pk: committee.pk, world.sister_commune.pk: committee.pk}


def test_whom_a_round_asks_is_found_by_two_questions_at_most(world):
    province, pack = world.province, world.edition.pack
    with CaptureQueriesContext(connection) as questions:
        asked.asked_of(province, pack, "review-half-year", world.today)
    assert len(questions) <= 2


def test_before_a_round_is_opened_its_page_says_how_many_it_asks(world):
    client = world.client(world.minh)
    kinds = client.get("/rounds/new").content.decode()
    assert "dan-van-kheo.half_year_review" in kinds
    page = client.get("/rounds/new?kind=dan-van-kheo.half_year_review").content.decode()
    preview = page.split('id="preview"')[1].split("</form>")[0]
    assert "<b>2</b>" in preview
    sent = {"period": "2024H1", "due": "2024-06-25", "key": "r-1"}
    answer = client.post("/rounds/new?kind=dan-van-kheo.half_year_review", sent)
    assert answer.status_code == 303
    assert Round.objects.get(form="review-half-year").expectations.count() == 2


def test_a_round_that_would_ask_nobody_is_not_opened(world):
    world.minh.posts.update(unit=world.village)
    sent = {"period": "2024H1", "due": "2024-06-25"}
    answer = world.client(world.minh).post("/rounds/new?kind=dan-van-kheo.half_year_review", sent)
    assert answer.status_code == 422
    assert not Round.objects.filter(form="review-half-year").exists()


def test_no_due_date_is_invented_the_officer_types_it(world):
    page = world.client(world.minh).get("/rounds/new?kind=dan-van-kheo.half_year_review")
    assert page.context["form"]["due"].value() is None


# A life of its own -------------------------------------------------------------------------------


def test_a_review_is_sent_in_and_accepted_and_knows_nothing_of_a_model_s_life(world):
    opened = review(world)
    sent = send(world, opened)
    assert sent.state == "sent_in"
    assert [one.name for one in sent.open_moves()] == ["accept", "send_back"]
    move(sent, move="accept", by=world.actor(world.minh))
    assert sent.state == "accepted"
    assert world.initiative.submission.state == "registered"


def test_a_review_may_be_kept_half_written_but_not_sent_in_half_written(world):
    opened = review(world)
    half = send(world, opened, answers={"results": "Đang tổng hợp."}, send=False)
    assert half.state == "draft"
    with pytest.raises(Refusal, match="Chưa"):
        send(world, opened, answers={"results": "Đang tổng hợp."}, version=half.version)
    done = send(world, opened, version=half.version)
    assert done.pk == half.pk
    assert done.state == "sent_in"


def test_a_unit_has_one_answer_and_cannot_send_it_twice(world):
    opened = review(world)
    send(world, opened)
    with pytest.raises(Refusal) as no:
        send(world, opened)
    assert no.value.status == 409
    assert Submission.objects.filter(round=opened).count() == 1


def test_what_two_devices_keep_at_once_is_not_lost(world):
    opened = review(world)
    half = send(world, opened, send=False)
    send(world, opened, send=False, version=half.version)
    with pytest.raises(Refusal) as no:
        send(world, opened, send=False, version=half.version)
    assert no.value.status == 409


def test_a_receiver_sends_back_with_a_reason_and_the_unit_reads_it(world):
    opened = review(world)
    sent = send(world, opened)
    client = world.client(world.minh)
    asked_for = of(opened, world.commune)
    url = f"/rounds/asked/{asked_for.pk}/send_back"
    answer = client.post(url, {"reason": "Nêu rõ số văn bản."})
    assert answer.status_code == 303
    sent.refresh_from_db()
    assert sent.state == "draft"
    page = world.client(world.lan).get(asked_for.get_absolute_url()).content.decode()
    assert "Nêu rõ số văn bản." in page
    (mine,) = [
        one for one in owed(world.actor(world.lan), world.today) if one.round_id == opened.pk
    ]
    assert mine.words_back == "Nêu rõ số văn bản."


def test_nobody_accepts_the_review_of_his_own_unit(world):
    """Not even an officer of the unit who may review there: it goes to the unit above."""
    opened = review(world)
    sent = send(world, opened)
    post = world.hung.posts.get()
    post.unit = world.commune
    post.save(update_fields=["unit"])
    with pytest.raises(Refusal) as no:
        move(sent, move="accept", by=world.actor(world.hung))
    assert no.value.status == 403


def test_the_page_of_a_review_shows_the_live_figures_each_opening_to_its_records(world):
    opened = review(world)
    asked_for = of(opened, world.commune)
    page = world.client(world.lan).get(f"{asked_for.get_absolute_url()}/answer").content.decode()
    figures = page.split('class="strip')[1].split("</section>")[0]
    link = re.search(r'href="(/initiatives/\?[^"]+)"', figures)
    assert link is not None
    records = world.client(world.lan).get(link[1].replace("&amp;", "&"))
    assert world.initiative.title in records.content.decode()


def test_a_unit_answers_on_one_page_and_what_is_typed_is_kept(world):
    opened = review(world)
    asked_for = of(opened, world.commune)
    client, url = world.client(world.lan), f"{asked_for.get_absolute_url()}/answer"
    kept = client.post(f"{asked_for.get_absolute_url()}/draft", {"results": "Đang gõ dở"})
    assert kept.status_code == 200
    assert "Đang gõ dở" in client.get(url).content.decode()
    wrong = client.post(url, {**REVIEW, "limits": ""})
    assert wrong.status_code == 422
    assert "Kế hoạch số 12-KH/ĐU." in wrong.content.decode()
    assert client.post(url, {**REVIEW, "key": "a-1"}).status_code == 303
    assert Submission.objects.get(round=opened).state == "sent_in"


def test_a_review_is_nobody_s_model(world):
    review(world)
    page = world.client(world.lan).get("/initiatives/new").content.decode()
    assert 'name="title"' in page
    send(world, Round.objects.get(form="review-half-year"))
    assert world.client(world.lan).get("/initiatives/?as=json").json()["total"] == 1


# Due dates ---------------------------------------------------------------------------------------


def test_the_due_date_can_be_moved_and_the_ledger_says_so(world):
    opened = review(world)
    rounds.change_due(opened, due=date(2024, 7, 5), by=world.actor(world.minh))
    event = Event.objects.get(verb="round.due_changed")
    assert event.tells == {"due": "2024-07-05"}


def test_a_closed_round_takes_no_answers_and_reminds_nobody_until_it_is_opened_again(world):
    opened = review(world)
    rounds.close(opened, on=world.today, by=world.actor(world.minh))
    with pytest.raises(Refusal):
        send(world, opened)
    assert not [one for one in due_reminders(DUE) if one.expectation.round_id == opened.pk]
    assert opened.pk not in [one.round_id for one in owed(world.actor(world.lan), world.today)]
    rounds.reopen(opened, by=world.actor(world.minh))
    assert send(world, opened).state == "sent_in"


def test_a_unit_asks_for_a_later_day_and_the_receiver_grants_it(world):
    opened = review(world, due=date(2024, 6, 18))
    asked_for = of(opened, world.commune)
    by = world.actor(world.lan)
    wanted = extensions.ask_extension(asked_for, until=date(2024, 6, 28), reason="Mưa lũ.", by=by)
    (mine,) = [one for one in owed(by, world.today) if one.round_id == opened.pk]
    assert mine.state_now == "late"
    extensions.decide_extension(wanted, granted=True, by=world.actor(world.minh))
    (mine,) = [one for one in owed(by, world.today) if one.round_id == opened.pk]
    assert (mine.state_now, mine.due_on) == ("waiting", date(2024, 6, 28))


def test_a_refused_request_leaves_the_day_and_may_be_asked_again(world):
    opened = review(world)
    asked_for, by = of(opened, world.commune), world.actor(world.lan)
    wanted = extensions.ask_extension(asked_for, until=date(2024, 6, 28), reason="Bận.", by=by)
    with pytest.raises(Refusal):
        extensions.ask_extension(asked_for, until=date(2024, 6, 29), reason="Bận.", by=by)
    extensions.decide_extension(
        wanted, granted=False, remark="Đã báo trước.", by=world.actor(world.minh)
    )
    (mine,) = [one for one in owed(by, world.today) if one.round_id == opened.pk]
    assert mine.due_on == DUE
    assert extensions.ask_extension(asked_for, until=date(2024, 6, 30), reason="Lũ.", by=by).pk


def test_a_day_that_is_not_later_is_no_extension(world):
    opened = review(world)
    with pytest.raises(Refusal):
        extensions.ask_extension(
            of(opened, world.commune), until=DUE, reason="?", by=world.actor(world.lan)
        )


def test_nobody_grants_himself_more_time(world):
    opened = review(world)
    wanted = extensions.ask_extension(
        of(opened, world.commune), until=date(2024, 6, 28), reason="?", by=world.actor(world.lan)
    )
    for who in (world.lan, world.hoa):
        with pytest.raises(Refusal):
            extensions.decide_extension(wanted, granted=True, by=world.actor(who))
    assert Extension.objects.get().granted is None


def test_the_pages_of_an_extension_lead_from_asking_to_the_decision(world):
    opened = review(world)
    asked_for = of(opened, world.commune)
    sent = {"until": "2024-06-28", "reason": "Trùng bầu trưởng thôn."}
    assert (
        world.client(world.lan).post(f"{asked_for.get_absolute_url()}/later", sent).status_code
        == 303
    )
    page = world.client(world.minh).get(opened.get_absolute_url()).content.decode()
    assert "Trùng bầu trưởng thôn." in page
    url = f"/rounds/later/{Extension.objects.get().pk}"
    assert world.client(world.minh).post(url, {"granted": "yes", "until": ""}).status_code == 303
    assert Extension.objects.get().granted is True
