"""`banyan reform`: the reform of 1 July 2025 looked at, carried out, undone from the shell."""

import argparse
import time
from collections.abc import Callable

from django.utils import translation

from banyan.kernel.errors import Refusal
from banyan.orgs import reform, shipped
from banyan.people.actor import Actor, Installer
from banyan.people.middleware import today
from banyan.people.models import Account
from banyan.reorganisations import operations, preview
from banyan.reorganisations.effect_words import Words, plainly
from banyan.reorganisations.models import Reorganisation

HELP = "look at the reform of units of 1 July 2025, carry it out, or undo it"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    step = parser.add_mutually_exclusive_group(required=True)
    step.add_argument("--preview", action="store_true", help="say what it would do")
    step.add_argument("--apply", action="store_true", help="carry it out")
    step.add_argument("--undo", action="store_true", help="put everything back, until it is closed")
    parser.add_argument(
        "--as", dest="email", metavar="EMAIL", help="who does it (default: whoever has the machine)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when something stands in its way."""
    by = _actor(args.email)
    decision = _decision(by, begin=not args.undo)
    with translation.override("en"):
        if args.undo:
            _timed("Undone", lambda: operations.undo(decision, by=by))
            return 0
        if args.apply:
            done = _timed("Carried out", lambda: operations.apply(decision, on=decision.on, by=by))
        else:
            done = _timed("Looked at; nothing was changed", lambda: preview.look(decision, by=by))
        print("\n".join(_told(done)))
    return 1 if done.preview and done.preview["problems"] else 0


def _actor(email: str | None) -> Actor | Installer:
    if email is None:
        return Installer()
    account = Account.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        raise Refusal(
            f"There is no account “{email}” that may sign in.", "", "Check the address.", status=404
        )
    return Actor.in_first_post(account, today())


def _decision(by: Actor | Installer, *, begin: bool) -> Reorganisation:
    """The decision as it stands here, drafted where it is not yet."""
    about = reform.facts()
    found = Reorganisation.objects.filter(source=about["source"], on=about["day"]).order_by("pk")
    decision: Reorganisation | None = found.last()
    if decision is not None:
        return decision
    root = shipped.loaded()
    if root is None or not begin:
        raise Refusal(
            "The reform was never prepared here." if root else "The shipped units are not here.",
            "",
            "Say --preview or --apply." if root else "Take them over first: banyan units find NAME",
        )
    with translation.override("vi"):  # what the decision is about is told as the country tells it
        drafted: Reorganisation = operations.draft_reform(root, by=by)
    return drafted


def _timed(what: str, step: Callable[[], Reorganisation]) -> Reorganisation:
    begun = time.monotonic()
    done = step()
    print(f"{what}, in {time.monotonic() - begun:.1f} s.")
    return done


def _told(done: Reorganisation) -> list[str]:
    told = done.preview or {}
    if not told.get("problems"):
        return list(plainly(Words(done)))
    lines = [
        " ".join(filter(None, (one["what"], one["why"], one["mend"]))) for one in told["problems"]
    ]
    left = told["in_all"] - len(lines)
    return [*lines, f"… and {left} more."] if left else lines
