"""Changes of units and the figures after them, for the tests of readings."""

from datetime import date
from typing import Any

from banyan.figures.place import Place
from banyan.figures.rollup import Reckoning, read
from banyan.figures.showing import columns
from banyan.figures.units import ByUnit, by_unit
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import Row, Source, register_many
from banyan.kernel.period import Period
from banyan.orgs.changes import Newcomer
from banyan.orgs.operations import dissolve, found, merge, split
from banyan.orgs.readings import Reading
from tests.world import installer

PERIOD = Period.parse("2024H1")
THEN = Reading("then")
AFTER, CHANGE, MIDDLE = date(2024, 6, 20), date(2024, 6, 1), date(2024, 5, 20)
NOW = Reading("now", AFTER)
BEFORE = Reading("as-of", date(2024, 5, 31))


def registered(world: Any, unit: Any, n: int, day: str = "2024-02-10") -> list[int]:
    """So many models of a unit, registered on that day; their ids."""
    known = set(Initiative.objects.values_list("pk", flat=True))
    rows = [
        Row(
            unit,
            {**world.answers, "registered_on": day, "title": f"Mô hình {unit.pk} {day} {k}"},
            state="registered",
        )
        for k in range(n)
    ]
    source = Source("synthetic.xlsx", f"{len(known):032d}{unit.pk:032d}")
    register_many(
        world.district,
        round=world.round,
        rows=rows,
        source=source,
        summary={},
        synthetic=True,
        by=world.actor(world.minh),
    )
    return sorted(set(Initiative.objects.values_list("pk", flat=True)) - known)


def newcomer(world: Any, name: str, parent: Any = None) -> Any:
    """A commune founded on the day of the change."""
    new = Newcomer("commune", name, "N" + name[-1])
    return found(parent or world.district, new=new, on=CHANGE, by=installer())


def reckoned(world: Any, place: Any, reading: Reading = THEN, period: Period = PERIOD) -> Reckoning:
    """The figures of a place."""
    where = place if isinstance(place, Place) else Place(place)
    return read(world.edition.pack, where, period, reading=reading)


def models(world: Any, place: Any, reading: Reading = THEN) -> Any:
    """How many models it counts."""
    return reckoned(world, place, reading)["models"].value


def parts(reckoning: Reckoning) -> dict[str, Any]:
    """Unit → models, as the table by units has them."""
    told = by_unit(reckoning, columns(reckoning.pack))
    assert isinstance(told, ByUnit)
    return {part.name or part.kind: part.values["models"] for part in told.parts}


def adds_up(world: Any, place: Any, reading: Reading) -> dict[str, Any]:
    """The rows, which add up to the total."""
    reckoning = reckoned(world, place, reading)
    rows = parts(reckoning)
    assert sum(rows.values()) == reckoning["models"].value
    return rows


def divided(world: Any) -> tuple[Any, Any, list[int]]:
    """The commune is divided among two new ones, one of which goes to the other district."""
    made = registered(world, world.commune, 4)
    one, two = newcomer(world, "Xã Nửa A"), newcomer(world, "Xã Nửa B", world.other_district)
    split(world.commune, into=[one, two], heir=one, on=CHANGE, by=installer())
    return one, two, made


def dissolved(world: Any) -> tuple[Any, Any]:
    """The district is dissolved while a commune with three models is divided."""
    registered(world, world.sister_commune, 3)
    return reformed(world)


def reformed(world: Any) -> tuple[Any, Any]:
    """Two new communes under the province take in the district's, one wholly, one in parts."""
    one = newcomer(world, "Xã Mới A", world.province)
    two = newcomer(world, "Xã Mới B", world.province)
    merge([world.commune], into=one, on=CHANGE, by=installer())
    split(world.sister_commune, into=[one, two], heir=two, on=CHANGE, by=installer())
    dissolve(world.district, heir=world.province, on=CHANGE, by=installer())
    return one, two
