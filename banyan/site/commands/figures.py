"""`banyan figures`: figures of a programme for a unit or a group in a period."""

import argparse
import json

from banyan.figures import words
from banyan.figures.rollup import Reckoning, read
from banyan.figures.views import edition_asked, place_of
from banyan.web.periods import period_of

HELP = "print the figures of a programme"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("programme", help="for example dan-van-kheo")
    parser.add_argument("--unit", required=True, metavar="CODE@DATE|GROUP", help="where")
    parser.add_argument("--period", required=True, help="2024, 2024H1, 2024Q2 or 2024-05")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print them."""
    with words.speaking(args.language):
        period = period_of(args.period)
        edition = edition_asked(args.programme)
        reckoning = read(edition.pack, place_of(args.unit, period), period)
        shown = words.as_json(reckoning, args.language)
        if args.json:
            print(json.dumps(shown, ensure_ascii=False, indent=2))
        else:
            print(_plain(reckoning, args.language))
    return 0


def _plain(reckoning: Reckoning, language: str) -> str:
    facts = words.facts_of(reckoning)
    lines = [f"{reckoning.place.name_on(reckoning.period.last)} · {facts['period']}", ""]
    for _key, text in words.paragraphs(reckoning.pack, language):
        lines.append("".join(part.text for part in words.parts_of(reckoning, text, facts)))
    lines += ["", words.completeness(reckoning), *words.warnings(reckoning, language)]
    return "\n".join(lines)
