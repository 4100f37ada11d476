"""Figures by SQL are what the pack's own yardstick reckons, and read the tree *then*."""

import random
from datetime import date
from typing import Any

import pytest

from banyan.figures.rollup import Place, read
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import Row, Source, register_many
from banyan.kernel.period import Period
from banyan.orgs.models import Group, GroupMember
from banyan.orgs.operations import move
from banyan.packs.reckon import reckon
from tests.world import installer

pytestmark = pytest.mark.django_db
PERIOD = Period.parse("2024H1")


def row(chance: random.Random, unit: Any, states: list[str]) -> Row:
    """One model as registers hold them: much is said, some is not."""

    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.8 else None

    answers = {
        "title": f"Mô hình {chance.randrange(10**9)}",
        "registrant_kind": maybe(chance.choice(["collective", "individual"])),
        "registrant_name": maybe(f"Chủ thể {chance.randrange(12)}"),
        "field": maybe(chance.choice(["economy", "culture_society", "political_system"])),
        "level": maybe(chance.choice(["commune", "district", "province"])),
        "registered_on": f"2024-0{chance.randrange(1, 7)}-1{chance.randrange(9)}",
        "continuing": maybe(chance.random() < 0.5),
        "commemorative_mark": maybe(chance.random() < 0.3),
        "resources_money": maybe(chance.randrange(500) * 1_000_000),
        "beneficiary_households": maybe(chance.randrange(300)),
    }
    said = {name: value for name, value in answers.items() if value is not None}
    return Row(unit, said, state=chance.choice(states))


def store(world: Any, rows: list[Row]) -> None:
    """Import them as one batch."""
    source = Source("synthetic.xlsx", f"{len(rows):064d}")
    by = world.actor(world.minh)
    register_many(
        world.district,
        round=world.round,
        rows=rows,
        source=source,
        summary={},
        synthetic=True,
        by=by,
    )


def facts(below: list[int]) -> list[dict[str, Any]]:
    """The stored records under these units, as the yardstick wants them."""
    records = Initiative.objects.filter(unit__in=below).select_related("submission")
    return [
        {
            **one.submission.answers,
            "state": one.submission.state,
            "registrant": one.registrant_id,
            "unit": one.unit_id,
        }
        for one in records.order_by("pk")
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sql_and_yardstick_agree_on_every_indicator_and_part(seed, world):
    chance = random.Random(seed)
    pack = world.edition.pack
    states = [state.name for state in pack.workflow.states]
    units = [world.commune, world.village, world.sister_commune]
    store(world, [row(chance, chance.choice(units), states) for _n in range(120)])
    for top in (world.district, world.commune, world.sister_commune):
        below = list(top.subtree(on=PERIOD.last).values_list("unit_id", flat=True))
        said, rows = read(pack, Place(top), PERIOD), facts(below)
        assert rows
        for name in pack.indicators:
            wanted, got = reckon(pack, name, rows), said[name]
            assert (got.value or 0) == (wanted.value or 0), f"{name} of {top}"
            assert got.base == wanted.base, f"base of {name} of {top}"
            assert got.percent == wanted.percent
            assert got.missing == wanted.missing, f"missing of {name} of {top}"
            for axis, parts in wanted.parts.items():
                assert dict(got.parts[axis]) == dict(parts), f"{name} by {axis} of {top}"


def registered(world: Any, day: str) -> None:
    """One model of the commune, registered on that day."""
    answers = {**world.answers, "registered_on": day, "title": f"Mô hình ngày {day}"}
    store(world, [Row(world.commune, answers, state="registered")])


def count(world: Any, place: Any, period: str = "2024H1") -> Any:
    """How many models a place counts."""
    return read(world.edition.pack, place, Period.parse(period), ["models"], axes=False)[
        "models"
    ].value


def test_a_record_counts_where_its_commune_stood_then(world):
    """The world's own model of the commune is of February; the commune moves in April."""
    registered(world, "2024-05-20")
    district, other = Place(world.district), Place(world.other_district)
    assert (count(world, district), count(world, other)) == (2, 1)
    move(world.commune, parent=world.other_district, on=date(2024, 4, 1), by=installer())
    assert (count(world, district), count(world, other)) == (1, 2)
    assert count(world, Place(world.province)) == 3


def test_a_month_is_read_on_its_last_day(world):
    """Registered on the 10th, moved on the 20th: at the month's end it stood under the new district."""
    store(
        world,
        [Row(world.commune, {**world.answers, "registered_on": "2024-05-10"}, state="registered")],
    )
    move(world.commune, parent=world.other_district, on=date(2024, 5, 20), by=installer())
    assert count(world, Place(world.other_district)) == 2
    assert count(world, Place(world.district)) == 1


def test_a_group_counts_what_its_units_count_together(world):
    from django.db.backends.postgresql.psycopg_any import DateRange

    group = Group.objects.create(
        key="hai-xa", name="Hai xã", unit=world.province, valid=DateRange(date(2024, 1, 1), None)
    )
    for unit in (world.commune, world.other_commune):
        GroupMember.objects.create(group=group, unit=unit)
    assert count(world, Place(world.province, group)) == 2


def test_a_figure_of_another_period_does_not_count_them(world):
    assert count(world, Place(world.district), "2023") in (0, None)
    assert count(world, Place(world.district), "2024") == 1


def test_a_figure_opens_to_as_many_records_as_it_counts(world):
    chance = random.Random(7)
    states = [state.name for state in world.edition.pack.workflow.states]
    store(world, [row(chance, world.commune, states) for _n in range(40)])
    said = read(world.edition.pack, Place(world.district), PERIOD)
    client = world.client(world.minh)
    for name in ("models", "completed", "recognised", "put_forward", "continued"):
        ways = {said[name].opens: said[name].value}
        for axis, parts in said[name].parts.items():
            ways |= {said[name].part_opens[axis][part]: value for part, value in parts.items()}
        for url, value in ways.items():
            joint = "&" if "?" in url else "?"
            answer = client.get(f"{url}{joint}period=2024H1&place=W11&as=json")
            assert answer.status_code == 200, url
            assert answer.json()["total"] == (value or 0), url
