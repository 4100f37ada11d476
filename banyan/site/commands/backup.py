"""`banyan backup FILE`: everything this installation holds, in one file."""

import argparse
from pathlib import Path

from banyan.site import archive, cluster

HELP = "write database, stored files and their hashes to one file, while everything runs"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; must not exist")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when the store had lost files that the database names."""
    cluster.ensure_running()
    manifest = archive.write(args.file.absolute())
    rows, files = sum(manifest.counts.values()), len(manifest.members) - 1
    print(f"{args.file}: {rows} rows in {len(manifest.counts)} tables, {files} files.")
    if not manifest.missing:
        return 0
    print(
        f"{len(manifest.missing)} files are named in the database and not in the store; they are"
        " not in this backup either. `banyan doctor` lists them."
    )
    return 1
