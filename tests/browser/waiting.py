"""Waiting in a test with a browser, which goes on meanwhile."""

import time
from collections.abc import Callable
from typing import Any

from tests.house import PATIENCE


def eventually(page: Any, is_so: Callable[[], object], what: str) -> None:
    """Wait until something holds outside the page; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        page.wait_for_timeout(50)
