"""`banyan units find NAME`: which unit is meant, and what commands call it."""

import argparse
import json
import sys
from datetime import date
from typing import Any

from django.utils import translation

from banyan.kernel.errors import Refusal
from banyan.orgs import shipped
from banyan.orgs.finding import Found, alike, search, span, tell
from banyan.orgs.models import Unit
from banyan.people.actor import Installer
from banyan.people.middleware import today

HELP = "find a unit by any name it ever bore, and the CODE@DATE that commands take"
MOST = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="find")
    finding = parts.add_parser("find", help="by an old or a new name, with accents or without")
    finding.add_argument("name", metavar="NAME", nargs="+")
    finding.add_argument(
        "--on", metavar="DATE", type=_day, help="the day that is meant, YYYY-MM-DD (default: today)"
    )
    finding.add_argument("--json", action="store_true", help="for programs")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def run(args: argparse.Namespace) -> int:
    """Do it; the answer is the exit code: 1 when nothing was found."""
    day = args.on or today()
    words = " ".join(args.name)
    _have_units()
    with translation.override("en"):
        found = tell(search(words, MOST), day)
        near = [] if found else tell(alike(words), day)
        if args.json:
            shown = {"found": [_plain(one) for one in found], "near": [_plain(one) for one in near]}
            print(json.dumps(shown, ensure_ascii=False, indent=1))
        else:
            _print(words, found, near)
    return 0 if found else 1


def _have_units() -> None:
    """On an installation without any unit, take over the shipped ones first."""
    if Unit.objects.exists():
        return
    print("Taking over the shipped units; this happens once …", file=sys.stderr)
    shipped.load(by=Installer())


def _plain(one: Found) -> dict[str, Any]:
    """One unit found, for programs. `until` is the last day; null: open."""
    return {
        "use": one.spec,
        "code": one.code,
        "name": one.name,
        "kind": one.unit.kind,
        "on": one.on.isoformat(),
        "parents": one.parents,
        "from": one.valid.lower and one.valid.lower.isoformat(),
        "until": one.last and one.last.isoformat(),
        "date_verified": not one.unverified,
        "now": one.now,
        "names": [{"name": n.name, "valid": span(n.valid)} for n in one.unit.names.all()],
    }


def _print(words: str, found: list[Found], near: list[Found]) -> None:
    if not found:
        print(f"No unit is or was called “{words}”.", file=sys.stderr)
        if not near:
            raise Refusal(
                "No name looks like it either.", "", "Try fewer words, or one word of it."
            )
        print("Did you mean:")
    rows = [
        (one.spec or "(no code)", one.unit.get_kind_display(), one.name, one.path, _time(one))
        for one in found or near
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for spec, kind, name, path, time in rows:
        print(f"{spec:{widths[0]}}  {kind:{widths[1]}}  {name:{widths[2]}}  {path}{time}")
    if len(found) == MOST:
        print(f"Only the first {MOST} are shown; write more of the name.", file=sys.stderr)


def _time(one: Found) -> str:
    """From–to of a name that did not always hold, and today's name where it is another."""
    if one.valid.lower is None and one.valid.upper is None:
        return ""
    doubt = ", date not verified" if one.unverified else ""
    now = f", now {one.now}" if one.now and one.now != one.name else ""
    return f"  [{one.valid.lower or '…'} – {one.last or '…'}{doubt}{now}]"
