"""Waiting in a test with a browser, which goes on meanwhile."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from tests.house import PATIENCE


def eventually(page: Any, is_so: Callable[[], object], what: str) -> None:
    """Wait until something holds outside the page; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        page.wait_for_timeout(50)


def until(page: Any, script: str) -> None:
    """Wait until an asynchronous question is answered with yes; pages may come and go meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(PlaywrightError):
            if page.evaluate(script):
                return
        page.wait_for_timeout(100)
    items = page.evaluate("async () => window.banyan.all()")
    raise AssertionError(f"never true: {script}: {items}")
