"""Every page with data on it: readable by everybody, on a desk and on a phone, light and dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from banyan.initiatives.models import Initiative
from banyan.reports.models import Report
from tests.contracts.registry import addresses, everything_is_imported

everything_is_imported()
pytestmark = pytest.mark.browser
# Addresses that answer no page of ours to who is signed in and settled.
NOT_PAGES = ("api/", "language/", "example", "begin", "accounts/2fa/", "accounts/email")
GRAVE = {"serious", "critical"}
LEAST_PAGES = 24
AXE = Axe().axe_script
FIGURES = "/figures/?place=W11&period=2024H1"


def keys(world: Any) -> dict[str, dict[str, Any]]:
    """Real keys for addresses with parameters, by their first word."""
    recognised = Initiative.objects.get(submission__state="recognised")
    return {
        "initiatives": {"pk": recognised.pk, "move": "review"},
        "people": {"pk": world.lan.pk},
        "posts": {"pk": world.actor(world.lan).post_id},
        "units": {"pk": world.commune.pk},
        "rounds": {"pk": world.round.pk},
        "reports": {"pk": Report.objects.get().pk},
        "programmes": {"key": world.edition.programme.key, "number": world.edition.number},
    }


def shown_to(world: Any, who: Any) -> list[str]:
    """What answers this person with a page of HTML."""
    client, values = world.client(who), keys(world)
    paths = {
        one.url(values.get(one.route.split("/")[0], {}))
        for one in addresses()
        if not one.route.startswith(NOT_PAGES)
    }
    back = Initiative.objects.get(submission__state="draft").pk
    paths |= {FIGURES, "/figures/?place=hai-xa&period=2024H1", f"/initiatives/{back}"}
    paths |= {"/initiatives/?q=khongaidatten", f"/initiatives/{back}/register", "/khong-co-trang"}
    pages = []
    for path in sorted(paths):
        answer = client.get(path)
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code in (200, 403, 404, 409) and html:
            pages.append(path)
    return pages


def found(page: Any, where: str, rules: list[str] | None = None) -> list[str]:
    """What a reader with a disability would stumble over; axe is brought to the page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    wanted: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        wanted["runOnly"] = {"type": "rule", "values": rules}
    violations = page.evaluate("wanted => axe.run(document, wanted)", wanted)["violations"]
    return [
        f"{where}: {one['id']}: {one['nodes'][0]['html'][:140]}"
        for one in violations
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_readable_in_light_and_dark(width, crowded, browser, complaints):
    problems: list[str] = []
    paths = shown_to(crowded, crowded.an)
    assert len(paths) > LEAST_PAGES, paths
    page = browser.open(crowded.an, "/", width=width, reduced_motion="reduce")
    for path in paths:
        page.emulate_media(color_scheme="light")
        page.goto(browser.url + path, wait_until="domcontentloaded")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems += [f"{path}: {wide} px too wide"] if wide > 0 else []
        problems += found(page, f"{path} light")
        page.emulate_media(color_scheme="dark")
        problems += found(page, f"{path} dark", ["color-contrast"])
    # The browser's own word for an answer that says 403, 404 or 409 is no complaint of the page's.
    complaints[:] = [line for line in complaints if "status of 40" not in line]
    assert problems == []


def test_every_page_fits_a_phone_in_english_too(crowded, browser, complaints):
    page = browser.open(crowded.an, "/", width=390, reduced_motion="reduce")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": browser.url}])
    too_wide = []
    for path in shown_to(crowded, crowded.an):
        page.goto(browser.url + path, wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.lang") == "en"
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        too_wide += [f"{path}: {wide} px too wide"] if wide > 0 else []
    complaints[:] = [line for line in complaints if "status of 40" not in line]
    assert too_wide == []


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/enter/", "/initiatives/"])
def test_the_doors_are_readable_by_a_stranger(path, crowded, browser, complaints):
    problems: list[str] = []
    for scheme in ("light", "dark"):
        page = browser.open(None, path, width=390, color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        problems += found(page, f"{path} {scheme}")
    complaints[:] = [line for line in complaints if "status of 40" not in line]
    assert problems == []
