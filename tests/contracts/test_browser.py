"""Every page of the menu in a real browser: no error, no broken policy, readable by everybody, on a
phone as on a desk."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.contracts.registry import addresses, everything_is_imported

everything_is_imported()
pytestmark = pytest.mark.browser
WIDTHS = (1280, 390)
# Pages without parameters that show something by themselves.
PAGES = sorted(
    "/" + a.route
    for a in addresses()
    if not a.parameters
    and not a.route.startswith(("api/", "language/", "accounts/", "example", "begin"))
)
GRAVE = ("serious", "critical")


def opens(world: Any, who: Any) -> list[str]:
    """The pages that are pages to this person."""
    client = world.client(who)
    answers = {path: client.get(path) for path in PAGES}
    return [
        path
        for path, answer in answers.items()
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    ]


def trouble(page: Any) -> list[str]:
    """What a page complains about, from now on."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return said


@pytest.mark.parametrize("who", ["lan", "minh", "an"])
def test_every_page_one_may_open_works_on_desk_and_phone(who, world, browser):
    axe, problems = Axe(), []
    paths = opens(world, getattr(world, who))
    assert len(paths) > 3
    for width in WIDTHS:
        page = browser.open(getattr(world, who), "/", width=width)
        said = trouble(page)
        for path in paths:
            del said[:]
            page.goto(browser.url + path)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found = axe.run(page).response["violations"] if width == WIDTHS[0] else []
            problems += [f"{path} at {width}: {line}" for line in said]
            problems += [f"{path} at {width}: {wide} px too wide"] if wide > 0 else []
            problems += [
                f"{path}: {one['id']}: {one['nodes'][0]['html'][:120]}"
                for one in found
                if one["impact"] in GRAVE
            ]
    assert problems == []


def test_a_register_is_filtered_without_leaving_the_page(world, browser):
    page = browser.open(world.minh, "/initiatives/")
    assert world.initiative.title in page.inner_text("#rows")
    page.fill("input[name=q]", "khongaidatten")
    page.press("input[name=q]", "Enter")
    page.wait_for_function(
        "title => !document.querySelector('#rows').innerText.includes(title)",
        arg=world.initiative.title,
    )
    assert "q=khongaidatten" in page.url
