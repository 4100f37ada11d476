"""Tables by unit and lines by month say of roll-ups what they say of records."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from banyan.figures import folding
from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, read
from banyan.figures.units import by_unit
from banyan.orgs.models import Group, GroupMember, Unit
from banyan.orgs.operations import merge, move
from banyan.orgs.readings import Reading
from tests.figures.changes import AFTER, CHANGE, PERIOD, THEN, divided, reformed, registered
from tests.figures.test_folding import PERIODS, count, elsewhere, everywhere, rolled
from tests.figures.test_rollup import row, store
from tests.world import installer

__all__ = ["rolled"]
pytestmark = pytest.mark.django_db
TOLD = ["models", "completed", "money", "replicated", "registrants", "taken_over"]
Way = Callable[[Reckoning], Any]


def from_records(monkeypatch: pytest.MonkeyPatch, way: Way, reckoning: Reckoning) -> Any:
    """The same of the records alone."""
    with monkeypatch.context() as patch:
        for module in ("units", "courses"):
            patch.setattr(f"banyan.figures.{module}.by_parts", lambda *_a, **_b: None, raising=False)
        return way(reckoning)


def table(reckoning: Reckoning) -> Any:
    """Rows, values and links in their order."""
    return by_unit(reckoning, TOLD)


def agree(world: Any, monkeypatch: pytest.MonkeyPatch, way: Way, periods: Any = PERIODS[:1]) -> int:
    """What is told of roll-ups is what the records say, everywhere; how much was compared."""
    said = 0
    for place, reading, period in everywhere(periods):
        reckoning = read(world.edition.pack, place, period, TOLD, reading=reading, axes=False)
        told, other = way(reckoning), from_records(monkeypatch, way, reckoning)
        assert told == other, (place.name_on(AFTER), place.label, reading.key, period.key)
        said += told is not None
    return said


def test_a_table_by_unit_is_that_of_the_records(rolled, monkeypatch):
    assert agree(rolled, monkeypatch, table, PERIODS) > 20


@pytest.mark.parametrize("change", [divided, reformed, "merged", "moved", "placed"])
def test_a_table_by_unit_is_that_of_the_records_after_a_reorganisation(change, rolled, monkeypatch):
    changed(rolled, change)
    elsewhere(rolled)
    agree(rolled, monkeypatch, table)
    folding.fold_all()
    assert count("figures_moved") == count("figures_delta") == 0
    agree(rolled, monkeypatch, table)


def changed(world: Any, change: Any) -> None:
    """Units change in the middle of the period."""
    registered(world, world.sister_commune, 3, day="2024-06-10")
    if change == "merged":
        merge([world.commune], into=world.sister_commune, on=CHANGE, by=installer())
    elif change == "moved":
        move(world.commune, parent=world.other_district, on=date(2024, 4, 10), by=installer())
    elif change == "placed":
        placed(world)
    else:
        change(world)


def placed(world: Any) -> None:
    """A commune is divided; one of its records is placed, another waits."""
    from banyan.initiatives.models import Initiative
    from banyan.submissions.models import Placing

    _one, two, made = divided(world)
    record = Initiative.objects.filter(pk__in=made)[0]
    Placing.objects.create(
        submission=record.submission, unit=two, on=CHANGE, decision_number="1", decided_on=CHANGE
    )
