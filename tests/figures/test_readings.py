"""Past figures under the units of their time, of today, or of any day: nothing is lost between."""

from datetime import date

import pytest

from banyan.figures import words
from banyan.figures.place import Place
from banyan.figures.showing import columns
from banyan.figures.units import by_unit
from banyan.initiatives.models import Initiative
from banyan.orgs.models import Ancestry, Group, GroupMember, Unit
from banyan.orgs.operations import merge, move
from banyan.orgs.readings import Reading
from banyan.submissions.models import Placing
from tests.figures.changes import (
    AFTER,
    BEFORE,
    CHANGE,
    MIDDLE,
    NOW,
    PERIOD,
    THEN,
    adds_up,
    dissolved,
    divided,
    models,
    newcomer,
    reckoned,
    registered,
)
from tests.world import installer

pytestmark = pytest.mark.django_db


# -- merging, dividing, dissolving ---------------------------------------------------------------


def test_after_a_merger_the_past_is_read_under_the_old_units_or_under_the_new_one(world):
    registered(world, world.sister_commune, 3)
    new = newcomer(world, "Xã Hợp A")
    merge([world.commune, world.sister_commune], into=new, on=CHANGE, by=installer())
    old = {"Xã Đồi Mẫu": 1, "Xã Đồng Mẫu": 3, "Xã Hợp A": 0}
    assert adds_up(world, world.district, THEN) == old
    assert adds_up(world, world.district, NOW) == {"Xã Hợp A": 4}
    assert adds_up(world, world.district, BEFORE) == {"Xã Đồi Mẫu": 1, "Xã Đồng Mẫu": 3}
    assert [models(world, new, r) for r in (THEN, NOW, BEFORE)] == [0, 4, 0]
    assert reckoned(world, world.district, NOW).unplaced == 0


def test_the_completeness_never_names_more_communes_than_there_are(world):
    registered(world, world.sister_commune, 3)
    new = newcomer(world, "Xã Hợp A")
    merge([world.commune, world.sister_commune], into=new, on=CHANGE, by=installer())
    for reading, said in ((THEN, (1, 1)), (NOW, (1, 1)), (BEFORE, (2, 2))):
        told = reckoned(world, world.district, reading)
        assert (told.reporting, told.expected) == said, reading.key


def test_records_of_a_divided_commune_are_not_placed_and_said_so_with_their_number(world):
    one, two, _made = divided(world)
    assert models(world, world.district, THEN) == 5
    for place in (one, two, world.district, world.other_district):
        told = reckoned(world, place, NOW)
        assert told.unplaced == 5, place
        assert [u.count for u in words.unplaced(told)] == [5]
    whole = reckoned(world, world.province, NOW)
    assert (whole["models"].value, whole.unplaced, whole.loose) == (6, 0, 5)
    rows = adds_up(world, world.province, NOW)
    assert rows == {"Huyện Suối Mẫu": 0, "Huyện Sông Giả": 1, "unplaced": 5}
    assert models(world, world.province, BEFORE) == 6


def test_a_placed_record_counts_where_it_was_placed_and_then_where_it_was(world):
    one, two, made = divided(world)
    for pk, unit in zip(made[:3], (one, one, two), strict=True):
        Placing.objects.create(
            submission=Initiative.objects.get(pk=pk).submission,
            unit=unit,
            on=CHANGE,
            decision_number="12-QĐ/MH",
            decided_on=AFTER,
        )
    assert [models(world, place, NOW) for place in (one, two)] == [2, 1]
    assert reckoned(world, one, NOW).unplaced == 2
    rows = adds_up(world, world.province, NOW)
    assert rows == {"Huyện Suối Mẫu": 2, "Huyện Sông Giả": 2, "unplaced": 2}
    assert adds_up(world, world.district, THEN)["Xã Đồi Mẫu"] == 5
    assert models(world, world.district, BEFORE) == 5


def test_a_dissolved_district_is_read_now_over_the_communes_of_today(world):
    dissolved(world)
    assert adds_up(world, world.district, THEN) == {"Xã Đồi Mẫu": 1, "Xã Đồng Mẫu": 3}
    now = reckoned(world, world.district, NOW)
    assert (now["models"].value, now.loose, now.unplaced) == (4, 3, 0)
    assert adds_up(world, world.district, NOW) == {"Xã Mới A": 1, "unplaced": 3}
    assert adds_up(world, world.district, BEFORE) == {"Xã Đồi Mẫu": 1, "Xã Đồng Mẫu": 3}


def test_a_group_whose_members_ended_counts_what_stood_under_them(world):
    from django.db.backends.postgresql.psycopg_any import DateRange

    days = DateRange(date(2024, 1, 1), None)
    group = Group.objects.create(key="hai", name="Hai", unit=world.province, valid=days)
    for unit in (world.district, world.other_district):
        GroupMember.objects.create(group=group, unit=unit)
    dissolved(world)
    place = Place(world.province, group)
    rows = {"Huyện Sông Giả": 1, "Huyện Suối Mẫu": 4}
    assert adds_up(world, place, THEN) == rows
    assert adds_up(world, place, NOW) == rows
    assert reckoned(world, place, NOW)["models"].value == 5


def test_a_commune_that_ends_in_the_middle_of_a_month_is_counted_where_it_lives_on(world):
    """Its records of that month are read on the month's last day, on which it does not stand."""
    registered(world, world.sister_commune, 2, "2024-05-10")
    registered(world, world.sister_commune, 3, "2024-04-10")
    merge([world.sister_commune], into=world.commune, on=MIDDLE, by=installer())
    assert models(world, world.commune, THEN) == 3
    assert models(world, world.sister_commune, THEN) == 3
    assert adds_up(world, world.district, THEN) == {"Xã Đồi Mẫu": 3, "Xã Đồng Mẫu": 3}


def test_a_commune_that_moved_away_keeps_its_row_for_the_months_it_stood_there(world):
    registered(world, world.sister_commune, 2, "2024-02-10")
    registered(world, world.sister_commune, 5, "2024-06-10")
    move(world.sister_commune, parent=world.other_district, on=CHANGE, by=installer())
    told = by_unit(reckoned(world, world.district, THEN), columns(world.edition.pack))
    assert told is not None
    assert [(p.name, p.values["models"], p.here) for p in told.parts] == [
        ("Xã Đồi Mẫu", 1, True),
        ("Xã Đồng Mẫu", 2, False),
    ]


def test_records_of_the_unit_itself_have_a_row_of_their_own(world):
    registered(world, world.district, 2)
    registered(world, world.sister_commune, 1)
    assert adds_up(world, world.district, THEN)["self"] == 2
    assert adds_up(world, world.district, NOW)["self"] == 2


# -- compared with a recount ---------------------------------------------------------------------


def recount(place: int, reading: Reading) -> tuple[int, int]:
    """(belongs here, may belong here) told one record at a time from the closure's rows."""
    sure = unsure = 0
    rows = list(Ancestry.objects.filter(ancestor=place, tree="state"))
    for one in Initiative.objects.select_related("submission"):
        month = one.submission.counts_on
        ends = [
            end for end in PERIOD.month_ends() if (end.year, end.month) == (month.year, month.month)
        ]
        day = reading.day or ends[0]
        given = [p for p in one.submission.placings.all() if p.on <= day]
        home = max(given, key=lambda p: p.on).unit_id if given else one.unit_id
        held = {row.sure for row in rows if row.unit_id == home and day in row.valid}
        sure += True in held
        unsure += held == {False}
    return sure, unsure


@pytest.mark.parametrize("change", [divided, dissolved])
def test_every_standing_place_counts_what_a_recount_finds(change, world):
    change(world)
    for unit in Unit.objects.all():
        for reading in (THEN, NOW, BEFORE):
            place = Place(unit)
            if reading.day is not None and not place.stands_on(reading.day):
                continue
            told = reckoned(world, place, reading)
            assert (told["models"].value, told.unplaced) == recount(unit.pk, reading), (
                f"{unit} {reading.key}"
            )
