"""A programme goes on with another edition: what it newly counts is built beside all else, and at every
instant figures are those of the records, whichever edition these were answered in."""

import copy
import threading
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from banyan.figures import folding
from banyan.figures.measures import measures_of
from banyan.figures.place import Place
from banyan.figures.rollup import ROLLED_UP, read
from banyan.figures.verifying import verify
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.kernel.period import Period
from banyan.orgs.operations import move
from banyan.packs.operations import install
from banyan.submissions.operations import open_round
from tests.figures import test_folding
from tests.figures.changes import PERIOD, divided, registered
from tests.figures.test_folding import PERIODS, count, elsewhere, rolled
from tests.house import PATIENCE
from tests.threads import together
from tests.world import ANSWERS, installer

__all__ = ["rolled"]  # the fixture
pytestmark = pytest.mark.django_db
# Fields that only the later edition asks, and what it counts: under a new condition, along a new axis,
# with a new sum, with a new base; the least, the greatest and the middle.
SCALE = {
    "id": "scale",
    "kind": "choice",
    "part": "what",
    "counted": True,
    "choices": [{"id": "hamlet"}, {"id": "commune_wide"}],
}
VISITS = {"id": "visits", "kind": "number", "part": "what", "counted": True}
NEW: list[dict[str, Any]] = [
    {"id": "begun_anew", "op": "count", "within": "models", "where": {"continuing": False}},
    {"id": "scaled", "op": "count", "within": "models", "by": ["scale", "continuing"]},
    {"id": "visited", "op": "sum", "of": "visits", "within": "models", "by": ["field"]},
    {"id": "finished_anew", "op": "share", "of": "begun_anew", "where": {"state": "completed"}},
    {"id": "middle_money", "op": "median", "of": "resources_money", "by": ["field", "scale"]},
]
GONE = ("suspended", "land")


def another(world: Any, number: int = 3, *, fields: Any = (SCALE, VISITS), new: Any = NEW) -> Any:
    """The programme's next edition: with fields and indicators of its own, without some of before, and
    one that means something else by the same name."""
    content = copy.deepcopy(world.edition.content)
    content["pack"] |= {"edition": number, "valid_from": f"2024-0{number}-01"}
    ids = [field["id"] for field in fields]
    form = content["forms"]["register"]
    form["fields"] = [one for one in form["fields"] if one["id"] not in ids]
    form["fields"] += copy.deepcopy([*fields])
    known = [one for one in content["indicators"]["indicators"] if one["id"] not in GONE]
    for one in known:
        if one["id"] == "replicated":
            one["where"] = {"replicates": True, "level": "commune"}
        if one["id"] == "models":
            axes = [each["id"] for each in fields if each["kind"] == "choice" and each["counted"]]
            one["by"] = list(dict.fromkeys([*one["by"], *axes]))
    ids = [one["id"] for one in new]
    known = [one for one in known if one["id"] not in ids]
    content["indicators"]["indicators"] = [*known, *copy.deepcopy(new)]
    by = installer()
    made = install(world.province, pack="dan-van-kheo", edition=number, content=content, by=by)
    world.__dict__["edition"] = made
    return made


def agree(world: Any, *what: Any, **how: Any) -> Any:
    """As for every unit elsewhere; here at one of each level, and where units change."""
    among = (world.district, world.commune)
    return test_folding.agree(world, *what, **how, among=among)


def meanings() -> dict[str, bool]:
    """What is kept of the programme."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT meaning, built FROM figures_measure")
        return dict(cursor.fetchall())


def wanted(edition: Any) -> set[str]:
    """What an edition's indicators add up."""
    return {measure.meaning for measure in measures_of(edition.pack)}


def straight(world: Any) -> set[str]:
    """The indicators that are counted straight from the records now."""
    told = read(world.edition.pack, Place(world.district), PERIOD)
    return {name for name in told.values if told.source(name) != ROLLED_UP}


def answered_anew(world: Any, period: str = "2024Q3") -> Any:
    """A round of the newest edition, and a record of it that says what only that one asks."""
    by = installer("round.open")
    due = date(2024, 10, 15)
    asked = open_round(
        world.district, edition=world.edition, form="register", period=period, due=due, by=by
    )
    said = {"scale": "hamlet", "visits": 7, "continuing": False, "registered_on": "2024-07-05"}
    return operations.register(
        world.commune, round=asked, answers={**ANSWERS, **said}, by=world.actor(world.lan)
    )


ALWAYS = {"collectives", "individuals", "registrants", "taken_over", "middle_money"}


def test_what_an_edition_newly_counts_is_read_from_records_and_then_rolled_up(rolled, monkeypatch):
    before = wanted(rolled.edition)
    assert straight(rolled) == ALWAYS - {"middle_money"}
    edition = another(rolled)
    fresh = {"begun_anew", "scaled", "visited", "finished_anew", "replicated", "models"}
    assert fresh <= straight(rolled)
    assert not {"continued", "money", "households"} & straight(rolled), (
        "what means the same goes on"
    )
    said = agree(rolled, monkeypatch, PERIODS[::3])
    assert not wanted(edition) <= set(meanings())
    folding.fold_all()
    assert wanted(edition) <= set(meanings())
    assert before <= set(meanings())
    assert straight(rolled) == ALWAYS
    agree(rolled, monkeypatch, PERIODS[::3], known=said)
    assert verify(repair=False).wrong == []
    assert folding.fold() == 0, "built once"


def test_records_of_both_editions_count_together(rolled, monkeypatch):
    another(rolled)
    folding.fold_all()
    answered_anew(rolled)
    year = Period.parse("2024")
    periods = (year, Period.parse("2024Q3"), *PERIODS[:1])
    said = agree(rolled, monkeypatch, periods)
    folding.fold_all()
    agree(rolled, monkeypatch, periods, known=said)
    told = read(rolled.edition.pack, Place(rolled.district), year)
    parts = told["scaled"].parts["scale"]
    # Those of before never said how far they reach, and how many visits: unclassified, and missing.
    assert (parts["hamlet"], parts["commune_wide"]) == (1, 0)
    assert parts["unclassified"] == told["models"].value - parts["hamlet"] > 10
    assert told["visited"].missing == told["models"].value - parts["hamlet"]
    assert verify(repair=False).wrong == []


def test_what_no_edition_asks_for_any_more_stays_right_and_serves_again(rolled, monkeypatch):
    old = wanted(rolled.edition)
    another(rolled)
    folding.fold_all()
    no_more = old - wanted(rolled.edition)
    assert no_more, "the edition dropped nothing: the test would prove nothing"
    for one in Initiative.objects.order_by("pk")[:4]:
        one.delete()
    registered(rolled, rolled.village, 5)
    divided(rolled)
    folding.fold_all()
    assert all(meanings()[one] for one in no_more)
    assert verify(repair=False).wrong == []
    again = [
        {"id": "suspended", "op": "count", "within": "models", "where": {"state": "suspended"}},
        {"id": "land", "op": "sum", "of": "resources_land", "within": "models"},
    ]
    another(rolled, 4, fields=(), new=again)
    assert not {"suspended", "land"} & straight(rolled), "nothing is built anew"
    agree(rolled, monkeypatch)


def test_an_answer_that_was_not_counted_counts_once_an_edition_counts_it(rolled, monkeypatch):
    uncounted = [{**field, "counted": False} for field in (SCALE, VISITS)]
    another(rolled, fields=uncounted, new=[NEW[0]])
    folding.fold_all()
    answered_anew(rolled)
    folding.fold_all()
    another(rolled, 4)
    year = (Period.parse("2024"), Period.parse("2024Q3"))
    said = agree(rolled, monkeypatch, year)
    folding.fold_all()
    agree(rolled, monkeypatch, year, known=said)


def test_changes_of_records_and_units_before_it_is_built_are_not_lost(rolled, monkeypatch):
    another(rolled)
    elsewhere(rolled)
    registered(rolled, rolled.sister_commune, 3, day="2024-05-10")
    day = date(2024, 4, 10)
    move(rolled.commune, parent=rolled.other_district, on=day, by=installer())
    said = agree(rolled, monkeypatch)
    folding.fold(at_once=1)  # what is open goes first, a little at a time
    agree(rolled, monkeypatch, known=said)
    folding.fold_all()
    agree(rolled, monkeypatch, known=said)
    assert straight(rolled) == ALWAYS


# Beside others ----------------------------------------------------------------------------------


def test_a_folder_killed_while_it_builds_has_built_nothing(own_database, world, monkeypatch):
    folding.fold_all()
    edition, before = another(world), meanings()
    registered(world, world.commune, 6)

    def fold_and_die() -> None:
        with folding.one_snapshot() as cursor:
            while folding.fold_now(cursor):
                pass
            cursor.execute("SELECT count(*) FROM figures_measure")
            assert cursor.fetchone()[0] > len(before), "it was building"
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    (died,) = together([fold_and_die])
    assert isinstance(died, DatabaseError)
    assert meanings() == before
    said = agree(world, monkeypatch)
    assert "begun_anew" in straight(world)
    folding.fold_all()
    assert wanted(edition) <= set(meanings())
    agree(world, monkeypatch, known=said)
    assert verify(repair=False).wrong == []


def test_what_is_written_while_it_builds_counts_once(own_database, world, monkeypatch):
    folding.fold_all()
    another(world)
    registered(world, world.commune, 6)
    built, written = threading.Event(), threading.Event()

    def build() -> None:
        with folding.one_snapshot() as cursor:
            while folding.fold_now(cursor):
                pass
            built.set()
            assert written.wait(PATIENCE)

    def write() -> Any:
        assert built.wait(PATIENCE)
        try:
            elsewhere(world)
            Initiative.objects.order_by("-pk").last().delete()
            registered(world, world.sister_commune, 4)
            day = date(2024, 4, 10)
            move(world.sister_commune, parent=world.other_district, on=day, by=installer())
            assert "begun_anew" in straight(world), "nobody sees what is half built"
            return agree(world, monkeypatch)
        finally:
            written.set()

    done, said = together([build, write])
    assert done is None
    assert not isinstance(said, Exception), said
    assert "begun_anew" not in straight(world)
    assert count("figures_delta") > 0
    agree(world, monkeypatch, known=said)
    folding.fold_all()
    assert count("figures_delta") == count("figures_moved") == 0
    agree(world, monkeypatch, known=said)
    assert verify(repair=False).wrong == []


def test_what_was_begun_before_and_ends_after_it_is_built_counts_once(
    own_database, world, monkeypatch
):
    folding.fold_all()
    another(world)
    with transaction.atomic():
        elsewhere(world)
        assert together([folding.fold_all]) == [None], "a folder waits for no writer"
    assert count("figures_delta") > 0
    said = agree(world, monkeypatch)
    folding.fold_all()
    agree(world, monkeypatch, known=said)
    assert verify(repair=False).wrong == []
