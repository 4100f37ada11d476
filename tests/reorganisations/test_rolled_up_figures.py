"""Figures that are rolled up follow a decision when it is carried out, and go back with it."""

from typing import Any

import pytest

from banyan.figures import folding
from tests.figures.changes import registered
from tests.figures.test_folding import agree
from tests.reorganisations.deciding import stepped
from tests.reorganisations.test_carrying_out import carried_out

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("between", [True, False])
def test_a_decision_and_its_undo_leave_the_figures_as_they_were(
    between: bool, world: Any, officer: Any, decision: Any, monkeypatch: Any
):
    registered(world, world.commune, 3)
    registered(world, world.sister_commune, 2)
    folding.fold_all()
    before = agree(world, monkeypatch)
    carried_out(officer, decision)
    if between:
        folding.fold_all()
    agree(world, monkeypatch)
    assert stepped(officer, decision, "undo").status_code == 303
    agree(world, monkeypatch, known=before)
    folding.fold_all()
    agree(world, monkeypatch, known=before)
