"""The start page: for nobody, for the example, for those who work here."""

import pytest
from django.test import Client
from django.urls import reverse

from banyan.people.operations import register_person
from banyan.site.demo import SIGN_INS
from banyan.site.models import Organisation
from tests.world import installer

MOST_QUERIES = 12


@pytest.fixture
def example(world):
    """The example's organisation, with one of its people."""
    Organisation.objects.create(name="Ví dụ", unit=world.district, is_demo=True)
    return register_person(
        world.district,
        name=SIGN_INS[0].name,
        email=SIGN_INS[0].email,
        synthetic=True,
        by=installer(),
    )


def test_my_work_shows_what_waits_for_a_reviewer(world):
    from banyan.submissions.operations import move

    sent = world.initiative.submission
    for step in ("begin", "complete"):
        move(sent, move=step, by=world.actor(world.lan))
    said = world.client(world.minh).get("/").content.decode()
    assert "1 mô hình" in said
    assert "state=completed" in said


def test_my_work_shows_a_registrar_what_goes_on_at_the_own_unit_alone(world):
    said = world.client(world.lan).get("/").content.decode()
    assert "1 mô hình" in said
    assert "state=registered" in said
    assert "2 mô hình" not in said


def test_the_start_page_asks_the_database_few_times(world, django_assert_max_num_queries):
    client = world.client(world.minh)
    client.get("/")
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get("/").status_code == 200


def test_who_holds_no_post_is_told_so(world):
    assert world.client(world.stranger).get("/").url == reverse("no_post")


def test_a_stranger_sees_the_organisation_and_the_way_in(world):
    Organisation.objects.create(name="Ban Dân vận Suối Mẫu", unit=world.district)
    said = world.client().get("/").content.decode()
    assert "Ban Dân vận Suối Mẫu" in said
    assert reverse("account_login") in said


def test_the_examples_sign_ins_are_shown_on_the_machine_alone(world, example):
    near = Client(SERVER_NAME="127.0.0.1").get("/").content.decode()
    far = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="10.1.1.1").get("/").content.decode()
    assert SIGN_INS[0].email in near
    assert SIGN_INS[0].email not in far


def test_the_example_is_entered_in_one_tap(world, example):
    client = Client(SERVER_NAME="127.0.0.1")
    answer = client.post(reverse("example_enter"), {"email": SIGN_INS[0].email})
    assert answer.status_code == 303
    assert client.session["_auth_user_id"] == str(example.account.pk)


def test_nobody_else_is_entered_that_way(world, example):
    client = Client(SERVER_NAME="127.0.0.1")
    answer = client.post(reverse("example_enter"), {"email": world.an.account.email})
    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


def test_every_page_of_the_example_is_marked_synthetic(world, example):
    said = world.client(world.minh).get("/").content.decode()
    assert "minh họa" in said
