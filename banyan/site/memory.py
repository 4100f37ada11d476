"""How much of the machine's memory the database keeps its pages in."""

import os
from contextlib import suppress
from pathlib import Path

LEAST, MOST = 128, 2048  # MB
LIMIT = Path("/sys/fs/cgroup/memory.max")


def buffers() -> int:
    """MB for `shared_buffers`: an eighth of what there is, since we share the machine with the
    database. With PostgreSQL's own 128 MB the indexes of a province's register are read and written
    over and over while an import fills them."""
    have = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # no such limit, or "max"
        have = min(have, int(LIMIT.read_text()))
    return min(MOST, max(LEAST, have // 8 // 2**20))
