"""`banyan packs check | install`: programmes as data."""

import argparse
from importlib import import_module
from pathlib import Path

from banyan.kernel.errors import Refusal
from banyan.packs.check import check
from banyan.packs.reading import SHIPPED, shipped
from banyan.site import boot

HELP = "check packs, or install one as a frozen edition"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="check | install")
    checking = parts.add_parser("check", help="say what is wrong in packs, with file and line")
    checking.add_argument(
        "path", nargs="*", type=Path, help="pack folders (default: all in packs/)"
    )
    installing = parts.add_parser("install", help="freeze a pack as an edition of its programme")
    installing.add_argument("pack", metavar="ID", help="a pack in packs/, or a pack's folder")
    installing.add_argument(
        "--unit", metavar="CODE@DATE", help="the unit that runs it (default: the only root)"
    )
    installing.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="who installs (default: whoever has the machine)",
    )


def run(args: argparse.Namespace) -> int:
    """Do it; the answer is the exit code."""
    if args.part == "check":
        boot.setup()
        return 1 if _complaints(args.path or shipped()) else 0
    boot.django()
    folder = _folder(args.pack)
    if found := _complaints([folder]):
        raise Refusal(
            f"{folder.name} was not installed.",
            f"Problems found: {found}.",
            "Mend them and install again.",
        )
    # Imported late: it brings models, which need Django up; `check` works without any of them.
    print(import_module("banyan.site.pack_install").install(folder, args.unit, args.email))
    return 0


def _complaints(folders: list[Path]) -> int:
    """Print what is wrong in these packs; the answer is how much."""
    found = 0
    for folder in map(Path.resolve, folders):
        if not (folder / "pack.toml").exists():
            raise Refusal(
                f"{folder} holds no pack.",
                "A pack is a folder with a file pack.toml.",
                "Name such a folder, or none to check all that are shipped.",
            )
        problems = check(folder)
        for problem in problems:
            print(f"{folder.name}/{problem}")
        found += len(problems)
        if not problems:
            print(f"{folder.name}: OK")
    return found


def _folder(named: str) -> Path:
    for folder in (SHIPPED / named, Path(named)):
        if (folder / "pack.toml").exists():
            return folder.resolve()
    raise Refusal(
        f"There is no pack “{named}”.",
        f"In packs/ there are: {', '.join(path.name for path in shipped())}.",
        "Name one of them, or the folder of another pack.",
    )
