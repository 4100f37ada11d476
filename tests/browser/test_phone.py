"""The phone: my work, the bar with its one dot, registering in a minute, by thumb or by keyboard."""

import re
from typing import Any

import pytest

from banyan.initiatives.models import Initiative
from tests.browser.test_every_page import found
from tests.browser.test_offline import QUICK, fill_in, registered, send

pytestmark = pytest.mark.browser
LEAST_TARGET = 44
TITLE = "Ngõ xóm sáng đèn"


def box(page: Any, selector: str) -> dict[str, float]:
    """Where something stands."""
    return dict(page.locator(selector).first.bounding_box())


def send_back(world: Any, why: str) -> None:
    """A reviewer returns lan's model."""
    from banyan.submissions.operations import move

    by = world.actor(world.minh)
    move(world.initiative.submission, move="send_back", asked={"reason": why}, by=by)


def test_what_was_returned_is_said_in_the_reviewers_words_and_one_tap_mends_it(world, browser):
    send_back(world, "Ảnh chưa thấy tuyến đường sau khi làm.")
    page = browser.open(world.lan, "/", width=390)
    assert page.locator(".job").count() <= 3
    card = page.locator(".job", has_text="trả lại")
    assert "Ảnh chưa thấy tuyến đường" in card.inner_text()
    card.locator("a:visible").click()
    page.wait_for_url(f"**{world.initiative.get_absolute_url()}/amend")
    assert page.input_value("[name=title]") == world.initiative.title


def test_registering_is_one_thumb_away_and_hidden_from_who_may_not(world, browser):
    page = browser.open(world.lan, "/", width=360)
    button, bar = box(page, ".head-acts a:visible"), box(page, ".nav")
    assert button["height"] >= LEAST_TARGET
    assert button["x"] + button["width"] > 360 - 40
    assert button["y"] + button["height"] <= bar["y"]
    page.click(".head-acts a:visible")
    page.wait_for_url(f"**{QUICK}")
    hung = browser.open(world.hung, "/", width=390)
    assert hung.locator(".head-acts a:visible").count() == 0


def test_nothing_moves_when_the_dot_changes(world, browser):
    page = browser.open(world.lan, QUICK, width=390)
    page.get_by_text("Cập nhật").wait_for()
    before = box(page, "[data-dot]"), box(page, "h1")
    page.fill("[name=title]", TITLE)
    page.locator("[data-dot]", has_text="Đã lưu").wait_for()
    assert (box(page, "[data-dot]"), box(page, "h1")) == before


def test_what_is_still_wanted_is_ticked_off_while_one_types(world, browser):
    page = browser.open(world.lan, QUICK, width=390)
    main = page.locator("main form .bar button.main")
    assert "Lưu nháp" in main.inner_text()
    fill_in(page)
    assert page.locator(".wanted li:not(.done)").count() == 0
    assert "Gửi đăng ký" in main.inner_text()
    send(page)
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert registered() == 1


def test_a_title_alone_is_kept_as_a_draft_record(world, browser):
    page = browser.open(world.lan, QUICK, width=390)
    page.fill("[name=title]", TITLE)
    send(page)
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert "còn thiếu" in page.inner_text("main")
    assert Initiative.objects.get(title=TITLE).submission.state == "draft"


def test_what_another_round_of_the_queue_took_along_leads_to_its_record_too(world, browser):
    page = browser.open(world.lan, QUICK, width=390)
    page.fill("[name=title]", TITLE)
    page.evaluate(
        """() => { navigator.locks.request("banyan-queue", () => new Promise((go) => { window.go = go; }));
        banyan.pass(); }"""
    )
    send(page)
    page.wait_for_function("async () => (await banyan.all()).length && (window.go(), true)")
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))


def test_two_devices_choose_which_draft_shall_stand(world, browser):
    one, other = (browser.open(world.lan, QUICK, width=390) for _n in range(2))
    one.fill("[name=title]", "Bản thứ nhất")
    one.get_by_text("Đã lưu nháp lúc").wait_for()
    other.fill("[name=title]", "Bản thứ hai")
    other.locator(".both").wait_for()
    assert "Bản thứ nhất" in other.inner_text(".both")
    assert other.input_value("[name=title]") == "Bản thứ hai"
    other.click("[data-draft-keep]")
    other.get_by_text("Đã lưu nháp lúc").wait_for()
    one.reload()
    assert one.input_value("[name=title]") == "Bản thứ hai"


def test_a_model_is_registered_by_keyboard_alone(world, browser):
    page = browser.open(world.lan, QUICK, width=390)
    page.focus("[name=title]")
    page.keyboard.type(TITLE)
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.matches('main form .bar button.main')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    assert registered() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_phones_pages_are_readable_with_something_in_them(scheme, world, browser):
    send_back(world, "Bổ sung một ảnh sau và số hộ tham gia.")
    page = browser.open(world.lan, "/", width=390, color_scheme=scheme, reduced_motion="reduce")
    problems = found(page, "my work")
    page.goto(browser.url + QUICK)
    page.evaluate("() => document.querySelector('details.later').open = true")
    problems += found(page, "quick form")
    page.evaluate(
        """() => window.banyan.put({...window.banyan.collect(document.querySelector("form[data-queue]")),
            title: "Ngõ xóm", state: "refused", said: {what: "Chưa gửi", why: "Số hộ: viết số."}})"""
    )
    page.goto(browser.url + "/waiting")
    page.get_by_text("Ngõ xóm").wait_for()
    problems += found(page, "waiting")
    for path in ("/", QUICK, "/waiting"):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(browser.url + path)
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        problems += [f"{path}: {wide} px too wide"] if wide > 0 else []
    assert problems == []
