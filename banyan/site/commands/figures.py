"""`banyan figures PROGRAMME`: figures of a unit or a group in a period; `verify` reckons all again;
`export` writes them as files and `ask` answers over these (`figures_archive.py`)."""

import argparse
import csv
import json
import sys
from pathlib import Path

from banyan.figures import verifying, words
from banyan.figures.rollup import Reckoning, read
from banyan.figures.showing import columns, straight_of
from banyan.figures.units import ByUnit, by_unit
from banyan.figures.views import edition_asked, place_of
from banyan.kernel.errors import Refusal
from banyan.orgs.readings import NOW, THEN, Reading
from banyan.people.middleware import today
from banyan.site.commands import figures_archive
from banyan.web.periods import period_of

HELP = "print the figures of a programme, verify what is rolled up, export and ask an archive"
VERIFY = "verify"
OTHERS = f"{VERIFY} (the roll-ups), {figures_archive.EXPORT}, {figures_archive.ASK} (an archive)"
SHOWN = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("programme", help=f"dan-van-kheo; or one of: {OTHERS}")
    parser.add_argument("--unit", default="", metavar="CODE@DATE|GROUP", help="where")
    parser.add_argument("--period", default="", help="2024, 2024H1, 2024Q2 or 2024-05")
    parser.add_argument("--repair", action="store_true", help=f"{VERIFY}: put right what is wrong")
    parser.add_argument("--report", type=Path, metavar="FILE.csv", help=f"{VERIFY}: what was wrong")
    figures_archive.add(parser)
    add_reading(parser)
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print them."""
    if args.programme == VERIFY:
        return _verify(args)
    if args.programme in (figures_archive.EXPORT, figures_archive.ASK):
        return figures_archive.run(args)
    if not args.unit or not args.period:
        raise Refusal(
            "Which figures?",
            "A unit and a period are needed.",
            "For example: --unit 376@2024-06-30 --period 2024H1",
        )
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
    lines += filter(None, [straight_of(reckoning)])
    lines += [f"{one.title}. {one.text}" for one in words.unplaced(reckoning)]
    if units:
        first = units.indicators[0]
        lines += ["", reckoning.pack.text(f"indicators.{first}.label", language)]
        lines += [
            f"{words.number_text(part.values[first]):>8}  {words.unit_label(reckoning, part)}"
            for part in units.parts
        ]
    return "\n".join(lines)


def _verify(args: argparse.Namespace) -> int:
    """0: all was right, or is now; 1: something is wrong."""
    done = verifying.verify(repair=args.repair)
    print(
        f"Looked at {done.cells} cells and {done.rollups} roll-ups: {len(done.wrong)} were wrong."
    )
    for one in done.wrong[:SHOWN]:
        side = "" if one.side is None else f", side {one.side}"
        print(
            f"  {one.what} of unit {one.unit}, {one.programme}, period {one.period}{side},"
            f" part “{one.part}”: {one.n_was} where the records say {one.n_is},"
            f" sum off by {one.total_off}; {one.meaning}"
        )
    if len(done.wrong) > SHOWN:
        print(f"  and {len(done.wrong) - SHOWN} more: --report FILE.csv has them all.")
    if args.report:
        with args.report.open("w", encoding="utf-8-sig", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(verifying.Wrong.__dataclass_fields__)
            lines.writerows(vars(one).values() for one in done.wrong)
    if done.wrong and not args.repair:
        print("Nothing was changed. With --repair they are put right.", file=sys.stderr)
        return 1
    return 0
