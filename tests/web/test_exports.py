"""A file holds exactly what the list shows, in types a spreadsheet knows, however long the list is."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from banyan.initiatives.models import Initiative
from banyan.web import sheet, xlsx_stream
from banyan.web.sheet import FILES, Heading, download
from tests.contracts.planting import sow

HEADINGS = [
    Heading("Tên", "text", "title"),
    Heading("Kinh phí", "money", "cost"),
    Heading("Ngày", "date", "day"),
    Heading("Tiếp tục", "text", "continuing"),
]
MOMENT = datetime(2024, 6, 20, 2, 15, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["Tuyến đường hoa", 85_000_000, date(2024, 3, 5), True],
    ["=cmd|' /C calc'!A1", Decimal("1500000.5"), None, False],
    [" <&> \x01 _x0041_ ", None, date(1024, 1, 2), None],
    ["-5", 123_456_789_012_345_678, MOMENT, ""],
]


def content(kind: str, rows: Any = None, language: str = "vi") -> bytes:
    told = ROWS if rows is None else rows
    if kind in ("rows", "jsonl"):
        told = [[n, *row] for n, row in enumerate(told, 1)]
    with translation.override(language):
        answer: Any = download(kind, "models", HEADINGS, iter(told), "Mô hình")
    return b"".join(answer.streaming_content)


def test_numbers_are_numbers_days_are_days_and_text_is_never_a_formula():
    book = load_workbook(io.BytesIO(content("xlsx")))
    data = book["Mô hình"]
    assert [cell.value for cell in data[1]] == ["Tên", "Kinh phí", "Ngày", "Tiếp tục"]
    first, second, third, fourth = (list(row) for row in data.iter_rows(min_row=2))
    assert [first[0].value, first[1].value, first[3].value] == ["Tuyến đường hoa", 85_000_000, "Có"]
    assert first[2].value.date() == date(2024, 3, 5)
    assert first[1].number_format == "#,##0"
    assert first[2].number_format == "dd/mm/yyyy"
    assert second[0].value == "=cmd|' /C calc'!A1"
    assert second[0].data_type == "s"
    assert [cell.value for cell in second[1:]] == [1500000.5, None, "Không"]
    assert third[0].value.startswith(" <&> ")
    assert third[0].value.endswith("_x0041_ ")
    assert third[2].value == "02/01/1024", "a day no spreadsheet can count"
    assert fourth[1].value == "123456789012345678", "more digits than a spreadsheet keeps"
    assert f"{fourth[2].value:%d/%m/%Y %H:%M:%S}" == "20/06/2024 09:15:00"


def test_a_sheet_has_widths_a_head_that_stays_and_a_filter():
    data = load_workbook(io.BytesIO(content("xlsx", [["a" * 200, 1, None, ""]])))["Mô hình"]
    assert data.freeze_panes == "A2"
    assert data.auto_filter.ref == "A1:D2"
    assert data["A1"].font.bold
    assert data.column_dimensions["A"].width == 60
    assert data.column_dimensions["B"].width == 9


def test_csv_begins_with_a_byte_order_mark_and_nothing_in_it_is_a_command():
    raw = content("csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["Tên", "Kinh phí", "Ngày", "Tiếp tục"]
    assert rows[1] == ["Tuyến đường hoa", "85000000", "2024-03-05", "Có"]
    assert rows[2][0] == "'=cmd|' /C calc'!A1"
    assert rows[4] == ["-5", "123456789012345678", "2024-06-20 09:15:00", ""]


def test_json_is_one_answer_of_the_api_with_every_row():
    said = json.loads(content("rows"))
    assert said["total"] == 4
    assert said["next"] is None
    assert said["rows"][0] == {
        "id": 1, "title": "Tuyến đường hoa", "cost": 85_000_000, "day": "2024-03-05", "continuing": True,
    }  # fmt: skip
    lines = [json.loads(line) for line in content("jsonl").decode().splitlines()]
    assert lines == said["rows"]
    assert json.loads(content("rows", [])) == {"rows": [], "total": 0, "next": None}


@pytest.mark.parametrize("kind", FILES)
def test_a_list_without_rows_is_a_file_without_rows(kind):
    assert content(kind, []) or kind == "jsonl"
    if kind == "xlsx":
        assert len(load_workbook(io.BytesIO(content(kind, [])))["Mô hình"]["A"]) == 1


def test_more_rows_than_a_sheet_has_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(xlsx_stream, "MOST_ROWS", 1_001)
    rows = [[f"M{n}", n, None, ""] for n in range(2_500)]
    book = load_workbook(io.BytesIO(content("xlsx", rows)))
    assert book.sheetnames == ["Mô hình", "Mô hình (2)", "Mô hình (3)"]
    assert [sheet.max_row for sheet in book.worksheets] == [1_001, 1_001, 501]
    told = [row[0] for one in book.worksheets for row in one.iter_rows(min_row=2, values_only=True)]
    assert told == [row[0] for row in rows]
    assert all(sheet["A1"].value == "Tên" for sheet in book.worksheets)
    exactly = load_workbook(io.BytesIO(content("xlsx", rows[:1_000])))
    assert exactly.sheetnames == ["Mô hình"]


def test_a_sheet_too_large_for_old_zips_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(xlsx_stream, "MOST_BYTES", 100_000)
    rows = [["x" * 200, n, None, ""] for n in range(2_000)]
    book = load_workbook(io.BytesIO(content("xlsx", rows)))
    assert len(book.sheetnames) > 2
    assert sum(sheet.max_row - 1 for sheet in book.worksheets) == 2_000


def test_words_too_long_for_a_cell_say_that_they_were_cut():
    data = load_workbook(io.BytesIO(content("xlsx", [["ă" * 40_000, 1, None, ""]])))["Mô hình"]
    assert data["A2"].value.endswith(" […]")
    assert len(data["A2"].value) == 32_767
    told = content("csv", [["ă" * 40_000, 1, None, ""]]).decode()
    assert "ă" * 40_000 in told


VALUES = st.tuples(st.text(max_size=40), st.integers(-(10**14), 10**14), st.dates(), st.floats())


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=8))
def test_any_values_make_a_workbook_that_opens(rows):
    raw = content("xlsx", [list(row) for row in rows])
    read = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    book = load_workbook(io.BytesIO(raw)).worksheets[0]
    assert len(read) == book.max_row == len(rows) + 1
    for line, row in zip(read[1:], rows, strict=True):
        assert line[1] == row[1]


def counted(taken: list[int], count: int) -> Iterator[list[Any]]:
    try:
        for n in range(count):
            taken[0] = n
            yield [f"Mô hình {n}", n, date(2024, 1, 1), "x"]
    finally:
        taken[0] = -1


def let_go(answer: Any) -> None:
    """What the server does when the reader has gone, but for the test's own connection."""
    for close in answer._resource_closers:
        close()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_first_bytes_go_out_before_the_rows_are_read_and_a_left_file_reads_no_more(kind):
    taken = [0]
    answer: Any = download(kind, "models", HEADINGS, counted(taken, 10**9))
    pieces = iter(answer.streaming_content)
    assert next(pieces)
    assert 0 < taken[0] < 20_000
    let_go(answer)
    assert taken == [-1], "the rows were let go of"


@pytest.mark.parametrize("kind", FILES)
def test_memory_does_not_grow_with_the_rows(kind):
    import tracemalloc

    peaks = []
    for count in (3_000, 60_000):
        rows: Any = counted([0], count)
        told = ([n, *row] for n, row in enumerate(rows)) if kind in ("rows", "jsonl") else rows
        answer: Any = download(kind, "models", HEADINGS, told)
        tracemalloc.start()
        for _piece in answer.streaming_content:
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 300_000


def torn() -> Iterator[list[Any]]:
    yield [1, "a", 1, None, ""]
    raise OSError("the database has gone")


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_breaks_off_cannot_be_taken_for_a_whole_one(kind):
    rows = torn() if kind in ("rows", "jsonl") else (row[1:] for row in torn())
    with translation.override("vi"):
        answer: Any = download(kind, "models", HEADINGS, rows)
    pieces: list[bytes] = []
    with pytest.raises(OSError, match="gone"):
        pieces.extend(answer.streaming_content)
    with translation.override("vi"):
        if kind in ("csv", "jsonl"):
            assert sheet.broken_off() in b"".join(pieces).decode().splitlines()[-1]
            return
    with pytest.raises(Exception, match=r"zip|Expecting"):
        json.loads(b"".join(pieces)) if kind == "rows" else load_workbook(
            io.BytesIO(b"".join(pieces))
        )


# --- through the lists ----------------------------------------------------------------------------


def file_of(client: Any, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_file_holds_the_filter_and_the_columns_of_the_list_and_its_headings(world):
    client = world.client(world.lan)
    asked = "?columns=title,unit&q=" + world.initiative.title.split()[0]
    told = list(
        csv.reader(io.StringIO(file_of(client, f"/initiatives/{asked}&as=csv").decode("utf-8-sig")))
    )
    said = json.loads(file_of(client, f"/initiatives/{asked}&as=rows"))
    page = client.get(f"/initiatives/{asked}&as=json").json()
    assert said["rows"] == page["rows"]
    assert said["total"] == page["total"] == len(told) - 1
    assert told[0][:1] == ["Tên mô hình"] or len(told[0]) >= 2
    nothing = json.loads(file_of(client, "/initiatives/?q=khongcomohinhnao&as=rows"))
    assert nothing["rows"] == []


def test_every_format_is_offered_where_files_are(world):
    text = world.client(world.minh).get("/initiatives/").content.decode()
    for kind in ("xlsx", "csv", "rows"):
        assert f"as={kind}" in text


def test_a_download_that_is_left_leaves_nothing_open_in_the_database(world):
    sow(Initiative, 2_500, unit=world.commune, mark="Zqk")
    client = world.client(world.minh)
    for kind in FILES:
        answer = client.get(f"/initiatives/?q=Zqk&as={kind}")
        assert next(iter(answer.streaming_content))
        if kind == "csv":
            assert cursors_open() == 1
        let_go(answer)
        assert cursors_open() == 0


def cursors_open() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '%django%'")
        return cursor.fetchone()[0]


def test_a_file_is_no_page_of_fifty(world):
    sow(Initiative, 120, unit=world.commune, mark="Zqk")
    client = world.client(world.minh)
    for kind in ("rows", "jsonl"):
        raw = file_of(client, f"/initiatives/?q=Zqk&as={kind}").decode()
        rows = json.loads(raw)["rows"] if kind == "rows" else raw.splitlines()
        assert len(rows) == 120
