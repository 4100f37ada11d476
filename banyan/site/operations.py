"""Beginning an organisation: what makes an empty installation somebody's."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import operation
from banyan.orgs.models import Unit
from banyan.packs.check import check
from banyan.packs.operations import install, role_key
from banyan.packs.reading import SHIPPED, read
from banyan.people.actor import Officer
from banyan.people.models import Person, Role
from banyan.people.operations import appoint, register_person
from banyan.people.roles import define_installation_roles
from banyan.site.models import Organisation

PROGRAMME = "dan-van-kheo"
# What the first officer is: sets everything up, and can work with the first programme at once.
FIRST_POSTS = ("administrator", role_key(PROGRAMME, "reviewer"))


class BegunAlready(Refusal):
    """Somebody (perhaps the same tap) began the organisation before."""

    def __init__(self) -> None:
        super().__init__(
            _("An organisation works in this installation already."),
            "",
            _("Sign in, or ask its administrator for an account."),
            status=409,
        )


@dataclass(frozen=True)
class FirstOfficer:
    """Who holds the first posts."""

    name: str
    email: str
    password: str


@operation("organisation.begun", needs="role.define", tells=("on",))
def begin(unit: Unit, *, name: str, first: FirstOfficer, on: date, by: Officer) -> Organisation:
    """Make the installation this organisation's: roles, the first programme, the first officer.

    Raises BegunAlready when there is one, be it the example's: synthetic records are never mixed
    with an organisation's own.
    """
    if Organisation.objects.exists():
        raise BegunAlready
    organisation = Organisation.objects.create(name=name, unit=unit)
    define_installation_roles(unit, by=by)
    _install_programme(unit, by=by)
    person: Person = register_person(
        unit, name=first.name, email=first.email, password=first.password, by=by
    )
    for key in FIRST_POSTS:
        appoint(unit, person=person, role=Role.objects.get(key=key), on=on, by=by)
    return organisation


@operation("example.begun", needs="role.define")
def begin_example(unit: Unit, *, name: str, by: Officer) -> Organisation:
    """Make the installation the example's: every page then says that its records are synthetic."""
    return Organisation.objects.create(name=name, unit=unit, is_demo=True)


def _install_programme(unit: Unit, *, by: Officer) -> None:
    folder = SHIPPED / PROGRAMME
    if found := check(folder):
        raise Refusal(
            _("The programme “%(pack)s” was not installed.") % {"pack": PROGRAMME},
            str(found[0]),
            _("Mend it, or get a clean copy of Banyan, and begin again."),
            status=500,
        )
    content: dict[str, Any] = read(folder)
    install(unit, pack=PROGRAMME, edition=content["pack"]["edition"], content=content, by=by)
