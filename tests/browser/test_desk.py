"""The review desk by keyboard alone, and readable by everybody."""

import time
from collections import Counter
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections

from banyan.desk import overview
from banyan.initiatives.models import Initiative
from banyan.submissions import steps
from tests.browser.waiting import eventually
from tests.desk.test_deciding import completed, registered
from tests.house import PATIENCE

pytestmark = pytest.mark.browser
AXE = Axe().axe_script
REGISTRATIONS = RESULTS = 15
FIFTEEN_MINUTES = 15 * 60
# Another record stands there and has the focus.
THERE = "before => location.href !== before && document.activeElement.matches('[data-heading]')"


@pytest.fixture
def waiting(own_database: str, world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Fifteen registrations and fifteen results, the district's; and a machine may take its time."""
    for one in (steps, overview):
        monkeypatch.setattr(one, "UNDO_SECONDS", 600)
    assert world.initiative
    for n in range(1, REGISTRATIONS):
        registered(world, f"Tổ tự quản số {n}")
    for n in range(RESULTS):
        completed(world, f"Kết quả số {n}")
    return world


class Keys:
    """A keyboard that counts, and no mouse."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def decide(self, *keys: str) -> None:
        """Press, and wait until another record stands there."""
        before = self.page.url
        self.press(*keys)
        until = time.monotonic() + PATIENCE
        while not self.page.evaluate(
            THERE, before
        ):  # no wait_for_function: the policy forbids eval
            assert time.monotonic() < until, f"{keys} led nowhere from {before}"
            time.sleep(0.01)


def states() -> Counter[str]:
    connections.close_all()
    here = Initiative.objects.exclude(unit__codes__code="W121")
    return Counter(here.values_list("submission__state", flat=True))


def test_thirty_records_are_decided_without_the_mouse(waiting: Any, browser: Any, complaints: Any):
    page = browser.open(waiting.minh, "/desk/")
    keys, begun, spent = Keys(page), time.monotonic(), []
    keys.decide("j")
    for _n in range(REGISTRATIONS + RESULTS):
        since, before = time.monotonic(), keys.pressed
        if page.locator("[data-points]").count():
            keys.decide(*"=====", "Enter")
        else:
            keys.decide("a")
        spent.append((time.monotonic() - since, keys.pressed - before))
    took = time.monotonic() - begun
    print(
        f"\n30 records: {took:.1f} s of the machine, {took / 30:.2f} s each, slowest"
        f" {max(one for one, _n in spent):.2f} s, {keys.pressed} keys, {keys.pressed / 30:.1f} each"
    )
    assert states() == {"approved": REGISTRATIONS, "reviewed": RESULTS}
    assert took < FIFTEEN_MINUTES / 3


def test_the_frame_stands_still_and_undo_outlives_going_on(
    waiting: Any, browser: Any, complaints: Any
):
    page = browser.open(waiting.minh, "/desk/")
    keys = Keys(page)
    keys.decide("j")
    while page.locator("[data-points]").count():
        keys.decide("j")
    decided = page.url
    keys.decide("a")
    keys.decide("j")
    assert page.evaluate("document.scrollingElement.scrollTop") == 0
    keys.press("z")
    page.wait_for_url(decided.partition("?")[0] + "*")
    assert states()["approved"] == 0


def test_points_are_typed_and_the_total_is_live(waiting: Any, browser: Any, complaints: Any):
    page = browser.open(waiting.minh, "/desk/?q=ket+qua+so+3")
    keys = Keys(page)
    keys.decide("j")
    keys.press("1", "3", "Enter", "=")
    assert page.locator("#total").inner_text() == "31"
    keys.press(*"20", "Enter", *"12", "Enter", *"18", "Enter")
    assert page.evaluate("document.activeElement.id") == "take"
    page.wait_for_selector("#kept:has-text('Đã lưu nháp')")
    page.reload()
    assert page.locator("#points-necessity").input_value() == "13"
    assert page.locator("#total").inner_text() == "81"
    keys.decide("a")
    assert states()["reviewed"] == 1


def test_what_is_typed_while_an_earlier_draft_is_saved_outlives_the_tab(
    waiting: Any, browser: Any, complaints: Any
):
    page = browser.open(waiting.minh, "/desk/?q=ket+qua+so+5")
    keys, saving = Keys(page), list[Any]()
    keys.decide("j")
    draft = page.get_attribute("#decide", "data-draft")
    page.route(lambda url: url.endswith(draft), lambda route: saving.append(route))
    keys.press("1", "3")
    eventually(page, lambda: saving, "a draft is on its way")
    keys.press("Enter", "1", "2")
    saving[0].continue_()
    page.wait_for_selector("#kept:has-text('Đã lưu nháp')")
    there, again = page.url, page.context.new_page()
    page.close()
    again.goto(there)
    points = again.locator("[data-points]")
    assert [points.nth(n).input_value() for n in range(2)] == ["13", "12"]


def test_a_phrase_sends_back_and_z_takes_the_step_back(waiting: Any, browser: Any, complaints: Any):
    page = browser.open(waiting.minh, "/desk/")
    keys = Keys(page)
    keys.decide("j")
    keys.press("r")
    page.keyboard.type("Bổ sung số hộ a j k")  # no key fires while somebody types
    keys.press("Tab", "Tab") if page.locator("[data-phrase]").count() else keys.press("Tab")
    keys.decide("Enter")
    assert states()["draft"] == 1
    keys.decide("z")
    assert states()["draft"] == 0
    keys.press("r", "1") if page.locator("[data-phrase]").count() else keys.press("r", "Escape")
    assert page.evaluate("document.activeElement.tagName") in ("BUTTON", "SUMMARY")


def test_back_and_reload_keep_the_place(waiting: Any, browser: Any, complaints: Any):
    page = browser.open(waiting.minh, "/desk/?field=culture_society")
    keys = Keys(page)
    keys.decide("j")
    first = page.url
    keys.decide("j")
    keys.decide("k")
    assert page.url.split("?")[0] == first.split("?")[0]
    page.reload()
    assert page.locator(".desk-line[aria-current]").count() == 1
    assert page.locator("#desk-field").input_value() == "culture_society"
    page.go_back()
    page.wait_for_selector(".desk-line[aria-current]")
    page.wait_for_load_state("networkidle")  # the server's answer outlives no test


def test_a_lost_network_loses_nothing(waiting: Any, browser: Any):
    page = browser.open(waiting.minh, "/desk/?q=ket+qua+so+4")
    keys = Keys(page)
    keys.decide("j")
    page.context.set_offline(True)
    keys.press(*"=====", "Enter")
    page.wait_for_selector("#kept:has-text('Mạng không trả lời')")
    page.context.set_offline(False)
    page.reload()
    assert page.locator("#total").inner_text() == "90"
    keys.decide("a")
    assert states()["reviewed"] == 1


def test_without_scripts_the_desk_is_plain_pages(waiting: Any, browser: Any):
    page = browser.open(waiting.minh, "/desk/", java_script_enabled=False)
    page.locator(".desk-line").first.click()
    page.locator("#take").click()
    assert "done=" in page.url
    assert page.locator("h1").count() == 1
    page.locator(".desk-done button").click()
    assert states()["approved"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_desk_is_readable_by_everybody(
    waiting: Any, browser: Any, width: int, scheme: str, complaints: Any
):
    page = browser.open(waiting.minh, "/desk/", width=width, color_scheme=scheme)
    one = Initiative.objects.get(title="Kết quả số 1")
    urls = ["/desk/", f"/desk/{one.pk}?about=result", "/desk/together"]
    grave = []
    for url in urls:
        page.goto(browser.url + url)
        if url.startswith(f"/desk/{one.pk}"):
            page.evaluate("document.querySelector('#back').open = true")
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave += [
            (url, each["id"], [node["html"][:160] for node in each["nodes"][:3]])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not grave
