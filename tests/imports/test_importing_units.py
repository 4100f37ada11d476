"""Lists of units as offices write them become units under their parents."""

from datetime import date
from typing import Any

import pytest

from banyan.imports.targets import units  # noqa: F401
from banyan.orgs.models import Ancestry, Unit
from banyan.people.operations import register_person
from tests.imports.lists import book
from tests.imports.sending import Sent, actor, send

pytestmark = pytest.mark.django_db
ON = "2024-01-01"


def sent(world: Any, content: bytes, on: str = ON, who: Any = None, at: Any = None) -> Sent:
    by = actor(who or world.an)
    return send(at or world.district, content, by=by, target="units", on=on, kind="").must_be_read()


HEAD = ("TT", "Tên thôn, tổ dân phố", "Mã số", "Thuộc xã")
ROWS = (
    (1, "Thôn Đầu Mẫu", "T01", "Xã Đồi Mẫu"),
    (2, "Tổ dân phố Giữa", "T02", "xã Đồi Mẫu"),
    (3, "Thôn Cuối Mẫu", "T03", "Dong Mau"),
)


def test_a_list_of_villages_with_a_merged_column_of_communes_founds_them(world):
    one = sent(world, book(HEAD, *ROWS, merged=3))
    assert [line.outcome for line in one.lines] == ["new"] * 3
    one.confirm()
    made = Unit.objects.get(codes__code="T02")
    assert (made.kind, made.name_on(date(2024, 2, 1))) == ("village", "Tổ dân phố Giữa")
    above = Ancestry.objects.get(unit=made, depth=1)
    assert above.ancestor == world.commune
    assert above.valid.lower == date(2024, 1, 1)


def test_the_same_list_sent_again_is_the_same(world):
    sent(world, book(HEAD, *ROWS)).confirm()
    assert [line.outcome for line in sent(world, book(HEAD, *ROWS)).lines] == ["same"] * 3


def test_a_parent_may_stand_further_down_in_the_same_file_by_name_or_code(world):
    head = ("TT", "Tên đơn vị", "Mã đơn vị", "Đơn vị cấp trên", "Mã cấp trên")
    rows = (
        (1, "Thôn Mới Một", "", "Xã Mới Lập", ""),
        (2, "Thôn Mới Hai", "", "", "X77"),
        (3, "Xã Mới Lập", "X77", "Huyện Suối Mẫu", ""),
    )
    one = sent(world, book(head, *rows)).confirm()
    assert one.one.counts["taken"] == 3
    commune = Unit.objects.get(codes__code="X77")
    below = Ancestry.objects.filter(ancestor=commune, depth=1, valid__contains=date(2024, 1, 1))
    assert below.count() == 2


def test_a_name_without_its_word_gets_that_of_the_column_of_kinds(world):
    head = ("STT", "Tên", "Loại", "Huyện")
    one = sent(world, book(head, (1, "Hồi Xuân", "Phường", "Suối Mẫu")))
    assert one.line.title == "Phường Hồi Xuân"
    assert one.line.values["kind"] == "commune"


def test_a_name_that_tells_no_kind_is_kept_out_with_its_reason(world):
    one = sent(world, book(("TT", "Tên đơn vị", "Cấp trên"), (1, "Hồi Xuân", "W111")))
    assert one.line.outcome == "wrong"
    assert "kind_unknown" in one.codes()


def test_a_parent_that_is_nearly_written_is_asked_with_the_nearest(world):
    one = sent(world, book(HEAD, (1, "Thôn X", "", "Xã Đồii Mẫu")))
    assert one.line.outcome == "wrong"
    assert one.one.found["values"][0]["column"] == "@unit"


def test_a_known_code_with_another_name_renames_from_the_day(world):
    head = ("TT", "Tên xã", "Mã xã", "Huyện")
    one = sent(world, book(head, (1, "Phường Đồi Mẫu", "W111", "Suối Mẫu")))
    assert (one.line.outcome, one.line.before) == ("changed", {"name": "Xã Đồi Mẫu"})
    one.confirm()
    unit = Unit.objects.get(pk=world.commune.pk)
    assert unit.name_on(date(2024, 1, 1)) == "Phường Đồi Mẫu"
    assert unit.name_on(date(2023, 12, 31)) == "Xã Đồi Mẫu"
    one.take_back()
    assert Unit.objects.get(pk=world.commune.pk).name_on(date(2024, 6, 1)) == "Xã Đồi Mẫu"


def test_without_a_day_a_new_name_is_not_taken(world):
    head = ("TT", "Tên xã", "Mã xã", "Huyện")
    one = sent(world, book(head, (1, "Phường Đồi Mẫu", "W111", "Suối Mẫu")), on="")
    assert one.line.outcome == "wrong"
    assert "rename_needs_day" in one.codes()


def test_a_code_borne_beyond_ones_reach_keeps_the_row_out(world):
    head = ("TT", "Tên xã", "Mã xã", "Huyện")
    one = sent(world, book(head, (1, "Xã Lạ", "W121", "Suối Mẫu")))
    assert one.line.outcome == "wrong"
    assert "code_in_use" in one.codes()


def test_taken_back_only_what_was_used_since_stays_with_its_reason(world):
    one = sent(world, book(HEAD, *ROWS)).confirm()
    unit = Unit.objects.get(codes__code="T02")
    register_person(unit, name="Đinh Thị Mơ Thử", synthetic=True, by=actor(world.an))
    one.take_back()
    assert [line.became for line in one.lines] == ["undone", "kept", "undone"]
    assert one.lines[1].why
    assert not Unit.objects.filter(codes__code="T01").exists()


def test_five_hundred_villages_are_taken_in_by_one_event(world):
    rows = [(n, f"Thôn Số {n}", f"V{n:04}", "Xã Đồi Mẫu") for n in range(1, 501)]
    one = sent(world, book(HEAD, *rows)).confirm()
    assert one.one.counts["taken"] == 500
