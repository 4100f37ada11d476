"""An officer's own workbook becomes a register: what is clear is taken, what is not is explained."""

import io
from collections import Counter
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from banyan.imports import notes as import_notes
from banyan.imports.telling import as_json
from banyan.imports.told import CellTold
from banyan.imports.wordings import ALONE, OWN, READER
from banyan.initiatives.models import Batch, BatchRow, Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.notes import CODES, Note
from banyan.kernel.period import Period
from banyan.ledger.models import Event
from banyan.orgs.models import Unit
from banyan.orgs.operations import rename
from banyan.submissions.models import Round
from tests.imports.sending import Sent, actor, send
from tests.initiatives.books import HEAD, line, workbook
from tests.initiatives.conftest import BOOK
from tests.world import TODAY, installer

PERIOD = Period.parse("2024H1")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def read(
    kim_son: Any, content: bytes, *, who: Any = None, period: str = "2024H1", day: date = TODAY
) -> Sent:
    by = actor(who or kim_son.mai, day)
    sent = send(kim_son.district, content, by=by, programme="dan-van-kheo", period=period)
    return sent.must_be_read()


def take(kim_son: Any, content: bytes, **more: Any) -> Sent:
    return read(kim_son, content, **more).confirm()


def cells(sent: Sent) -> list[CellTold]:
    return [one for at in range(len(sent.lines)) for one in sent.told(at)]


# --- the workbook of Kim Sơn --------------------------------------------------------------------


def test_all_44_models_of_the_workbook_are_registered(kim_son, book):
    sent = take(kim_son, book)
    assert sent.one.state == "done"
    assert sent.one.counts["taken"] == Initiative.objects.count() == 44
    states = Counter(Initiative.objects.values_list("submission__state", flat=True))
    assert states == {"completed": 17, "in_progress": 16, "registered": 11}
    kinds = Counter(Initiative.objects.values_list("registrant__kind", flat=True))
    assert kinds == {"collective": 35, "individual": 9}
    levels = {one.submission.answers["level"] for one in Initiative.objects.all()}
    assert levels == {"district"}


def test_every_model_stands_at_the_commune_its_row_names(kim_son, book):
    take(kim_son, book)
    names = Counter(
        one.unit.name_on(PERIOD.last) for one in Initiative.objects.select_related("unit")
    )
    assert names == {
        "Thị trấn Phát Diệm": 4,
        "Thị trấn Bình Minh": 4,
        "Xã Hồi Ninh": 3,
        "Xã Xuân Chính": 3,
        "Xã Kim Định": 4,
        "Xã Ân Hòa": 4,
        "Xã Hùng Tiến": 2,
        "Xã Quang Thiện": 3,
        "Xã Như Hòa": 2,
        "Xã Chất Bình": 2,
        "Xã Đồng Hướng": 5,
        "Xã Kim Chính": 2,
        "Xã Thượng Kiệm": 4,
        "Xã Lưu Phương": 2,
    }


def test_eight_doubtful_cells_stay_empty_and_their_explanation_stays_with_the_model(kim_son, book):
    sent = read(kim_son, book)
    wanted = {"read": 44, "new": 44, "changed": 0, "same": 0, "wrong": 0, "doubtful": 8, "aside": 2}
    assert wanted.items() <= sent.one.counts.items()
    doubts = [one for one in cells(sent) if one.unclear]
    assert {(one.column, one.raw, one.read_as) for one in doubts} == {
        ("beneficiary_households", "toàn xóm", "")
    }
    assert all("gives no number" in one.text and "Left empty" in one.mend for one in doubts)
    sent.confirm()
    kept = [
        (row.initiative.submission.answers.get("beneficiary_households"), note)
        for row in BatchRow.objects.select_related("initiative__submission")
        for note in row.notes
        if note["how"] == "doubtful"
    ]
    assert len(kept) == 8
    assert {(value, note["raw"], note["said"][0]["code"]) for value, note in kept} == {
        (None, "toàn xóm", "count_in_words")
    }


def test_money_dates_marks_and_remarks_are_read_as_the_officer_meant_them(kim_son, book):
    take(kim_son, book)
    rows = {row.line: row.initiative.submission.answers for row in BatchRow.objects.all()}
    assert rows[12]["resources_money"] == 85_000_000
    assert rows[10]["registered_on"] == "2024-02-02"
    assert rows[16]["registered_on"] == "2024-03-05"
    assert rows[41]["field"] == "defence_security"  # "nt" under the row above
    assert rows[14]["continuing"] is True
    assert rows[14]["note"] == "Mô hình tiếp tục từ 2023"
    assert rows[9]["continuing"] is False
    assert "occasion" not in rows[9]
    assert rows[9]["title"] == "Tuyến đường hoa phụ nữ tự quản tại xóm 9"  # composed


def test_lines_that_are_no_records_are_told_and_the_stated_total_is_compared(kim_son, book):
    told = as_json(read(kim_son, book).one, dry_run=True)
    assert [(one["line"], one["code"]) for one in told["set_aside"]] == [
        (53, "totals_row"),
        (55, "closing_row"),
    ]
    assert told["totals"] == [{"sheet": "6T-2024", "stated": 44, "read": 44}]
    codes = {one["code"] for one in told["notes"]}
    assert {"total_agrees", "round_will_open", "filled_from_unit"} <= codes


def test_every_cell_not_taken_as_is_has_its_place_and_its_words(kim_son, book):
    for cell in as_json(read(kim_son, book).one, dry_run=True)["cells"]:
        assert cell["text"]
        assert cell["cell"][1:] == str(cell["line"])
        assert cell["how"] in ("understood", "doubtful", "wrong")
        assert cell["read_as"] or cell["mend"]


def test_a_commune_merged_away_since_still_has_its_models_of_that_time(kim_son, book):
    assert take(kim_son, book, day=date(2026, 11, 21)).one.counts["taken"] == 44


# --- what an import does and does not do --------------------------------------------------------


def test_reading_takes_nothing_in(kim_son, book):
    read(kim_son, book)
    assert not Round.objects.exists()
    assert not Initiative.objects.exists()


def test_an_import_is_one_batch_one_event_and_opens_its_round(kim_son, book):
    before = Event.objects.count()
    sent = take(kim_son, book)
    verbs = Event.objects.order_by("pk").values_list("verb", flat=True)[before:]
    ours = ["import.begun", "import.confirmed", "round.opened", "initiative.imported"]
    assert list(verbs) == ours
    batch = Batch.objects.get()
    assert batch.round.due == PERIOD.last
    assert batch.document == sent.one.document
    assert batch.rows.count() == 44


def test_the_same_file_sent_again_brings_nothing_more(kim_son, book):
    take(kim_son, book)
    again = read(kim_son, book)
    assert (again.one.counts["same"], again.one.counts["new"]) == (44, 0)
    with pytest.raises(Refusal, match="No row of this file can be taken in") as refused:
        again.confirm()
    assert refused.value.status == 409
    assert Initiative.objects.count() == 44


def test_a_mended_file_brings_only_what_is_not_there_yet(kim_son):
    first = [line(1, "Xã Hồi Ninh", "Ngõ xóm sáng đèn"), line(2, "Xã Hồi Nin", "Hàng cây")]
    assert take(kim_son, workbook(first)).one.counts["taken"] == 1
    mended = [first[0], line(2, "Xã Hồi Ninh", "Hàng cây")]
    sent = read(kim_son, workbook(mended))
    assert [one.outcome for one in sent.lines] == ["same", "new"]
    assert sent.confirm().one.counts["taken"] == 1
    assert Initiative.objects.count() == 2


def test_when_a_row_cannot_be_stored_nothing_of_the_part_is(kim_son, book, monkeypatch):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    sent = read(kim_son, book)
    monkeypatch.setattr(BatchRow.objects, "bulk_create", broken)
    with pytest.raises(OSError, match="disk"):
        sent.confirm()
    assert not Initiative.objects.exists()
    assert not Round.objects.exists()


def test_nobody_imports_without_the_right_to(kim_son, book):
    for who in (kim_son.lam, kim_son.thu):
        with pytest.raises(Refusal) as refused:
            read(kim_son, book, who=who)
        assert refused.value.status == 403


def test_a_period_other_than_the_titles_is_refused(kim_son, book):
    with pytest.raises(Refusal, match="says 2024H1, you asked for 2024H2"):
        read(kim_son, book, period="2024H2")


def test_without_a_period_the_titles_is_taken_and_that_is_said(kim_son, book):
    sent = read(kim_son, book, period="")
    assert sent.one.options["period"] == "2024H1"
    assert "period_of_title" in sent.codes()
    assert sent.one.counts["new"] == 44


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 \x00\x01", "not a workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (b"a,\n", "headings looked for: .*Tên mô hình"),
    ],
)
def test_a_file_that_is_no_register_is_refused_in_words(kim_son, content, said):
    with pytest.raises(Refusal, match=said):
        read(kim_son, content)


def test_a_sheet_of_something_else_asks_for_its_columns_and_says_which_it_wants(kim_son):
    sent = read(kim_son, "Họ và tên,Lương\nNguyễn Văn A,5000000\n".encode())
    assert (sent.one.state, sent.one.found["wanting"]) == ("asking", ["title"])


# --- units --------------------------------------------------------------------------------------


def the_unit(kim_son: Any, written: str) -> Any:
    """How a unit written so in a row is understood: the row, and what is told of its unit."""
    sent = read(kim_son, workbook([line(1, written, "Hàng cây")]))
    return sent.line, next((one for one in sent.told() if one.column == "@unit"), None)


def test_an_unknown_commune_keeps_its_row_out_and_near_names_are_offered(kim_son):
    row, told = the_unit(kim_son, "Xã Hồi Nin")
    assert row.outcome == "wrong"
    assert told.notes[0].code == "unit_unknown"
    assert "Xã Hồi Ninh" in told.text
    assert "import the file again" in told.mend


@pytest.mark.parametrize(
    "written", ["X. Hồi Ninh", "XÃ HỒI NINH", "xã Hồi ninh", "Xa Hoi Ninh", "Hồi Ninh"]
)
def test_a_commune_is_known_by_the_ways_offices_write_it(kim_son, written):
    row, _told = the_unit(kim_son, written)
    assert row.shown["@unit"] == "Xã Hồi Ninh"


@pytest.mark.parametrize("written", ["Xã Hối Ninh", "Xã Phát Diệm"])
def test_other_accents_or_another_kind_are_not_guessed(kim_son, written):
    row, told = the_unit(kim_son, written)
    assert (row.outcome, told.how) == ("wrong", "doubtful")


def test_a_name_of_later_is_understood_and_counted_at_the_unit_of_the_time(kim_son):
    unit = Unit.objects.get(names__name="Xã Hồi Ninh")
    rename(unit, name="Xã Ninh Mẫu", on=date(2024, 12, 1), by=installer())
    row, told = the_unit(kim_son, "Xã Ninh Mẫu")
    assert row.values["unit"] == unit.pk
    assert told.notes[0].code == "unit_known_from"
    assert "01/12/2024" in told.text
    assert "Xã Hồi Ninh" in told.text


def test_a_sheet_without_units_is_that_of_the_unit_that_sends_it(kim_son):
    rows = [[1, "Hàng cây", "x", "", date(2024, 3, 5)]]
    head = ("TT", "Tên mô hình", "Tập thể", "Cá nhân", "Ngày đăng ký")
    sent = read(kim_son, workbook(rows, head))
    assert sent.line.values["unit"] == kim_son.district.pk
    assert "unit_of_order" in sent.codes()


# --- cells --------------------------------------------------------------------------------------


def test_a_doubt_in_a_needed_field_keeps_the_row_out(kim_son):
    rows = [
        line(1, "Xã Hồi Ninh", "Một", one="x"),
        line(2, "Xã Hồi Ninh", "Hai", group=""),
        line(3, "Xã Hồi Ninh", "Ba", day="31/02/2024"),
        line(4, "Xã Hồi Ninh", "Bốn", day=""),
    ]
    sent = read(kim_son, workbook(rows))
    assert [row.outcome for row in sent.lines] == ["wrong"] * 4
    with pytest.raises(Refusal, match="No row of this file can be taken in"):
        sent.confirm()


def test_words_under_result_that_name_no_state_are_kept_as_the_result(kim_son):
    rows = [
        line(1, "Xã Hồi Ninh", "Một", result="Đã trồng 300 m hoa"),
        line(2, "Xã Hồi Ninh", "Hai", result="đã HT"),
    ]
    sent = read(kim_son, workbook(rows))
    one, two = (row.values for row in sent.lines)
    assert (one["state"], one["answers"]["result"]) == ("registered", "Đã trồng 300 m hoa")
    assert "state_not_told" in sent.codes()
    assert two["state"] == "completed"
    assert "result" not in two["answers"]


def test_a_remark_that_denies_is_not_taken_for_yes(kim_son):
    rows = [[*line(1, "Xã Hồi Ninh", "Một"), "Không tiếp tục từ 2023"]]
    row = read(kim_son, workbook(rows, (*HEAD, "Ghi chú"))).line
    assert "continuing" not in row.values["answers"]
    assert (row.outcome, row.look) == ("new", 3)
    assert row.values["answers"]["note"] == "Không tiếp tục từ 2023"


def test_yes_or_no_is_left_open_where_the_sheet_could_not_say_it(kim_son):
    row = read(kim_son, workbook([line(1, "Xã Hồi Ninh", "Một")])).line
    assert not {"continuing", "commemorative_mark"} & row.values["answers"].keys()


def test_what_the_packs_form_refuses_is_left_empty_and_told(kim_son):
    rows = [[*line(1, "Xã Hồi Ninh", "Một"), "h" * 300]]
    sent = read(kim_son, workbook(rows, (*HEAD, "Chào mừng")))
    assert (sent.line.outcome, sent.line.look) == ("new", 3)
    assert "occasion" not in sent.line.values["answers"]
    assert "form_refuses" in sent.codes()


def test_a_name_twice_in_one_file_is_taken_twice_and_told(kim_son):
    rows = [line(n, "Xã Hồi Ninh", "Hàng cây") for n in (1, 2)]
    sent = read(kim_son, workbook(rows))
    assert sent.one.counts["new"] == 2
    assert sent.told(1)[-1].warns
    assert sent.confirm().one.counts["taken"] == 2
    assert read(kim_son, workbook(rows)).one.counts["same"] == 2


def test_a_name_twice_is_told_also_when_it_stands_on_the_same_line_of_another_sheet(kim_son):
    out = io.BytesIO()
    made = openpyxl.load_workbook(io.BytesIO(workbook([line(1, "Xã Hồi Ninh", "Hàng cây")])))
    made.copy_worksheet(made.active).title = "Sổ 2"
    made.save(out)
    sent = read(kim_son, out.getvalue())
    assert len(sent.lines) == 2
    assert sent.told(1)[-1].notes[0].params["line"] == f"{sent.lines[0].number} (Sổ)"


# --- words --------------------------------------------------------------------------------------


def test_every_code_of_the_reader_has_words_for_its_parameters():
    assert READER.keys() == CODES.keys()
    for code, names in CODES.items():
        params = {name: f"<{name}>" for name in names}
        words = str(READER[code]) % params
        assert all(value in words or code in SILENT for value in params.values()), code


# Where a parameter says nothing to a reader that the cell does not show.
SILENT = {"unit_abbreviated", "unit_capitals"}


def test_notes_without_near_names_do_not_speak_of_any():
    assert ALONE.keys() <= READER.keys() | OWN.keys()
    said = import_notes.sentence(Note("choice_unknown", {"raw": "Thể thao", "nearest": ""}))
    assert said == "“Thể thao” is not one of the choices."


def test_an_xls_of_an_old_office_is_imported_like_any_other(kim_son):
    content = (BOOK.parent / "register_small.xls").read_bytes()
    by = actor(kim_son.mai)
    told = {"programme": "dan-van-kheo", "period": "2024H1"}
    sent = send(kim_son.district, content, by=by, name="so.xls", **told).must_be_read()
    assert [row.shown["@unit"] for row in sent.lines] == [
        "Xã Hồi Ninh",
        "Xã Hồi Ninh",
        "Xã Xuân Chính",
    ]
    assert sent.confirm().one.counts["taken"] == 3
