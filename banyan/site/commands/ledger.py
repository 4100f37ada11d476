"""`banyan ledger verify`: recompute every row and seal of the ledger."""

import argparse

from banyan.ledger import sealer

HELP = "verify: recompute every event and seal, and name what was altered"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("act", choices=["verify"])


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when anything was altered."""
    verdict = sealer.verify()
    for problem in verdict.problems:
        print(problem)
    state = "whole" if verdict.ok else f"{len(verdict.problems)} problems"
    print(f"{verdict.events} events, {verdict.sealed} of them sealed: {state}.")
    return 0 if verdict.ok else 1
