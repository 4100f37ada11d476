"""The database takes its share of the memory there is, and no more."""

import os

import pytest

from banyan.site import memory

GIB = 2**30


@pytest.mark.parametrize(
    ("machine", "limit", "told"),
    [
        (1 * GIB, "max", 128),
        (4 * GIB, "max", 512),
        (24 * GIB, "max", 2048),
        (24 * GIB, str(2 * GIB), 256),
        (2 * GIB, str(64 * GIB), 256),
        (4 * GIB, None, 512),
    ],
)
def test_the_database_takes_an_eighth_of_the_memory_it_may_use(
    monkeypatch, tmp_path, machine, limit, told
):
    file = tmp_path / "memory.max"
    if limit is not None:
        file.write_text(limit + "\n")
    monkeypatch.setattr(memory, "LIMIT", file)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": machine // 4096, "SC_PAGE_SIZE": 4096}.get)
    assert memory.buffers() == told
