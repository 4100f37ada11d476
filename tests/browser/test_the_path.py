"""The way of the README in a real browser: sign in, find, register, review, recognise, count."""

import re
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from banyan.ledger.models import Event
from banyan.submissions.models import Draft
from tests.browser.waiting import eventually
from tests.world import PASSWORD, email

pytestmark = pytest.mark.browser
TITLE = "Ngõ xóm sáng đèn"
SAVED = re.compile("Đã lưu nháp lúc")


def main_button(page: Any) -> Any:
    """The button a form is sent with."""
    return page.locator("main form .bar button.main")


def fill_in(page: Any, title: str = TITLE) -> None:
    """What a registration asks for at least."""
    page.fill("input[name=title], textarea[name=title]", title)
    page.check("input[name=registrant_kind][value=collective]", force=True)
    page.fill("[name=registrant_name]", "Chi hội Phụ nữ Bến Mẫu")
    page.check("input[name=level][value=district]", force=True)
    page.fill("[name=registered_on]", "2024-02-05")


def test_signing_in_leads_to_my_work(world, browser, complaints):
    page = browser.open(None, "/accounts/login/?next=/initiatives/")
    page.fill("input[type=email]", email("lan"))
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/initiatives/")
    assert world.initiative.title in page.inner_text("#rows")


def test_a_wrong_password_is_said_and_the_address_stays(world, browser, complaints):
    page = browser.open(None, "/accounts/login/")
    page.fill("input[type=email]", email("lan"))
    page.fill("input[type=password]", "nham-mat-khau")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.input_value("input[type=email]") == email("lan")


def test_the_register_is_worked_by_keyboard_alone(crowded, browser, complaints):
    page = browser.open(crowded.minh, "/initiatives/")
    loads: list[str] = []
    page.on("load", lambda: loads.append(page.url))
    page.keyboard.press("/")
    page.keyboard.type("to tu quan so 1")
    page.wait_for_function("() => new URL(location).searchParams.get('q') === 'to tu quan so 1'")
    page.wait_for_function("() => !document.querySelector('#rows').innerText.includes('hiến đất')")
    assert loads == []
    rows = page.locator("[data-row] a")
    assert rows.count() > 2
    # Who leaves the box asks once more, and the rows that answer take the focus of those before.
    with page.expect_response(lambda answer: "q=to" in answer.url):
        page.evaluate("document.activeElement.blur()")
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")
    focused = "document.activeElement.getAttribute('href')"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(focused) == rows.nth(1).get_attribute("href")
    page.keyboard.press("k")
    first = page.evaluate(focused)
    assert first == rows.nth(0).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    page.go_back()
    page.wait_for_selector("#rows")
    assert "q=to" in page.url


def test_a_chosen_filter_narrows_the_list_and_stands_in_the_address(crowded, browser, complaints):
    page = browser.open(crowded.minh, "/initiatives/")
    page.click(".more-filters > summary")  # what is not asked daily
    page.select_option("select[name=level]", "province")
    page.wait_for_function("() => location.search.includes('level=province')")
    shown = page.inner_text("#rows p[role=status]")
    again = browser.open(crowded.minh, page.url.removeprefix(browser.url))
    assert again.inner_text("#rows p[role=status]") == shown
    assert again.input_value("select[name=level]") == "province"


def test_what_is_typed_is_kept_as_a_draft_until_it_is_sent(world, browser, complaints):
    page = browser.open(world.lan, "/initiatives/new")
    fill_in(page)
    # Saved two seconds after a key: on a slow machine first without what is typed last.
    whole = Draft.objects.filter(raw__title=TITLE, raw__registered_on="2024-02-05")
    eventually(page, whole.exists, "all that was typed is saved")
    page.get_by_text(SAVED).wait_for()
    page.reload()
    assert page.input_value("[name=title]") == TITLE
    assert page.input_value("[name=registrant_name]") == "Chi hội Phụ nữ Bến Mẫu"
    assert page.is_checked("input[name=level][value=district]")
    main_button(page).click()
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert TITLE in page.inner_text("h1")
    assert not Draft.objects.exists()
    page.goto(browser.url + "/initiatives/new")
    assert page.input_value("[name=title]") == ""


def test_a_second_click_makes_no_second_record(world, browser, complaints):
    before = Event.objects.count()
    page = browser.open(world.lan, "/initiatives/new")
    fill_in(page)
    main_button(page).dblclick()
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert Initiative.objects.filter(title=TITLE).count() == 1
    assert Event.objects.count() == before + 1


def test_a_mistake_is_said_beside_the_field_and_nothing_typed_is_lost(world, browser, complaints):
    page = browser.open(world.lan, "/initiatives/new")
    fill_in(page)
    page.fill("[name=beneficiary_households]", "toàn xóm")
    main_button(page).click()
    page.wait_for_selector(".field.wrong")
    assert page.input_value("[name=title]") == TITLE
    assert page.input_value("[name=beneficiary_households]") == "toàn xóm"
    page.fill("[name=beneficiary_households]", "40")
    main_button(page).click()
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))


def test_of_two_tabs_the_slower_is_told_and_keeps_what_was_typed(world, browser, complaints):
    path = f"{world.initiative.get_absolute_url()}/amend"
    fast, slow = (browser.open(world.lan, path) for _n in range(2))
    slow.fill("[name=title]", "Tên của người chậm")
    fast.fill("[name=title]", "Tên của người nhanh")
    main_button(fast).click()
    fast.wait_for_url(f"**{world.initiative.get_absolute_url()}")
    main_button(slow).click()
    slow.wait_for_selector("[role=alert]")
    assert "nhanh hơn" in slow.inner_text("main") or "người khác" in slow.inner_text("main").lower()
    assert slow.input_value("[name=title]") == "Tên của người chậm"
    assert Initiative.objects.get(pk=world.initiative.pk).title == "Tên của người nhanh"


def test_one_registers_another_reviews_and_recognises(world, browser, complaints):
    path = world.initiative.get_absolute_url()
    page = browser.open(world.lan, path)
    press(page, "complete")
    assert page.locator("form[action$='/review']").count() == 0
    page = browser.open(world.minh, path)
    # What the sheet will want is said before anybody fills it in, with the way to mend it.
    assert page.locator("form[action$='/review']").count() == 0
    page.get_by_text("Bổ sung nội dung còn thiếu").click()
    page.fill("[name=result]", "Tuyến đường dài hai ki-lô-mét đã sạch và có hoa.")
    main_button(page).click()
    page.wait_for_url(f"**{path}")
    ask(page, "review")
    for box in page.locator(
        "form[action$='/review'] input[type=number], form[action$='/review'] input[inputmode]"
    ).all():
        box.fill("15")
    page.locator("form[action$='/review'] button.main").click()
    page.wait_for_selector("form[action$='/recognise']", state="attached")
    ask(page, "recognise")
    page.fill("form[action$='/recognise'] [name=decision_number]", "07-QĐ/MH")
    page.fill("form[action$='/recognise'] [name=decision_date]", "2024-06-18")
    page.locator("form[action$='/recognise'] button.main").click()
    page.get_by_text("07-QĐ/MH").wait_for()
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"initiative.amended", "submission.moved", "submission.reviewed"} <= verbs
    assert "initiative.recognised" in verbs


def press(page: Any, move: str) -> None:
    """A move that asks for nothing."""
    form = page.locator(f"form[action$='/{move}']")
    if not form.is_visible():
        ask(page, move)
    with page.expect_navigation():
        form.locator("button").first.click()


def ask(page: Any, move: str) -> None:
    """Open what a move asks for."""
    page.locator(f"details.ask:has(form[action$='/{move}']) > summary").click()


def test_every_number_of_the_figures_opens_to_as_many_records(crowded, browser, complaints):
    page = browser.open(crowded.minh, "/figures/?place=W11&period=2024H1")
    links = page.eval_on_selector_all(
        ".strip a[href], table.bars a[href], .part table a[href]",
        "all => all.map(a => [a.getAttribute('href'), a.textContent.trim()])",
    )
    plain = {(url, text) for url, text in links if re.fullmatch(r"\d+", text)}
    opening = [(url, text) for url, text in plain if "distinct=" not in url]
    assert len(opening) > 10
    for url, text in sorted(opening)[:: max(1, len(opening) // 8)]:
        page.goto(browser.url + url)
        said = page.locator("#rows p[role=status]")
        assert (re.sub(r"\D", "", said.inner_text()) if said.count() else "0") == text, url


def test_language_and_scheme_are_switched_in_one_click_and_stay(world, browser, complaints):
    page = browser.open(world.lan, "/initiatives/")
    assert page.get_attribute("html", "lang") == "vi"
    page.locator("header .desk button[name=language][value=en]").click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    assert "Register of models" in page.inner_text("h1")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.locator("header button.tool[data-theme-switch]").click()
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(ground) != light
    page.goto(browser.url + "/figures/")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.get_attribute("html", "lang") == "en"
