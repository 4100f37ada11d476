"""Figures follow what others do: two browsers, one number."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from os import environ
from socket import create_connection
from typing import Any

import pytest

from tests.house import CLONE, address, free_port

pytestmark = pytest.mark.browser
SAID = re.compile(r"Đã cập nhật \d\d:\d\d")
FIRST = ".strip .num-n"


@pytest.fixture
def streams(own_database: str, browser: Any, settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The process beside the pages, as `banyan up` runs it."""
    port = free_port()
    settings.PORT, settings.BANYAN_LIVE_PORT = browser.url.rpartition(":")[2], port
    policy = dict(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    policy["connect-src"] = ["'self'", f"http://localhost:{port}"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy}
    line = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port)]
    line += ["--workers-kill-timeout", "1"]
    around = {**environ, "BANYAN_LIVE_PORT": str(port)}
    around |= {"DATABASE_URL": address(own_database, "app"), "DATABASE_OWNER_URL": "none"}
    running = subprocess.Popen([*line, "banyan.site.live:application"], cwd=CLONE, env=around)
    _heard_at(port)
    yield running
    running.terminate()
    running.wait()


def _heard_at(port: int) -> None:
    """Wait until the process listens: a page that asks before that complains in its console."""
    for _try in range(1_200):
        with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the streams never began")


def number(page: Any) -> Any:
    """The first of the large numbers."""
    return re.findall(r"\d+", page.locator(FIRST).first.inner_text())[0]


def follow(browser: Any, person: Any, path: str, **more: Any) -> Any:
    """A page whose stream runs."""
    page = browser.open(person, path, **more)
    with page.expect_response(lambda answer: "/live/stream" in answer.url):
        page.reload()
    return page


def register(browser: Any, world: Any) -> float:
    """A commune registers a model in a window of its own; the instant it was sent."""
    page = browser.open(world.lan, "/initiatives/new")
    page.fill("[name=title]", "Đường hoa xóm Bến")
    page.check("input[name=registrant_kind][value=collective]", force=True)
    page.fill("[name=registrant_name]", "Chi hội Phụ nữ Bến Mẫu")
    page.check("input[name=level][value=district]", force=True)
    page.fill("[name=registered_on]", "2024-02-05")
    sent = time.time()
    page.locator("main form .bar button.main").click()
    page.wait_for_url(re.compile(r"/initiatives/\d+$"))
    return sent


@pytest.mark.parametrize("path", ["/figures/", "/situation/"])
def test_a_number_changes_in_another_window_by_itself(world, streams, browser, complaints, path):
    page = follow(browser, world.hung, f"{path}?place=W11&period=2024H1")
    before = number(page)
    page.evaluate(
        "before => { const watch = () => { const n = document.querySelector('.strip .num-n');"
        " if (/\\d+/.exec(n.innerText)[0] !== before) window.seen = Date.now();"
        " else requestAnimationFrame(watch); }; watch(); }",
        before,
    )
    sent = register(browser, world)
    # What it took is printed; the aim is 1,000.
    page.wait_for_function("() => window.seen")
    print(f"{path}: {page.evaluate('window.seen') - sent * 1000:.0f} ms after it was sent")
    assert int(number(page)) == int(before) + 1
    assert SAID.search(page.inner_text("[data-live]"))


def test_what_is_typed_where_one_is_and_the_scroll_stay(world, streams, browser, complaints):
    page = follow(browser, world.hung, "/figures/?place=W11&period=2024H1")
    before = number(page)
    page.fill("#f-place", "Xã chưa gửi")
    link = page.locator("main table a").last
    link.focus()
    page.evaluate("document.activeElement.marked = true; scrollTo(0, 200)")
    at = page.evaluate("scrollY")
    register(browser, world)
    page.wait_for_function(
        "before => /\\d+/.exec(document.querySelector('.strip .num-n').innerText)[0] !== before",
        arg=before,
    )
    assert page.input_value("#f-place") == "Xã chưa gửi"
    assert page.evaluate("document.activeElement.marked") is True
    assert page.evaluate("scrollY") == at


def test_a_lost_stream_is_said(world, streams, browser):
    page = follow(browser, world.hung, "/figures/?place=W11&period=2024H1")
    streams.terminate()
    streams.wait()
    page.get_by_text("mất kết nối").wait_for()


def test_who_may_not_see_the_figures_gets_no_stream(world, streams):
    stranger, leader = world.client(None).get("/live"), world.client(world.hung).get("/live")
    assert stranger.url.startswith("/accounts/login/")
    assert leader.url.startswith(("/live/stream?ticket=", "http://"))
