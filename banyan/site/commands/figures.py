"""`banyan figures`: figures of a programme for a unit or a group in a period."""

import argparse
import json

from banyan.figures import words
from banyan.figures.rollup import Reckoning, read
from banyan.figures.showing import columns
from banyan.figures.units import ByUnit, by_unit
from banyan.figures.views import edition_asked, place_of
from banyan.orgs.readings import NOW, THEN, Reading
from banyan.people.middleware import today
from banyan.web.periods import period_of

HELP = "print the figures of a programme"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("programme", help="for example dan-van-kheo")
    parser.add_argument("--unit", required=True, metavar="CODE@DATE|GROUP", help="where")
    parser.add_argument("--period", required=True, help="2024, 2024H1, 2024Q2 or 2024-05")
    add_reading(parser)
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print them."""
    with words.speaking(args.language):
        period = period_of(args.period)
        edition = edition_asked(args.programme)
        place = place_of(args.unit, period)
        reckoning = read(edition.pack, place, period, reading=reading_of(args))
        units = by_unit(reckoning, columns(edition.pack))
        if args.json:
            shown = words.as_json(reckoning, args.language, units)
            print(json.dumps(shown, ensure_ascii=False, indent=2))
        else:
            print(_plain(reckoning, units, args.language))
    return 0


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How to read: by the units of that time, of today, or of a day."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--reading", choices=(THEN, NOW), default=THEN, help="by which units")
    how.add_argument("--as-of", default="", metavar="DATE", help="by the units of a day")


def reading_of(args: argparse.Namespace) -> Reading:
    """The reading asked for in the shell."""
    asked = {"as_of": args.as_of} if args.as_of else {"reading": args.reading}
    return Reading.asked(asked, today())


def _plain(reckoning: Reckoning, units: ByUnit | None, language: str) -> str:
    facts = words.facts_of(reckoning)
    lines = [f"{reckoning.name} · {facts['period']}", words.reading_text(reckoning), ""]
    for _key, text in words.paragraphs(reckoning.pack, language):
        lines.append("".join(part.text for part in words.parts_of(reckoning, text, facts)))
    lines += ["", words.completeness(reckoning), *words.warnings(reckoning, language)]
    lines += [f"{one.title}. {one.text}" for one in words.unplaced(reckoning)]
    if units:
        first = units.indicators[0]
        lines += ["", reckoning.pack.text(f"indicators.{first}.label", language)]
        lines += [
            f"{words.number_text(part.values[first]):>8}  {words.unit_label(reckoning, part)}"
            for part in units.parts
        ]
    return "\n".join(lines)
