"""The roles every installation begins with, from `roles.toml`."""

import tomllib
from pathlib import Path

from banyan.orgs.models import Unit
from banyan.people.actor import Officer
from banyan.people.models import Role
from banyan.people.operations import define_role

FILE = Path(__file__).with_name("roles.toml")


def define_installation_roles(unit: Unit | None = None, *, by: Officer) -> list[Role]:
    """Define or renew them; a role that is as the file says is left alone. Safe to repeat."""
    source = "installation"
    defined = []
    for key, said in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        wanted = {
            "names": said["names"],
            "capabilities": sorted(said["capabilities"]),
            "clearance": said["clearance"],
        }
        role = Role.objects.filter(key=key, source=source, **wanted).first()
        defined.append(role or define_role(unit, key=key, source=source, by=by, **wanted))
    return defined
