"""The world stands as the tests expect it."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_tests_work_as_a_role_that_owns_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE r.rolname = current_user"
        )
        assert cursor.fetchone() in [("banyan_app", 0)]
        cursor.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_the_world_has_two_branches_and_six_people(world):
    below = world.district.subtree(on=world.today)
    assert world.village.pk in set(below.values_list("unit_id", flat=True))
    assert world.other_commune.pk not in set(below.values_list("unit_id", flat=True))
    assert world.actor(world.lan).may("submission.edit", at=world.village)
    assert not world.actor(world.lan).may("submission.edit", at=world.district)
    assert not world.actor(world.hoa).may("submission.edit", at=world.commune)
    assert world.actor(world.minh).may("submission.review", at=world.commune)
    assert world.actor(world.an).may("unit.reorganise", at=world.district)
    assert world.actor(world.stranger).post is None


def test_what_was_registered_was_sent_in_by_its_registrar(world):
    assert world.initiative.submission.state == "registered"
    assert world.initiative.submission.submitted_by_id == world.lan.account_id
    assert world.other_initiative.submission.round == world.other_round


def test_a_test_that_commits_works_on_a_database_of_its_own(own_database, world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (own_database,)
    assert world.commune.name_on(world.today) == "Xã Đồi Mẫu"
