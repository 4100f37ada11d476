"""The office's own workbook comes back with its wrong cells marked; a template round-trips."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from banyan.imports.models import Import
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import amend
from tests.imports.sending import actor
from tests.imports.test_the_wizard import browser, let_work, send
from tests.initiatives.books import line, workbook


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def body(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return b"".join(answer.streaming_content)


def taken(client: Any, kim_son: Any, content: bytes, **more: Any) -> Import:
    """Send a file, let it be read, take it in."""
    url = send(client, kim_son, content, **more)
    client.post(f"{url}/confirm", {"key": f"take{url}"})
    let_work()
    return Import.objects.latest("pk")


# --- marked -------------------------------------------------------------------------------------


def test_wrong_cells_come_back_in_the_same_workbook_and_mended_it_goes_on(kim_son):
    rows = [
        line(1, "Xã Hồi Ninh", "Một"),
        line(2, "Xã Hồi Nin", "Hai"),
        line(3, "Xã Hồi Ninh", "Ba", day="31/02/2024"),
    ]
    client = browser(kim_son.mai)
    one = taken(client, kim_son, workbook(rows))
    assert (one.counts["taken"], one.counts["wrong"]) == (1, 2)
    content = body(client.get(f"{one.get_absolute_url()}/marked"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    listed, sheet = book.worksheets
    assert sheet.title == "Sổ"
    said = [[cell.value for cell in row] for row in listed.iter_rows()]
    text = "\n".join(str(value) for row in said for value in row if value)
    assert "Xã Hồi Nin" in text
    assert "31/02/2024" in text
    assert "Xã Hồi Ninh" in str(sheet["B5"].comment.text)  # the near name
    assert sheet["B4"].comment is None
    assert sheet["C4"].value == "Một"
    # Mended in the very file, it goes on: what is there already is the same, the rest is new.
    sheet["B5"].value, sheet["F6"].value = "Xã Hồi Ninh", date(2024, 2, 28)
    out = io.BytesIO()
    book.save(out)
    again = taken(client, kim_son, out.getvalue(), key="again")
    assert again.continues == one
    assert (again.counts["same"], again.counts["taken"], again.counts["wrong"]) == (1, 2, 0)
    assert Initiative.objects.count() == 3


# --- template -----------------------------------------------------------------------------------


def made(client: Any, kim_son: Any, **more: str) -> Any:
    asked = {"unit": str(kim_son.district.pk), "period": "2024H1", **more}
    return openpyxl.load_workbook(io.BytesIO(body(client.get("/imports/template/models", asked))))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def headings(sheet: Any) -> dict[str, int]:
    """Heading → column, and the row of headings under ""."""
    for row in sheet.iter_rows(min_row=1, max_row=8):
        found = {str(cell.value).rstrip(" *"): cell.column for cell in row if cell.value}
        if len(found) > 5:
            return {**found, "": row[0].row}
    raise AssertionError("no headings")


@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_empty_template_is_filled_in_and_read_without_a_question(kim_son, language):
    client = browser(kim_son.mai, language)
    book = made(client, kim_son)
    sheet = book.worksheets[0]
    at = headings(sheet)
    unit, title, kind, day = (
        ("Unit", "Name of the model or exemplar", "Registrant", "Registered on")
        if language == "en"
        else ("Đơn vị", "Tên mô hình, điển hình", "Chủ thể", "Ngày đăng ký")
    )
    fill = {unit: "Xã Hồi Ninh", title: "Hàng cây", day: date(2024, 3, 5)}
    for heading, value in fill.items():
        assert heading in at, at
        sheet.cell(at[""] + 1, at[heading], value)
    choice = next(place for name, place in at.items() if name.startswith(kind))
    sheet.cell(at[""] + 1, choice, "Collective" if language == "en" else "Tập thể")
    url = send(client, kim_son, saved(book), period="")
    page = client.get(url)
    assert page.status_code == 200
    one = Import.objects.get()
    assert (one.state, one.counts["new"], one.counts["wrong"]) == ("ready", 1, 0), (
        one.lines.first().told
    )


def test_export_edit_import_says_exactly_what_changed(kim_son, book):
    client = browser(kim_son.mai)
    taken(client, kim_son, book)
    template = made(client, kim_son, filled="1")
    untouched = send(client, kim_son, saved(template), key="untouched")
    same = Import.objects.latest("pk")
    odd = same.lines.exclude(outcome="same")
    assert not odd.exists(), [(one.outcome, one.before, one.told) for one in odd[:3]]
    assert same.counts["same"] == 44
    assert client.get(untouched).status_code == 200
    sheet = template.worksheets[0]
    at = headings(sheet)
    first = at[""] + 1
    title = str(sheet.cell(first, at["Name of the model or exemplar"]).value)
    sheet.cell(first, at["Money raised"], 12_345_678)
    sheet.cell(first + 1, at["Note"], None)
    sheet.cell(first + 2, at["Note"], "Mới ghi")
    edited = taken(client, kim_son, saved(template), key="edited")
    changes = [line.before for line in edited.lines.filter(outcome="changed").order_by("place")]
    assert set(changes[0]) == {"resources_money"}
    assert edited.counts["taken"] == len(changes)
    assert Initiative.objects.get(title=title).submission.answers["resources_money"] == 12_345_678


def test_what_nobody_understands_in_a_filled_workbook_empties_nothing(kim_son):
    client = browser(kim_son.mai)
    taken(client, kim_son, workbook([line(1, "Xã Hồi Ninh", "Một"), line(2, "Xã Hồi Ninh", "Hai")]))
    for one in Initiative.objects.all():
        answers = {**one.submission.answers, "resources_money": 22_500_000}
        amend(one, answers=answers, version=one.submission.version, by=actor(kim_son.mai))
    template = made(client, kim_son, filled="1")
    sheet = template.worksheets[0]
    at = headings(sheet)
    sheet.cell(at[""] + 1, at["Money raised"], "khoảng 5 triệu")
    sheet.cell(at[""] + 1, at["Note"], "Mới ghi")
    url = send(client, kim_son, saved(template), key="doubtful")
    one = Import.objects.latest("pk")
    assert [row.outcome for row in one.lines.order_by("place")] == ["changed", "same"]
    assert one.lines.order_by("place")[0].before == {"note": ""}
    assert "What stands here stays as it is" in client.get(url).content.decode()
    client.post(f"{url}/confirm", {"key": "take"})
    let_work()
    assert Initiative.objects.get(title="Một").submission.answers["resources_money"] == 22_500_000


def test_what_somebody_changed_since_the_export_is_not_overwritten(kim_son, book):
    client = browser(kim_son.mai)
    taken(client, kim_son, book)
    template = made(client, kim_son, filled="1")
    sheet = template.worksheets[0]
    at = headings(sheet)
    title = str(sheet.cell(at[""] + 1, at["Name of the model or exemplar"]).value)
    one = Initiative.objects.get(title=title)
    answers = {**one.submission.answers, "note": "Người khác vừa sửa"}
    amend(one, answers=answers, version=one.submission.version, by=actor(kim_son.mai))
    sheet.cell(at[""] + 1, at["Note"], "Tôi sửa")
    send(client, kim_son, saved(template), key="edited")
    row = Import.objects.latest("pk").lines.order_by("place").first()
    assert row.outcome == "wrong"
    assert "changed_since_export" in str(row.told)


def test_what_was_changed_and_taken_back_can_be_sent_again(kim_son):
    client = browser(kim_son.mai)
    rows = [line(1, "Xã Hồi Ninh", "Một"), line(2, "Xã Hồi Ninh", "Một")]
    taken(client, kim_son, workbook(rows))
    template = made(client, kim_son, filled="1")
    sheet = template.worksheets[0]
    at = headings(sheet)
    sheet.cell(at[""] + 1, at["Note"], "Tôi sửa")
    for key in ("one", "two"):
        one = taken(client, kim_son, saved(template), key=key)
        assert (one.counts["changed"], one.counts["taken"], one.counts["same"]) == (1, 1, 1)
        assert "twice_in_file" not in str([row.told for row in one.lines.all()])
        client.post(f"{one.get_absolute_url()}/take-back", {"key": f"back-{key}"})
        let_work()
        assert not Initiative.objects.filter(submission__answers__note="Tôi sửa").exists()


def test_a_template_without_a_period_is_refused_in_words(kim_son):
    client = browser(kim_son.mai)
    answer = client.get("/imports/template/models", {"unit": kim_son.district.pk, "period": ""})
    assert answer.status_code == 422
    assert "Choose the period" in answer.content.decode()
