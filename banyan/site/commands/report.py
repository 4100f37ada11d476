"""`banyan report`: the periodic report of a programme as a Word file."""

import argparse
from pathlib import Path

from django.conf import settings

from banyan.figures.rollup import read
from banyan.figures.views import edition_asked, place_of
from banyan.figures.words import speaking
from banyan.kernel.errors import Refusal
from banyan.people.middleware import today
from banyan.reports.writing import word_file
from banyan.site.commands.figures import add_reading, reading_of
from banyan.web.periods import period_of

HELP = "write the periodic report of a programme"


# Where this installation answers: what a reader of the paper types.
HOST = f"http://127.0.0.1:{settings.PORT}"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("programme", help="for example dan-van-kheo")
    parser.add_argument("--unit", required=True, metavar="CODE@DATE|GROUP", help="where")
    parser.add_argument("--period", required=True, help="for example 2024H1")
    add_reading(parser)
    parser.add_argument("--format", choices=("docx",), default="docx")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Write the file; an existing one is not overwritten."""
    if args.out.exists():
        raise Refusal(
            f"{args.out} is there already.", "A report is not written over.", "Give another name."
        )
    with speaking(args.language):
        period = period_of(args.period)
        edition = edition_asked(args.programme)
        place = place_of(args.unit, period)
        reckoning = read(edition.pack, place, period, reading=reading_of(args))
        args.out.write_bytes(word_file(reckoning, language=args.language, on=today(), host=HOST))
    print(args.out)
    return 0
