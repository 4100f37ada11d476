"""Coming in: password, second step, one-time code; and being shut out."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.utils import timezone

from banyan.ledger.models import Event
from banyan.people.actor import Installer
from banyan.people.entry import MOST_TRIES
from banyan.people.models import EntryCode
from banyan.people.operations import IssuedCode, issue_entry_code, restore, suspend
from tests.world import PASSWORD

NEW = "ba con voi di bo"


@pytest.fixture
def code(world):
    """A code for lan, as it is read out."""
    issued = IssuedCode()
    issue_entry_code(world.lan, code=issued, at=timezone.now(), on=world.today, by=Installer())
    return issued.plain


def enter(client, email, code):
    return client.post("/enter", {"email": email, "code": code})


def sign_in(client, who, password=PASSWORD):
    return client.post("/accounts/login/", {"login": who.account.email, "password": password})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_one_signs_in_with_address_and_password(world):
    client = world.client()
    assert sign_in(client, world.lan).status_code == 302
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(world):
    texts = set()
    for email in (world.lan.account.email, "nobody@world.example"):
        answer = world.client().post(
            "/accounts/login/", {"login": email, "password": "wrong-wrong"}
        )
        page = answer.content.decode().replace(email, "")
        texts.add(
            page[page.index('class="errors"') : page.index("</div>", page.index('class="errors"'))]
        )
    assert len(texts) == 1
    assert "không khớp" in texts.pop()


def test_too_many_wrong_passwords_are_stopped(world):
    client = world.client()
    for _n in range(6):
        answer = sign_in(client, world.lan, "wrong-wrong")
    assert "quá nhiều lần" in answer.content.decode()
    sign_in(client, world.lan)
    assert not signed_in(client)


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "login/code/"])
def test_there_is_no_signing_up_and_no_mail(world, path):
    assert world.client().get(f"/accounts/{path}").status_code == 404


def test_a_code_opens_the_way_to_a_new_password(world, code):
    client = world.client()
    assert enter(client, world.lan.account.email, code).status_code == 302
    assert not signed_in(client)
    answer = client.post("/enter/password", {"password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert signed_in(client)
    world.lan.account.refresh_from_db()
    assert world.lan.account.check_password(NEW)
    event = Event.objects.get(verb="account.password_chosen")
    assert (event.thing_id, event.unit) == (world.lan.pk, world.commune.pk)


def test_a_code_may_be_typed_without_dashes_and_small(world, code):
    typed = code.replace("-", " ").lower()
    assert enter(world.client(), world.lan.account.email, typed).status_code == 302


def test_a_code_works_once(world, code):
    enter(world.client(), world.lan.account.email, code)
    assert enter(world.client(), world.lan.account.email, code).status_code == 422


def test_a_code_runs_out_after_a_day(world, code):
    EntryCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert enter(world.client(), world.lan.account.email, code).status_code == 422


def test_a_code_is_dead_after_five_wrong_tries(world, code):
    for _n in range(MOST_TRIES):
        enter(world.client(), world.lan.account.email, "AAAA-AAAA-AAAA")
    assert EntryCode.objects.get().tries == MOST_TRIES
    assert enter(world.client(), world.lan.account.email, code).status_code == 422


def test_a_newer_code_takes_the_place_of_an_older(world, code):
    newer = IssuedCode()
    issue_entry_code(world.lan, code=newer, at=timezone.now(), on=world.today, by=Installer())
    assert enter(world.client(), world.lan.account.email, code).status_code == 422
    assert enter(world.client(), world.lan.account.email, newer.plain).status_code == 302


def test_whatever_is_wrong_the_answer_is_the_same(world, code):
    """An outsider must not learn who has an account, nor for whom a code is out."""
    answers = [
        enter(world.client(), email, "AAAA-AAAA-AAAA").content.decode()
        for email in (world.lan.account.email, world.minh.account.email, "nobody@world.example")
    ]
    errors = {
        page[page.index('role="alert"') : page.index("</form>")].split("csrf")[0]
        for page in answers
    }
    assert len(errors) == 1


def test_guessing_at_many_codes_is_stopped(world):
    client = world.client()
    answers = [
        enter(client, "nobody@world.example", "AAAA-AAAA-AAAA").status_code for _n in range(11)
    ]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {422}


def test_without_a_code_there_is_no_choosing_a_password(world):
    client = world.client()
    answer = client.post("/enter/password", {"password1": NEW, "password2": NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/enter")
    assert not signed_in(client)


def test_a_password_must_be_long_and_typed_alike(world, code):
    client = world.client()
    enter(client, world.lan.account.email, code)
    assert (
        client.post("/enter/password", {"password1": "short", "password2": "short"}).status_code
        == 422
    )
    assert (
        client.post("/enter/password", {"password1": NEW, "password2": NEW + "x"}).status_code
        == 422
    )
    assert client.post("/enter/password", {"password1": NEW, "password2": NEW}).status_code == 302


def test_a_second_step_is_asked_for_after_a_code_too(world, code):
    """The code replaces the password, not the telephone."""
    TOTP.activate(world.lan.account, "JBSWY3DPEHPK3PXP")
    client = world.client()
    enter(client, world.lan.account.email, code)
    answer = client.post("/enter/password", {"password1": NEW, "password2": NEW})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)


def test_a_lost_telephone_is_forgotten_with_the_code(world):
    TOTP.activate(world.lan.account, "JBSWY3DPEHPK3PXP")
    issue_entry_code(
        world.lan,
        code=IssuedCode(),
        at=timezone.now(),
        on=world.today,
        lost_device=True,
        by=Installer(),
    )
    assert not Authenticator.objects.filter(user=world.lan.account).exists()


def test_shutting_an_account_ends_its_sessions_at_once_and_for_good(world):
    client = world.client()
    sign_in(client, world.lan)
    assert client.get("/me").status_code == 200
    assert UserSession.objects.filter(user=world.lan.account).count() == 1
    suspend(world.lan, on=world.today, by=world.actor(world.an))
    assert client.get("/me").status_code == 302
    restore(world.lan, on=world.today, by=world.actor(world.an))
    assert client.get("/me").status_code == 302


def test_a_shut_account_does_not_come_in(world, code):
    suspend(world.lan, on=world.today, by=Installer())
    client = world.client()
    sign_in(client, world.lan)
    assert not signed_in(client)
    assert enter(client, world.lan.account.email, code).status_code == 422


def test_a_new_password_signs_the_other_machines_out(world, code):
    other = world.client(world.lan)
    assert other.get("/me").status_code == 200
    client = world.client()
    enter(client, world.lan.account.email, code)
    client.post("/enter/password", {"password1": NEW, "password2": NEW})
    assert other.get("/me").status_code == 302
