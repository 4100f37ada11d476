"""Saved views of lists: keep, share, rename, choose as one's own beginning, drop."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import nfc
from banyan.ledger.operation import Actor, operation, refusal
from banyan.orgs.models import Unit
from banyan.people.models import SavedView

# Whoever may read the figures of a unit may tell those below it how to look at them.
SHARE = "figure.view"
MOST, PINS = 60, 4
# What says where in a list one is, or which view it came from, is no part of a view.
UNKEPT: tuple[str, ...] = ("after", "before", "page", "as", "part", "card", "view", "saved", "r")
UNKEPT += ("listing", "key", "csrfmiddlewaretoken")


@dataclass(frozen=True)
class Kept:
    """What is kept: which list, its address, the name, with whom it is shared."""

    listing: str
    query: str
    name: str
    shared_with: Unit | None = None


def plain(query: str) -> str:
    """An address's query without what is no part of a view."""
    kept = QueryDict(query, mutable=True)
    for key in UNKEPT:
        kept.pop(key, None)
    for key in [key for key, value in kept.items() if not value]:
        kept.pop(key)
    return kept.urlencode()[:2000]


@operation("saved_view.kept", needs="unit.view")
def keep(unit: Unit, *, kept: Kept, by: Actor) -> SavedView:
    """Keep a list as it is now, under a name; `unit` is where one's post is."""
    assert by.account_id is not None  # nobody reaches a unit
    _may_share(kept.shared_with, by)
    if SavedView.objects.filter(account=by.account_id).count() >= MOST:
        raise Refusal(
            _("You keep %(n)s views already.") % {"n": MOST},
            _("So many cannot be told apart."),
            _("Drop one that you no longer open."),
            status=409,
        )
    with _one_of_a_name():
        made: SavedView = SavedView.objects.create(
            account_id=by.account_id,
            unit=unit,
            listing=kept.listing,
            name=_named(kept.name),
            query=plain(kept.query),
            shared_with=kept.shared_with,
        )
    return made


@operation("saved_view.amended", needs="unit.view")
def amend(unit: Unit, *, view: SavedView, kept: Kept, by: Actor) -> SavedView:
    """Rename a view of one's own, keep another address under it, share it or take it back."""
    _own(view, by)
    _may_share(kept.shared_with, by)
    view.name, view.query, view.shared_with = _named(kept.name), plain(kept.query), kept.shared_with
    with _one_of_a_name():
        view.save(update_fields=["name", "query", "shared_with"])
    return view


@operation("saved_view.dropped", needs="unit.view")
def drop(unit: Unit, *, view: SavedView, by: Actor) -> Unit:
    """Drop a view of one's own; what it showed stays. Returns the unit of one's post."""
    _own(view, by)
    SavedView.objects.filter(pk=view.pk).delete()
    return unit


@operation("saved_view.preferred", needs="unit.view")
def prefer(unit: Unit, *, view: SavedView, by: Actor) -> SavedView:
    """Begin the list with this view from now on; preferred once more: with everything again."""
    _own(view, by)
    wanted = not view.is_default
    SavedView.objects.filter(account=by.account_id, listing=view.listing).update(is_default=False)
    SavedView.objects.filter(pk=view.pk).update(is_default=wanted)
    view.is_default = wanted
    return view


@operation("saved_view.pinned", needs="unit.view")
def pin(unit: Unit, *, view: SavedView, by: Actor) -> SavedView:
    """Put a question on the page of the situation, for all who may open it; pinned once more: take it
    off again."""
    _own(view, by)
    wanted = not view.is_pinned
    if wanted and SavedView.objects.filter(account=by.account_id, is_pinned=True).count() >= PINS:
        raise Refusal(
            _("%(n)s are pinned already.") % {"n": PINS},
            _("The page of the situation is read at a glance."),
            _("Take another one off first."),
            status=409,
        )
    SavedView.objects.filter(pk=view.pk).update(is_pinned=wanted)
    view.is_pinned = wanted
    return view


def _own(view: SavedView, by: Actor) -> None:
    if by.account_id is None or view.account_id != by.account_id:
        raise Refusal(
            _("This view was kept by somebody else."),
            _("Whoever keeps a view changes it."),
            _("Open it and keep it under a name of your own."),
            status=403,
        )


def _may_share(unit: Unit | None, by: Actor) -> None:
    if unit is not None and not by.may(SHARE, at=unit):
        raise refusal(SHARE)


def _named(name: str) -> str:
    said = nfc(name)[:80]
    if not said:
        raise Refusal(_("The view has no name."), "", _("Write a name."), status=422)
    return said


class _one_of_a_name:
    """A second view of the same name is refused in words."""

    def __enter__(self) -> None:
        self.within = transaction.atomic()
        self.within.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.within.__exit__(kind, error, trace)
        if isinstance(error, IntegrityError):
            raise Refusal(
                _("You keep a view of this name already."), "", _("Write another name."), status=409
            ) from error
