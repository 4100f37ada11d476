"""The pivot's answers over the files are those over the database: everywhere, always, along each axis."""

import json
import random
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from banyan.figures import folding
from banyan.figures.archive.answers import Archive
from banyan.figures.archive.exporting import export
from banyan.figures.archive.meanings import not_told
from banyan.figures.counting import with_bases
from banyan.figures.matrix import Matrix, host, matrix
from banyan.figures.place import Place
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.orgs.operations import merge, move
from banyan.submissions.models import Placing
from tests.analytics.years import last_round, models
from tests.figures.changes import CHANGE, NOW, PERIOD, THEN, divided, reformed, registered
from tests.figures.test_folding import count, elsewhere, figures
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


def indicators_of(world: Any) -> list[str]:
    """The indicators that add up."""
    pack = world.edition.pack
    beside = set(not_told(pack))
    return [
        name
        for name in pack.indicators
        if not beside & {spec.id for spec in with_bases(pack, [name])}
    ]


Asked = tuple[list[Place], list[Period], list[Period]]


def shown(told: Matrix, names: list[str], asked: Asked) -> Any:
    """Everything that a pivot takes from a matrix, the addresses of the records with it."""
    numbers: dict[Any, Any] = {"around": (told.synthetic, told.notes)}
    places, periods, within = asked
    for place in places:
        for period in periods:
            at = (place.unit.pk, place.group is not None, period.key)
            numbers[at, "covered"] = told.coverage(place, period)
            if not host(period, within):  # a pivot asks for it of whole periods alone
                numbers[at, "waiting"] = told.waiting(place, period)
            for name in names:
                one = told.value(name, place, period)
                numbers[at, name] = (one.value, one.base, one.missing, one.parts, one.bases)
                if period != PERIOD:  # addresses are made slowly, and all in one way
                    continue
                opens = {axis: dict(parts) for axis, parts in one.part_opens.items()}
                numbers[at, name, "opens"] = (one.opens, opens)
    return numbers


def places_of(world: Any) -> list[Place]:
    """Every unit, and a group."""
    units = [Place(unit) for unit in Unit.objects.prefetch_related("names").order_by("pk")]
    return [*(place for place in units if place.stretches), group(world)]


def axes_of(world: Any) -> list[str | None]:
    """No axis, and each."""
    pack = world.edition.pack
    found = sorted({axis for name in indicators_of(world) for axis in pack.indicator(name).by})
    assert len(found) > 1
    return [None, *found]


def agree(world: Any, folder: Path, axes: Any = None, parts_at: Any = None) -> None:
    """Files and database say the same of every place and period, along every axis; of `parts_at` also
    for the months of the half year."""
    export(folder, [world.edition])
    archive, pack, places = Archive.at(folder), world.edition.pack, places_of(world)
    names, whole = indicators_of(world), [PERIOD, *MONTHS]
    for axis in axes or axes_of(world):
        for at, periods, within in (
            (places, [*whole, *YEARS], []),
            ([Place(unit) for unit in parts_at or ()], whole, [PERIOD]),
        ):
            how: Any = {"axis": axis, "reading": THEN, "within": within}
            if not at:
                continue
            over = archive.matrix(pack, at, periods, names, **how)
            live = matrix(pack, at, periods, names, **how)
            one, other = (shown(each, names, (at, periods, within)) for each in (over, live))
            assert one.keys() == other.keys()
            assert [(key, one[key], other[key]) for key in one if one[key] != other[key]] == []


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


@pytest.mark.parametrize(
    ("change", "folds"),
    [(divided, True), (reformed, False), (placed, True), (merged, False), (moved, False)],
)
def test_they_are_so_after_units_changed_folded_or_not(change, folds, filled, tmp_path):
    registered(filled, filled.sister_commune, 3, day="2024-06-10")
    folding.fold_all()
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


# In the shell -------------------------------------------------------------------------------------


@pytest.fixture
def archive(filled: Any, tmp_path: Path) -> Iterator[Path]:
    """An archive of the world; refusals in English."""
    export(tmp_path / "archive", [filled.edition])
    with translation.override("en"):
        yield tmp_path / "archive"


def asked(folder: Path, *words: str) -> int:
    """`banyan figures ask` of the district; its exit code."""
    where = ("--place", "W11@2024-06-30", "--period", "2024H1")
    return figures("ask", str(folder), *where, "--language", "en", *words)


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["--indicator", "models", "--indicator", "completed"], "i=models&i=completed"),
        (["--indicator", "models", "--by", "level"], "i=models&axis=level&columns=parts"),
        (["--indicator", "money", "--rows", "periods"], "i=money&rows=periods"),
        (["--indicator", "models", "--columns", "periods"], "i=models&columns=periods"),
    ],
)
def test_asking_an_archive_prints_the_table_of_the_page(words, query, filled, archive, capsys):
    capsys.readouterr()
    assert asked(archive, *words, "--language", "vi") == 0
    lines = capsys.readouterr().out.splitlines()
    page = filled.client(filled.hung).get(
        f"/figures/explore?place=W11@2024-06-30&period=2024H1&as=csv&{query}"
    )
    there = page.content.decode("utf-8-sig").splitlines()
    assert len(lines) > 8

    def timeless(told: list[str]) -> list[str]:
        return [line for line in told if "Số liệu lúc" not in line]

    assert timeless(lines) == timeless(there)


def test_an_archive_answers_in_json_with_its_own_instant(filled, archive, capsys):
    capsys.readouterr()
    assert asked(archive, "--json", "--indicator", "models") == 0
    told = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(told["as_of"]) == Archive.at(archive).as_of(
        filled.edition.pack, PERIOD
    )
    assert told["total"]["cells"]["models"]["value"] > 10


def test_what_does_not_add_up_is_refused_by_name(archive):
    with pytest.raises(Refusal, match="registrants: these are counted from the records"):
        asked(archive, "--indicator", "registrants")


def test_a_file_that_was_changed_answers_nothing(archive):
    file = next(iter(archive.rglob("month=2024-03/*.parquet")))
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(Refusal, match="is not the file that was exported"):
        asked(archive)
    file.unlink()
    with pytest.raises(Refusal, match="is not the file that was exported"):
        asked(archive)


def test_a_period_that_was_not_exported_is_refused_and_no_nought(filled, tmp_path):
    export(tmp_path, [filled.edition], Period.parse("2024Q1"))
    with pytest.raises(Refusal) as no, translation.override("en"):
        asked(tmp_path)
    assert no.value.what.startswith("The period 2024H1 is not in the archive")


def test_a_folder_without_a_manifest_is_no_archive(filled, tmp_path):
    with pytest.raises(Refusal) as no, translation.override("en"):
        asked(tmp_path)
    assert no.value.status == 404


def test_only_the_units_of_that_time_are_answered(filled, archive):
    with pytest.raises(Refusal, match="by the units of that time alone"):
        Archive.at(archive).matrix(
            filled.edition.pack, [Place(filled.district)], [PERIOD], ["models"], reading=NOW
        )


def test_a_measure_of_another_edition_is_not_told_as_nought(filled, archive):
    manifest = archive / "manifest.json"
    told = json.loads(manifest.read_text())
    told["programmes"]["dan-van-kheo"]["measures"].pop()
    told["programmes"]["dan-van-kheo"]["measures"].pop(0)
    manifest.write_text(json.dumps(told))
    with pytest.raises(Refusal, match="written under another edition"):
        Archive.at(archive).matrix(
            filled.edition.pack, [Place(filled.district)], [PERIOD], indicators_of(filled)
        )
