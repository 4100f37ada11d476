"""Small workbooks for tests."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

HEAD = ("TT", "Xã, thị trấn", "Tên mô hình", "Tập thể", "Cá nhân", "Ngày đăng ký", "Kết quả")
TITLE = "BIỂU TỔNG HỢP ĐĂNG KÝ 6 THÁNG ĐẦU NĂM 2024"


def workbook(
    rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, title: str = TITLE
) -> bytes:
    """A sheet with a title, one heading line and these rows, as bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Sổ")
    sheet.write(0, 0, title)
    for number, row in enumerate([head, *rows], 2):
        for place, value in enumerate(row):
            if value not in (None, ""):
                sheet.write(number, place, value)
    book.close()
    return out.getvalue()


def line(number: int, unit: str, title: str, **more: Any) -> list[Any]:
    """A good row under HEAD: a collective, registered in March."""
    told: Mapping[str, Any] = {
        "group": "x",
        "one": "",
        "day": date(2024, 3, 5),
        "result": "",
        **more,
    }
    return [number, unit, title, told["group"], told["one"], told["day"], told["result"]]
