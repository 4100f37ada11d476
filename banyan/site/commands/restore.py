"""`banyan restore FILE`: bring a backup back into an empty home, and prove that it is whole."""

import argparse
from pathlib import Path

from banyan.kernel.errors import Refusal
from banyan.site import archive, boot, cluster, home, up

HELP = "bring a backup back into an empty home and verify it"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `banyan backup` wrote")


def run(args: argparse.Namespace) -> int:
    """Do it; the answer is the exit code."""
    manifest = archive.check(args.file)
    with up.only_one("restore") as running:
        if running:
            raise Refusal(
                f"Banyan is running ({running['url']}, process {running['pid']}).",
                "Nobody may work in a home while it is being filled.",
                f"Stop it first: `kill {running['pid']}`.",
            )
        cluster.ensure_running()
        archive.refuse_unless_empty()
        archive.bring_back(args.file, manifest)
        up.prepare_database()
    return _verify(args.file, manifest)


def _verify(source: Path, manifest: archive.Manifest) -> int:
    """Check the whole ledger, and that its head is the one the backup was made at."""
    boot.django()
    # Imported here: models can be loaded only after Django is set up.
    from banyan.ledger import sealer  # noqa: PLC0415

    verdict = sealer.verify()
    problems = list(verdict.problems)
    if manifest.head and manifest.head != verdict.head:
        problems.append("The ledger ends at another seal than in the backup.")
    for problem in problems:
        print(problem)
    rows, files = sum(manifest.counts.values()), len(manifest.members) - 1
    print(f"{source} of {manifest.made_at} is restored to {home.root()}.")
    print(f"{rows} rows, {files} files, {verdict.events} events; every hash was compared.")
    if manifest.missing:
        print(f"{len(manifest.missing)} files were missing when the backup was made.")
    return 1 if problems else 0
