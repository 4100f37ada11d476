"""The roles every installation begins with."""

import tomllib
from pathlib import Path

import pytest

from banyan.ledger.models import Event
from banyan.people.actor import Installer
from banyan.people.models import Role
from banyan.people.roles import FILE, define_installation_roles

PACKS = Path(__file__).resolve().parents[2] / "packs"


@pytest.mark.django_db
def test_they_are_defined_once_however_often_one_asks():
    define_installation_roles(by=Installer())
    count = Event.objects.filter(verb="role.defined").count()
    define_installation_roles(by=Installer())
    assert Event.objects.filter(verb="role.defined").count() == count == Role.objects.count()


def test_each_has_a_name_in_both_languages():
    for key, said in tomllib.loads(FILE.read_text()).items():
        assert set(said["names"]) == {"vi", "en"}, key


def test_the_administrator_holds_all_that_he_must_be_able_to_give():
    """Otherwise a programme's first officers could be appointed by nobody."""
    roles = tomllib.loads(FILE.read_text())
    packs = [tomllib.loads(path.read_text()) for path in PACKS.glob("*/pack.toml")]
    given = [role for pack in packs for role in pack["roles"]] + list(roles.values())
    assert packs
    administrator = roles["administrator"]
    assert set().union(*(role["capabilities"] for role in given)) <= set(
        administrator["capabilities"]
    )
    assert max(role.get("clearance", 1) for role in given) <= administrator["clearance"]
