"""Entering: what the sign-in library asks of us, and one-time codes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.ledger.operation import record
from banyan.people.actor import Actor
from banyan.people.models import Account, EntryCode

MOST_TRIES = 5
ENTERING = "entering"
TIME_FOR_A_PASSWORD = timedelta(minutes=15)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by himself: accounts are made by officers. Messages in our own words."""

    error_messages: ClassVar[Mapping[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is shut. Ask the officer above you."),
        "email_password_mismatch": gettext_lazy(
            "This address and this password do not fit together."
        ),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "incorrect_code": gettext_lazy("The code is not right. Codes change every half minute."),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries in a row. Wait five minutes, then try again."
        ),
        "rate_limited": gettext_lazy("Too many tries in a row. Wait a few minutes."),
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be led there after signing in; an address that cannot be read is none."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's account."""
        return reverse("my_account")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Ways to show once more that it is oneself, in our words."""
        words = {
            "reauthenticate": _("Use the password"),
            "mfa_reauthenticate": _("Use a code of the authenticator app"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**one, "description": words[one["id"]]} for one in methods]


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator app and passkeys, in our words."""

    error_messages: ClassVar[Mapping[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes come with an authenticator app or a passkey. Set up one of them first."
        ),
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """A name to begin with; the owner may change it."""
        known = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": known + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """How a browser's dialogue names us."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Banyan"}


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
        # As long as a real check, so that the wait does not tell whether a code is out.
        make_password(plain)
        return None
    if not check_password(_as_issued(plain), code.code_hash):
        EntryCode.objects.filter(pk=code.pk).update(tries=F("tries") + 1)
        return None
    code.used_at = at
    code.save(update_fields=["used_at"])
    return code.account


def _as_issued(plain: str) -> str:
    """Letters in groups of four, however they were typed."""
    letters = "".join(ch for ch in plain.upper() if ch.isalnum())
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def begin_entering(session: SessionBase, account: Account, at: datetime) -> None:
    """Remember in the session who may now choose a password, for a quarter of an hour."""
    session.cycle_key()
    session[ENTERING] = {"account": account.pk, "at": at.isoformat()}


def who_enters(session: SessionBase, at: datetime) -> Account | None:
    """The account that may choose a password in this session now."""
    begun = session.get(ENTERING)
    if not begun or at - datetime.fromisoformat(begun["at"]) > TIME_FOR_A_PASSWORD:
        return None
    return Account.objects.filter(pk=begun["account"], is_active=True).first()


@transaction.atomic
def choose_password(session: SessionBase, account: Account, password: str, actor: Actor) -> None:
    """Set the password chosen after a one-time code; all older sessions lose their force by it."""
    del session[ENTERING]
    account.set_password(password)
    account.save(update_fields=["password"])
    person = getattr(account, "person", None)
    by = Actor(account, None, actor.today)
    record("account.password_chosen", person, by=by, unit=person.home if person else None)


def choose_language(account: Account, language: str) -> None:
    """Keep the language of the account: pages come in it on every machine."""
    account.language = language
    account.save(update_fields=["language"])
