"""The test house: its environment, its databases, its browser. How to use it: tests/README.md."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Before Django reads its settings: a home of the tests' own, and a fixed day.
os.environ.pop("BANYAN_HOME", None)
os.environ.pop("BANYAN_ROLE", None)
os.environ["BANYAN_TODAY"] = "2024-06-20"
os.environ["DJANGO_SETTINGS_MODULE"] = "banyan.site.settings"
# Given servers (tests/fifteen.py): each worker has its own, the first is also for no worker at all.
if servers := json.loads(os.environ.get("BANYAN_TEST_SERVERS", "[]")):
    os.environ.update(servers[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))])

from tests.house import HOUSE, PATIENCE, take_home

os.environ["BANYAN_HOME"] = str(take_home())

import pytest
from hypothesis import HealthCheck, settings

# How fast examples come is a matter of the machine, and timings are no tests. They are the same on
# every machine, so that a change is refused for what it changes; BANYAN_DICE=1 rolls others.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=not os.environ.get("BANYAN_DICE"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = "chromium is not installed (Debian: apt-get install chromium)"


def pytest_configure(config: pytest.Config) -> None:
    """Settings that only tests want: no pool over databases that come and go, quick hashes."""
    from django.conf import settings

    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    # Counts of tries must not outlive a run of the tests.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    config.stash[UNRUN] = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a worker find the settings' name no sooner than its own home: it inherits what we have."""
    if session.config.getoption("dist", "no") != "no":
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


UNRUN = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_flushed(django_test_environment: None) -> Iterator[None]:
    """A test that commits has a database of its own: there is nothing to clear away after it."""
    from django.test import TransactionTestCase

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
    yield
    patch.undo()


# -- databases ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None) -> Iterator[None]:
    """Templates and clones instead of Django's one test database."""
    HOUSE.prepare()
    HOUSE.apply()
    yield
    HOUSE.close()


COMMITTING = {"transactional_db", "live_server", "own_database"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: which database this test works on."""
    names = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    if marker is None and not names & {"db", *COMMITTING}:
        return
    alone = bool(names & COMMITTING) or bool(marker and marker.kwargs.get("transaction"))
    HOUSE.enter("world" if "world" in names else "empty", alone)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After every fixture: drop what was the test's own."""
    yield
    HOUSE.leave()


@pytest.fixture
def own_database(transactional_db: None) -> str:
    """The name of this test's own database: everything in it commits, and goes with it."""
    from django.db import connection

    return str(connection.settings_dict["NAME"])


@pytest.fixture
def world(db: None) -> Any:
    """The small named world of tests/world.py."""
    from tests.world import World

    return World()


# -- browser ------------------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the browser shelf as not run where there is no browser."""
    if CHROMIUM:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
            config.stash[UNRUN].append(item.nodeid)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was not run; under xdist the skips of the workers are counted."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = len([one for one in skipped if NO_BROWSER in str(one.longrepr)])
    if count:
        terminalreporter.write_line(f"The browser shelf was NOT run ({count} tests): {NO_BROWSER}.")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One chromium for the whole session."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the server's queries run in threads of their own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium: Any, live_server: Any, vendor_files: None) -> Iterator[Any]:
    """Windows on a served, committed database: `browser.open(person, path)` gives a page."""
    windows = Windows(chromium, live_server.url)
    yield windows
    windows.close()


@pytest.fixture(scope="session")
def vendor_files() -> None:
    """htmx and the fonts, which `make dev` fetches."""
    from django.contrib.staticfiles import finders

    if not finders.find("vendor/htmx.min.js") and not _vendor().is_dir():
        pytest.skip("The browser files are missing: run `make dev` once.")


def _vendor() -> Path:
    return Path(__file__).resolve().parents[1] / "banyan/web/static/vendor"


class Windows:
    """Browser windows, each signed in as somebody or as nobody."""

    def __init__(self, chromium: Any, url: str) -> None:
        self.url = url
        self._chromium = chromium
        self._contexts: list[Any] = []

    def open(self, person: Any, path: str = "/", *, width: int = 1280, **more: Any) -> Any:
        """A page at a path, signed in as a person of the world (None: as a stranger)."""
        from tests.world import cookie_of

        options = {"viewport": {"width": width, "height": 800}, "locale": "vi-VN", **more}
        context = self._chromium.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        if person is not None:
            cookie = {"name": "sessionid", "value": cookie_of(person), "url": self.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.goto(self.url + path)
        return page

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()
