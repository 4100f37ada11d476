"""Many places and periods at once: the same numbers as one at a time, however they are reckoned."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.figures import folding
from banyan.figures.matrix import MOST_INDICATORS, MOST_PERIODS, MOST_PLACES, bound, matrix
from banyan.figures.place import Place
from banyan.figures.rollup import read
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.models import Group
from banyan.orgs.operations import form_group
from tests.analytics.years import last_round, models
from tests.figures.changes import BEFORE, NOW, PERIOD, THEN, dissolved, divided
from tests.world import installer

pytestmark = pytest.mark.django_db
NAMES = ["models", "completed", "registrants", "money"]
MONTHS = [Period.parse(f"2024-{n:02}") for n in range(1, 7)]


def group(world: Any) -> Place:
    """Two communes of different districts as a group."""
    made: Group = form_group(
        world.province,
        key="hai-xa",
        name="Hai xã",
        units=[world.commune, world.other_commune],
        on=date(2024, 1, 1),
        by=installer(),
    )
    return Place(made.unit, made)


@pytest.mark.parametrize("is_folded", [False, True])
@pytest.mark.parametrize("reading", [THEN, NOW, BEFORE])
@pytest.mark.parametrize("change", [None, divided, dissolved])
def test_each_number_is_what_a_place_and_period_alone_would_say(change, reading, is_folded, world):
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    models(world, world.sister_commune, 2, registered_on="2024-05-05")
    if change:
        change(world)
    if is_folded:
        folding.fold_all()
    pack = world.edition.pack
    places = [Place(one) for one in (world.province, world.district, world.commune)]
    places.append(group(world))
    quarter, within = Period.parse("2024Q1"), [PERIOD]
    periods = [PERIOD, quarter, *MONTHS[3:]]
    told = matrix(pack, places, periods, NAMES, axis="level", reading=reading, within=within)
    for place in places:
        for period in periods:
            part = {} if period == PERIOD else {"counted": period}
            alone = read(pack, place, PERIOD, NAMES, reading=reading, **part)
            for name in NAMES:
                one, other = told.value(name, place, period), alone[name]
                assert (one.value, one.base, one.missing) == (
                    other.value,
                    other.base,
                    other.missing,
                )
                assert one.parts.get("level") == other.parts.get("level")
                assert one.bases.get("level") == other.bases.get("level")
                assert (one.opens, one.part_opens.get("level")) == (
                    other.opens,
                    other.part_opens.get("level"),
                )
            assert told.coverage(place, period) == (alone.reporting, alone.expected)
            assert told.waiting(place, period)[0] == alone.unplaced
        whole = read(pack, place, PERIOD, NAMES, reading=reading)
        assert told.waiting(place, PERIOD) == (whole.unplaced, whole.loose)


def test_every_number_and_every_part_opens_to_as_many_records(world):
    models(world, world.commune, 3, "completed")
    place = Place(world.district)
    told = matrix(world.edition.pack, [place], [PERIOD], ["models", "completed"], axis="level")
    client = world.client(world.hung)
    for name in ("models", "completed"):
        value = told.value(name, place, PERIOD)
        assert client.get(f"{value.opens}&as=json").json()["total"] == value.value
        for part, number in value.parts["level"].items():
            opens = value.part_opens["level"][part]
            assert client.get(f"{opens}&as=json").json()["total"] == number


def test_without_an_axis_there_are_no_parts(world):
    told = matrix(world.edition.pack, [Place(world.district)], [PERIOD], ["models"])
    value = told.value("models", Place(world.district), PERIOD)
    assert (value.parts, value.part_opens) == ({}, {})


def test_a_group_stands_among_units(world):
    models(world, world.commune, 2)
    both = group(world)
    told = matrix(world.edition.pack, [both, Place(world.commune)], [PERIOD], ["models"])
    alone = told.value("models", Place(world.commune), PERIOD).value
    assert told.value("models", both, PERIOD).value == (alone or 0) + 1
    assert told.coverage(both, PERIOD) == (2, 2)


def test_last_year_stands_beside_this_year(world):
    assert world.round.covers == PERIOD, "known before there are two"
    models(world, world.commune, 2, round=last_round(world))
    earlier = PERIOD.a_year_earlier()
    told = matrix(world.edition.pack, [Place(world.commune)], [PERIOD, earlier], ["models"])
    assert told.value("models", Place(world.commune), earlier).value == 2


def test_it_says_whether_records_are_synthetic_and_of_when_it_is(world):
    told = matrix(world.edition.pack, [Place(world.district)], [PERIOD], ["models"])
    assert not told.synthetic
    models(world, world.commune, 1)
    again = matrix(world.edition.pack, [Place(world.district)], [PERIOD], ["models"])
    assert again.synthetic
    assert again.as_of > told.as_of
    assert Initiative.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [(MOST_PLACES + 2, 1, 1), (1, 2 * MOST_PERIODS + 3, 1), (1, 1, MOST_INDICATORS + 1)],
)
def test_more_than_can_be_told_at_once_is_refused_in_words(asked):
    with pytest.raises(Refusal) as no:
        bound(*asked)
    assert no.value.status == 422
    assert no.value.mend


def test_months_are_parts_of_their_half_year_by_the_day_each_record_counts_on(world):
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    models(world, world.commune, 2, registered_on="2024-05-05")
    place, pack = Place(world.commune), world.edition.pack
    told = matrix(pack, [place], [PERIOD, *MONTHS], ["models"], axis="level", within=[PERIOD])
    whole = told.value("models", place, PERIOD).value
    by_month = [told.value("models", place, month) for month in MONTHS]
    assert sum(value.value or 0 for value in by_month) == whole
    assert (by_month[2].value, by_month[4].value) == (3, 2)
    client = world.client(world.hung)
    for value in by_month:
        assert client.get(f"{value.opens}&as=json").json()["total"] == value.value
        for part, number in value.parts["level"].items():
            opens = value.part_opens["level"][part]
            assert client.get(f"{opens}&as=json").json()["total"] == number


@pytest.mark.parametrize("is_folded", [False, True])
def test_many_places_are_asked_in_as_many_questions_as_one(is_folded, world):
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    if is_folded:
        folding.fold_all()
    units = (world.district, world.commune, world.sister_commune, world.other_commune)
    places = [Place(unit) for unit in units]
    assert all(place.stretches for place in places)
    pack, asked = world.edition.pack, []
    for some in (places[:1], places):
        with CaptureQueriesContext(connection) as log:
            matrix(pack, some, [PERIOD, *MONTHS], NAMES, axis="level", within=[PERIOD])
        asked.append(len(log))
    assert asked[0] == asked[1] <= len(MONTHS) + 2


def test_a_month_by_itself_holds_no_record_of_a_half_years_round(world):
    models(world, world.commune, 3, registered_on="2024-03-05")
    told = matrix(world.edition.pack, [Place(world.commune)], MONTHS, ["models"])
    assert [told.value("models", Place(world.commune), month).value for month in MONTHS] == [0] * 6
