"""Which village a text names: only what is written is read, and nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.submissions.placing_villages import SEVERAL, village_named


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Tuyến đường hoa tại thôn 3", "thôn 3"),
        ("Rau an toàn thôn 05", "thôn 5"),
        ("Xóm 2, thôn Đông Trạch tự quản", "thôn Đông Trạch"),
        ("Tổ 5 thuộc khu phố 3A", "khu phố 3A"),
        ("Tổ dân phố số 7 – phường Văn", "tổ dân phố 7"),
        ("Buôn Ea H'leo xanh", "buôn Ea H'leo"),
        ("Bản Nà Lào 2", "bản Nà Lào 2"),
        ("Ấp Bình Thạnh không rác", "ấp Bình Thạnh"),
        ("khóm 4", "khóm 4"),
        ("làng Yên", "làng Yên"),
        ("Khu Đông Sơn", "khu Đông Sơn"),
        ("MÔ HÌNH THÔN 7", "THÔN 7".lower()),
        ("thôn 1, 200 hộ tham gia", "thôn 1"),
    ],
)
def test_a_village_is_read_where_it_is_named(text, label):
    found = village_named(text)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize(
    "text",
    [
        "Tổ hợp tác rau an toàn",
        "Khu dân cư không có tội phạm",
        "Xây dựng nông thôn Mới",
        "Bảo vệ Tổ Quốc",
        "Làng nghề gốm",
        "tổ chức lễ hội",
        "MÔ HÌNH THÔN YÊN XÁ VẬN ĐỘNG NHÂN DÂN",
        "thôn 50% số hộ",
        "",
    ],
)
def test_where_none_is_named_none_is_read(text):
    assert village_named(text) is None


@pytest.mark.parametrize("text", ["thôn 1, 2 và 3", "Thôn Hạ và thôn Thượng", "xóm 5-7"])
def test_several_villages_are_no_certain_one(text):
    assert village_named(text) == SEVERAL


def test_the_title_is_trusted_before_the_rest_and_both_ways_of_setting_tones_meet():
    assert village_named("Thôn 1", "học tập thôn 9") == village_named("thôn 01")
    hoà, hòa = village_named("thôn Hoà"), village_named("thôn Hòa")
    assert hoà is not None
    assert hòa is not None
    assert hoà.key == hòa.key


@given(st.text())
def test_no_text_breaks_the_reading(text):
    found = village_named(text)
    assert found is None or found == SEVERAL or found.label
