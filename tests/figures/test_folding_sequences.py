"""Whatever is done in whatever order: rolled up or not, figures are those of the records."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.figures import folding
from banyan.figures.verifying import verify
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.initiatives.taking_back import undo_register_many
from banyan.kernel.errors import Refusal
from banyan.orgs.operations import merge, move
from banyan.submissions import operations as submissions
from banyan.submissions.models import Placing, Submission
from tests.figures.changes import CHANGE, divided, registered
from tests.figures.test_folding import agree, elsewhere
from tests.world import installer

pytestmark = pytest.mark.django_db
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("registered"), st.integers(1, 3)),
        st.tuples(st.just("imported"), st.integers(1, 4)),
        st.tuples(st.just("import taken back"), st.integers(0, 9)),
        st.tuples(st.just("corrected"), st.integers(0, 9)),
        st.tuples(st.just("stepped"), st.integers(0, 9)),
        st.tuples(st.just("gone"), st.integers(0, 9)),
        st.tuples(st.just("another edition's round"), st.integers(0, 9)),
        st.tuples(st.just("placed"), st.integers(0, 9)),
        st.tuples(st.just("moved"), st.integers(1, 6)),
        st.tuples(st.just("merged"), st.integers(1, 6)),
        st.tuples(st.just("divided"), st.just(0)),
        st.tuples(st.just("folded"), st.sampled_from((1, 3, 1000))),
    ),
    min_size=4,
    max_size=9,
)


class Doing:
    """The steps, each with the number that says which record or when."""

    def __init__(self, world: Any) -> None:
        self.world, self.batches, self.divided = world, [], None

    def do(self, what: str, n: int) -> None:
        """Do it, or leave it where it is refused."""
        with suppress(Refusal), transaction.atomic():
            getattr(self, "_" + what.replace(" ", "_").replace("'", ""))(n)

    def _record(self, n: int) -> Any:
        found = list(Initiative.objects.order_by("pk"))
        return found[n % len(found)] if found else elsewhere(self.world)

    def _registered(self, n: int) -> None:
        for _k in range(n):
            elsewhere(self.world)

    def _imported(self, n: int) -> None:
        where = self.world.commune if n % 2 else self.world.sister_commune
        self.batches.append(registered(self.world, where, n, day=f"2024-0{n + 1}-15"))

    def _import_taken_back(self, n: int) -> None:
        ids = self.batches.pop(n % len(self.batches)) if self.batches else []
        minh = self.world.actor(self.world.minh)
        undo_register_many(self.world.district, initiatives=ids, by=minh)

    def _corrected(self, n: int) -> None:
        one = self._record(n)
        changed = {**one.submission.answers, "resources_money": n * 1000, "field": "economy"}
        by = self.world.actor(self.world.hoa if n % 2 else self.world.lan)
        operations.amend(one, answers=changed, version=one.submission.version, by=by)

    def _stepped(self, n: int) -> None:
        one = self._record(n)
        arrows = [
            move for move in one.submission.workflow.moves if one.submission.state in move.sources
        ]
        if arrows:
            arrow = arrows[n % len(arrows)]
            by = self.world.actor(self.world.hoa if n % 2 else self.world.lan)
            asked = dict.fromkeys(arrow.ask, "x")
            submissions.move(one.submission, move=arrow.name, asked=asked, by=by)

    def _gone(self, n: int) -> None:
        self._record(n).delete()

    def _another_editions_round(self, n: int) -> None:
        """A record of the other district's round: the same programme, another time."""
        one = self._record(n)
        Submission.objects.filter(pk=one.submission_id).update(round=self.world.other_round)

    def _placed(self, n: int) -> None:
        if self.divided:
            one, two = self.divided
            record = self._record(n).submission
            Placing.objects.create(
                submission=record,
                unit=two if n % 2 else one,
                on=CHANGE,
                decision_number="1",
                decided_on=CHANGE,
            )

    def _moved(self, n: int) -> None:
        to = self.world.other_district if n % 2 else self.world.district
        move(self.world.sister_commune, parent=to, on=date(2024, n, 10), by=installer())

    def _merged(self, n: int) -> None:
        merge(
            [self.world.commune],
            into=self.world.sister_commune,
            on=date(2024, n, 20),
            by=installer(),
        )

    def _divided(self, _n: int) -> None:
        one, two, _made = divided(self.world)
        self.divided = (one, two)

    def _folded(self, n: int) -> None:
        folding.fold(at_once=n)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_figures_are_those_of_the_records_after_any_sequence(steps, world, monkeypatch):
    with transaction.atomic():
        doing = Doing(world)
        for what, n in steps:
            doing.do(what, n)
        known = agree(world, monkeypatch)
        folding.fold_all()
        agree(world, monkeypatch, known=known)
        assert verify(repair=False).wrong == []
        transaction.set_rollback(True)
