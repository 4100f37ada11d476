"""Install a pack folder from the shell: as an officer, or as whoever has the machine."""

from pathlib import Path

from banyan.kernel.errors import Refusal
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Unit
from banyan.packs.models import Edition, Programme
from banyan.packs.operations import install as install_pack
from banyan.packs.reading import read
from banyan.people.actor import Actor, Installer
from banyan.people.middleware import today
from banyan.people.models import Account


def install(folder: Path, unit: str | None, email: str | None) -> str:
    """Install the (checked) pack of a folder; the answer is one line about it. Raises Refusal."""
    content = read(folder)
    pack, number = content["pack"]["id"], content["pack"]["edition"]
    is_known = Edition.objects.of(pack).filter(number=number).exists()
    edition: Edition = install_pack(
        running_unit(pack, unit), pack=pack, edition=number, content=content, by=_actor(email)
    )
    state = "was installed already" if is_known else "is installed"
    return f"{pack}, edition {number}, {state}: {edition.content_hash}"


def running_unit(pack: str, spec: str | None) -> Unit:
    """The unit asked for; else the one that runs the programme already; else the only root."""
    if spec is not None:
        return find_unit(spec, today()).unit
    if programme := Programme.objects.filter(key=pack).first():
        return programme.unit
    roots = Unit.objects.filter(
        placements__parent__isnull=True, placements__valid__contains=today()
    ).distinct()
    if roots.count() == 1:
        return roots.get()
    raise Refusal(
        "Which unit runs the programme?",
        f"There are {roots.count()} units at the top, so it cannot be told.",
        "Say --unit CODE@DATE.",
    )


def _actor(email: str | None) -> Actor | Installer:
    if email is None:
        return Installer()
    account = Account.objects.filter(email__iexact=email).first()
    if account is None:
        raise Refusal(f"Nobody signs in as {email}.", "", "Look at the spelling of the address.")
    return Actor.in_first_post(account, today())
