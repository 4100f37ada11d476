"""What `banyan import` does with a file: keep it, read it, take in what can be, say what could not."""

import argparse
import json
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.documents.operations import Incoming
from banyan.imports import operations, telling, work
from banyan.imports.forms import media_type
from banyan.imports.models import Import
from banyan.imports.target import TARGETS, target_of
from banyan.kernel.errors import Refusal
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Unit
from banyan.people.actor import Actor, posts_of
from banyan.people.middleware import today
from banyan.people.models import Account
from banyan.web.periods import period_of


def carry_out(args: argparse.Namespace) -> int:
    """All in one transaction, rolled back for a dry run. 1 when rows are left out."""
    with translation.override(args.language), transaction.atomic():
        one = carried_out(args)
        if args.json:
            told = telling.as_json(one, dry_run=args.dry_run)
            print(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            print("\n".join(telling.as_lines(one)))
        transaction.set_rollback(args.dry_run)
    if one.state == "failed":
        raise Refusal(**one.said)
    return 1 if one.counts.get("wrong") or one.state == "asking" else 0


def carried_out(args: argparse.Namespace) -> Import:
    """The import, read and (but for a dry run) taken in: all in one transaction."""
    key = args.what if args.what in TARGETS else "models"
    target = target_of(key)
    options = dict(said.partition("=")[::2] for said in args.option)
    if key == "models":
        options |= {
            "programme": args.what,
            "period": period_of(args.period).key if args.period else "",
        }
    day = target.day_of(options, today())
    unit = find_unit(args.unit, day).unit
    content = content_of(args.file)
    by = actor_for(args.email, unit, target.needs)
    name = args.file.name
    one: Import = operations.begin(
        unit,
        order=operations.Order(key, options, day),
        file=Incoming(name, media_type(name), [content]),
        by=by,
    )
    work.run(one.pk)
    one.refresh_from_db()
    taken = one.counts.get("new", 0) + one.counts.get("changed", 0)
    if one.state == "ready" and taken and not args.dry_run:
        operations.confirm(one, by=by)
        work.run(one.pk)
        one.refresh_from_db()
    return one


def content_of(path: Path) -> bytes:
    """The file's bytes, but never more than the installation takes."""
    try:
        with path.open("rb") as file:
            content = file.read(settings.BANYAN_LARGEST_FILE + 1)
    except OSError as error:
        raise Refusal(
            _("The file cannot be opened."), f"{path}: {error.strerror}", _("Check its name.")
        ) from error
    if len(content) > settings.BANYAN_LARGEST_FILE:
        raise Refusal(
            _("The file is larger than %(most)s MB. Make it smaller or split it.")
            % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
        )
    return content


def actor_for(email: str, unit: Unit, right: str) -> Actor:
    """The account in the first of its posts that may import at the unit. Raises Refusal."""
    account = Account.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        raise Refusal(
            _("There is no account “%(email)s” that may sign in.") % {"email": email},
            "",
            _("Check the address."),
            status=404,
        )
    day = today()
    for post in posts_of(account, day):
        actor = Actor(account, post, day)
        if actor.may(right, at=unit):
            return actor
    raise Refusal(
        _("“%(email)s” may not import at %(unit)s.") % {"email": email, "unit": unit.name_on(day)},
        _("None of the account's posts of today gives the right “%(right)s” there.")
        % {"right": right},
        _("Name another account, or have a post given."),
        status=403,
    )
