"""Who is told what, what he reads there, and what he does not."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyan.initiatives.models import Batch
from banyan.initiatives.operations import Row, Source, recognise, register, register_many
from banyan.kernel.workflow import Move, State, Workflow
from banyan.ledger import readers, sealer
from banyan.ledger.models import Event
from banyan.notices.models import Notice
from banyan.notices.readers import put_into_inboxes
from banyan.notices.recipients import rights_called_for, standing_over
from banyan.people.models import Account, Person, Post, Role
from banyan.people.operations import IssuedCode, appoint, issue_entry_code, relieve
from banyan.submissions.operations import move, review
from banyan.submissions.remarks import remark
from banyan.submissions.steps import undo_step
from tests.world import SINCE

SCORES = {"necessity": 15, "method": 18, "result": 27, "participation": 14, "durability": 18}
RESULT = {"result": "40 hộ tham gia, rác được thu gom hằng tuần."}


def told() -> dict[str, str]:
    """Let the newest event be read: account's first name → the kind of its notice."""
    event = Event.objects.latest("pk")
    put_into_inboxes(event)
    made = Notice.objects.filter(event=event.pk).select_related("account")
    return {notice.account.email.split("@")[0]: notice.kind for notice in made}


def completed(world: Any) -> Any:
    """The world's model, reported complete by lan."""
    submission = world.initiative.submission
    submission.answers |= RESULT
    submission.save(update_fields=["answers"])
    return move(submission, move="complete", by=world.actor(world.lan))


@pytest.mark.django_db
def test_what_is_sent_back_is_told_to_whoever_sent_it_in(world):
    asked = {"reason": "Chưa rõ địa chỉ."}
    move(world.initiative.submission, move="send_back", asked=asked, by=world.actor(world.minh))
    assert told() == {"lan": "submission.returned"}


@pytest.mark.django_db
def test_a_registration_is_told_to_those_who_may_review_it_at_the_district(world):
    by = world.actor(world.lan)
    answers = {**world.answers, "title": "Ngõ xóm sáng đèn"}
    register(world.commune, round=world.round, answers=answers, by=by)
    assert told() == {"minh": "submission.waiting", "hung": "submission.waiting"}


@pytest.mark.django_db
def test_a_draft_is_told_to_nobody(world):
    by = world.actor(world.lan)
    register(world.commune, round=world.round, answers=world.answers, submit=False, by=by)
    assert told() == {}


@pytest.mark.django_db
def test_beginning_the_work_calls_nobody_but_completing_it_calls_the_reviewers(world):
    move(world.initiative.submission, move="begin", by=world.actor(world.lan))
    assert told() == {}
    completed(world)
    assert told() == {"minh": "submission.waiting", "hung": "submission.waiting"}


@pytest.mark.django_db
def test_a_review_is_told_to_the_submitter_and_to_who_may_recognise_but_not_to_the_reviewer(world):
    review(completed(world), move="review", scores=SCORES, by=world.actor(world.minh))
    assert told() == {"lan": "submission.moved", "hung": "submission.waiting"}


@pytest.mark.django_db
def test_a_recognition_is_told_to_the_submitter(world):
    review(completed(world), move="review", scores=SCORES, by=world.actor(world.minh))
    world.initiative.submission.refresh_from_db()
    recognise(
        world._initiative("W111"),
        body=world.district,
        decision_number="12-QĐ/MH",
        decided_on=date(2024, 6, 18),
        by=world.actor(world.hung),
    )
    assert told() == {"lan": "initiative.recognised"}


@pytest.mark.django_db
def test_an_imported_workbook_is_told_to_the_reviewers_once(world):
    rows = [Row(world.commune, {**world.answers, "title": f"Mô hình {n}"}) for n in range(3)]
    batch = register_many(
        world.district,
        round=world.round,
        rows=rows,
        source=Source("so.xlsx", "0" * 64),
        summary={},
        by=world.actor(world.an),
    )
    assert isinstance(batch, Batch)
    assert told() == {"minh": "initiative.imported", "hung": "initiative.imported"}
    assert told() == {"minh": "initiative.imported", "hung": "initiative.imported"}
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_a_post_and_a_one_time_code_are_told_to_whom_they_concern(world):
    by = world.actor(world.an)
    role = Role.objects.get(key="dan-van-kheo-registrar")
    appoint(world.commune, person=world.stranger, role=role, on=world.today, by=by)
    assert told() == {"stranger": "post.given"}
    code = IssuedCode()
    issue_entry_code(world.lan, code=code, at=timezone.now(), on=world.today, by=by)
    assert told() == {"lan": "entry_code.issued"}


@pytest.mark.django_db
def test_a_shut_account_and_one_whose_post_ended_are_not_called(world):
    commune = world.commune.pk
    district = world.district.pk

    def called() -> set[str]:
        found = standing_over(commune, "submission.review", receiver=district, on=world.today)
        return {a.email.split("@")[0] for a in Account.objects.filter(pk__in=found)}

    assert called() == {"minh", "hung"}
    Account.objects.filter(pk=world.hung.account_id).update(is_active=False)
    assert called() == {"minh"}
    ended = DateRange(SINCE, world.today)
    Post.objects.filter(person=world.minh).update(valid=ended)
    assert called() == set()


@pytest.mark.django_db
def test_where_nobody_reviews_at_the_receiver_the_nearest_above_is_called(world):
    found = standing_over(
        world.village.pk, "submission.review", receiver=world.commune.pk, on=world.today
    )
    assert set(found) == {world.minh.account_id, world.hung.account_id}


def test_only_a_step_forward_calls_for_others():
    workflow = Workflow(
        "a",
        (State("a"), State("b"), State("c"), State("z", final=True, aside=True)),
        (
            Move("send", ("a",), "b", "t.edit"),
            Move("judge", ("b",), "c", "t.judge"),
            Move("back", ("b", "c"), "a", "t.judge"),
            Move("close", ("c",), "z", "t.close"),
            Move("drop", ("a", "b"), "z", "t.edit"),
        ),
    )
    called = {step.name: rights_called_for(workflow, step) for step in workflow.moves}
    assert called == {
        "send": {"t.judge"},
        "judge": set(),
        "back": set(),
        "close": set(),
        "drop": set(),
    }


def test_the_worker_puts_each_event_once_into_the_inboxes(world, own_database):
    asked = {"reason": "Chưa rõ địa chỉ."}
    move(world.initiative.submission, move="send_back", asked=asked, by=world.actor(world.minh))
    sealer.seal_all()
    readers.run_all()
    mine = Notice.objects.filter(account=world.lan.account_id)
    counted = mine.count()
    assert mine.filter(kind="submission.returned").count() == 1
    sealer.seal_all()
    readers.run_all()
    assert mine.count() == counted


# -- the page -----------------------------------------------------------------------------------


def notices_for(who: Any, event: Event, count: int, kind: str, **more: Any) -> list[Notice]:
    """That many notices of one event's thing, as if of as many events."""
    return Notice.objects.bulk_create(
        Notice(
            account=who.account,
            event=event.pk if n == 0 else -n,
            kind=kind,
            thing_kind=event.thing_kind,
            thing_id=event.thing_id,
            **more,
        )
        for n in range(count)
    )


def sent_back(world: Any) -> Notice:
    """A notice for lan: minh sent her model back."""
    asked = {"reason": "Chưa rõ địa chỉ."}
    move(world.initiative.submission, move="send_back", asked=asked, by=world.actor(world.minh))
    told()
    return Notice.objects.get(account=world.lan.account_id)


@pytest.mark.django_db
def test_a_notice_says_who_did_what_in_the_reader_s_language(world):
    sent_back(world)
    page = world.client(world.lan).get("/inbox/").content.decode()
    assert "Trần Văn Minh Thử đã trả lại cho bạn hồ sơ" in page
    assert world.answers["title"] in page
    Account.objects.filter(pk=world.lan.account_id).update(language="en")
    page = world.client(world.lan).get("/inbox/").content.decode()
    assert "Trần Văn Minh Thử sent “" in page
    assert "back to you" in page


@pytest.mark.django_db
def test_a_record_sent_back_shows_the_reviewer_s_words_until_it_is_mended(world):
    sent_back(world)
    client = world.client(world.lan)
    page = client.get("/inbox/").content.decode()
    assert "Chưa rõ địa chỉ." in page
    assert "cần sửa" in page
    move(world._initiative("W111").submission, move="register", by=world.actor(world.lan))
    assert "cần sửa" not in client.get("/inbox/").content.decode()


@pytest.mark.django_db
def test_opening_a_notice_marks_it_read_and_leads_to_the_record(world):
    notice = sent_back(world)
    answer = world.client(world.lan).get(f"/inbox/{notice.pk}/open")
    assert answer.url == world.initiative.get_absolute_url()
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.django_db
def test_nobody_opens_another_one_s_notice(world):
    notice = sent_back(world)
    assert world.client(world.hoa).get(f"/inbox/{notice.pk}/open").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.django_db
def test_a_record_out_of_reach_is_not_named_even_to_who_was_told_of_it(world):
    sent_back(world)
    relieve(Post.objects.get(person=world.lan), on=world.today, by=world.actor(world.an))
    page = world.client(world.lan).get("/inbox/").content.decode()
    assert "không còn thuộc phạm vi" in page
    assert world.answers["title"] not in page
    assert "Chưa rõ địa chỉ" not in page


@pytest.mark.django_db
def test_a_record_of_another_post_says_which_post_opens_it(world):
    notice = sent_back(world)
    person = Person.objects.get(pk=world.lan.pk)
    role = Role.objects.get(key="dan-van-kheo-registrar")
    by = world.actor(world.an)
    second = appoint(world.sister_commune, person=person, role=role, on=world.today, by=by)
    client = world.client(world.lan)
    session = client.session
    session["post"] = second.pk
    session.save()
    answer = client.get(f"/inbox/{notice.pk}/open", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/inbox/", 302)]
    assert "mở được bằng một chức vụ khác" in page
    assert "Xã Đồi Mẫu" in page


@pytest.mark.django_db
def test_unread_notices_come_first_and_pages_lose_none(world):
    event = Event.objects.filter(thing_kind="initiatives.initiative").latest("pk")
    kind = "submission.waiting"
    read = notices_for(world.minh, event, 30, kind, read_at=timezone.now())
    Notice.objects.filter(pk=read[0].pk).update(event=-1000)
    new = Notice.objects.bulk_create(
        Notice(
            account=world.minh.account,
            event=-2000 - n,
            kind=kind,
            thing_kind=event.thing_kind,
            thing_id=event.thing_id,
        )
        for n in range(30)
    )
    client, url, seen = world.client(world.minh), "/inbox/", []
    while url:
        answer = client.get(url)
        seen += [line["url"] for line in answer.context["notices"]]
        url = answer.context["next_url"]
    newest_first = [*reversed(new), *reversed(read)]
    assert seen == [notice.get_absolute_url() for notice in newest_first]


@pytest.mark.django_db
def test_marking_all_read_leaves_what_arrived_meanwhile_and_other_people_s(world):
    event = Event.objects.filter(thing_kind="initiatives.initiative").latest("pk")
    shown = notices_for(world.minh, event, 2, "submission.waiting")
    client = world.client(world.minh)
    address = client.get("/inbox/").context["read_url"]
    other = notices_for(world.hung, event, 1, "submission.waiting")
    later = Notice.objects.create(
        account=world.minh.account,
        event=-9,
        kind="post.given",
        thing_kind="people.post",
        thing_id=0,
    )
    for _again in range(2):
        assert client.post(address).status_code == 303
    unread = set(Notice.objects.unread().values_list("pk", flat=True))
    assert unread == {later.pk, other[0].pk}
    assert client.get(address).status_code == 405
    assert len(shown) == 2


@pytest.mark.django_db
def test_an_inbox_of_every_kind_asks_the_database_at_most_twelve_times(world):
    sent_back(world)
    event = Event.objects.filter(thing_kind="initiatives.initiative").latest("pk")
    notices_for(world.lan, event, 40, "submission.waiting")
    post = Post.objects.get(person=world.lan)
    Notice.objects.create(
        account=world.lan.account,
        event=-900,
        kind="post.given",
        thing_kind="people.post",
        thing_id=post.pk,
    )
    Notice.objects.create(
        account=world.lan.account,
        day=world.today,
        kind="round.due",
        thing_kind="submissions.round",
        thing_id=world.round.pk,
    )
    client = world.client(world.lan)
    client.get("/inbox/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/inbox/").status_code == 200
    said = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(said) <= 12, "\n".join(said)


# -- conversation, undoing, replication ---------------------------------------------------------


@pytest.mark.django_db
def test_a_remark_is_told_to_who_sent_the_record_in_and_the_answer_to_who_remarked(world):
    submission = world.initiative.submission
    remark(submission, field="content", text="Nêu rõ cách làm.", by=world.actor(world.minh))
    assert told() == {"lan": "submission.remarked"}
    page = world.client(world.lan).get("/inbox/").content.decode()
    assert "Trần Văn Minh Thử đã ghi ý kiến vào" in page
    assert "Nêu rõ cách làm" not in page
    remark(submission, text="Đã bổ sung.", by=world.actor(world.lan))
    assert told() == {"minh": "submission.remarked"}


@pytest.mark.django_db
def test_a_step_taken_back_takes_its_notices_with_it_and_no_others(world):
    submission = world.initiative.submission
    remark(submission, text="Nêu rõ cách làm.", by=world.actor(world.minh))
    told()
    move(submission, move="send_back", asked={"reason": "Nhầm."}, by=world.actor(world.minh))
    assert told() == {"lan": "submission.returned"}
    undo_step(submission, by=world.actor(world.minh))
    told()
    mine = Notice.objects.filter(account=world.lan.account_id)
    assert [notice.kind for notice in mine] == ["submission.remarked"]


@pytest.mark.django_db
def test_who_registered_a_model_hears_that_another_unit_replicates_it_but_not_its_title(world):
    answers = {
        **world.answers,
        "title": "Tuyến đường hoa thứ hai",
        "replicated_from": world.initiative.code,
    }
    by = world.actor(world.hoa)
    register(world.other_commune, round=world.other_round, answers=answers, by=by)
    assert told()["lan"] == "initiative.replicated"
    page = world.client(world.lan).get("/inbox/").content.decode()
    assert "Xã Cầu Giả đã đăng ký một mô hình nhân rộng" in page
    assert "Tuyến đường hoa thứ hai" not in page
