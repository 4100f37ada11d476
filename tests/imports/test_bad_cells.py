"""Cells that no office meant to write, on their whole way into the register: told, never a break."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from openpyxl.workbook.defined_name import DefinedName

from banyan.imports.models import Import
from banyan.imports.target import target_of
from banyan.imports.template_marks import brought
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from tests.imports.sending import Sent, actor, send
from tests.imports.test_the_wizard import browser, let_work, post
from tests.initiatives.books import HEAD, TITLE, line, workbook
from tests.kernel.test_old_book import shared, texts, xls
from tests.world import TODAY

EMOJI = "👩‍🌾 Vườn 🇻🇳"


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def read(kim_son: Any, content: bytes, name: str = "so.xlsx") -> Sent:
    told = {"programme": "dan-van-kheo", "period": "2024H1"}
    sent = send(kim_son.district, content, by=actor(kim_son.mai), name=name, **told)
    return sent.must_be_read()


ODD = [
    "a_x0000_b", "_xD83D_", "\u202eabc", "\u200f", "اسم", EMOJI, "ô" * 32_000, "1 " * 16_000,
    "1" * 32_000, "#NUM!", "#REF!", "=1+1", "'1", "01/01/1024", "31/12/9999", "1/1/0001",
    "31/12/99999", "٣٤", "½", "１２", "1e400", "NaN", "Infinity", "-0", "0x10", "x" * 9, "\t",
    "\ufffe", "𝟏", "²", "١٢/٣/٢٠٢٤", "1_000", "²/3/2024", "Ⅷ", "一", "௧",
]  # fmt: skip
NUMBERS = [1e300, -1e300, 1e-300, 2**53, 10**14, -1, 0.1, 45_000.75, 2_958_465, 2_958_466, True]


@pytest.mark.parametrize("place", range(len(HEAD)))
def test_odd_values_in_any_column_are_told_and_the_rest_is_taken(kim_son, place):
    rows = []
    for number, odd in enumerate([*ODD, *NUMBERS], 1):
        row = line(number, "Xã Hồi Ninh", f"Mô hình {number}")
        row[place] = odd
        rows.append(row)
    sent = read(kim_son, workbook([*rows, line(99, "Xã Hồi Ninh", "Sau cùng")])).confirm()
    assert sent.one.state == "done"
    assert Initiative.objects.filter(title="Sau cùng").exists()


def test_a_backslash_that_somebody_wrote_stays_what_it_is(kim_son):
    titles = ["Thư mục D:\\u0000", "Hai \\\\u0000 vạch"]
    rows = [line(at, "Xã Hồi Ninh", title) for at, title in enumerate(titles, 1)]
    sent = read(kim_son, workbook(rows)).confirm()
    assert sent.one.counts["taken"] == 2, sent.one.said
    assert sorted(Initiative.objects.values_list("title", flat=True)) == sorted(titles)


def edited(change: Any, rows: list[list[Any]], head: Any = HEAD) -> bytes:
    """A register, changed by hand."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(rows, head)))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_nul_in_an_old_workbook_ends_in_no_database(kim_son):
    said = [TITLE, *HEAD, "Xã Hồi Ninh", "Hàng\0 cây", "x\0", "05/03/2024"]
    cells = shared(0, 0, 0) + b"".join(shared(2, at, at + 1) for at in range(len(HEAD)))
    first = len(HEAD) + 1
    row = b"".join(shared(3, at, first + at - 1) for at in (1, 2, 3))
    sent = read(kim_son, xls(cells + row + shared(3, 5, first + 3), more=texts(*said)), "so.xls")
    assert sent.confirm().one.counts["taken"] == 1
    assert Initiative.objects.get().title == "Hàng cây"


def test_emoji_stay_in_headings_titles_and_the_names_of_sheets(kim_son):
    head = (*HEAD[:-1], f"Kết quả {EMOJI}")

    def named(book: Any) -> None:
        book.active.title = "Sổ 🌾"

    rows = [line(1, "Xã Hồi Ninh", f"Hàng cây {EMOJI}", result="Hoàn thành")]
    sent = read(kim_son, edited(named, rows, head)).confirm()
    assert sent.line.sheet == "Sổ 🌾"
    assert Initiative.objects.get().title == f"Hàng cây {EMOJI}"


def test_a_sheet_from_right_to_left_is_a_register_like_any_other(kim_son):
    def turned(book: Any) -> None:
        book.active.sheet_view.rightToLeft = True
        book.active["C4"].value = "\u200fHàng cây שדרה\u200e"

    sent = read(kim_son, edited(turned, [line(1, "Xã Hồi Ninh", "Hàng cây")])).confirm()
    assert sent.one.counts["taken"] == 1
    assert Initiative.objects.get().title == "Hàng cây שדרה"


@pytest.mark.parametrize("day", [date(9999, 12, 31), "31/12/9999", "06/05/1024", date(1900, 3, 1)])
def test_a_year_of_long_ago_or_far_ahead_is_told_and_not_taken(kim_son, day):
    sent = read(kim_son, workbook([line(1, "Xã Hồi Ninh", "Hàng cây", day=day)]))
    assert {"outside_period", "date_odd_year", "date_unreadable"} & sent.codes(), sent.codes()


def test_a_register_of_all_columns_of_a_sheet_is_read(kim_son):
    def wide(book: Any) -> None:
        for column in range(len(HEAD) + 1, 16_385):
            book.active.cell(3, column, f"Cột {column}")

    sent = read(kim_son, edited(wide, [line(1, "Xã Hồi Ninh", "Hàng cây")]))
    assert sent.one.counts["new"] == 1
    assert "columns_beyond" in sent.codes()


# --- marks that anybody could have changed --------------------------------------------------------


def marked(**names: str) -> bytes:
    def name(book: Any) -> None:
        for key, said in names.items():
            told = DefinedName(f"_banyan_{key}", attr_text=f'"{said}"')
            book.defined_names[told.name] = told

    return edited(name, [line(1, "Xã Hồi Ninh", "Một")])


@pytest.mark.parametrize("said", ["9" * 30, "9" * 5_000, "٣", "-1", "x", "\n" * 30_000])
def test_a_mark_of_no_import_is_no_mark(kim_son, said):
    client = browser(kim_son.mai)
    assert post(client, kim_son, marked(**{"import": said})).status_code == 303
    let_work()
    assert Import.objects.get().state == "ready"


@pytest.mark.parametrize("period", ["nonsense", "9999H9", "0000H1", "2024H1" * 3_000, "2024-13"])
def test_a_period_that_is_none_is_not_believed(kim_son, period):
    content = marked(template_target="models", template_period=period)
    client = browser(kim_son.mai)
    assert post(client, kim_son, content, period="").status_code == 303
    let_work()
    one = Import.objects.get()
    assert (one.state, one.options["period"]) == ("ready", "2024H1")


def test_a_tick_comes_from_a_person_and_never_from_a_file(kim_son):
    people = target_of("people")
    fields = people.fields(actor(kim_son.mai), TODAY)
    told = {"target": "people", "accounts": "yes", "role": "nonsense", "on": "2024-03-05"}
    options = people.options_of({})
    assert brought(people, fields, told, options) == {"on": "2024-03-05"}


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ({"target": "units"}, "made for “Units”"),
        ({"target": "models", "programme": "khac"}, "made for “khac”"),
        ({"target": "nonsense"}, "made for “nonsense”"),
    ],
)
def test_a_template_made_for_something_else_is_refused_in_words(kim_son, mark, said):
    def filled(book: Any) -> None:
        sheet = book.create_sheet("_")
        sheet.append(["banyan:template"])
        for pair in mark.items():
            sheet.append(pair)
        sheet.sheet_state = "veryHidden"

    with pytest.raises(Refusal) as no:
        read(kim_son, edited(filled, [line(1, "Xã Hồi Ninh", "Một")]))
    assert said in no.value.why
