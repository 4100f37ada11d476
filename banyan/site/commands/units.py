"""`banyan units find NAME | show CODE@DATE | tree CODE@DATE`: which unit is meant, and all about it."""

import argparse
import json
import sys
from datetime import date
from typing import Any

from django.utils import translation

from banyan.kernel.errors import Refusal
from banyan.orgs import shipped
from banyan.orgs.browser import Twig, levels
from banyan.orgs.finding import Found, alike, find_unit, search, span, tell
from banyan.orgs.lives import Dated, Life, lives_of
from banyan.orgs.models import Group, Tree, Unit
from banyan.orgs.operations import UNVERIFIED
from banyan.orgs.story import Named, became, successors
from banyan.orgs.unit_page import Sight, carried_on_by, owed_by, sight_of
from banyan.people.actor import Installer
from banyan.people.middleware import today
from banyan.people.models import Post
from banyan.submissions.models import Expectation

HELP = "find a unit by any name it ever bore, show one on a day, or what stands below it"
MOST = 20
DEEPEST = 2


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="find|show|tree")
    finding = parts.add_parser("find", help="by an old or a new name, with accents or without")
    finding.add_argument("name", metavar="NAME", nargs="+")
    finding.add_argument(
        "--on", metavar="DATE", type=_day, help="the day that is meant, YYYY-MM-DD (default: today)"
    )
    finding.add_argument("--json", action="store_true", help="for programs")
    showing = parts.add_parser("show", help="what its page tells, for a day")
    showing.add_argument("spec", metavar="CODE@DATE")
    climbing = parts.add_parser("tree", help="what stands below it on a day")
    climbing.add_argument("spec", metavar="CODE@DATE")
    climbing.add_argument(
        "--depth", type=int, default=DEEPEST, metavar="N", help="how many levels (default: 2)"
    )
    climbing.add_argument("--tree", choices=Tree.values, default=Tree.STATE.value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def run(args: argparse.Namespace) -> int:
    """Do it; the answer is the exit code: 1 when nothing was found."""
    _have_units()
    with translation.override("en"):
        return {"find": _find, "show": _show, "tree": _tree}[args.part](args)


def _find(args: argparse.Namespace) -> int:
    day = args.on or today()
    words = " ".join(args.name)
    found = tell(search(words, MOST), day)
    near = [] if found else tell(alike(words), day)
    lives = lives_of(one.unit.pk for one in [*found, *near])
    if args.json:
        shown = {
            "found": [_plain(one, lives[one.unit.pk]) for one in found],
            "near": [_plain(one, lives[one.unit.pk]) for one in near],
        }
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        _print(words, found, near, lives)
    return 0 if found else 1


def _show(args: argparse.Namespace) -> int:
    at = find_unit(args.spec, today())
    sight = sight_of(Unit.objects.all(), at.unit.pk, at.on, today())
    assert sight is not None
    print(f"{sight.name} · {sight.unit.get_kind_display()} · on {at.on}")
    for place in sight.places:
        print(f"  {place.label}: {place.text or 'at the top'}")
    for label, rows in (("names", sight.life.names), ("codes", sight.life.codes)):
        _print_dated(label, rows)
    _print_dated("stands under", [place for place in sight.life.places if place.what])
    for said in sight.sentences:
        decision = f" [{said.decision}]" if said.decision else ""
        print(f"  {said.on}: {said.text}{decision}{', date not verified' if said.doubt else ''}")
        if said.is_end and not said.units:
            moved, took = sight.heirs_of_what_stood_below()
            _print_named("    what stood below went to", moved)
            _print_named("    the units below are carried on by", took)
    if not sight.life.stands(today()):
        _print_named("  today its records count at", carried_on_by(sight.unit, today()))
    _print_named("  works in the area of", sight.covers)
    _print_named("  in its area work", sight.covered_by)
    _print_what_hangs_on(sight)
    return 0


def _print_named(label: str, named: list[Named]) -> None:
    if named:
        print(f"{label}: {', '.join(one.text for one in named)}")


def _print_dated(label: str, rows: list[Dated]) -> None:
    for row in rows:
        doubt = ", date not verified" if row.note == UNVERIFIED else ""
        decision = f" [{row.decision}]" if row.decision else ""
        time = "" if row.valid.lower is row.valid.upper is None else f"  {span(row.valid)}"
        print(f"  {label}: {row.what}{time}{doubt}{decision}")


def _print_what_hangs_on(sight: Sight) -> None:
    """Groups, rounds and posts: whoever stands at the machine may read them all."""
    groups = Group.objects.filter(units=sight.unit).order_by("key")
    for group in groups:
        print(f"  group: {group.key} ({group.name})")
    posts = Post.objects.held_on(sight.on).filter(unit=sight.unit)
    for post in posts.select_related("person", "role").order_by("person__sort_key"):
        print(f"  post: {post.person.name}, {post.label}")
    for one in owed_by(sight.unit, sight.on, Expectation.objects.all(), sight.tree):
        state = f"{one.records} records" if one.records else "nothing sent"
        if one.asked:
            state += f", {one.sent} of {one.asked} units below have sent records"
        whose = f" of {one.name}" if one.unit != sight.unit.pk else ""
        print(f"  expected{whose}: {one.title} {one.period}, due {one.due}, {state}")
    below = levels([sight.unit.pk], sight.tree, sight.on)[sight.unit.pk]
    print(f"  directly below: {len(below)}")
    for twig in below:
        print(f"    {twig.code:>8}  {twig.name}")


def _tree(args: argparse.Namespace) -> int:
    at = find_unit(args.spec, today())
    print(f"{args.spec}  {at.unit.name_on(at.on)}")
    found: dict[int | None, list[Twig]] = {}
    wanted = [at.unit.pk]
    for _level in range(max(args.depth, 1)):
        below = levels(wanted, args.tree, at.on)
        found |= below
        wanted = [twig.unit for twigs in below.values() for twig in twigs if twig.count]
        if not wanted:
            break
    return _print_below(at.unit.pk, found, 1)


def _print_below(unit: int, found: dict[int | None, list[Twig]], depth: int) -> int:
    for twig in found[unit]:
        more = f"  ({twig.count} below)" if twig.count and twig.unit not in found else ""
        print(f"{'  ' * depth}{twig.code:<8} {twig.name}{more}")
        if twig.unit in found:
            _print_below(twig.unit, found, depth + 1)
    return 0


def _have_units() -> None:
    """On an installation without any unit, take over the shipped ones first."""
    if Unit.objects.exists():
        return
    print("Taking over the shipped units; this happens once …", file=sys.stderr)
    shipped.load(by=Installer())


def _plain(one: Found, life: Life) -> dict[str, Any]:
    """One unit found, for programs. `until` is the last day of the name; null: open."""
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
        "ended": life.ends and life.ends.isoformat(),
        "successors": [
            {"name": to.name, "share": to.share, "on": to.on.isoformat()} for to in successors(life)
        ],
        "names": [{"name": n.name, "valid": span(n.valid)} for n in one.unit.names.all()],
    }


def _print(words: str, found: list[Found], near: list[Found], lives: dict[int, Life]) -> None:
    if not found:
        print(f"No unit is or was called “{words}”.", file=sys.stderr)
        if not near:
            raise Refusal(
                "No name looks like it either.", "", "Try fewer words, or one word of it."
            )
        print("Did you mean:")
    rows = [
        (
            one.spec or "(no code)",
            str(one.unit.get_kind_display()),
            one.name,
            one.path,
            _time(one),
            became(one.unit, lives[one.unit.pk]),
        )
        for one in found or near
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for spec, kind, name, path, time, fate in rows:
        print(f"{spec:{widths[0]}}  {kind:{widths[1]}}  {name:{widths[2]}}  {path}{time}")
        if fate:
            print(f"{'':{widths[0]}}  → {fate}")
    if len(found) == MOST:
        print(f"Only the first {MOST} are shown; write more of the name.", file=sys.stderr)


def _time(one: Found) -> str:
    """From–to of a name that did not always hold, and today's name where it is another."""
    if one.valid.lower is None and one.valid.upper is None:
        return ""
    doubt = ", date not verified" if one.unverified else ""
    now = f", now {one.now}" if one.now and one.now != one.name else ""
    return f"  [{one.valid.lower or '…'} – {one.last or '…'}{doubt}{now}]"
