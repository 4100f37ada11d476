"""The example's Party and Front lines beside the state's, and which area each of their units works in.

A village and its cell are two units of two trees, linked by a dated `covers`; so are a commune, its
Party committee, its Front committee and its unions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from banyan.ledger.operation import Actor
from banyan.orgs import operations as units
from banyan.orgs.changes import Newcomer
from banyan.orgs.finding import GSO, find_unit
from banyan.orgs.models import Kind, Tree, Unit, UnitCode
from banyan.people import operations as people
from banyan.people.actor import Officer
from banyan.people.models import Person
from banyan.site.demo.records import PERIOD, PLACE, small

SOURCE = "synthetic"
SCHEME = "vi-du"
SINCE = date(2021, 1, 1)
CITY, DISTRICT = "01", "020"
PARTY_DISTRICT = f"DB-{DISTRICT}"
# Both went over wholly in 2025: whoever carries out the reform need not place their villages.
WITH_VILLAGES = ("00673", "00676")  # Ngọc Hồi, Vạn Phúc
VILLAGES = 2
MEMBERS_A_CELL = 3
UNIONS = {"PN": "Hội Liên hiệp Phụ nữ", "TN": "Đoàn TNCS Hồ Chí Minh"}


@dataclass(frozen=True)
class Body:
    """A unit of the Party or the Front: its own code, and the code of the area it works in."""

    code: str
    kind: str
    name: str
    above: str | None
    area: str


def _communes() -> dict[str, str]:
    """The district's communes by code, each with its official name within a sentence."""
    below = Unit.objects.children(find_unit(PLACE, PERIOD.last).unit, on=PERIOD.last)
    rows = below.named_on(PERIOD.last).prefetch_related("codes")
    return {one.code_on(PERIOD.last): small(one.name_on(PERIOD.last)) for one in rows}


def _village(commune: str, n: int) -> str:
    return f"TH-{commune}-{n}"


def _party(communes: dict[str, str]) -> Iterator[Body]:
    committee = Kind.COMMITTEE
    yield Body(f"DB-{CITY}", committee, "Đảng bộ thành phố Hà Nội", None, CITY)
    yield Body(PARTY_DISTRICT, committee, "Đảng bộ huyện Thanh Trì", f"DB-{CITY}", DISTRICT)
    for code, name in communes.items():
        yield Body(f"DB-{code}", committee, f"Đảng bộ {name}", PARTY_DISTRICT, code)
    for code in WITH_VILLAGES:
        for n in range(1, VILLAGES + 1):
            name = f"Chi bộ thôn {n}, {communes[code]} (minh họa)"
            yield Body(f"CB-{code}-{n}", Kind.CELL, name, f"DB-{code}", _village(code, n))


def _front(communes: dict[str, str]) -> Iterator[Body]:
    areas = {DISTRICT: "huyện Thanh Trì", **communes}
    for code, name in areas.items():
        above = None if code == DISTRICT else f"MT-{DISTRICT}"
        called = f"Ủy ban MTTQ Việt Nam {name}"
        yield Body(f"MT-{code}", Kind.COMMITTEE, called, above, code)
    for short, union in UNIONS.items():
        for code, name in areas.items():
            above = f"MT-{DISTRICT}" if code == DISTRICT else f"{short}-{DISTRICT}"
            yield Body(f"{short}-{code}", Kind.ORGANISATION, f"{union} {name}", above, code)


def _adopted(body: Body) -> units.Adopted:
    return units.Adopted(
        key=body.code,
        kind=body.kind,
        source=SOURCE,
        names=[(body.name, None, None, "")],
        codes=[(body.code, None, None, "")],
        parents=[(body.above, None, None, "")],
        scheme=SCHEME,
    )


def make_trees(by: Actor) -> None:
    """Take over both lines."""
    communes = _communes()
    for tree, bodies in ((Tree.PARTY, _party(communes)), (Tree.FRONT, _front(communes))):
        units.adopt_tree(None, units=[_adopted(one) for one in bodies], tree=tree, by=by)


def make_villages(by: Actor) -> None:
    """Found a few villages, which the cells work in."""
    for code in WITH_VILLAGES:
        commune = find_unit(code, PERIOD.last, scheme=GSO).unit
        for n in range(1, VILLAGES + 1):
            new = Newcomer(
                Kind.VILLAGE,
                f"Thôn {n} (minh họa)",
                code=_village(code, n),
                source=SOURCE,
                scheme=SCHEME,
            )
            units.found(commune, new=new, on=None, by=by)


def make_links(by: Actor) -> None:
    """Link each unit of both lines to the area it works in."""
    communes = _communes()
    bodies = [*_party(communes), *_front(communes)]
    own = _by_code(SCHEME, [one.code for one in bodies] + [one.area for one in bodies])
    areas = own | _by_code(GSO, [one.area for one in bodies])
    for one in bodies:
        units.cover(own[one.code], covered=areas[one.area], on=SINCE, by=by)


def _by_code(scheme: str, codes: Sequence[str]) -> dict[str, Unit]:
    held = UnitCode.objects.filter(scheme=scheme, code__in=codes, valid__contains=PERIOD.last)
    return {one.code: one.unit for one in held.select_related("unit")}


def enrol_members(by: Officer) -> None:
    """Enter some made-up members in each cell."""
    cells = _by_code(SCHEME, [one.code for one in _party(_communes()) if one.kind == Kind.CELL])
    places = [cells[code] for code in sorted(cells) for _n in range(MEMBERS_A_CELL)]
    for n, cell in enumerate(places, start=1):
        name = f"Đảng viên minh họa {n:02d}"
        person: Person = people.register_person(cell, name=name, synthetic=True, by=by)
        people.enrol(cell, person=person, kind=Tree.PARTY, on=SINCE, by=by)
