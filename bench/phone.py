"""What a phone on 2G waits for: `python bench/phone.py [address] [e-mail] [password]`.

Chromium at 390 px, network held at 250 kbit/s down, 50 up, 300 ms there and back. Visits each page
once with an empty cache (the first visit), then again, and prints a table for docs/benchmarks.md.
By default the example on 127.0.0.1:8000, which must be running.
"""

import shutil
import sys
from typing import Any

from playwright.sync_api import sync_playwright

DOWN, UP, LATENCY = 250_000 / 8, 50_000 / 8, 300
PAGES = ("/", "/initiatives/quick", "/initiatives/")
TIMES = 3
READY = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [page.domContentLoadedEventEnd, page.loadEventEnd, paint ? paint.startTime : 0];
}"""


def hold(page: Any, carried: dict[str, int]) -> None:
    """Hold the network of a page, and count what it carries."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    held = {"latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
    line.send("Network.emulateNetworkConditions", {"offline": False, **held})

    def count(event: dict[str, Any]) -> None:
        carried["bytes"] += int(event["encodedDataLength"])
        carried["requests"] += int(event["encodedDataLength"] > 0)

    line.on("Network.loadingFinished", count)


def visit(page: Any, url: str, carried: dict[str, int]) -> list[float]:
    """Open it; kB, requests, seconds to first paint, to working, to everything."""
    carried.update(bytes=0, requests=0)
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_timeout(300)
    working, loaded, paint = page.evaluate(READY)
    sizes = [carried["bytes"] / 1000, carried["requests"]]
    return [*sizes, paint / 1000, working / 1000, loaded / 1000]


def measure(base: str, email: str, password: str) -> None:
    """Sign in, then visit: first with nothing kept, later as somebody who was here before."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
        page = context.new_page()
        page.goto(f"{base}/accounts/login/")
        page.fill("input[type=email]", email)
        page.fill("input[type=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/")
        cookies = context.cookies()
        # Without the worker: what it fetches is neither held nor counted by the page's line. Files then
        # come from the browser's own cache, pages from the network, as with it.
        size = {"width": 390, "height": 844}
        fresh = chromium.new_context(viewport=size, locale="vi-VN", service_workers="block")
        fresh.add_cookies(cookies)
        page, carried = fresh.new_page(), {"bytes": 0, "requests": 0}
        hold(page, carried)
        show("/ (first visit)", [visit(page, f"{base}/", carried)])
        page.goto(f"{base}/initiatives/")
        record = page.locator("[data-row] a").first.get_attribute("href")
        for path in (*PAGES, str(record)):
            show(path, [visit(page, base + path, carried) for _time in range(TIMES)])
        chromium.close()


def show(path: str, runs: list[list[float]]) -> None:
    """One line of the table: the slowest of the runs."""
    kilobytes, requests, paint, working, loaded = (max(one) for one in zip(*runs, strict=True))
    print(
        f"| `{path}` | {kilobytes:.1f} | {requests:.0f} | {paint:.2f} | {working:.2f} | {loaded:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    usual = ["http://127.0.0.1:8000", "lan@vidu.banyan", "vi-du-banyan"]
    print("| page | kB | requests | first paint, s | working, s | all loaded, s |")
    print("|---|---|---|---|---|---|")
    measure(*[*given, *usual[len(given) :]])
