"""`banyan demo`: the example organisation with synthetic records."""

import argparse

from banyan.site import demo

HELP = "make the example: synthetic records of one district"


def add(parser: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def run(args: argparse.Namespace) -> int:
    """Make it (once), and say how to sign in."""
    unit = demo.make_demo()
    print(f"{unit.name_on(demo.PERIOD.last)}, {demo.PERIOD.key}: {demo.MODELS} synthetic models.")
    print(f"Sign in with the password {demo.PASSWORD} as:")
    for one in demo.SIGN_INS:
        print(f"  {one.email:<22} {one.does}")
    return 0
