"""`banyan code`: a one-time code for an account nobody stands above, such as a lone administrator."""

import argparse

from django.utils import timezone

from banyan.kernel.errors import Refusal
from banyan.people.actor import Installer
from banyan.people.middleware import today
from banyan.people.models import Person
from banyan.people.operations import IssuedCode, issue_entry_code

HELP = "issue a one-time code for an account, from the machine itself"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("email", help="the address the person signs in with")
    parser.add_argument(
        "--lost-device", action="store_true", help="also forget authenticator app and passkeys"
    )


def run(args: argparse.Namespace) -> int:
    """Issue it, written in the ledger, and print it once."""
    person = Person.objects.filter(account__email__iexact=args.email).first()
    if person is None:
        raise Refusal(
            f"Nobody signs in as {args.email}.", "", "Look at the spelling of the address."
        )
    code = IssuedCode()
    issue_entry_code(
        person,
        code=code,
        at=timezone.now(),
        on=today(),
        lost_device=args.lost_device,
        by=Installer(),
    )
    print(f"{code.plain}  for {args.email}, one use, 24 hours, at /enter")
    return 0
