"""The pages on people: list, person, post, code, one's own account."""

import json

import pytest
from django.test import Client

from banyan.ledger.models import Event
from banyan.ledger.operation import OPERATIONS
from banyan.ledger.words import SAID
from banyan.people.actor import Installer
from banyan.people.models import EntryCode, Person, Post, Role
from banyan.people.operations import appoint, relieve
from tests.world import BACKEND

REGISTRAR = "dan-van-kheo-registrar"


@pytest.fixture
def an(world):
    return world.client(world.an)


def form_of(world, **more):
    return {
        "key": "k1",
        "role": REGISTRAR,
        "unit": "Thôn Bến Mẫu",
        "on": world.today.isoformat(),
        "title_of_post": "",
        **more,
    }


def test_the_list_shows_whom_one_may_see_and_nobody_else(world, an):
    page = an.get("/people/").content.decode()
    assert world.lan.name in page
    assert world.hoa.name not in page
    assert world.stranger.name not in page


def test_a_look_at_the_list_is_written_down_with_how_many(world, an):
    an.get("/people/")
    event = Event.objects.filter(verb="people.listed").get()
    assert (event.things, event.account, event.unit) == (4, world.an.account.pk, world.district.pk)
    assert event.tells == {"form": "page"}


def test_taking_the_list_away_as_a_file_is_written_down(world, an):
    b"".join(an.get("/people/?as=csv"))
    assert Event.objects.get(verb="people.listed").tells == {"form": "csv"}


def test_reading_a_person_is_written_down(world, an):
    assert an.get(f"/people/{world.lan.pk}").status_code == 200
    event = Event.objects.get(verb="person.read")
    assert (event.thing_id, event.unit) == (world.lan.pk, world.commune.pk)


def test_a_person_outside_reach_does_not_exist(world, an):
    assert an.get(f"/people/{world.hoa.pk}").status_code == 404
    assert an.get(f"/people/{world.hoa.pk}/appoint").status_code == 404
    assert an.get(f"/people/{world.hoa.pk}/code").status_code == 404
    assert not Event.objects.filter(verb="person.read").exists()


def test_people_are_found_without_accents(world, an):
    page = an.get("/people/?q=nguyen+thi+lan").content.decode()
    assert world.lan.name in page
    assert world.minh.name not in page


def test_a_person_is_registered_and_given_a_post(world, an):
    answer = an.post(
        "/people/new", {"name": "Bùi Thị Mới Thử", "email": "moi@world.example", "unit": "W112"}
    )
    made = Person.objects.get(name="Bùi Thị Mới Thử")
    assert (answer.status_code, answer["Location"]) == (303, f"/people/{made.pk}")
    assert made.home == world.sister_commune
    assert not made.account.has_usable_password()
    answer = an.post(f"/people/{made.pk}/appoint", form_of(world, unit="Xã Đồng Mẫu"))
    assert answer.status_code == 303
    assert made.posts.get().unit == world.sister_commune


def test_an_address_already_taken_is_said_and_what_was_typed_is_kept(world, an):
    answer = an.post("/people/new", {"name": "Bùi Thị Mới Thử", "email": world.lan.account.email})
    assert answer.status_code == 422
    assert "đã có tài khoản" in answer.content.decode()
    assert "Bùi Thị Mới Thử" in answer.content.decode()


def test_a_double_tap_gives_one_post(world, an):
    first = an.post(f"/people/{world.minh.pk}/appoint", form_of(world))
    second = an.post(f"/people/{world.minh.pk}/appoint", form_of(world))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Post.objects.filter(person=world.minh, role__key=REGISTRAR).count() == 1
    assert Event.objects.filter(verb="post.given", account=world.an.account.pk).count() == 1


def test_only_roles_one_may_give_are_offered(world, an):
    page = an.get(f"/people/{world.lan.pk}/appoint").content.decode()
    assert f'value="{REGISTRAR}"' in page
    assert 'value="dan-van-kheo-leader"' not in page
    answer = an.post(f"/people/{world.lan.pk}/appoint", form_of(world, role="dan-van-kheo-leader"))
    assert answer.status_code == 422


def test_a_unit_outside_reach_or_unknown_is_not_found(world, an):
    for name in ("Xã Cầu Giả", "Xã Không Có"):
        answer = an.post(f"/people/{world.minh.pk}/appoint", form_of(world, unit=name))
        assert answer.status_code == 422
        assert "không có đơn vị nào" in answer.content.decode()


def test_a_name_that_fits_several_units_asks_for_the_code(world, an):
    answer = an.post(f"/people/{world.minh.pk}/appoint", form_of(world, unit="Mẫu"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "W111 Xã Đồi Mẫu (Huyện Suối Mẫu)" in page


def test_a_post_is_ended_from_a_day_on(world, an):
    post = Post.objects.get(person=world.lan)
    answer = an.post(f"/posts/{post.pk}/end", {"on": world.today.isoformat()})
    post.refresh_from_db()
    assert answer.status_code == 303
    assert post.valid.upper == world.today


def test_a_code_is_shown_once_large_and_stored_only_as_a_hash(world, an):
    page = an.post(f"/people/{world.lan.pk}/code", {"key": "c1"})
    text = page.content.decode()
    plain = text.split('class="entry-code"><code>')[1].split("<")[0]
    assert len(plain) == 14
    assert "24 giờ" in text
    assert "no-store" in page["Cache-Control"]
    assert plain not in json.dumps(list(EntryCode.objects.values()), default=str)
    assert plain not in json.dumps(list(Event.objects.values("tells")))
    assert plain not in an.get(f"/people/{world.lan.pk}/code").content.decode()


def test_a_double_tap_shows_the_code_that_is_in_force(world, an):
    pages = [an.post(f"/people/{world.lan.pk}/code", {"key": "c1"}).content.decode() for _n in "12"]
    first, second = (page.split('class="entry-code"><code>')[1].split("<")[0] for page in pages)
    assert first == second
    answer = Client().post("/enter", {"email": world.lan.account.email, "code": second})
    assert answer.status_code == 302


def test_an_account_is_shut_and_opened_on_its_page(world, an):
    assert an.post(f"/people/{world.lan.pk}/shut", {}).status_code == 303
    world.lan.account.refresh_from_db()
    assert not world.lan.account.is_active
    assert an.post(f"/people/{world.lan.pk}/open", {}).status_code == 303
    world.lan.account.refresh_from_db()
    assert world.lan.account.is_active


# One's own account ------------------------------------------------------------------------------


@pytest.fixture
def two_posts(world):
    """An, administrator of the district, is also registrar at the commune."""
    return appoint(
        world.commune,
        person=world.an,
        role=Role.objects.get(key=REGISTRAR),
        on=world.today,
        by=Installer(),
    )


def test_one_acts_as_another_of_ones_posts_in_one_tap(world, an, two_posts):
    assert an.get("/people/").status_code == 200
    answer = an.post("/posts/switch", {"post": two_posts.pk, "next": "/me"})
    assert (answer.status_code, answer["Location"]) == (303, "/me")
    assert an.get("/people/").status_code == 403


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example", "/people/", "/no/such/page", ""]
)
def test_after_a_switch_one_lands_on_a_page_of_ours_that_is_open(world, an, two_posts, path):
    answer = an.post("/posts/switch", {"post": two_posts.pk, "next": path})
    assert answer["Location"] == "/"


def test_nobody_acts_in_a_post_of_another(world, an):
    others = Post.objects.get(person=world.minh)
    assert an.post("/posts/switch", {"post": others.pk}).status_code == 409


def test_what_was_sent_from_a_post_that_has_ended_is_not_done_in_another(world, an, two_posts):
    """The page was written in the name of the administrator; the registrar must not send it."""
    assert an.get("/people/new").status_code == 200
    relieve(
        Post.objects.get(person=world.an, role__key="administrator"), on=world.today, by=Installer()
    )
    answer = an.post("/people/new", {"name": "Bùi Thị Mới Thử"})
    assert answer.status_code == 409
    assert "đã kết thúc" in answer.content.decode()
    assert not Person.objects.filter(name="Bùi Thị Mới Thử").exists()


def test_one_sees_ones_posts_and_what_the_ledger_says_one_did(world, an, two_posts):
    an.get(f"/people/{world.lan.pk}")
    page = an.get("/me").content.decode()
    assert "Huyện Suối Mẫu" in page
    assert "Xã Đồi Mẫu" in page
    assert str(SAID["person.read"]) in page


def test_what_one_did_is_not_shown_to_others(world, an):
    an.get(f"/people/{world.lan.pk}")
    assert str(SAID["person.read"]) not in world.client(world.minh).get("/me").content.decode()


def test_every_verb_of_the_ledger_has_its_words():
    assert set(OPERATIONS) - {"test"} <= set(SAID)


def test_a_language_is_kept_for_every_machine(world, an):
    an.post("/me/language", {"language": "en"})
    elsewhere = Client(HTTP_ACCEPT_LANGUAGE="vi")
    elsewhere.force_login(world.an.account, backend=BACKEND)
    assert "My account" in elsewhere.get("/me").content.decode()


def test_who_holds_no_post_is_told_so_and_who_can_give_one(world):
    appoint(
        world.other_district,
        person=world.hoa,
        role=Role.objects.get(key="administrator"),
        on=world.today,
        by=Installer(),
    )
    client = world.client(world.stranger)
    page = client.get("/no-post").content.decode()
    assert "không giữ chức vụ" in page
    assert "Huyện Sông Giả" in page
    assert world.hoa.name not in page
    assert client.get("/me").status_code == 200


def test_lists_and_pages_ask_the_database_little(world, an, django_assert_max_num_queries):
    an.get("/me")
    with django_assert_max_num_queries(8):
        an.get("/people/")
    with django_assert_max_num_queries(12):
        an.get(f"/people/{world.lan.pk}")
    with django_assert_max_num_queries(12):
        an.get("/me")
