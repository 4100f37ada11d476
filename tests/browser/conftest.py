"""Windows that complain: whatever a page says is wrong fails the test."""

import re
from collections.abc import Iterator
from typing import Any

import pytest


class Listening:
    """Opens windows that tell what they complain about, and lets a reader leave any page."""

    def __init__(self, chromium: Any, said: list[str]) -> None:
        self._chromium, self._said = chromium, said

    def new_context(self, **options: Any) -> Any:
        """A window, listened to from its first page on."""
        context = self._chromium.new_context(**options)
        context.on("console", self._hear)
        context.on("weberror", lambda thrown: self._said.append(str(thrown.error)))
        context.on("dialog", lambda dialog: dialog.accept())
        return context

    def _hear(self, line: Any) -> None:
        # A refused form answers 409 or 422, which the console of a browser calls an error.
        if line.type == "error" and not re.search(r"status of (409|422)", line.text):
            self._said.append(f"{line.page.url if line.page else ''}: {line.text}")


@pytest.fixture
def complaints(browser: Any) -> Iterator[list[str]]:
    """Errors of scripts, of the console and of the content policy in any window; none may be left."""
    said: list[str] = []
    browser._chromium = Listening(browser._chromium, said)
    yield said
    assert said == []


@pytest.fixture
def crowded(own_database: str, world: Any) -> Any:
    """The world with enough in it that no page is empty."""
    from tests.browser.crowd import crowd

    crowd(world)
    return world
