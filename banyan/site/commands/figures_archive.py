"""`banyan figures export` and `ask`: figures as files that are read anywhere, and answers over them."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.archive import checking
from banyan.figures.archive.answers import Archive
from banyan.figures.archive.exporting import export
from banyan.figures.counting import with_bases
from banyan.figures.explore import files
from banyan.figures.explore.pivot import pivot_of
from banyan.figures.explore.question import (
    DIMENSIONS,
    INDICATORS,
    PARTS,
    UNITS,
    Ground,
    Question,
    question,
)
from banyan.figures.views import edition_asked, place_of
from banyan.kernel.errors import Refusal
from banyan.orgs.models import Unit
from banyan.orgs.readings import DEFAULT
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.people.middleware import today
from banyan.web.periods import period_of

EXPORT, ASK = "export", "ask"
FEW = 4


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of both."""
    parser.add_argument(
        "of", nargs="?", default="", help=f"{EXPORT}: a programme; {ASK}: the folder of an archive"
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help=f"{EXPORT}: where to")
    parser.add_argument("--check", type=Path, metavar="FOLDER", help=f"{EXPORT}: is it whole?")
    parser.add_argument("--programme", dest="key", default="", help=f"{ASK}: where several are")
    parser.add_argument("--place", default="", metavar="CODE@DATE|GROUP", help=f"{ASK}: where")
    parser.add_argument("--indicator", action="append", default=[], help=f"{ASK}: which figures")
    parser.add_argument("--by", default="", metavar="AXIS", help=f"{ASK}: told apart by")
    parser.add_argument("--rows", choices=DIMENSIONS, default=UNITS, help=f"{ASK}: what rows are")
    parser.add_argument("--columns", choices=DIMENSIONS, help=f"{ASK}: what columns are")


def run(args: argparse.Namespace) -> int:
    """0; 1 where an archive that was checked is not whole."""
    with words.speaking(args.language):
        if args.programme == ASK:
            return _ask(args)
        return _check(args.check) if args.check else _export(args)


def _export(args: argparse.Namespace) -> int:
    span = period_of(args.period) if args.period else None
    editions: Sequence[Edition] = [edition_asked(args.of)] if args.of else _newest()
    folder = (args.into or settings.BANYAN_ARCHIVE).absolute()
    done = export(folder, editions, span)
    print(
        _(
            "%(folder)s holds %(rows)s rows as of %(at)s: %(written)s files written,"
            " %(same)s as they were, %(removed)s removed."
        )
        % {
            "folder": folder,
            "rows": words.number_text(done.rows),
            "at": done.as_of,
            "written": words.number_text(done.written),
            "same": words.number_text(done.same),
            "removed": words.number_text(done.removed),
        }
    )
    return 0


def _newest() -> list[Edition]:
    found = Edition.objects.select_related("programme").order_by("programme__key", "-number")
    editions = list(found.distinct("programme__key"))
    return editions or [edition_asked("")]


def _check(folder: Path) -> int:
    archive = Archive.at(folder.absolute())
    faults = checking.check(archive.folder, archive.manifest)
    named = {
        checking.MISSING: _("missing"),
        checking.CHANGED: _("changed after it was exported"),
        checking.TOO_MANY: _("not in the manifest"),
        checking.SUMS: _("its sums are not those of the manifest"),
    }
    for fault in faults:
        print(f"{fault.path}: {named[fault.kind]}")
    if faults:
        print(
            _("The archive is not what was exported. Export again, or bring it back from a copy."),
            file=sys.stderr,
        )
        return 1
    print(
        _("%(n)s files are those that were exported, as of %(at)s.")
        % {
            "n": words.number_text(len(archive.manifest.every_file)),
            "at": archive.manifest.as_of,
        }
    )
    return 0


class _Holder:
    """Who holds the folder may read all of it."""

    def reach(self, capability: str) -> Any:
        """Every unit."""
        return Unit.objects.values("pk")


def _ask(args: argparse.Namespace) -> int:
    where = args.place or args.unit
    if not (args.of and where and args.period):
        raise Refusal(
            _("Which figures?"),
            _("An archive, a place and a period are needed."),
            "banyan figures ask FOLDER --place 376@2024-06-30 --period 2024H1",
        )
    archive = Archive.at(Path(args.of).absolute())
    asked = _asked(args, archive, where)
    pivot = pivot_of(asked, cast(Actor, _Holder()), today(), archive.matrix)
    if args.json:
        print(json.dumps(files.as_json(pivot), ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(files.comma_separated(pivot).decode("utf-8-sig").replace("\r\n", "\n"))
    return 0


def _asked(args: argparse.Namespace, archive: Archive, where: str) -> Question:
    known = list(archive.manifest.programmes)
    if not args.key and len(known) != 1:
        raise Refusal(
            _("Which programme?"),
            _("The archive holds: %(names)s.") % {"names": ", ".join(known) or "—"},
            _("Name it with --programme."),
        )
    pack = edition_asked(args.key or known[0]).pack
    period = period_of(args.period)
    archive.as_of(pack, period)
    beside = set(archive.manifest.programmes[pack.id].not_told)
    told = [
        name
        for name in (*pack.headline, *pack.indicators)
        if beside.isdisjoint(spec.id for spec in with_bases(pack, [name]))
    ]
    given = QueryDict(mutable=True)
    given.setlist("i", args.indicator)
    given["axis"], given["rows"] = args.by, args.rows
    given["columns"] = args.columns or (PARTS if args.by else INDICATORS)
    ground = Ground(pack, place_of(where, period), period, DEFAULT)
    return question(ground, given, list(dict.fromkeys(told))[:FEW])
