"""Changes from a workbook: every row or none, each wrong row named with its cell."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from tests.reorganisations.deciding import begun, looked_at

pytestmark = pytest.mark.django_db
HEAD = (
    "Việc", "Đơn vị", "Tên mới", "Loại", "Mã mới", "Trực thuộc", "Vào đơn vị", "Đơn vị tiếp nhận",
    "Nghị quyết",
)  # fmt: skip
PLAIN = ("viec", "don vi", "ten moi", "loai", "ma moi", "truc thuoc", "vao don vi")
ENGLISH = ("CHANGE", "units", "New name", "Kind", "New code", "Stands under", "Into")


def book(*rows: Sequence[Any], head: Sequence[str] = HEAD, above: int = 2) -> bytes:
    """A sheet with a title, the headings, these rows."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("Bảng 1")
    sheet.write(0, 0, "DANH SÁCH SẮP XẾP ĐƠN VỊ")
    for line, row in enumerate([head, *rows], above):
        for place, value in enumerate(row):
            if value not in ("", None):
                sheet.write(line, place, value)
    made.close()
    return out.getvalue()


def sent(client: Any, decision: Any, content: bytes, name: str = "thay-doi.xlsx") -> Any:
    """Send a workbook to a decision."""
    file = SimpleUploadedFile(name, content)
    return client.post(f"/reorganisations/{decision.pk}/workbook", {"file": file})


def told_by(decision: Any) -> list[Any]:
    return [(row.verb, row.told) for row in decision.changes.order_by("position")]


ROWS = [
    ["thành lập", "", "Thôn Mới", "Thôn, tổ dân phố", "", "Phường Mới"],
    ["Hợp nhất", "W111; W112", "Phường Mới", "", "W119"],
    ["đổi tên", "W11", "Huyện Khác", "", "", "", "", "", "3/NQ"],
    ["chuyển", "Thôn Bến Mẫu", "", "", "", "phuong moi"],
]


def test_rows_in_any_order_become_changes(world, officer):
    decision = begun(officer)
    answer = sent(officer, decision, book(*ROWS))
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    verbs = [verb for verb, _told in told_by(decision)]
    assert verbs == ["found", "found", "merge", "rename", "move"]
    told = dict(zip(range(5), (one for _verb, one in told_by(decision)), strict=True))
    assert told[0]["parent"] == told[1]["key"] == told[2]["into"] == told[4]["parent"]
    assert told[0]["new"]["kind"] == "village"
    assert told[1]["new"]["code"] == "W119"
    assert told[3]["decision"] == "3/NQ"
    assert looked_at(officer, decision)["problems"] == []


@pytest.mark.parametrize("head", [ENGLISH, PLAIN])
def test_headings_are_found_in_both_languages_with_or_without_accents(world, officer, head):
    decision = begun(officer)
    rows = (
        ["merge", "W111", "", "", "", "", "W112"],
        ["chia", "W112", "", "", "", "", "W111; W11"],
    )
    assert sent(officer, decision, book(*rows, head=head, above=5)).status_code == 303
    assert [verb for verb, _told in told_by(decision)] == ["merge", "split"]


def test_each_wrong_row_is_named_with_its_cell_and_nothing_is_added(world, officer):
    decision = begun(officer)
    wrong = [
        ["sát nhập", "W111"],
        ["đổi tên", "W111"],
        ["đổi tên", "Xã Không Có", "Xã Khác"],
        ["chuyển", "W1111", "", "", "", "Phường Chưa Lập"],
        ["thành lập", "", "Thôn Hai", "làng nổi", "", "W111"],
        ["đổi tên", 111, "Xã Khác"],
        ["hợp nhất", "W111", "Phường Mới", "", "", "", "W112"],
        ["đổi tên", "W111; W112", "Xã Khác"],
        ["đổi tên", "W112", "Xã Khác"],
    ]
    answer = sent(officer, decision, book(*wrong))
    said = answer.content.decode()
    assert answer.status_code == 422
    for number, cell in zip(
        range(4, 12), ("A4", "C5", "B6", "F7", "D8", "B9", "G10", "B11"), strict=True
    ):
        assert f"dòng {number}, ô {cell}:" in said, (number, cell)
    assert "dòng 12" not in said
    assert "Xã Không Có" in said
    assert told_by(decision) == []


def test_what_is_wrong_with_a_new_unit_is_named_in_its_own_column(world, officer):
    decision = begun(officer)
    rows = [
        ["thành lập", "", "Làng Một", "Cấp làng", "", "W111"],
        ["thành lập", "", "Thôn Hai", "Thôn, tổ dân phố", "", "Xã Không Có"],
    ]
    said = sent(officer, decision, book(*rows)).content.decode()
    assert "dòng 4, ô D4: “Cấp làng”" in said
    assert "dòng 5, ô F5:" in said


def test_what_is_wrong_is_told_once_and_as_a_list(world, officer):
    decision = begun(officer)
    said = sent(officer, decision, book(["sát nhập", "W111"], ["xóa", "W112"])).content.decode()
    assert said.count("ô A4:") == said.count("ô A5:") == 1
    assert len(re.findall(r"<li>[^<]*ô A[45]:", said)) == 2


def test_a_row_beyond_ones_reach_adds_nothing(world, officer):
    decision = begun(officer)
    answer = sent(officer, decision, book(["đổi tên", "W112", "Xã Khác"], ["giải thể", "W121"]))
    assert answer.status_code == 403
    assert "Xã Cầu Giả" in answer.content.decode()
    assert told_by(decision) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04 torn", "Excel"),
        (b"\x00\x01\x02", "Excel (.xlsx)"),
        (book(["a", "b"], head=("Tên", "Họ")), "tiêu đề cột"),
        (book(), "chưa có thay đổi nào"),
    ],
)
def test_what_is_no_such_workbook_is_refused_in_words(world, officer, content, why):
    decision = begun(officer)
    answer = sent(officer, decision, content)
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_a_csv_file_does_as_well(world, officer):
    decision = begun(officer)
    text = "Việc,Đơn vị,Tên mới\nnâng cấp,W112,Phường Đồng Mẫu\n"
    assert sent(officer, decision, text.encode(), "a.csv").status_code == 303
    assert told_by(decision)[0][0] == "upgrade"


def sheets_of(content: bytes) -> list[list[list[Any]]]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [read.get_sheet_by_index(n).to_python() for n in range(len(read.sheet_names))]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_explains_itself_and_its_examples_can_be_sent_back(world, officer, language):
    decision = begun(officer)
    officer.cookies["django_language"] = language
    world.an.account.language = language
    world.an.account.save()
    answer = officer.get(f"/reorganisations/{decision.pk}/template")
    content = b"".join(answer.streaming_content)
    empty, examples, notes = sheets_of(content)
    assert empty[0] == examples[0]
    assert len(empty) == 1
    assert len(examples) == 1 + 8
    assert any("00658" in str(cell) for row in notes for cell in row)
    untouched = sent(officer, decision, content)
    assert untouched.status_code == 422
    filled = book(*examples[1:], head=examples[0], above=0)
    assert sent(officer, decision, filled).status_code == 303
    assert {verb for verb, _told in told_by(decision)} == {
        "found", "rename", "move", "merge", "split", "upgrade", "dissolve",
    }  # fmt: skip
