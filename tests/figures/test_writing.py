"""What an edition counts is written as SQL once, and never taken for what another edition counts."""

import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, read
from banyan.figures.writing import _totals
from tests.figures.changes import NOW, THEN
from tests.figures.test_folding import naive
from tests.figures.test_rollup import PERIOD, row, store
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(world: World) -> World:
    """The world with some records, of which nothing is rolled up."""
    chance = random.Random(5)
    store(world, [row(chance, world.commune, ["registered", "completed"]) for _n in range(20)])
    return world


def test_what_is_counted_is_written_once_for_all_places_periods_and_readings(recorded, monkeypatch):
    pack = recorded.edition.pack
    naive(monkeypatch, pack, Place(recorded.commune), PERIOD)
    before = _totals.cache_info().misses
    for unit in (recorded.commune, recorded.district, recorded.other_district):
        for reading in (THEN, NOW):
            naive(monkeypatch, pack, Place(unit), PERIOD.a_year_earlier(), reading=reading)
    assert _totals.cache_info().misses == before


def told(monkeypatch: Any, pack: Any, world: World) -> Reckoning:
    """What a programme's records say of two indicators."""
    return naive(monkeypatch, pack, Place(world.commune), PERIOD, ["models", "completed"])


def test_an_edition_that_means_something_else_by_a_name_is_not_answered_as_the_one_before(
    recorded, monkeypatch
):
    pack = recorded.edition.pack
    first = told(monkeypatch, pack, recorded)
    assert 0 < first["completed"].value < first["models"].value
    meant = {**pack.indicators, "models": replace(pack.indicators["completed"], id="models")}
    other = told(monkeypatch, replace(pack, indicators=meant), recorded)
    assert other["models"].value == first["completed"].value
    assert told(monkeypatch, pack, recorded)["models"].value == first["models"].value


def test_a_fact_of_a_record_is_reckoned_once_however_many_ask_for_it(recorded):
    pack = recorded.edition.pack
    with CaptureQueriesContext(connection) as asked:
        read(pack, Place(recorded.commune), PERIOD)
    texts = [one["sql"] for one in asked if "'registrant_kind'" in one["sql"]]
    assert texts
    for text in texts:
        assert text.count("""."field" = 'registrant_kind'""") == 1
