"""A model built after another, and a model that works on into the next year."""

from datetime import date
from typing import Any

import pytest

from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.submissions.operations import move, open_round


@pytest.fixture
def next_round(world: Any) -> Any:
    """The district's round of the second half."""
    return open_round(
        world.district,
        edition=world.edition,
        form="register",
        period="2024H2",
        due=date(2024, 12, 15),
        by=world.actor(world.an),
    )


def test_a_model_names_the_one_it_was_built_after_wherever_that_stands(world):
    code = world.other_initiative.code
    answers = {**world.answers, "title": "Đường hoa theo xã bạn", "replicated_from": code.lower()}
    made = operations.register(
        world.commune, round=world.round, answers=answers, by=world.actor(world.lan)
    )
    assert made.replicated_from == world.other_initiative
    assert list(world.other_initiative.replications.all()) == [made]


def test_a_code_that_nobody_bears_is_refused(world):
    with pytest.raises(Refusal) as no:
        operations.register(
            world.commune,
            round=world.round,
            answers={**world.answers, "replicated_from": "MH-1999-0001"},
            by=world.actor(world.lan),
        )
    assert "MH-1999-0001" in no.value.what


def test_a_model_is_not_its_own_origin(world):
    one = world.initiative
    with pytest.raises(Refusal):
        operations.amend(
            one,
            answers={**world.answers, "replicated_from": one.code},
            version=one.submission.version,
            by=world.actor(world.lan),
        )


def test_a_batch_links_those_whose_origin_is_known(world):
    rows = [
        operations.Row(world.commune, {**world.answers, "replicated_from": code}, "registered")
        for code in (world.other_initiative.code, "MH-1999-0001")
    ]
    operations.register_many(
        world.district,
        round=world.round,
        rows=rows,
        source=operations.Source("a.xlsx", "0" * 64),
        summary={},
        by=world.actor(world.an),
    )
    newest = Initiative.objects.order_by("-pk")[:2]
    assert [one.replicated_from for one in newest] == [None, world.other_initiative]


def test_a_model_that_works_on_gets_a_record_of_its_own_in_the_next_round(world, next_round):
    one, lan = world.initiative, world.actor(world.lan)
    move(one.submission, move="approve", by=world.actor(world.minh))
    made = operations.continue_in(one, round=next_round, by=lan)
    assert made.continues == one
    assert made.code != one.code
    assert made.submission.state == "draft"
    assert made.submission.answers["continuing"] is True
    assert made.submission.answers["first_year"] == 2024
    assert "registered_on" not in made.submission.answers
    assert Initiative.objects.get(pk=one.pk).submission.state == "approved"
    with pytest.raises(Refusal):
        operations.continue_in(one, round=next_round, by=lan)


def test_a_draft_is_not_continued_nor_anything_into_its_own_round(world, next_round):
    one, lan = world.initiative, world.actor(world.lan)
    for round in (one.submission.round, next_round):
        with pytest.raises(Refusal):
            operations.continue_in(one, round=round, by=lan)
