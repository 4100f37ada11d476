"""Roll-ups say what the records say: after every change, folded or not, for every unit and reading."""

import argparse
import random
from datetime import date
from typing import Any

import pytest
from django.db import connection

from banyan.figures import folding
from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, read
from banyan.figures.verifying import verify
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.kernel.period import Period
from banyan.orgs.models import Group, GroupMember, Unit
from banyan.orgs.operations import merge, move
from banyan.orgs.readings import Reading
from banyan.site.commands import figures as command
from banyan.submissions import operations as submissions
from banyan.submissions.models import Placing
from tests.figures.changes import AFTER, BEFORE, CHANGE, NOW, THEN, divided, reformed, registered
from tests.figures.test_rollup import row, store
from tests.world import ANSWERS, installer

pytestmark = pytest.mark.django_db
READINGS = (THEN, NOW, BEFORE)
PERIODS = tuple(map(Period.parse, ("2024H1", "2024", "2024Q1", "2024-02")))


def naive(monkeypatch: pytest.MonkeyPatch, *what: Any, **how: Any) -> Reckoning:
    """The same figures from the records alone."""
    with monkeypatch.context() as patch:
        patch.setattr("banyan.figures.rollup.wish", lambda *_asked: None)
        return read(*what, **how)


def shown(reckoning: Reckoning) -> dict[str, Any]:
    """Everything a reader is told."""
    values = {
        one.indicator: (one.value, one.base, one.missing, one.parts, one.bases)
        for one in reckoning.values.values()
    }
    around = ("expected", "reporting", "synthetic", "unplaced", "loose")
    return {**values, **{name: getattr(reckoning, name) for name in around}}


Told = dict[tuple[Any, ...], dict[str, Any]]


def everywhere(periods: Any, among: Any = None) -> list[tuple[Place, Reading, Period]]:
    """Every group and unit (or those named), under every reading."""
    places = [Place(group.unit, group) for group in Group.objects.select_related("unit")]
    units = Unit.objects.prefetch_related("names").order_by("pk")
    if among is not None:
        units = units.filter(pk__in=[unit.pk for unit in among])
    places += [Place(unit) for unit in units]
    return [
        (place, reading, period)
        for place in places
        if place.stretches
        for reading in READINGS
        for period in periods
    ]


def agree(
    world: Any,
    monkeypatch: pytest.MonkeyPatch,
    periods: Any = PERIODS[:1],
    known: Told | None = None,
    among: Any = None,
) -> Told:
    """What is rolled up is what the records say, with the parts along every axis. Returns what they
    say; `known`: said before, when the same records were there."""
    said: Told = known or {}
    for place, reading, period in everywhere(periods, among):
        asked = (world.edition.pack, place, period)
        key = (place.label, reading.key, period.key)
        if known is None:
            said[key] = shown(naive(monkeypatch, *asked, reading=reading))
        assert shown(read(*asked, reading=reading)) == said[key], (place.name_on(AFTER), *key)
    return said


def figures(*words: str) -> int:
    """`banyan figures …` in the shell; its exit code."""
    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args(words))


def count(table: str) -> int:
    """How many rows a table of the roll-ups has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def elsewhere(world: Any) -> Any:
    """A record of the other district."""
    return operations.register(
        world.other_commune, round=world.round, answers=ANSWERS, by=world.actor(world.hoa)
    )


@pytest.fixture
def rolled(world: Any) -> Any:
    """The world with some records, all rolled up."""
    chance = random.Random(7)
    states = [state.name for state in world.edition.pack.workflow.states]
    units = [world.commune, world.village, world.sister_commune]
    store(world, [row(chance, chance.choice(units), states) for _n in range(60)])
    elsewhere(world)
    folding.fold_all()
    assert count("figures_rollup") > 100
    return world


def test_rolled_up_figures_are_those_of_the_records(rolled, monkeypatch):
    agree(rolled, monkeypatch, PERIODS)


def test_a_change_is_seen_before_it_is_folded_and_after(rolled, monkeypatch):
    chance, hoa = random.Random(3), rolled.actor(rolled.hoa)
    one = elsewhere(rolled)
    submissions.move(one.submission, move="begin", by=hoa)
    one.refresh_from_db()
    changed = {**one.submission.answers, "resources_money": 9_000_000, "field": "economy"}
    operations.amend(one, answers=changed, version=one.submission.version, by=hoa)
    assert count("figures_delta") > 0
    said = agree(rolled, monkeypatch)
    folding.fold_all()
    assert count("figures_delta") == 0
    agree(rolled, monkeypatch, known=said)
    store(rolled, [row(chance, rolled.village, ["registered", "completed"]) for _n in range(9)])
    agree(rolled, monkeypatch)


def test_records_that_go_are_taken_off(rolled, monkeypatch):
    gone = Initiative.objects.order_by("-pk")[:5]
    for one in gone:
        one.delete()
    said = agree(rolled, monkeypatch)
    folding.fold_all()
    agree(rolled, monkeypatch, known=said)


@pytest.mark.parametrize("change", [divided, reformed, "merged", "moved"])
@pytest.mark.parametrize("fold_at", ["before", "between", "after"])
def test_a_reorganisation_is_seen_before_it_is_folded_and_after(
    change, fold_at, rolled, monkeypatch
):
    registered(rolled, rolled.sister_commune, 3, day="2024-06-10")
    if fold_at == "before":
        folding.fold_all()
    if change == "merged":
        merge([rolled.commune], into=rolled.sister_commune, on=CHANGE, by=installer())
    elif change == "moved":
        move(rolled.commune, parent=rolled.other_district, on=date(2024, 4, 10), by=installer())
    else:
        change(rolled)
    elsewhere(rolled)
    if fold_at == "between":
        folding.fold_all()
        assert count("figures_moved") == 0
    said = agree(rolled, monkeypatch)
    if fold_at == "after":
        folding.fold_all()
        agree(rolled, monkeypatch, known=said)


def test_a_placed_record_counts_where_it_was_placed(rolled, monkeypatch):
    _one, two, made = divided(rolled)
    folding.fold_all()
    first, second = Initiative.objects.filter(pk__in=made)[:2]
    for record in (first, second):
        Placing.objects.create(
            submission=record.submission,
            unit=two,
            on=CHANGE,
            decision_number="1",
            decided_on=CHANGE,
        )
    said = agree(rolled, monkeypatch)
    folding.fold_all()
    agree(rolled, monkeypatch, known=said)
    Placing.objects.filter(submission=first.submission).delete()
    agree(rolled, monkeypatch)
    folding.fold_all()
    second.delete()
    agree(rolled, monkeypatch)


def test_now_turns_at_midnight_without_any_change(rolled, monkeypatch):
    merge([rolled.commune], into=rolled.sister_commune, on=date(2024, 6, 25), by=installer())
    folding.fold_all()
    agree(rolled, monkeypatch)
    day = date(2024, 6, 25)
    monkeypatch.setattr(f"{__name__}.READINGS", (THEN, Reading("now", day)))
    said = agree(rolled, monkeypatch)  # not turned yet: read through that day's closure
    monkeypatch.setattr("banyan.figures.folding.today", lambda: day)
    assert folding.fold()
    agree(rolled, monkeypatch, known=said)
    monkeypatch.setattr("banyan.figures.folding.today", lambda: AFTER)
    assert folding.fold()
    monkeypatch.setattr(f"{__name__}.READINGS", (THEN, NOW))
    agree(rolled, monkeypatch)


def test_a_group_counts_nothing_twice(rolled, monkeypatch):
    for key, members in (
        ("apart", [rolled.commune, rolled.other_commune]),
        ("within", [rolled.commune, rolled.village]),
    ):
        group = Group.objects.create(key=key, name=key, unit=rolled.province, valid="[2020-01-01,)")
        for unit in members:
            GroupMember.objects.create(group=group, unit=unit)
    agree(rolled, monkeypatch)


def test_nothing_is_folded_twice_and_all_ends_at_nought(rolled, monkeypatch):
    assert folding.fold() == 0
    before = (count("figures_cell"), count("figures_rollup"))
    folding.fold_all()
    assert (count("figures_cell"), count("figures_rollup")) == before
    for one in Initiative.objects.all():
        one.delete()
    agree(rolled, monkeypatch)


def test_who_reported_is_counted_beforehand_and_moves_with_every_change(rolled):
    def kept() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reported, awaited FROM figures_coverage WHERE top = %s AND period = 202431"
                " AND side = 0",
                [rolled.other_district.pk],
            )
            return cursor.fetchall()

    def heard() -> tuple[int, int]:
        told = read(rolled.edition.pack, Place(rolled.other_district), PERIODS[0])
        return told.reporting, told.expected

    assert count("figures_uncovered") == 0
    assert kept() == [heard()] == [(1, 1)]
    for one in Initiative.objects.filter(submission__unit=rolled.other_commune):
        one.delete()
    assert kept() == [(1, 1)]
    assert heard() == (0, 1)  # what is open is in it
    folding.fold_all()
    assert kept() == [heard()] == [(0, 1)]
    one = elsewhere(rolled)
    elsewhere(rolled)
    folding.fold(1)
    assert heard() == (1, 1)
    folding.fold_all()
    one.delete()
    folding.fold_all()
    assert kept() == [heard()] == [(1, 1)]
    assert verify(repair=False).wrong == []


def test_verifying_finds_what_is_wrong_and_repairs_it(rolled, monkeypatch, tmp_path, capsys):
    said = agree(rolled, monkeypatch)
    assert figures("verify") == 0
    elsewhere(rolled)  # not folded yet: that is no fault
    assert figures("verify") == 0
    said = agree(rolled, monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE figures_rollup SET n = n + 3 WHERE ancestor = %s", [rolled.district.pk]
        )
        cursor.execute("DELETE FROM figures_cell WHERE home = %s", [rolled.village.pk])
        cursor.execute("UPDATE figures_coverage SET reported = reported + 1 WHERE side = 0")
    capsys.readouterr()
    assert figures("verify") == 1
    assert f"cell of unit {rolled.village.pk}," in capsys.readouterr().out
    assert {one.what for one in verify(repair=False).wrong} == {"cell", "roll-up", "coverage"}
    report = tmp_path / "wrong.csv"
    assert figures("verify", "--repair", "--report", str(report)) == 0
    assert report.read_text(encoding="utf-8-sig").count("\n") > 20
    assert figures("verify") == 0
    agree(rolled, monkeypatch, known=said)
