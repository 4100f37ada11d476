"""Lists of codes: found by name or by the older code, told where another unit bears one."""

from typing import Any

import pytest

from banyan.imports.targets import codes  # noqa: F401
from tests.imports.lists import book
from tests.imports.sending import Sent, actor, send

pytestmark = pytest.mark.django_db


def sent(world: Any, content: bytes, scheme: str = "so-noi-vu") -> Sent:
    by, on = actor(world.an), "2024-01-01"
    return send(world.district, content, by=by, target="codes", scheme=scheme, on=on).must_be_read()


def code(unit: Any, scheme: str = "so-noi-vu") -> str:
    return ";".join(
        unit.codes.filter(scheme=scheme, valid__endswith=None).values_list("code", flat=True)
    )


def test_units_are_named_by_name_or_by_their_older_code(world):
    head = ("TT", "Mã cũ", "Tên đơn vị", "Mã mới")
    one = sent(world, book(head, (1, "W111", "", "0101"), (2, "", "xa Dong Mau", "0102")))
    assert [line.outcome for line in one.lines] == ["new", "new"]
    one.confirm()
    assert (code(world.commune), code(world.sister_commune)) == ("0101", "0102")
    one.take_back()
    assert (code(world.commune), code(world.sister_commune)) == ("", "")


def test_a_code_and_a_name_that_do_not_agree_are_asked(world):
    head = ("TT", "Mã cũ", "Tên đơn vị", "Mã mới")
    one = sent(world, book(head, (1, "W111", "Xã Đồng Mẫu", "0101")))
    assert one.line.outcome == "wrong"
    assert "code_and_name" in one.codes()


def test_codes_that_change_show_what_stands_there_and_may_be_swapped(world):
    commune, sister = world.commune, world.sister_commune  # found by their codes of before
    head = ("TT", "Xã, phường", "Huyện", "Mã mới")
    rows = ((1, "Đồi Mẫu", "Suối Mẫu", "W112"), (2, "Đồng Mẫu", "Suối Mẫu", "W111"))
    one = sent(world, book(head, *rows, merged=2), scheme="gso")
    assert [line.before for line in one.lines] == [{"code": "W111"}, {"code": "W112"}]
    one.confirm()
    assert code(commune, "gso") == "W112"
    one.take_back()
    assert (code(commune, "gso"), code(sister, "gso")) == ("W111", "W112")


def test_a_code_that_another_unit_bears_is_kept_out_by_its_name(world):
    head = ("TT", "Tên xã", "Mã mới")
    one = sent(world, book(head, (1, "Xã Đồi Mẫu", "W121")), scheme="gso")
    assert one.line.outcome == "wrong"
    assert "Xã Cầu Giả" in one.told()[-1].text


def test_one_code_for_two_units_of_a_file_is_told_before_anything_is_taken_in(world):
    head = ("TT", "Tên xã", "Mã mới")
    one = sent(world, book(head, (1, "Xã Đồi Mẫu", "0101"), (2, "Xã Đồng Mẫu", "0101")))
    assert [line.outcome for line in one.lines] == ["new", "wrong"]
    assert "0101" in one.told(1)[-1].text
    one.confirm()
    assert (one.one.counts["taken"], one.one.said) == (1, {})
    assert (code(world.commune), code(world.sister_commune)) == ("0101", "")
