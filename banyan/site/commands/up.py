"""`banyan up`: prepare and serve."""

import argparse

from banyan.site import up

HELP = "prepare what is missing and serve (--prepare: without serving)"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--prepare", action="store_true", help="prepare everything, do not serve")
    only.add_argument(
        "--assets", action="store_true", help="only translations and static files, no database"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; the answer is the exit code."""
    if not args.assets and not args.prepare:
        return up.serve()
    up.prepare_assets()
    if args.prepare:
        up.prepare_database()
    return 0
