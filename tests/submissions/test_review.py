"""Nobody reviews their own submission: the page, the operation and the database all refuse."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.people.models import Post, Role
from banyan.submissions.models import Review, SomeoneWasFaster, Submission
from banyan.submissions.operations import move, review, save_draft

pytestmark = pytest.mark.django_db


def both(world: Any) -> Any:
    """Lan, with a second post that may review at her own commune."""
    role = Role.objects.get(key="dan-van-kheo-reviewer")
    first = world.actor(world.lan)
    first.post = Post.objects.create(
        person=world.lan, unit=world.commune, role=role, valid=first.post.valid
    )
    first.__post_init__()
    return first


def scores_of(world: Any) -> dict[str, Any]:
    """Full points."""
    criteria = world.edition.pack.criteria
    return {item.id: str(item.maximum) for item in criteria.items}


def completed(world: Any) -> Submission:
    """The commune's model, completed by lan with all that a review asks for."""
    from banyan.initiatives.operations import amend

    one = world.initiative
    answers = {**world.answers, "result": "Đã làm xong tuyến đường dài hai ki-lô-mét."}
    amend(one, answers=answers, version=one.submission.version, by=world.actor(world.lan))
    submission = Submission.objects.get(pk=one.submission.pk)
    move(submission, move="complete", by=world.actor(world.lan))
    return Submission.objects.get(pk=submission.pk)


def test_another_officer_reviews_and_the_points_are_kept(world):
    submission = completed(world)
    review(
        submission, move="review", scores=scores_of(world), remark="Tốt", by=world.actor(world.minh)
    )
    kept = Review.objects.get(submission=submission)
    assert submission.state == "reviewed"
    assert kept.reviewer_id == world.minh.account_id
    assert kept.total == Decimal(world.edition.pack.criteria.total)


def test_whoever_submitted_it_is_refused_by_the_operation(world):
    submission = completed(world)
    with pytest.raises(Refusal) as refused:
        review(submission, move="review", scores=scores_of(world), by=both(world))
    assert refused.value.status == 403
    assert not Review.objects.filter(submission=submission).exists()


def test_whoever_submitted_it_is_refused_by_the_database(world):
    submission = completed(world)
    words = "INSERT INTO submissions_review (submission_id, reviewer_id, kind, move, remark, scores, version)"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"{words} VALUES (%s, %s, 'review', 'review', '', '{{}}', 1)",
            [submission.pk, world.lan.account_id],
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{words} VALUES (%s, %s, 'review', 'review', '', '{{}}', 1)",
            [submission.pk, world.minh.account_id],
        )
    assert Review.objects.filter(submission=submission).count() == 1


def test_a_review_cannot_be_turned_into_the_submitters_own_afterwards(world):
    submission = completed(world)
    review(submission, move="review", scores=scores_of(world), by=world.actor(world.minh))
    with pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.filter(submission=submission).update(reviewer=world.lan.account)


def test_of_two_who_move_the_same_record_the_second_is_told_that_somebody_was_faster(world):
    one, two = (Submission.objects.get(pk=world.initiative.submission.pk) for _n in range(2))
    move(one, move="begin", by=world.actor(world.lan))
    with pytest.raises(SomeoneWasFaster) as told:
        move(two, move="begin", by=world.actor(world.lan))
    assert told.value.status == 409


def test_sending_back_keeps_its_reason_out_of_the_ledger(world):
    submission = Submission.objects.get(pk=world.initiative.submission.pk)
    reason = {"reason": "Chưa rõ chủ thể đăng ký"}
    move(submission, move="send_back", asked=reason, by=world.actor(world.minh))
    assert submission.state == "draft"
    assert Review.objects.get(submission=submission).remark == "Chưa rõ chủ thể đăng ký"
    told = Event.objects.filter(verb="submission.moved").order_by("-pk")[0].tells
    assert told == {"move": "send_back"}


def test_a_move_that_the_workflow_does_not_know_here_is_refused(world):
    submission = Submission.objects.get(pk=world.initiative.submission.pk)
    with pytest.raises(Refusal):
        move(submission, move="recognise", by=world.actor(world.hung))
    assert Submission.objects.get(pk=submission.pk).state == "registered"


def test_a_draft_saved_on_two_devices_is_not_overwritten_unseen(world):
    actor = world.actor(world.lan)
    place = (actor.post_id, actor.account_id, "register:1", 0)
    first = save_draft(*place, {"title": "a"}, 0)
    second = save_draft(*place, {"title": "b"}, first.version)
    with pytest.raises(SomeoneWasFaster):
        save_draft(*place, {"title": "c"}, first.version)
    assert second.version == first.version + 1
