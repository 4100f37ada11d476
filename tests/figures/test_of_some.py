"""The least, the greatest and the middle number: of the records that say one, part by part, place by
place; none where none says one; never added up."""

import random
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from banyan.figures import folding
from banyan.figures.place import Place
from banyan.figures.rollup import read
from banyan.initiatives.operations import Row
from banyan.kernel.period import Period
from banyan.packs.reckon import reckon
from banyan.packs.schema import Indicator
from tests.figures.changes import NOW, PERIOD
from tests.figures.test_rollup import facts, row, store

pytestmark = pytest.mark.django_db
OPS = ("min", "max", "median", "latest")


def with_some(pack: Any) -> Any:
    """The pack with the least, the greatest, the middle and the latest amount of money."""
    where = pack.indicator("models").where
    more = {
        f"{op}_money": Indicator(
            f"{op}_money",
            op,
            of="resources_money",
            on="registered_on" if op == "latest" else None,
            where=where,
            by=() if op == "latest" else ("field", "level", "continuing"),
        )
        for op in OPS
    }
    return replace(pack, indicators={**pack.indicators, **more})


def of_money(world: Any, *amounts: int | None, unit: Any = None, **answers: Any) -> None:
    """So many models, each with its amount."""
    rows = [
        Row(
            unit or world.sister_commune,
            {
                **{k: v for k, v in world.answers.items() if k != "resources_money"},
                **({} if one is None else {"resources_money": one}),
                "title": f"Mô hình {n} {one}",
                **answers,
            },
            state="registered",
        )
        for n, one in enumerate(amounts)
    ]
    store(world, rows)


def told(world: Any, place: Any, period: Period = PERIOD) -> dict[str, Any]:
    """What the operations tell of a place."""
    names = [f"{op}_money" for op in OPS]
    said = read(with_some(world.edition.pack), Place(place), period, names)
    return {op: said[f"{op}_money"].value for op in OPS}


@pytest.mark.parametrize("seed", [1, 2])
def test_sql_and_yardstick_agree_for_every_place_part_and_reading(seed, world):
    chance, pack = random.Random(seed), with_some(world.edition.pack)
    states = [state.name for state in pack.workflow.states]
    units = [world.commune, world.village, world.sister_commune]
    store(world, [row(chance, chance.choice(units), states) for _n in range(70)])
    for top in (world.district, world.commune, world.sister_commune):
        below = list(top.subtree(on=PERIOD.last).values_list("unit_id", flat=True))
        rows = facts(below)
        for how in ({}, {"reading": NOW}):
            said = read(pack, Place(top), PERIOD, **how)
            for name in ("min_money", "max_money", "median_money"):
                wanted = reckon(pack, name, rows)
                assert (said[name].value, said[name].missing) == (wanted.value, wanted.missing)
                assert said[name].parts == wanted.parts, name
                assert wanted.parts["field"]["defence_security"] is None


def test_the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle(world):
    of_money(world, 1, 4, 100, 7)
    assert told(world, world.sister_commune)["median"] == Decimal("5.5")
    of_money(world, 8, unit=world.sister_commune)
    assert told(world, world.sister_commune)["median"] == 7


def test_great_amounts_are_told_to_the_last_dong(world):
    of_money(world, 9_007_199_254_740_993, 9_007_199_254_740_993)
    assert told(world, world.sister_commune)["median"] == 9_007_199_254_740_993


def test_where_no_record_says_a_number_there_is_none(world):
    of_money(world, None, None)
    assert told(world, world.sister_commune) == dict.fromkeys(OPS)
    assert told(world, world.sister_commune, Period.parse("2023")) == dict.fromkeys(OPS)


def test_nought_is_a_number(world):
    of_money(world, 0, None)
    assert told(world, world.sister_commune) == dict.fromkeys(OPS, 0)


def test_what_is_counted_straight_from_the_records_is_said_on_the_page_and_in_data(world):
    folding.fold_all()
    reader, asked = world.client(world.hung), "place=W11@2024-05-31&period=2024H1"
    page = reader.get(f"/figures/?{asked}").content.decode()
    (line,) = re.findall(r"Đếm thẳng từ hồ sơ: ([^<]+)\.", page)
    label = world.edition.pack.text("indicators.registrants.label", "vi")
    assert label in line
    told = reader.get(f"/api/figures?{asked}").json()["figures"]
    assert told["registrants"]["source"] == "records"
    assert told["models"]["source"] == "rolled_up"
