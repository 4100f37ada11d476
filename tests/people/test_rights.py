"""Who may give, take, shut and open: nobody hands on what he does not hold himself."""

from datetime import date

import pytest

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.people import operations
from banyan.people.actor import Installer
from banyan.people.models import Post, Role


def role(key):
    return Role.objects.get(key=key)


def last(verb):
    return Event.objects.filter(verb=verb).order_by("-pk").first()


def give(world, who, key, unit, by=None, **more):
    return operations.appoint(
        unit, person=who, role=role(key), on=world.today, by=by or Installer(), **more
    )


def test_an_officer_gives_a_post_within_reach(world):
    post = give(
        world, world.stranger, "dan-van-kheo-registrar", world.village, world.actor(world.an)
    )
    assert post.held_on(world.today)
    assert last("post.given").thing_id == post.pk
    assert last("post.given").account == world.an.account.pk


def test_an_officer_gives_no_post_outside_reach(world):
    with pytest.raises(Refusal) as no:
        give(
            world,
            world.stranger,
            "dan-van-kheo-registrar",
            world.other_commune,
            world.actor(world.an),
        )
    assert no.value.status == 403


def test_nobody_gives_a_role_with_a_right_he_lacks(world):
    assert "submission.review" not in role("administrator").capabilities
    with pytest.raises(Refusal, match="vai trò") as no:
        give(world, world.stranger, "dan-van-kheo-leader", world.village, world.actor(world.an))
    assert no.value.status == 403
    assert no.value.mend
    assert not Post.objects.filter(person=world.stranger).exists()


def test_nobody_gives_a_clearance_above_his_own(world):
    Role.objects.filter(key="dan-van-kheo-registrar").update(clearance=2)
    with pytest.raises(Refusal) as no:
        give(world, world.stranger, "dan-van-kheo-registrar", world.village, world.actor(world.an))
    assert no.value.status == 403


def test_nobody_gives_a_post_in_another_tree(world):
    by = world.actor(world.an)
    with pytest.raises(Refusal) as no:
        give(world, world.stranger, "dan-van-kheo-registrar", world.village, by, tree="party")
    assert no.value.status == 403


def test_a_post_at_a_unit_that_does_not_stand_that_day_is_refused(world):
    with pytest.raises(Refusal) as no:
        operations.appoint(
            world.village,
            person=world.stranger,
            role=role("dan-van-kheo-registrar"),
            on=date(2019, 12, 31),
            by=Installer(),
        )
    assert no.value.status == 409


def test_the_same_post_twice_is_refused_in_words(world):
    give(world, world.stranger, "dan-van-kheo-registrar", world.village)
    with pytest.raises(Refusal) as no:
        give(world, world.stranger, "dan-van-kheo-registrar", world.village)
    assert no.value.status == 409


def test_nobody_takes_a_role_he_could_not_give(world):
    minhs = Post.objects.get(person=world.minh)
    with pytest.raises(Refusal) as no:
        operations.relieve(minhs, on=world.today, by=world.actor(world.an))
    assert no.value.status == 403


def test_nobody_ends_the_post_he_acts_in(world):
    own = Post.objects.get(person=world.an)
    with pytest.raises(Refusal) as no:
        operations.relieve(own, on=world.today, by=world.actor(world.an))
    assert no.value.status == 403


def test_a_post_already_ended_is_said_to_be_ended(world):
    post = Post.objects.get(person=world.lan)
    operations.relieve(post, on=world.today, by=Installer())
    with pytest.raises(Refusal) as no:
        operations.relieve(post, on=world.today, by=Installer())
    assert no.value.status == 409


def test_an_ended_post_gives_no_right_at_the_next_request(world):
    client = world.client(world.an)
    assert client.get("/people/").status_code == 200
    operations.relieve(Post.objects.get(person=world.an), on=world.today, by=Installer())
    assert client.get("/people/").status_code == 403


def test_a_new_post_gives_its_rights_at_the_next_request(world):
    client = world.client(world.stranger)
    assert client.get("/people/").status_code == 403
    give(world, world.stranger, "administrator", world.other_district)
    assert client.get("/people/").status_code == 200


def test_posts_in_another_tree_are_not_shown(world):
    Post.objects.filter(person=world.lan).update(tree="party")
    page = world.client(world.an).get(f"/people/{world.lan.pk}").content.decode()
    assert world.lan.name in page
    assert str(role("dan-van-kheo-registrar")) not in page


def test_who_holds_a_post_above_is_not_let_in_by_one_below(world):
    """A code opens the account with all its rights: it would be a way up."""
    give(world, world.lan, "administrator", world.province)
    with pytest.raises(Refusal) as no:
        operations.issue_entry_code(
            world.lan,
            code=operations.IssuedCode(),
            at=None,
            on=world.today,
            by=world.actor(world.an),
        )
    assert no.value.status == 403


def test_nobody_shuts_his_own_account(world):
    with pytest.raises(Refusal) as no:
        operations.suspend(world.an, on=world.today, by=world.actor(world.an))
    assert no.value.status == 403
