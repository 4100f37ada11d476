"""Processes of imports: two at once, the oldest first, each again only when it ended."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from banyan.site import importer


@pytest.fixture
def begun(monkeypatch: Any) -> dict[int, Any]:
    """Import → the process that was begun for it; `code` is what it ended with, None meanwhile."""
    made: dict[int, Any] = {}

    def begin(words: list[str], **_how: Any) -> Any:
        one = made[int(words[-1])] = SimpleNamespace(code=None)
        one.poll = lambda: one.code
        return one

    monkeypatch.setattr(importer.subprocess, "Popen", begin)
    return made


def test_a_small_file_does_not_wait_behind_a_great_one(begun, monkeypatch):
    waiting = [1, 2, 3]
    monkeypatch.setattr("banyan.imports.work.waiting", lambda: waiting)
    works = importer.Importer()
    assert works.look_after()
    assert list(begun) == [1, 2]
    waiting.remove(2)
    begun[2].code = 0
    works.look_after()
    assert list(begun) == [1, 2, 3]
    assert begun[1].code is None  # the great one goes on


def test_an_import_whose_process_died_is_begun_again_a_little_later(begun, monkeypatch):
    monkeypatch.setattr("banyan.imports.work.waiting", lambda: [1])
    works = importer.Importer()
    works.look_after()
    first = begun[1]
    first.code = -9
    works.look_after()
    assert begun[1] is first  # another process may still be at it
    monkeypatch.setattr(importer, "PATIENCE", 0.0)
    works.look_after()
    assert begun[1] is not first


def test_nothing_is_begun_where_nothing_waits(begun, monkeypatch):
    monkeypatch.setattr("banyan.imports.work.waiting", list)
    assert not importer.Importer().look_after()
    assert not begun


def test_the_databases_own_process_yields_to_whoever_waits_for_a_page():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        importer.yield_too(SimpleNamespace(connection=_of(child.pid)))
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == importer.NICE
        importer.yield_too(SimpleNamespace(connection=_of(2**22 + 1)))  # no such process here
    finally:
        child.kill()
        child.wait()


def _of(pid: int) -> Any:
    """A connection that this process serves."""
    return SimpleNamespace(info=SimpleNamespace(backend_pid=pid))
