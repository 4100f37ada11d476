"""Homes of their own for tests that start, kill and move whole installations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An empty home in a folder that only its owner may enter."""
    made = Installation(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A home after `make setup`."""
    made = Installation(tmp_path_factory.mktemp("prepared") / "home")
    done = made.banyan("up", "--prepare")
    assert done.returncode == 0, done.stderr
    yield made
    made.close()
