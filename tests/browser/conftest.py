"""Windows that complain: whatever a page says is wrong fails the test."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def complaints(browser: Any) -> Iterator[list[str]]:
    """Errors of scripts, of the console and of the content policy in any window; none may be left."""
    said: list[str] = []
    opening = browser.open

    def open_and_listen(person: Any, path: str = "/", **more: Any) -> Any:
        page = opening(person, "/static/banyan/mark.svg", **more)
        page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: said.append(f"{page.url}: {line.text}") if line.type == "error" else None,
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(browser.url + path)
        return page

    browser.open = open_and_listen
    yield said
    # A refused form answers 409 or 422, which the console of a browser calls an error.
    assert [line for line in said if "status of 409" not in line and "status of 422" not in line] == []


@pytest.fixture
def crowded(own_database: str, world: Any) -> Any:
    """The world with enough in it that no page is empty."""
    from tests.browser.crowd import crowd

    crowd(world)
    return world
