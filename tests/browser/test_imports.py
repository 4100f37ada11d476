"""One register on its way in on a phone: every page of it readable by everybody, by keyboard too."""

from collections.abc import Callable
from typing import Any

import pytest

from banyan.imports import work
from banyan.imports.models import Import
from banyan.initiatives.models import Initiative
from tests.browser.test_every_page import found
from tests.initiatives.books import HEAD, line, workbook

pytestmark = pytest.mark.browser
HEADINGS = (*HEAD[:2], "Việc làm hay", *HEAD[3:], "Lĩnh vực")
LONG = "Vận động từng hộ góp ngày công, hiến đất, tháo dỡ tường rào để mở rộng ngõ. " * 5


def rows(commune: str) -> list[list[Any]]:
    """What an office writes: good rows, an unknown unit, an unknown word, a day that is none."""
    return [
        [*line(1, commune, "Ngõ sáng", result=LONG), "Kinh tế"],
        [*line(2, "Xã Trên Trời", "Nhà sạch"), "Kinh tế"],
        [*line(3, commune, "Vườn đẹp"), "Mảng ruộng đồng"],
        [*line(4, commune, "Cổng làng", day="31/02/2024"), "Kinh tế"],
    ]


def readable(page: Any, where: str) -> list[str]:
    """What a reader would stumble over in light and dark, and what is wider than the phone."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    problems = [f"{where}: {wide} px too wide"] if wide > 0 else []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        problems += found(page, f"{where} {scheme}")
    return problems


@pytest.fixture
def phone(crowded: Any, browser: Any) -> Any:
    return browser.open(crowded.an, "/imports/", width=390, reduced_motion="reduce")


@pytest.fixture
def on(phone: Any) -> Callable[..., Any]:
    """Let the process do what waits, then wait until the page shows it."""

    def go(shows: str) -> None:
        for one in Import.objects.waiting():
            work.run(one.pk)
        phone.wait_for_selector(shows)

    return go


def test_a_register_comes_in_on_a_phone_and_goes_out_again(
    crowded, phone, on, browser, complaints, tmp_path
):
    problems, before = readable(phone, "all"), Initiative.objects.count()
    file = tmp_path / "so.xlsx"
    file.write_bytes(workbook(rows(crowded.commune.name_on(crowded.today)), HEADINGS))
    phone.locator("a[href='/imports/new/models']").press("Enter")
    phone.wait_for_selector("[name=file]")
    problems += readable(phone, "file")
    phone.select_option("[name=period]", crowded.round.period)
    phone.set_input_files("[name=file]", file)
    phone.locator(".bar .main").press("Enter")
    phone.wait_for_selector("#working")
    problems += readable(phone, "working")

    on("[name=c0_2]")  # a heading that nobody knows is asked about
    problems += readable(phone, "columns")
    phone.select_option("[name=c0_2]", "title")
    phone.locator(".bar .main").press("Enter")
    phone.wait_for_selector("#working")

    on("table.preview")
    problems += readable(phone, "preview")
    assert phone.locator(".preview .why").count() == 3
    assert not phone.locator(".preview thead").get_by_text("→ Banyan").count()
    phone.locator("a[href$='/values']").first.press("Enter")
    phone.wait_for_selector("[name=v0]")
    problems += readable(phone, "values")
    word = phone.locator("tr", has_text="Mảng ruộng đồng").locator("select")
    word.select_option("economy")
    phone.locator(".bar .main").press("Enter")
    phone.wait_for_selector("#working")

    on("table.preview")
    phone.locator("form.bar .main").press("Enter")
    on("a[href$='/take-back']")
    problems += readable(phone, "result")
    assert Initiative.objects.count() == before + 2
    with phone.expect_download() as sent:
        phone.locator("a[href$='/marked']").press("Enter")
    assert sent.value.suggested_filename == "so.xlsx"

    done = phone.url
    phone.goto(f"{done}/columns")  # as by the back button: it is past that
    assert phone.url == done
    phone.locator("a[href$='/take-back']").press("Enter")
    phone.wait_for_selector("form.form .main >> visible=true")
    problems += readable(phone, "take back")
    phone.locator(".bar .main").press("Enter")
    on("text=2 dòng")
    problems += readable(phone, "taken back")
    assert Initiative.objects.count() == before
    phone.goto(f"{browser.url}/imports/")
    assert phone.locator("[data-row]").count() == 1
    problems += readable(phone, "all with one")
    assert problems == []
