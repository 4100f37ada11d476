"""Explore on a desk and on a phone: readable by everybody, refined in place, drilled by a click."""

from typing import Any

import pytest

from banyan.figures.explore.question import SHOWN
from tests.analytics.years import models
from tests.browser.test_every_page import AXE, found

pytestmark = pytest.mark.browser
HERE = "/figures/explore?place=W11@2024-06-30&period=2024H1"


@pytest.fixture
def filled(own_database: str, world: Any) -> Any:
    """Some models in two communes."""
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    models(world, world.sister_commune, 2, registered_on="2024-05-05")
    return world


@pytest.mark.parametrize("width", [1280, 390])
def test_every_way_of_showing_is_readable_in_light_and_dark(width, filled, browser, complaints):
    problems: list[str] = []
    page = browser.open(filled.hung, "/", width=width, reduced_motion="reduce")
    for show in SHOWN:
        page.emulate_media(color_scheme="light")
        page.goto(f"{browser.url}{HERE}&show={show}&compare=1", wait_until="domcontentloaded")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems += [f"{show}: {wide} px too wide"] if wide > 0 else []
        problems += found(page, f"{show} {width} light")
        page.emulate_media(color_scheme="dark")
        problems += found(page, f"{show} {width} dark", ["color-contrast"])
    assert AXE
    assert problems == []


def test_a_change_answers_in_place_and_stands_in_the_address(filled, browser, complaints):
    page = browser.open(filled.hung, HERE)
    page.select_option("#e-columns", "periods")
    page.wait_for_url("**columns=periods**")
    page.locator(".pivot thead th").nth(6).wait_for()
    page.go_back()
    page.wait_for_selector("#e-columns")
    assert page.locator("#e-columns").input_value() == "indicators"


def test_a_bar_opens_its_records_and_its_name_leads_down(filled, browser, complaints):
    page = browser.open(filled.hung, f"{HERE}&show=ranking&i=models")
    page.locator(".drawn.wide a text", has_text="Xã Đồi Mẫu").click()
    page.wait_for_selector(".crumbs")
    assert page.locator("h1").inner_text() == "Xã Đồi Mẫu"
    page.locator(".crumbs a").first.click()
    page.wait_for_selector(".drawn.wide")
    page.locator(".drawn.wide a circle").nth(2).click()
    page.wait_for_url("**/initiatives/**")


def test_it_is_asked_without_scripts_too(filled, browser):
    page = browser.open(filled.hung, HERE, java_script_enabled=False)
    page.select_option("#e-rows", "indicators")
    page.locator(".question button.main").click()
    page.wait_for_url("**rows=indicators**")
    assert page.locator(".pivot tbody th").first.inner_text() == "Đăng ký"
