"""DuckDB as it is used here: in one process, in bounded memory, without a network."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

Link = duckdb.DuckDBPyConnection
MEMORY = "512MB"
# What it does not know is refused and never fetched; Parquet and JSON are built in.
ALONE = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": MEMORY,
}


@contextmanager
def opened(folder: Path, threads: int = 1) -> Iterator[Link]:
    """A database in memory that sees this folder and a scratch folder of its own, nothing else.

    With one thread what it writes is the same every time.
    """
    settings.BANYAN_SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="figures-", dir=settings.BANYAN_SCRATCH) as scratch:
        link = duckdb.connect(":memory:", config={**ALONE, "threads": str(threads)})
        try:
            link.execute(f"SET temp_directory = {text(scratch)}")
            allowed = ", ".join(map(text, (f"{folder}/", f"{scratch}/")))
            link.execute(f"SET allowed_directories = [{allowed}]")
            link.execute("SET enable_external_access = false")
            link.execute("SET lock_configuration = true")
            yield link
        finally:
            link.close()


def text(value: object) -> str:
    """A text in a statement, for where no parameter may stand."""
    return "'" + str(value).replace("'", "''") + "'"


def file(path: Path) -> str:
    """A file to be read: its name is no pattern, whatever signs are in it."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))
