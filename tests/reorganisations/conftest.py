"""Officers who may reorganise: an over the district, one over the whole province, one elsewhere."""

from typing import Any

import pytest


@pytest.fixture
def officer(world: Any) -> Any:
    """The administrator of the district, in his browser."""
    return world.client(world.an)


def appointed(home: Any, name: str) -> Any:
    """A new administrator at a unit."""
    from banyan.people.models import Role
    from banyan.people.operations import appoint, register_person
    from tests.world import SINCE, installer

    by, role = installer(), Role.objects.get(key="administrator")
    email = f"{name}@world.example"
    who = register_person(home, name=f"Người {name}", email=email, synthetic=True, by=by)
    appoint(home, person=who, role=role, on=SINCE, by=by)
    return who


@pytest.fixture
def chief(world: Any) -> Any:
    """An administrator over the whole province."""
    return appointed(world.province, "chief")


@pytest.fixture
def neighbour(world: Any) -> Any:
    """The administrator of the other district."""
    return appointed(world.other_district, "neighbour")


@pytest.fixture
def decision(world: Any, officer: Any) -> Any:
    """Two communes become a ward; the village moves with them, the ward's name is new."""
    from banyan.people.operations import enrol
    from tests.reorganisations.deciding import added, begun
    from tests.world import SINCE, installer

    enrol(
        world.commune, person=world.lan, kind="party", on=SINCE, by=installer("membership.manage")
    )
    made = begun(officer)
    added(officer, made, "merge", units="W111\nW112", name="Phường Mới", code="W119")
    added(officer, made, "found", name="Thôn Mới", kind="village", parent="Phường Mới")
    added(officer, made, "rename", unit="W1111", name="Tổ dân phố Bến Mẫu")
    return made
