"""The page in the hand: a tablet, a desk, a phone, the keyboard; and exactly one sheet of A4."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.analytics.test_decisions import reviewed
from tests.analytics.years import last_round, models

pytestmark = pytest.mark.browser
A4 = (595, 842)


@pytest.fixture
def busy(world: Any) -> None:
    """Two years, decisions of two kinds, one unit that is late."""
    reviewed(world, 2)
    models(world, world.commune, 3, "completed", commemorative_mark=True)
    models(world, world.commune, 2, round=last_round(world))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_by_everybody_at_every_width(scheme, world, busy, browser):
    for width in (1280, 1024, 768, 390):
        page = browser.open(world.hung, "/situation/?all=1", width=width, color_scheme=scheme)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} px too wide at {width}"
        found = Axe().run(page).response["violations"]
        grave = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
        assert grave == [], f"at {width}, {scheme}"


@pytest.mark.parametrize("query", ["", "?all=1", "?reading=now", "?period=2022H1"])
def test_it_prints_on_exactly_one_sheet_of_a4(query, world, busy, browser):
    page = browser.open(world.hung, f"/situation/{query}", width=1024)
    page.evaluate(FILL)  # as much as the page ever shows: five decisions, eight long rows
    data = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box
    assert tuple(round(float(n)) for n in box.groups()) == A4


FILL = """() => {
  const fill = (list, row, most) => {
    const kept = document.querySelectorAll(row);
    if (!kept.length) return;
    for (let n = kept.length; n < most; n++)
      document.querySelector(list).append(kept[0].cloneNode(true));
  };
  fill(".decide", ".decide > li", 5);
  fill("#units tbody", "#units tbody tr", 8);
  for (const head of document.querySelectorAll("#units tbody th a")) {
    head.textContent = "Thị trấn Nông trường Việt Lâm Mẫu";
  }
}"""


def test_the_keyboard_alone_leads_from_a_figure_to_its_records(world, busy, browser):
    page = browser.open(world.hung, "/situation/")
    for _press in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.say a')"):
            break
    number = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_url("**/initiatives/**")
    assert number in page.inner_text("main")


def test_the_button_prints(world, browser):
    page = browser.open(world.hung, "/situation/")
    page.evaluate("window.print = () => { window.printed = true }")
    page.click("[data-print]")
    assert page.evaluate("window.printed")


def test_another_period_is_chosen_without_leaving_the_page(world, busy, browser):
    page = browser.open(world.hung, "/situation/")
    page.click(".other > summary")
    page.select_option("#f-period", "2023H1")
    page.wait_for_url("**period=2023H1**")
    assert "2023" in page.inner_text(".codeline")
