"""The pivot's answers over the files are those over the database: everywhere, always, along each axis."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from banyan.figures import folding
from banyan.figures.archive.answers import Archive
from banyan.figures.archive.exporting import export, not_told
from banyan.figures.matrix import Matrix, matrix
from banyan.figures.place import Place
from banyan.figures.rollup import with_bases
from banyan.initiatives.models import Initiative
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.orgs.operations import merge, move
from banyan.submissions.models import Placing
from tests.analytics.years import last_round, models
from tests.figures.changes import CHANGE, PERIOD, THEN, divided, reformed, registered
from tests.figures.test_folding import count, elsewhere
from tests.figures.test_matrix import group
from tests.figures.test_rollup import row, store
from tests.world import installer

pytestmark = pytest.mark.django_db
MONTHS = [Period.parse(f"2024-{n:02}") for n in range(1, 7)]
YEARS = [Period.parse(key) for key in ("2024", "2024Q1", "2024Q2", "2023H1")]


@pytest.fixture
def filled(world: Any) -> Any:
    """Records of two years at every level, some folded and some not."""
    chance = random.Random(11)
    states = [state.name for state in world.edition.pack.workflow.states]
    units = [world.commune, world.village, world.sister_commune]
    store(world, [row(chance, chance.choice(units), states) for _n in range(80)])
    elsewhere(world)
    models(world, world.commune, 2, round=last_round(world))
    return world


def told(world: Any) -> list[str]:
    """The indicators that add up."""
    pack = world.edition.pack
    beside = set(not_told(pack))
    return [
        name
        for name in pack.indicators
        if not beside & {spec.id for spec in with_bases(pack, [name])}
    ]


def shown(told: Matrix, names: list[str], places: list[Place], periods: list[Period]) -> Any:
    """Everything that a pivot takes from a matrix, the addresses of the records with it."""
    numbers = {}
    for place in places:
        for period in periods:
            at = (place.unit.pk, place.group is not None, period.key)
            numbers[at, "covered"] = told.coverage(place, period)
            numbers[at, "waiting"] = told.waiting(place, period)
            for name in names:
                one = told.value(name, place, period)
                numbers[at, name] = (one.value, one.base, one.missing, one.parts, one.bases)
                opens = {axis: dict(parts) for axis, parts in one.part_opens.items()}
                numbers[at, name, "opens"] = (one.opens, opens)
    return numbers | {"around": (told.synthetic, told.notes)}


def places_of(world: Any) -> list[Place]:
    """Every unit, and a group."""
    units = [Place(unit) for unit in Unit.objects.prefetch_related("names").order_by("pk")]
    return [*(place for place in units if place.stretches), group(world)]


def axes_of(world: Any) -> list[str | None]:
    """No axis, and each."""
    pack = world.edition.pack
    found = sorted({axis for name in told(world) for axis in pack.indicator(name).by})
    assert len(found) > 1
    return [None, *found]


def agree(world: Any, folder: Path, axes: Any = None, parts_at: Any = None) -> None:
    """Files and database say the same of every place and period, along every axis; of `parts_at` also
    for the months of the half year."""
    export(folder, [world.edition])
    archive, pack, places = Archive.at(folder), world.edition.pack, places_of(world)
    names, whole = told(world), [PERIOD, *MONTHS]
    for axis in axes or axes_of(world):
        for at, periods, within in (
            (places, [*whole, *YEARS], []),
            ([Place(unit) for unit in parts_at or ()], whole, [PERIOD]),
        ):
            how: Any = {"axis": axis, "reading": THEN, "within": within}
            over = archive.matrix(pack, at, periods, names, **how) if at else None
            live = matrix(pack, at, periods, names, **how) if at else None
            if over and live:
                assert shown(over, names, at, periods) == shown(live, names, at, periods)


def placed(world: Any) -> None:
    """The commune is divided, and one of its records is given to the half that went elsewhere."""
    _one, two, made = divided(world)
    record = Initiative.objects.get(pk=made[0])
    Placing.objects.create(
        submission=record.submission,
        unit=two,
        on=CHANGE,
        decision_number="1",
        decided_on=CHANGE,
    )


def merged(world: Any) -> None:
    """The commune goes into its sister."""
    merge([world.commune], into=world.sister_commune, on=CHANGE, by=installer())


def moved(world: Any) -> None:
    """The commune goes to the other district in the middle of the half year."""
    move(world.commune, parent=world.other_district, on=date(2024, 4, 10), by=installer())


def test_answers_over_files_are_those_of_the_database(filled, tmp_path):
    agree(filled, tmp_path, parts_at=[filled.district])


@pytest.mark.parametrize("change", [divided, reformed, placed, merged, moved])
@pytest.mark.parametrize("folds", [True, False])
def test_they_are_so_after_units_changed_folded_or_not(change, folds, filled, tmp_path):
    registered(filled, filled.sister_commune, 3, day="2024-06-10")
    change(filled)
    if not folds:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("banyan.figures.folding.fold_all", lambda: None)
            agree(filled, tmp_path, axes=[None, "level"])
    else:
        agree(filled, tmp_path, axes=[None], parts_at=[filled.province, filled.commune])


def test_it_is_right_at_its_instant_whatever_is_still_open(filled, tmp_path):
    folding.fold_all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("banyan.figures.folding.fold_all", lambda: None)
        elsewhere(filled)
        for one in Initiative.objects.order_by("-pk")[:3]:
            one.delete()
        assert count("figures_delta") > 0
        agree(filled, tmp_path, axes=["level"])
        assert count("figures_delta") > 0
