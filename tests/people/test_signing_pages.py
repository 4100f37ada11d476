"""Every page of signing in is ours: whole, in both languages, with nothing inline that runs."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

DOORS = ["/accounts/login/", "/accounts/forgot/", "/accounts/inactive/", "/enter"]
INSIDE = [
    "/me",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/password/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/app/",
    "/accounts/2fa/keys/",
    "/accounts/2fa/keys/add/",
]
PROTECTED = [
    "/accounts/2fa/app/remove/",
    "/accounts/2fa/codes/",
    "/accounts/2fa/codes/new/",
    "/accounts/2fa/reauthenticate/",
]
RUNS = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son\w+=|\sstyle=|javascript:", re.I
)
ENGLISH = re.compile(r"\b(the|your|password|sign in|passkey|authenticator|cancel|codes)\b", re.I)


def reauthenticated(client, who):
    from tests.world import PASSWORD

    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def visible(page):
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.S)
    # Language names and the address stand in any language.
    return re.sub(r"\S+@\S+|English", " ", text)


def is_ours(answer):
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="main"' in page
    assert not RUNS.search(page), RUNS.search(page)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    return page


@pytest.mark.parametrize("path", DOORS)
def test_a_stranger_finds_the_doors_in_vietnamese(world, path):
    assert not ENGLISH.search(visible(is_ours(world.client().get(path))))


@pytest.mark.parametrize("path", INSIDE)
def test_who_is_signed_in_finds_every_page_in_vietnamese(world, path):
    client = reauthenticated(world.client(world.lan), world.lan)
    assert not ENGLISH.search(visible(is_ours(client.get(path))))


@pytest.mark.parametrize("path", PROTECTED)
def test_who_has_a_second_step_finds_its_pages_in_vietnamese(world, path):
    TOTP.activate(world.lan.account, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(world.lan.account)
    client = reauthenticated(world.client(world.lan), world.lan)
    assert not ENGLISH.search(visible(is_ours(client.get(path))))


def test_the_recovery_codes_can_be_taken_away_as_text(world):
    TOTP.activate(world.lan.account, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(world.lan.account).get_unused_codes()
    client = reauthenticated(world.client(world.lan), world.lan)
    text = client.get("/accounts/2fa/codes/file/").content.decode()
    assert all(code in text for code in codes)


@pytest.mark.parametrize("path", [*INSIDE[:1], *INSIDE[2:], *PROTECTED])
def test_a_stranger_is_sent_to_the_door(world, path):
    answer = world.client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_opens_the_door_without_a_password(world, browser):
    """A virtual authenticator of chromium: the library's scripts run under our strict policy."""
    from tests.world import PASSWORD

    page = browser.open(None, "/accounts/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    kind |= {"hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    page.fill("[name=login]", world.lan.account.email)
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/accounts/login/'] button.main")
    page.goto(browser.url + "/accounts/2fa/keys/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button.main")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/accounts/2fa/codes/")
    assert Authenticator.objects.filter(user=world.lan.account, type="webauthn").count() == 1
    page.goto(browser.url + "/accounts/logout/")
    page.click("form[action='/accounts/logout/'] button.main")
    page.goto(browser.url + "/accounts/login/?next=/me")
    page.click("#passkey_login")
    page.wait_for_url(browser.url + "/me")
    assert world.lan.account.email in page.content()
