"""`banyan import`: an officer's workbook into a programme's register, or into another list."""

import argparse
from pathlib import Path

from banyan.site import boot

HELP = "import an officer's workbook"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument(
        "what", help="a programme with a register (dan-van-kheo), or: units, codes, people, answers"
    )
    parser.add_argument("file", type=Path, help="the workbook (.xlsx, .xls, .ods) or CSV")
    parser.add_argument("--unit", required=True, metavar="CODE@DATE", help="whose file it is")
    parser.add_argument("--period", default="", help="for example 2024H1; else as its title says")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="of what is imported"
    )
    parser.add_argument(
        "--as", dest="email", required=True, metavar="EMAIL", help="the account that imports"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Read the file and take in what can be. 1 when rows are left out, 2 when it is refused."""
    boot.django()
    # Django must be set up before models are imported.
    from banyan.site.file_import import carry_out  # noqa: PLC0415

    return carry_out(args)
