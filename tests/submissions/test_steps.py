"""Steps, what was sent in, remarks, own points, and the few seconds in which a slip is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from banyan.initiatives import operations as initiatives
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.submissions import operations, remarks, steps
from banyan.submissions.models import Remark, Review, Sending, Step, Submission

POINTS = {
    "necessity": "14",
    "method": "17",
    "result": "26",
    "participation": "15",
    "durability": "18",
}


@pytest.fixture
def submission(world: Any) -> Submission:
    """Lan's record as anybody loads it."""
    return world.initiative.submission


def completed(world: Any, submission: Submission) -> None:
    """Lan adds the result and reports it complete."""
    answers = {**submission.answers, "result": "Trồng 1,5 km đường hoa."}
    lan = world.actor(world.lan)
    one = world.initiative
    initiatives.amend(one, answers=answers, version=one.submission.version, by=lan)
    operations.move(one.submission, move="complete", by=lan)
    submission.refresh_from_db()


def test_what_was_sent_in_is_kept_each_time_and_tells_what_changed(world, submission):
    assert [s.version for s in submission.sendings.all()] == [2]
    completed(world, submission)
    first, second = submission.sendings.order_by("version")
    assert "result" not in first.answers
    assert second.answers["result"].startswith("Trồng")
    assert (second.state, second.account) == ("completed", world.lan.account)


def test_a_record_of_a_batch_keeps_what_it_held_when_it_first_changes(world, submission):
    Sending.objects.filter(submission=submission).delete()
    one = world.initiative
    before = dict(one.submission.answers)
    for title in ("Đường hoa A", "Đường hoa B"):
        now = world.initiative.submission
        initiatives.amend(
            world._initiative("W111"),
            answers={**before, "title": title},
            version=Submission.objects.get(pk=now.pk).version,
            by=world.actor(world.lan),
        )
    assert [s.answers["title"] for s in submission.sendings.all()] == [before["title"]]


def test_a_reviewer_takes_his_approval_back_within_seconds(world, submission):
    minh = world.actor(world.minh)
    operations.move(submission, move="approve", by=minh)
    steps.undo_step(submission, by=minh)
    submission.refresh_from_db()
    assert submission.state == "registered"
    assert steps.last_step(submission).move == "register"
    verbs = Event.objects.filter(thing_id=submission.pk, thing_kind="submissions.submission")
    assert [e.verb for e in verbs.order_by("pk")] == ["submission.moved", "submission.step_undone"]


def test_a_review_taken_back_leaves_no_points(world, submission):
    completed(world, submission)
    minh = world.actor(world.minh)
    operations.review(submission, move="review", scores=POINTS, by=minh)
    steps.undo_step(submission, by=minh)
    submission.refresh_from_db()
    assert submission.state == "completed"
    assert not Review.objects.filter(submission=submission, kind="review").exists()


def test_a_record_sent_back_by_a_slip_stands_as_before(world, submission):
    minh = world.actor(world.minh)
    operations.move(submission, move="send_back", asked={"reason": "Thiếu ảnh."}, by=minh)
    steps.undo_step(submission, by=minh)
    submission.refresh_from_db()
    assert submission.state == "registered"
    assert not submission.reviews.exists()


def test_nobody_takes_back_another_persons_step_nor_one_that_others_built_upon(world, submission):
    minh, lan = world.actor(world.minh), world.actor(world.lan)
    operations.move(submission, move="approve", by=minh)
    with pytest.raises(Refusal) as no:
        steps.undo_step(submission, by=world.actor(world.hung))
    assert no.value.status == 409
    operations.move(submission, move="begin", by=lan)
    with pytest.raises(Refusal):
        steps.undo_step(submission, by=minh)
    assert Submission.objects.get(pk=submission.pk).state == "in_progress"


def test_after_the_seconds_a_step_stays(world, submission):
    minh = world.actor(world.minh)
    operations.move(submission, move="approve", by=minh)
    Step.objects.filter(submission=submission).update(at=timezone.now() - timedelta(seconds=16))
    with pytest.raises(Refusal):
        steps.undo_step(submission, by=minh)


def test_a_decision_is_not_taken_back_by_a_tap(world, submission):
    completed(world, submission)
    operations.review(submission, move="review", scores=POINTS, by=world.actor(world.minh))
    one, hung = world._initiative("W111"), world.actor(world.hung)
    day = world.today
    award = initiatives.Award("Trưởng ban", "commendation_district")
    recognised = initiatives.recognise(
        one, body=world.district, decision_number="1-QĐ/HU", decided_on=day, award=award, by=hung
    )
    kept = recognised.recognitions.get()
    assert (kept.level, kept.signer, kept.reward) == (
        "district",
        "Trưởng ban",
        "commendation_district",
    )
    with pytest.raises(Refusal):
        steps.undo_step(Submission.objects.get(pk=submission.pk), by=hung)


def test_a_remark_names_the_item_it_is_about(world, submission):
    remarks.remark(
        submission, field="result", text=" Đã đo lại bằng thước. ", by=world.actor(world.lan)
    )
    remarks.remark(submission, text="Cảm ơn.", by=world.actor(world.minh))
    assert list(Remark.objects.order_by("pk").values_list("field", "text")) == [
        ("result", "Đã đo lại bằng thước."),
        ("", "Cảm ơn."),
    ]
    told = Event.objects.filter(verb="submission.remarked").order_by("pk").first().tells
    assert told == {"field": "result"}


@pytest.mark.parametrize(("field", "text"), [("", "  "), ("nowhere", "x"), ("", "x" * 2001)])
def test_an_empty_lost_or_endless_remark_is_refused(world, submission, field, text):
    with pytest.raises(Refusal):
        remarks.remark(submission, field=field, text=text, by=world.actor(world.lan))


def test_a_unit_gives_itself_points_that_are_never_counted_as_a_review(world, submission):
    lan = world.actor(world.lan)
    completed(world, submission)
    remarks.score_own(submission, scores=POINTS, by=lan)
    own = submission.reviews.get(kind="self")
    assert (own.total, own.reviewer) == (90, world.lan.account)
    with pytest.raises(Refusal):
        initiatives.recognise(
            world._initiative("W111"),
            body=world.district,
            decision_number="1",
            decided_on=world.today,
            by=world.actor(world.hung),
        )


@pytest.mark.parametrize("wrong", ["", "31", "-1", "a", "1.55", "NaN"])
def test_own_points_out_of_bounds_are_refused(world, submission, wrong):
    with pytest.raises(Refusal):
        remarks.score_own(submission, scores={**POINTS, "result": wrong}, by=world.actor(world.lan))
    assert not submission.reviews.exists()
