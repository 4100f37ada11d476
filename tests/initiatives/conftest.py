"""The district of the workbook in tests/fixtures, made of the shipped unit data, and its officers."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "tests/fixtures/register_kim_son_2024H1.xlsx"
LAST = date(2024, 6, 30)


def officer(unit: Any, name: str, role: str, *, by: Any) -> Any:
    """Somebody with a post at the unit."""
    from banyan.people.models import Role
    from banyan.people.operations import appoint, register_person

    who = register_person(
        unit,
        name=f"{name} Thử Nghiệm",
        email=f"{name}@kimson.example",
        password="synthetic-password-1",
        synthetic=True,
        by=by,
    )
    appoint(unit, person=who, role=Role.objects.get(key=role), on=date(2021, 1, 1), by=by)
    return who


@pytest.fixture
def kim_son(db: None) -> Any:
    """Kim Sơn with its communes of both snapshots; mai may import, leader and clerk may not."""
    from banyan.orgs import shipped
    from banyan.orgs.finding import find_unit
    from banyan.orgs.operations import adopt_tree
    from banyan.packs.operations import install
    from banyan.packs.reading import read
    from tests.world import installer

    wanted, rows = {"", "1:37", "2:376"}, []
    for row in shipped.rows():
        parents = {parent for parent, *_dates in row.parents}
        if row.key in wanted or "2:376" in parents:
            rows.append(replace(row))
    adopt_tree(None, units=rows, by=installer())
    district, by = find_unit("376", LAST).unit, installer()
    content = read(ROOT / "packs/dan-van-kheo")
    number = content["pack"]["edition"]
    install(district, pack="dan-van-kheo", edition=number, content=content, by=by)
    roles = {"mai": "reviewer", "lam": "leader", "thu": "registrar"}
    made = {
        name: officer(district, name, f"dan-van-kheo-{role}", by=by) for name, role in roles.items()
    }
    return SimpleNamespace(district=district, **made)


@pytest.fixture
def book() -> bytes:
    """The district's own workbook."""
    return BOOK.read_bytes()
