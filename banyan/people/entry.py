"""Entering: the adapter of the sign-in library, and one-time codes."""

from datetime import datetime

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from banyan.people.models import Account, EntryCode

MOST_TRIES = 5


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by himself: accounts are made by officers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


@transaction.atomic
def enter_by_code(email: str, plain: str, at: datetime) -> Account | None:
    """The account, when the code is right, unused, in force and not tried too often; used up by it."""
    code = (
        EntryCode.objects.select_for_update()
        .filter(
            account__email__iexact=email.strip(),
            account__is_active=True,
            used_at=None,
            expires_at__gt=at,
            tries__lt=MOST_TRIES,
        )
        .order_by("-pk")
        .first()
    )
    if code is None:
        return None
    if not check_password(plain.strip().upper(), code.code_hash):
        EntryCode.objects.filter(pk=code.pk).update(tries=F("tries") + 1)
        return None
    code.used_at = at
    code.save(update_fields=["used_at"])
    return code.account
