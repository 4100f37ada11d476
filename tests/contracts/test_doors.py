"""The door test: strangers find every address shut but the doors named here, one by one."""

from http import HTTPStatus
from typing import Any

import pytest

from banyan.web.page import DOORS as OPENED_IN_CODE
from tests.contracts.registry import Address, addresses, everything_is_imported

everything_is_imported()
ADDRESSES = addresses()
LOGIN = "/accounts/login/"

# Open to anybody, signed in or not. Whoever adds one says here why.
DOORS = {
    "home": "the welcome page of an empty installation; else it leads to signing in",
    "worker": "the offline worker: the product's own code",
    "manifest": "the product's name and face",
    "waiting": "a page without data; a script shows what this browser itself keeps",
    "set_language": "the language of the sign-in page",
    "account_login": "signing in",
    "account_logout": "signing out shows nothing",
    "account_inactive": "tells a suspended account why",
    "account_reset_password": "says how a forgotten password is mended",
    "account_reauthenticate": "leads to signing in",
    "enter": "entering by a one-time code",
    "enter_password": "a new password after a one-time code; without a code it leads back",
    "mfa_authenticate": "the second step of signing in; without a first it leads back",
    "mfa_login_webauthn": "signing in by passkey: a fresh challenge",
    "calendar": "one's own due dates for a calendar program, behind a secret address; a wrong one is 404",
    "mail_off": "stops one's own mails by the signed link in them; a link we did not sign is 404",
    "public_models": "recognised models that their owners opened to everybody, and no other",
    "public_model": "one of them by its code; 404 for every other, 410 once it is taken back",
    "public_photo": "a photo that its owner chose for that page; consent is asked for each time",
    "try_example": "the example's sign-ins, on loopback only",
    "example_enter": "the same",
    "begin": "setting up an installation that holds no organisation yet, on loopback only",
    "begin_unit": "the same",
    "begin_file": "the same",
    "begin_tree": "the same",
    "begin_officer": "the same",
    "api-1:openapi-json": "the description of the API holds no data",
}
# Open to an account that holds no post: what is one's own.
OWN = {
    "home": "says that one holds no post",
    "no_post": "the same",
    "my_account": "one's own account",
    "my_language": "one's own language",
    "post_switch": "choosing among one's own posts",
    "sync": "says in JSON that it was kept in another post",
    "inbox": "one's own inbox",
    "inbox_read": "one's own inbox",
    "inbox_open": "one's own inbox",
    "inbox_mark": "one's own inbox",
    "inbox_choices": "what one wants to be told",
    "alerts": "one's own alerts, also those whose figures one may no longer see",
    "calendar_open": "one's own calendar",
    "calendar_shut": "one's own calendar",
    "units": "which units there are, and under which, is public knowledge",
    "unit": "the same",
    "unit_tree": "the same",
    "api-1:list_units": "the same",
    "api-1:api-root": "leads nowhere",
}
SHUT = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
}


def is_shut(answer: Any) -> bool:
    """Whether an answer lets nobody in."""
    leads_away = answer.status_code == HTTPStatus.FOUND
    return answer.status_code in SHUT or (leads_away and answer.url.startswith(LOGIN))


def values_in(world: Any) -> dict[str, dict[str, Any]]:
    """Real keys for the addresses, by their first word: a door of thin air proves nothing."""
    initiative = world.initiative.pk
    return {
        "initiatives": {"pk": initiative, "move": "begin"},
        "desk": {"pk": initiative, "move": "approve"},
        "people": {"pk": world.lan.pk},
        "posts": {"pk": world.actor(world.lan).post_id},
        "reorganisations": {"pk": world.decision.pk},
        "units": {"pk": world.commune.pk},
    }


def url_of(address: Address, world: Any) -> str:
    """The address with keys of the world."""
    return address.url(values_in(world).get(address.route.split("/")[0], {}))


def ids(address: Address) -> str:
    return address.route or "/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES, ids=ids)
def test_nobody_who_is_not_signed_in_gets_further_than_the_doors(address, world):
    url, client = url_of(address, world), world.client()
    for method in ("get", "post", "put", "delete"):
        answer = getattr(client, method)(url)
        if address.name in DOORS:
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            assert world.initiative.title not in answer.content.decode()
        else:
            assert is_shut(answer), f"{method} {url} answers {answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES, ids=ids)
def test_who_holds_no_post_gets_no_further_than_what_is_his_own(address, world):
    url, client = url_of(address, world), world.client(world.stranger)
    for method in ("get", "post"):
        answer = getattr(client, method)(url)
        if address.name in {*DOORS, *OWN} or address.route.startswith("accounts/"):
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        else:
            assert is_shut(answer), f"{method} {url} answers {answer.status_code}"


@pytest.mark.django_db
def test_an_address_of_the_api_tells_a_stranger_in_json(world):
    answer = world.client().get("/api/initiatives")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["Content-Type"].startswith("application/json")


def test_every_door_opened_in_the_code_is_declared_here():
    """`@door` in the code and the list above must say the same."""
    opened = {a.name for a in ADDRESSES if getattr(a.view, "opens", False)}
    assert opened <= set(DOORS), f"a door without a reason: {sorted(opened - set(DOORS))}"
    assert OPENED_IN_CODE


def test_no_reason_outlives_its_door():
    assert {*DOORS, *OWN} - {address.name for address in ADDRESSES} == set()


def test_every_page_of_ours_is_a_page_or_a_door():
    """A view made by neither `@page` nor `@door` answers whoever asks."""
    loose = [
        address.route
        for address in ADDRESSES
        if address.view_name.startswith("banyan.")
        and not hasattr(address.view, "needs")
        and not getattr(address.view, "opens", False)
    ]
    assert loose == []


def test_every_address_has_a_name_of_its_own():
    names = [address.name for address in ADDRESSES]
    assert all(names)
    assert len(names) == len(set(names))
