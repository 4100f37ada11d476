"""`banyan import`: an officer's workbook into a programme's register."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.site import boot

if TYPE_CHECKING:
    from banyan.orgs.models import Unit
    from banyan.people.actor import Actor

HELP = "import an officer's workbook into the register"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("programme", help="for example dan-van-kheo")
    parser.add_argument("file", type=Path, help="the workbook (.xlsx, or CSV in UTF-8)")
    parser.add_argument("--unit", required=True, metavar="CODE@DATE", help="whose register it is")
    parser.add_argument("--period", required=True, help="for example 2024H1")
    parser.add_argument(
        "--as", dest="email", required=True, metavar="EMAIL", help="the account that imports"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Read the file and register what can be. 1 when rows are left out, 2 when it is refused."""
    boot.django()
    # Django must be set up before models are imported.
    from banyan.initiatives import import_json, import_taking, importing  # noqa: PLC0415
    from banyan.orgs.finding import find_unit  # noqa: PLC0415
    from banyan.web.periods import period_of  # noqa: PLC0415

    with translation.override(args.language):
        period = period_of(args.period)
        unit = find_unit(args.unit, period.last).unit
        by = actor_for(args.email, unit)
        order = importing.Order(
            args.programme, unit, period, args.file.name, content_of(args.file), args.language
        )
        reading = importing.read(order, by=by)
        batch = None
        if not args.dry_run:
            if reading.earlier is not None:
                raise import_taking.twice(reading.earlier)
            if reading.taken or not reading.left_out:
                batch = import_taking.take(reading, by=by)
        if args.json:
            told = import_json.as_json(reading, batch) | {"dry_run": args.dry_run}
            print(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            print("\n".join(import_json.as_lines(reading, batch)))
    return 1 if reading.left_out else 0


def content_of(path: Path) -> bytes:
    """The file's bytes, but never more than the installation takes."""
    try:
        with path.open("rb") as file:
            content = file.read(settings.BANYAN_LARGEST_FILE + 1)
    except OSError as error:
        raise Refusal(
            _("The file cannot be opened."), f"{path}: {error.strerror}", _("Check its name.")
        ) from error
    if len(content) > settings.BANYAN_LARGEST_FILE:
        raise Refusal(
            _("The file is larger than %(most)s MB. Make it smaller or split it.")
            % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
        )
    return content


def actor_for(email: str, unit: "Unit") -> "Actor":
    """The account in the first of its posts that may import at the unit. Raises Refusal."""
    # Django must be set up before models are imported.
    from banyan.initiatives.importing import CAPABILITY  # noqa: PLC0415
    from banyan.people.actor import Actor, posts_of  # noqa: PLC0415
    from banyan.people.middleware import today  # noqa: PLC0415
    from banyan.people.models import Account  # noqa: PLC0415

    account = Account.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        raise Refusal(
            _("There is no account “%(email)s” that may sign in.") % {"email": email},
            "",
            _("Check the address."),
            status=404,
        )
    day = today()
    for post in posts_of(account, day):
        actor = Actor(account, post, day)
        if actor.may(CAPABILITY, at=unit):
            return actor
    raise Refusal(
        _("“%(email)s” may not import at %(unit)s.") % {"email": email, "unit": unit.name_on(day)},
        _("None of the account's posts of today gives the right “%(right)s” there.")
        % {"right": CAPABILITY},
        _("Name another account, or have a post given."),
        status=403,
    )
