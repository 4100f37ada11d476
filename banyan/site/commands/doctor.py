"""`banyan doctor`: what is missing or broken, and what to do about it."""

import argparse

from banyan.site import checks

HELP = "say what is missing or broken and what to do"

SIGNS = {"ok": "ok    ", "note": "note  ", "broken": "BROKEN"}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: none."""


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when something is broken."""
    broken = 0
    for finding in checks.everything():
        print(f"{SIGNS[finding.state]}  {finding.about}: {finding.text}", flush=True)
        if finding.mend:
            print(f"        → {finding.mend}")
        broken += finding.state == "broken"
    print("Nothing is broken." if not broken else f"{broken} things to mend.")
    return 1 if broken else 0
