"""Tables by unit and lines by month say of roll-ups what they say of records."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.figures import folding
from banyan.figures.courses import course
from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, read
from banyan.figures.units import by_unit
from banyan.initiatives.models import Initiative
from banyan.orgs.operations import merge, move
from banyan.submissions.models import Placing
from banyan.submissions.operations import open_round
from tests.analytics.years import last_round, models
from tests.figures.changes import AFTER, CHANGE, divided, reformed, registered
from tests.figures.test_folding import PERIODS, READINGS, count, elsewhere, everywhere, rolled
from tests.world import installer

__all__ = ["rolled"]
pytestmark = pytest.mark.django_db
TOLD = ["models", "completed", "money", "replicated", "registrants", "taken_over"]
Way = Callable[[Reckoning], Any]


def from_records(monkeypatch: pytest.MonkeyPatch, way: Way, reckoning: Reckoning) -> Any:
    """The same of the records alone."""
    with monkeypatch.context() as patch:
        for module in ("units", "courses"):
            patch.setattr(
                f"banyan.figures.{module}.by_parts", lambda *_a, **_b: None, raising=False
            )
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


def last_years(world: Any) -> None:
    """Records of the same period of last year, and of rounds of a month and of a quarter."""
    last = last_round(world)
    models(world, world.commune, 2, "completed", round=last, registered_on="2023-02-10")
    models(world, world.sister_commune, 1, round=last, registered_on="2023-05-10")
    for period, day in (("2024-02", "2024-02-20"), ("2024Q2", "2024-05-20")):
        more = open_round(
            world.district,
            edition=world.edition,
            form="register",
            period=period,
            due=date(2024, 6, 15),
            by=world.actor(world.an),
        )
        models(world, world.commune, 2, round=more, registered_on=day)


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
    _one, two, made = divided(world)
    record = Initiative.objects.filter(pk__in=made)[0]
    Placing.objects.create(
        submission=record.submission, unit=two, on=CHANGE, decision_number="1", decided_on=CHANGE
    )


def lines(reckoning: Reckoning) -> Any:
    """Both years by month and by unit, and which units reported."""
    told = course(reckoning, ["models", "completed", "money", "replicated"])
    return told.has_earlier, told.months, told.parts


def test_lines_by_month_are_those_of_the_records(rolled, monkeypatch):
    last_years(rolled)
    folding.fold_all()
    assert agree(rolled, monkeypatch, lines, PERIODS) > 20


@pytest.mark.parametrize("change", [divided, reformed, "merged", "moved", "placed"])
def test_lines_by_month_are_those_of_the_records_after_a_reorganisation(
    change, rolled, monkeypatch
):
    last_years(rolled)
    changed(rolled, change)
    elsewhere(rolled)
    agree(rolled, monkeypatch, lines)
    folding.fold_all()
    agree(rolled, monkeypatch, lines)


@pytest.mark.parametrize("way", [lambda told: by_unit(told, ["models", "money"]), lines])
def test_of_what_is_rolled_up_no_record_is_read(way, rolled):
    last_years(rolled)
    folding.fold_all()
    for unit in (rolled.province, rolled.district, rolled.commune):
        for reading in READINGS:
            reckoning = read(
                rolled.edition.pack, Place(unit), PERIODS[0], ["models"], reading=reading
            )
            with CaptureQueriesContext(connection) as asked:
                assert way(reckoning)
            assert "initiatives_initiative" not in " ".join(one["sql"] for one in asked)
