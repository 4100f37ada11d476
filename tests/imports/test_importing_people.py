"""Lists of people become persons and posts; nobody gets an account or a right by surprise."""

from typing import Any

import pytest

from banyan.imports.targets import people  # noqa: F401
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.people.many import Appointment, Entry, Roll, enter_many
from banyan.people.models import Account, Person, Post, Role
from banyan.people.operations import change_phone, define_role, register_person
from tests.imports.lists import book
from tests.imports.sending import Sent, actor, send
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db
HEAD = ("TT", "Họ và tên", "Chức vụ", "Đơn vị công tác", "Điện thoại", "Email")
ROWS = (
    (1, "Đinh Thị Mơ Thử", "Văn thư", "Xã Đồi Mẫu", 912000001, "mo@thu.example"),
    (2, "Bùi Văn Nam Thử", "Văn thư", "xa Dong Mau", "0912 000 002", ""),
)


@pytest.fixture(autouse=True)
def clerk(world) -> Any:
    told = {"vi": "Văn phòng", "en": "Office clerk"}
    define_role(
        world.province,
        key="clerk",
        names=told,
        capabilities=["unit.view"],
        clearance=1,
        source="tests",
        by=installer(),
    )
    return Role.objects.get(key="clerk")


def sent(world: Any, content: bytes, **options: str) -> Sent:
    said = {"role": "clerk", "on": "2024-01-01", "accounts": "", **options}
    return send(world.district, content, by=actor(world.an), target="people", **said).must_be_read()


def test_people_of_a_list_are_registered_at_their_units_with_their_posts(world):
    one = sent(world, book(HEAD, *ROWS)).confirm()
    assert one.one.counts["taken"] == 2
    mo = Person.objects.get(name="Đinh Thị Mơ Thử")
    assert (mo.home, mo.phone, mo.account) == (world.commune, "0912000001", None)
    post = mo.posts.get()
    assert (post.role.key, post.title, str(post.valid.lower)) == ("clerk", "Văn thư", "2024-01-01")


def test_nobody_gets_an_account_unless_that_was_asked(world):
    before = Account.objects.count()
    sent(world, book(HEAD, *ROWS)).confirm().take_back()
    assert Account.objects.count() == before
    sent(world, book(HEAD, *ROWS), accounts="yes").confirm()
    account = Account.objects.get(email="mo@thu.example")
    assert not account.has_usable_password()


def test_events_tell_nothing_of_people(world):
    sent(world, book(HEAD, *ROWS)).confirm()
    event = Event.objects.get(verb="person.imported")
    assert (event.tells, event.things) == ({}, 4)


def test_the_same_list_again_is_the_same_and_another_number_is_a_change(world):
    sent(world, book(HEAD, *ROWS)).confirm()
    other = (2, "Bùi Văn Nam Thử", "Văn thư", "Xã Đồng Mẫu", "0912 000 999", "")
    one = sent(world, book(HEAD, ROWS[0], other))
    assert [line.outcome for line in one.lines] == ["same", "changed"]
    assert one.lines[1].before == {"phone": "•••002"}
    one.confirm()
    assert Person.objects.get(name="Bùi Văn Nam Thử").phone == "0912 000 999"
    one.take_back()
    assert Person.objects.get(name="Bùi Văn Nam Thử").phone == "0912 000 002"


def test_one_person_on_two_lines_gets_two_posts(world):
    head = ("STT", "Họ tên", "Vai trò", "Xã, phường")
    define_role(
        world.province, key="keeper", names={"vi": "Thủ kho"}, capabilities=["unit.view"],
        clearance=1, source="tests", by=installer(),
    )  # fmt: skip
    rows = (
        (1, "Đinh Thị Mơ Thử", "Văn phòng", "Đồi Mẫu"),
        (2, "Đinh Thị Mơ Thử", "Thủ kho", "Đồi Mẫu"),
    )
    sent(world, book(head, *rows), role="").confirm()
    assert Person.objects.get(name="Đinh Thị Mơ Thử").posts.count() == 2


def test_several_of_one_name_at_one_unit_are_asked(world):
    for _n in range(2):
        register_person(world.commune, name="Đinh Thị Mơ Thử", synthetic=True, by=installer())
    one = sent(world, book(HEAD, ROWS[0]))
    assert one.line.outcome == "wrong"
    assert "person_several" in one.codes()


def test_a_role_one_may_not_give_by_hand_cannot_be_given_by_a_list(world):
    head = ("TT", "Họ và tên", "Vai trò", "Đơn vị")
    leader = world.hung.posts.get().role
    one = sent(world, book(head, (1, "Đinh Thị Mơ Thử", str(leader), "Xã Đồi Mẫu")), role="")
    assert one.line.outcome == "wrong"
    entry = Entry("a", "Đinh Thị Mơ Thử", world.commune.pk)
    roll = Roll([entry], [Appointment("a", world.commune.pk, leader.key, TODAY)])
    with pytest.raises(Refusal) as refused:
        enter_many(world.district, roll=roll, tree="state", by=actor(world.an))
    assert refused.value.status == 403
    assert not Person.objects.filter(name="Đinh Thị Mơ Thử").exists()


def test_nobody_registers_people_beyond_his_reach(world):
    roll = Roll([Entry("a", "Đinh Thị Mơ Thử", world.other_commune.pk)])
    with pytest.raises(Refusal):
        enter_many(world.district, roll=roll, tree="state", by=actor(world.an))


def test_an_address_of_somebody_else_keeps_the_row_out(world):
    row = (1, "Đinh Thị Mơ Thử", "", "Xã Đồi Mẫu", "", world.hoa.account.email)
    one = sent(world, book(HEAD, row))
    assert one.line.outcome == "wrong"
    assert "email_taken" in one.codes()


def test_taken_back_people_go_but_who_was_used_since_stays(world):
    one = sent(world, book(HEAD, *ROWS)).confirm()
    nam = Person.objects.get(name="Bùi Văn Nam Thử")
    change_phone(nam, phone="024 3861 0000", by=actor(world.an))
    one.take_back()
    assert [line.became for line in one.lines] == ["undone", "kept"]
    assert not Person.objects.filter(name="Đinh Thị Mơ Thử").exists()
    assert not Post.objects.filter(role__key="clerk").exists()


def test_a_post_without_a_day_or_that_ends_first_is_kept_out(world):
    head = ("TT", "Họ và tên", "Đơn vị", "Từ ngày", "Đến ngày")
    rows = (
        (1, "Đinh Thị Mơ Thử", "Xã Đồi Mẫu", "", ""),
        (2, "Bùi Văn Nam Thử", "Xã Đồi Mẫu", "05/03/2024", "01/03/2024"),
    )
    one = sent(world, book(head, *rows), on="")
    assert [line.outcome for line in one.lines] == ["wrong", "wrong"]
    assert {"role_without_day", "post_ends_first"} <= one.codes()


def test_a_post_before_its_unit_was_founded_is_kept_out(world):
    one = sent(world, book(HEAD, ROWS[0]), on="2019-01-01")
    assert one.line.outcome == "wrong"
    assert {"unit_unknown", "unit_stands_not", "unit_not_then"} & one.codes()
