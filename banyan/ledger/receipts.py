"""Receipts: a repeated request gets the answer of the first, never a second change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Receipt

if TYPE_CHECKING:
    from banyan.ledger.operation import Actor


@dataclass(frozen=True)
class Request:
    """What identifies one request: the key made with the form, and the hash of its body."""

    key: str
    body_hash: str


def claim(by: "Actor") -> "Receipt | models.Model | None":
    """Take the key (a Receipt to fill), or return the thing the first caller got.

    None when the request bears no key. The insert waits for a first caller still at work; after
    its commit the unique key refuses us and the stored answer is read. The same key with another
    body is refused with 422.
    """
    if by.request is None or by.account_id is None:
        return None
    wanted = {"account": by.account_id, "key": by.request.key}
    try:
        with transaction.atomic():
            return Receipt.objects.create(**wanted, request_hash=by.request.body_hash)
    except IntegrityError:
        return _earlier(Receipt.objects.get(**wanted), by.request)


def answered(by: "Actor") -> "models.Model | None":
    """What this very request got when it was here before; None when it is here for the first time.

    For who must know before a form looks at what has changed since. Another body is refused (422).
    """
    if by.request is None or by.account_id is None:
        return None
    known = Receipt.objects.filter(account=by.account_id, key=by.request.key).first()
    return _earlier(known, by.request) if known else None


@contextmanager
def held(by: "Actor") -> Iterator[None]:
    """While an operation works, those it calls belong to its sending and take no receipt."""
    sending, by.request = by.request, None
    try:
        yield
    finally:
        by.request = sending


def _earlier(receipt: Receipt, request: Request) -> models.Model:
    if receipt.request_hash != request.body_hash:
        raise Refusal(
            _("This form was already sent with other content."),
            _("The first sending was kept; the second differs from it."),
            _("Open the page again and send the change as a new one."),
        )
    kind: type[models.Model] = apps.get_model(receipt.thing_kind)
    return kind._default_manager.get(pk=receipt.thing_id)


def fill(receipt: Receipt, result: models.Model) -> None:
    """Write the answer into the receipt taken in this transaction."""
    receipt.thing_kind, receipt.thing_id = result._meta.label_lower, result.pk
    receipt.save(update_fields=["thing_kind", "thing_id"])
