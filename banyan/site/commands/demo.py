"""`banyan demo`: the example organisation with synthetic records."""

import argparse

from django.utils import translation

from banyan.site import demo

HELP = "make the example: synthetic records of a district, a province and a group of districts"


def add(parser: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def run(args: argparse.Namespace) -> int:
    """Make it (once), and say how to sign in."""
    demo.make_demo()
    with translation.override("en"):
        asked = f"banyan figures {demo.PROGRAMME} --period {demo.PERIOD.key} --unit …"
        print(f"Synthetic models of {demo.PERIOD.key} ({asked}):")
        for place, name, models in demo.REGISTERS:
            print(f"  {models}  {name:<30} {place}")
        print(f"Sign in with the password {demo.PASSWORD} as:")
        for one in demo.SIGN_INS:
            print(f"  {one.email:<22} {one.does}")
    return 0
