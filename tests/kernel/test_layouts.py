"""What columns mean is suggested by their values too, never for plain text, and asked to be checked."""

from datetime import date
from typing import Any

import pytest

from banyan.kernel.headers import Column
from banyan.kernel.layouts import propose
from banyan.kernel.sheets import Sheet, Workbook

WANTED = [
    Column("title", ["Tên mô hình"], "title"),
    Column("unit", ["Đơn vị"], "unit"),
    Column("field", ["Lĩnh vực"], "choice", choices={"a": ["Kinh tế"], "b": ["Văn hóa"]}),
    Column("day", ["Ngày đăng ký"], "date"),
    Column("cost", ["Kinh phí"], "money"),
    Column("note", ["Ghi chú"]),
]


def seen(heading: str, values: list[Any], known: dict[str, str] | None = None) -> tuple[str, str]:
    rows = [["Tên mô hình", "Ghi chú", heading], *(["Một", "", value] for value in values)]
    (sheet,) = propose(Workbook((Sheet("Sổ", rows),)), WANTED, known)
    column = next(one for one in sheet.columns if one.place == 2)
    return column.meant, column.how


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        (["Kinh tế", "Văn hóa", "kinh te", "?"], "field"),
        ([date(2024, 3, 5), "06/03/2024", "7/3/24"], "day"),
        (["Xã A", "P. Bến", "TT. Me", "Khác"], "unit"),
        (["85,0 triệu", "12 triệu đồng", "1,2 tỷ"], "cost"),
        (["Hàng cây", "Vườn rau", "Ngõ sáng"], ""),
        ([1, 2, 3], ""),
        ([2021, 2022, 2023], ""),
        (["Kinh tế"], ""),
    ],
)
def test_a_heading_nobody_knows_is_suggested_by_what_stands_under_it(values, meant):
    assert seen("Nội dung lạ", values) == (meant, "values" if meant else "")


def test_a_heading_is_known_from_last_time_before_its_values_are_looked_at():
    assert seen("Mảng", ["Kinh tế", "Văn hóa", "Kinh tế"], {"mang": "cost"}) == (
        "cost",
        "remembered",
    )
