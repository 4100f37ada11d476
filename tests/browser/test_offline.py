"""The phone without a network: nothing written is lost or sent twice; what is in the way is said."""

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from banyan.initiatives.models import Initiative
from banyan.ledger.models import Event
from tests.browser.waiting import until
from tests.world import PASSWORD, email

pytestmark = pytest.mark.browser
TITLE = "Ngõ xóm sáng đèn"
QUICK = "/initiatives/quick"
KEPT = "async () => (await window.banyan.all()).map(item => [item.state, item.title])"


PAGES_KEPT = """async () => {
  const names = (await caches.keys()).filter(name => name.startsWith("seen-"));
  const pages = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
  const paths = pages.flat().map(page => new URL(page.url).pathname);
  return paths.filter(path => !["/-whose", "/waiting"].includes(path));
}"""
FRESH = "() => !['seen', 'lost'].some(mark => mark in document.documentElement.dataset)"
NONE_LEFT = "async () => !(await window.banyan.all()).length"


def reconnect(page: Any) -> None:
    """The network is back, and the page, kept until now, has fetched itself anew: whoever goes on
    before that leads it somewhere else while it comes back."""
    page.context.set_offline(False)
    until(page, FRESH)


def phone(browser: Any, who: Any, path: str = "/") -> Any:
    """A page on a phone whose worker has taken over and has kept its pages."""
    page = browser.open(who, path, width=390)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    until(page, f"async () => Boolean(await caches.match({QUICK!r}, {{ignoreVary: true}}))")
    return page


def fill_in(page: Any, title: str = TITLE) -> None:
    """What sending in requires."""
    page.fill("[name=title]", title)
    if page.locator("details.later:not([open])").count():
        page.click("details.later > summary")
    page.check("input[name=registrant_kind][value=collective]", force=True)
    page.check("input[name=level][value=district]", force=True)
    page.fill("[name=registered_on]", "2024-02-05")


def send(page: Any) -> None:
    """Press the button of the form."""
    page.locator("main form .bar button.main").click()


def registered(title: str = TITLE) -> int:
    """How many records bear the title."""
    return Initiative.objects.filter(title=title).count()


def test_a_model_registered_without_a_network_arrives_once_when_it_is_back(world, browser):
    page = phone(browser, world.lan)
    context, before = page.context, Event.objects.count()
    context.set_offline(True)
    page.goto(browser.url + QUICK)
    assert "ngoại tuyến" in page.inner_text("[data-dot]").lower()
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.reload()
    page.get_by_text(TITLE).wait_for()
    assert page.evaluate(KEPT) == [["waiting", TITLE]]
    assert registered() == 0
    page.close()  # a killed tab
    again = context.new_page()
    again.goto(browser.url + "/")
    again.get_by_text("1 chờ gửi").wait_for()
    reconnect(again)  # it fetches itself anew
    until(again, NONE_LEFT)
    assert registered() == 1
    assert Event.objects.count() == before + 1
    assert Initiative.objects.get(title=TITLE).submission.state == "registered"
    assert "ngoại tuyến" not in again.inner_text("[data-dot]").lower()
    again.goto(browser.url + QUICK)
    assert again.input_value("[name=title]") == ""


def test_two_models_written_offline_are_two_records(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    for title in ("Mô hình thứ nhất", "Mô hình thứ hai"):
        page.goto(browser.url + QUICK)
        fill_in(page, title)
        send(page)
        page.wait_for_url(re.compile("/waiting"))
    reconnect(page)
    until(page, NONE_LEFT)
    assert registered("Mô hình thứ nhất") == registered("Mô hình thứ hai") == 1


def test_an_answer_that_was_lost_makes_no_second_record(world, browser):
    page = phone(browser, world.lan, QUICK)
    arrived: list[str] = []

    def lose(route: Any) -> None:
        arrived.append(route.fetch().text())
        route.abort() if len(arrived) == 1 else route.continue_()

    page.route("**/sync", lose)
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    until(page, NONE_LEFT)
    assert "receipt" in arrived[0]
    assert registered() == 1


def test_a_double_tap_and_a_second_tab_send_once(world, browser):
    page = phone(browser, world.lan, QUICK)
    before = Event.objects.count()
    fill_in(page)
    page.locator("main form .bar button.main").dblclick()
    other = page.context.new_page()
    other.goto(browser.url + "/waiting")
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert TITLE in page.inner_text("h1")
    assert registered() == 1
    assert Event.objects.count() == before + 1


def test_who_was_signed_out_meanwhile_is_told_so_and_it_goes_after_signing_in(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.context.clear_cookies(name="sessionid")
    reconnect(page)
    until(page, "async () => (await window.banyan.all())[0].state === 'signed_out'")
    page.goto(browser.url + "/waiting")
    page.locator("[data-waiting-list]").get_by_text(world.lan.name).first.wait_for()
    said = page.inner_text("[data-waiting-list]")
    assert TITLE not in said  # whoever holds the phone now need not read it
    page.goto(browser.url + "/accounts/login/?next=/")
    page.fill("input[type=email]", email("lan"))
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.banyan && window.banyan.me")
    until(page, NONE_LEFT)
    assert registered() == 1


def test_nothing_goes_in_the_name_of_another_account(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.context.clear_cookies()
    reconnect(page)
    page.goto(browser.url + "/accounts/login/?next=/waiting")
    page.fill("input[type=email]", email("minh"))
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/waiting$"))
    until(page, "async () => (await window.banyan.all())[0].state === 'account'")
    assert registered() == 0
    page.locator("main").get_by_text(world.lan.name).first.wait_for()
    assert TITLE not in page.inner_text("main")
    assert page.locator("[data-discard]:visible, [data-send]:visible").count() == 0
    assert page.get_attribute("[data-dot]", "data-tone") == "amber"


def test_a_change_made_on_a_record_that_moved_on_is_kept_and_both_are_shown(world, browser):
    path = f"{world.initiative.get_absolute_url()}/amend"
    slow, fast = phone(browser, world.lan, path), browser.open(world.lan, path)
    slow.fill("[name=title]", "Tên của người chậm")
    fast.fill("[name=title]", "Tên của người nhanh")
    send(fast)
    fast.wait_for_url(f"**{world.initiative.get_absolute_url()}")
    send(slow)
    slow.wait_for_selector("[role=alert]")
    assert slow.input_value("[name=title]") == "Tên của người chậm"
    assert slow.evaluate(KEPT) == [["changed", "Tên của người chậm"]]
    slow.goto(browser.url + "/waiting")
    slow.click("[data-open]")
    slow.wait_for_selector("[role=alert]")
    assert slow.input_value("[name=title]") == "Tên của người chậm"
    assert "Tên của người nhanh" in slow.inner_text("main form")
    send(slow)
    slow.wait_for_url(f"**{world.initiative.get_absolute_url()}")
    assert Initiative.objects.get(pk=world.initiative.pk).title == "Tên của người chậm"
    assert slow.evaluate(KEPT) == []


def test_what_the_server_refuses_is_said_beside_the_field_and_can_be_mended_later(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    fill_in(page)
    page.fill("[name=beneficiary_households]", "toàn xóm")
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    reconnect(page)
    until(page, "async () => (await window.banyan.all())[0].state === 'refused'")
    page.click("[data-open]")
    page.wait_for_selector(".field.wrong .error")
    assert page.input_value("[name=beneficiary_households]") == "toàn xóm"
    page.fill("[name=beneficiary_households]", "40")
    send(page)
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert registered() == 1
    assert page.evaluate(KEPT) == []


def test_what_was_typed_without_a_network_is_there_again_after_the_tab_was_killed(world, browser):
    page = phone(browser, world.lan)
    context = page.context
    context.set_offline(True)
    page.goto(browser.url + QUICK)
    page.fill("[name=title]", TITLE)
    until(page, "async () => (await window.banyan.all()).some(item => item.state === 'typing')")
    page.close()
    again = context.new_page()
    again.goto(browser.url + QUICK)
    again.wait_for_function(f"() => document.querySelector('[name=title]').value === {TITLE!r}")


def test_no_page_of_an_account_is_left_behind_when_it_signs_out(world, browser):
    page = phone(browser, world.lan)
    page.goto(browser.url + "/initiatives/")
    kept = PAGES_KEPT
    until(page, f"async () => (await ({kept})()).includes('/initiatives/')")
    page.evaluate("document.querySelector('form[action$=\"/accounts/logout/\"]').requestSubmit()")
    page.wait_for_function("() => !document.documentElement.dataset.me")
    page.wait_for_timeout(2500)  # what was on its way comes, and goes again
    until(page, f"async () => !(await ({kept})()).length")
    page.context.set_offline(True)
    page.goto(browser.url + "/initiatives/")
    assert world.initiative.title not in page.content()
    assert world.lan.name not in page.content()


def test_pages_seen_before_are_read_again_and_say_of_when_they_are(world, browser):
    page = phone(browser, world.lan)
    page.goto(browser.url + "/initiatives/")
    until(page, "async () => Boolean(await caches.match('/initiatives/', {ignoreVary: true}))")
    page.context.set_offline(True)
    page.goto(browser.url + "/initiatives/")
    assert world.initiative.title in page.inner_text("main")
    assert re.search(r"ngoại tuyến.*\d\d:\d\d", page.inner_text("[data-dot]").lower())
    page.goto(browser.url + world.initiative.get_absolute_url())
    assert "chưa được lưu" in page.inner_text("[data-lost-note]")


def photograph(name: str = "duong-hoa.png") -> dict[str, Any]:
    """A picture as a phone's album gives it."""
    picture = BytesIO()
    Image.effect_noise((400, 300), 80).convert("RGB").save(picture, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": picture.getvalue()}


NEVER_OFF = """
  Object.defineProperty(navigator, "onLine", { get: () => true });
  addEventListener("online", (event) => event.stopImmediatePropagation());
"""


def test_a_page_of_before_comes_anew_when_the_server_answers_though_the_device_never_was_offline(
    world, browser
):
    # A wireless network without a way out, or a server that was down: no event tells its end.
    page = phone(browser, world.lan)
    page.add_init_script(NEVER_OFF)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    assert page.get_attribute("html", "data-seen")
    page.context.set_offline(False)
    until(page, FRESH)


def test_a_photograph_taken_without_a_network_arrives_with_its_record(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    page.set_input_files("[data-files=photos_before] input[type=file]", photograph())
    page.get_by_text("Không có mạng").wait_for()
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.get_by_text("1 ảnh").wait_for()
    page.reload()
    reconnect(page)
    until(page, NONE_LEFT)
    kept = Initiative.objects.get(title=TITLE).submission
    assert len(kept.answers["photos_before"]) == 1
    assert kept.typed.filter(field="photos_before", document__isnull=False).count() == 1


THREE = [photograph(f"anh-{n}.png") for n in range(3)]
BEFORE = "[data-files=photos_before]"


def photos_of(title: str) -> int:
    """How many photographs the record bears."""
    kept = Initiative.objects.get(title=title).submission
    return kept.typed.filter(field="photos_before", document__isnull=False).count()


def test_three_photographs_chosen_at_once_without_a_network_all_arrive(world, browser):
    page = phone(browser, world.lan)
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    fill_in(page)
    page.set_input_files(f"{BEFORE} input[type=file]", THREE)
    assert page.locator(f"{BEFORE} .shot").count() == 3
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.get_by_text("3 ảnh").wait_for()
    reconnect(page)
    until(page, NONE_LEFT)
    assert photos_of(TITLE) == 3


def test_three_photographs_saved_too_early_all_arrive(world, browser):
    page = phone(browser, world.lan, QUICK)
    fill_in(page)
    page.set_input_files(f"{BEFORE} input[type=file]", THREE)
    send(page)
    # To the record, or, where sending takes longer than a quarter of a minute, to what waits.
    page.wait_for_url(re.compile(r"/initiatives/\d+$|/waiting"))
    until(page, NONE_LEFT)
    assert photos_of(TITLE) == 3


def test_a_photograph_on_its_way_comes_back_after_the_tab_was_killed(world, browser):
    page = phone(browser, world.lan, QUICK)
    context = page.context
    context.route("**/uploads/**", lambda route: route.abort())
    page.fill("[name=title]", TITLE)
    page.set_input_files(f"{BEFORE} input[type=file]", THREE[:2])
    page.locator("[data-dot]", has_text="Đã lưu chữ · 2 ảnh đang gửi").wait_for()
    page.close()
    context.unroute("**/uploads/**")
    again = context.new_page()
    again.goto(browser.url + QUICK)
    arrived = f"{BEFORE} .shot:nth-child(2) input[type=hidden]"
    again.wait_for_selector(arrived, state="attached")
    assert again.input_value("[name=title]") == TITLE
    until(again, NONE_LEFT)


def test_signing_out_warns_when_something_waits(world, browser):
    page = phone(browser, world.lan)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate(
        """() => window.banyan.put({key: "k", state: "refused", account: window.banyan.me.split(".")[0],
            fields: [], photos: [], at: Date.now()})"""
    )
    page.evaluate("document.querySelector('form[action$=\"/accounts/logout/\"]').requestSubmit()")
    page.wait_for_timeout(1000)
    assert len(asked) == 1
    assert page.evaluate("document.documentElement.dataset.me")


def test_a_page_that_was_not_kept_judges_nobody(world, browser):
    page = phone(browser, world.lan)
    until(page, "async () => Boolean(await caches.match('/waiting', {ignoreVary: true}))")
    page.context.set_offline(True)
    page.goto(browser.url + QUICK)
    fill_in(page)
    send(page)
    page.wait_for_url(re.compile("/waiting"))
    page.goto(browser.url + world.initiative.get_absolute_url())
    page.get_by_text(TITLE).wait_for()
    assert "chờ mạng" in page.inner_text("[data-waiting-list]")
    assert page.locator("[data-open]:visible, [data-discard]:visible").count() == 2
    assert page.evaluate(KEPT) == [["waiting", TITLE]]
