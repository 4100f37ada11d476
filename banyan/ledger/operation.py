"""`@operation`: one verb, one function, one transaction, one permission, one event."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger import receipts
from banyan.ledger.models import Receipt
from banyan.ledger.recording import record

__all__ = ["OPERATIONS", "Actor", "Operation", "operation", "record", "refusal"]


class Actor(Protocol):
    """Whoever acts: an account in one of its posts."""

    request: "receipts.Request | None"

    @property
    def account_id(self) -> int | None:
        """The account's id, or None for nobody and for set-up."""

    @property
    def post_id(self) -> int | None:
        """The id of the post it acts in."""

    def may(self, capability: str, *, at: Any) -> bool:
        """Whether the capability reaches this unit, or every unit of a sequence, today."""

    def reach(self, capability: str) -> Any:
        """The ids of the units the capability reaches, as a subquery."""


@dataclass(frozen=True)
class Operation:
    """One entry of the registry: the permission matrix, the audit vocabulary and the API list."""

    verb: str
    needs: str | Callable[..., str]
    tells: tuple[str, ...]
    run: Callable[..., Any]


OPERATIONS: dict[str, Operation] = {}


def _unit_of(thing: Any) -> Any:
    """Where a right must reach: the unit that answers for the thing now, else its own."""
    if isinstance(thing, list | tuple):
        return [_unit_of(one) for one in thing]
    return getattr(thing, "keeper", None) or getattr(thing, "unit", thing)


def operation(
    verb: str, *, needs: str | Callable[..., str], tells: Iterable[str] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function an operation.

    Its first argument is the thing acted upon (a Unit, something with `.unit`, or a sequence of
    such), the rest are keywords, the last is `by`. It returns the thing it made or changed.
    `needs` is a capability, or a function of the same arguments that names one (a pack's move).
    `tells` names the arguments whose values the event may carry: ids, dates, codes; never words
    about people.
    """
    names = tuple(tells)

    def wrap(body: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(body)
        def run(thing: Any, *, by: Actor, **told: Any) -> Any:
            capability = needs if isinstance(needs, str) else needs(thing, **told)
            if not by.may(capability, at=_unit_of(thing)):
                raise refusal(capability)
            with transaction.atomic():
                receipt = receipts.claim(by)
                if receipt is not None and not isinstance(receipt, Receipt):
                    return receipt
                with receipts.held(by):
                    result = body(thing, by=by, **told) or thing
                shown = {name: told[name] for name in names if told.get(name) is not None}
                record(verb, result, by=by, things=getattr(result, "things", 1), **shown)
                if receipt is not None:
                    receipts.fill(receipt, result)
            return result

        OPERATIONS[verb] = Operation(verb, needs, names, run)
        run.verb, run.needs = verb, needs  # type: ignore[attr-defined]
        return run

    return wrap


def refusal(capability: str) -> Refusal:
    """What someone hears who may not do this here."""
    return Refusal(
        _("You may not do this here."),
        _("Your present post does not give the right “%(right)s” at this unit.")
        % {"right": capability},
        _("Switch to another of your posts, or ask the officer above you."),
        status=403,
    )
