"""kill -9 of the process that reads and takes in a file: it goes on, nothing twice and nothing half."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.sender import TITLE
from tests.faults.site import Site, installed
from tests.house import CLONE

pytestmark = pytest.mark.fault
ROWS, PART = 1_200, 150
# The process as the worker begins it, but with small parts, so that a kill falls between two; with a
# second one beside it from so many rows on.
WORK = (
    "import sys, django; django.setup();"
    f"from banyan.imports import beside, carrying, reading; carrying.AT_ONCE = {PART};"
    "reading.AT_ONCE = 100; beside.MANY = int(sys.argv[2]);"
    "from banyan.site import importer; importer.main(int(sys.argv[1]))"
)
ALONE, TWO = 10_000, 1


@pytest.fixture
def site() -> Iterator[Site]:
    """An installation of this test's own."""
    with installed("fault-import") as made:
        yield made


def said(site: Site, *words: str) -> str:
    """What the officer's process printed."""
    line = [sys.executable, "-m", "tests.faults.sender", *words]
    done = subprocess.run(
        line, cwd=CLONE, env=site.env(), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def work(site: Site, pk: str, many: int) -> "subprocess.Popen[bytes]":
    """The process that works on the import."""
    line = [sys.executable, "-c", WORK, pk, str(many)]
    site.started.append(subprocess.Popen(line, cwd=CLONE, env=site.env()))
    return site.started[-1]


def kill_when(site: Site, pk: str, question: str, many: int = ALONE) -> None:
    """kill -9 once the question is answered with a number."""
    process, deadline = work(site, pk, many), time.monotonic() + 60
    while not site.ask(question.format(pk=pk))[0][0]:
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()


def finish(site: Site, pk: str, many: int = ALONE) -> None:
    """Let the next process do it, as soon as the database has let go of the killed one's lock."""
    deadline = time.monotonic() + 60
    while site.ask(f"SELECT state FROM imports_import WHERE id = {pk}")[0][0] in (
        "reading",
        "committing",
    ):
        assert time.monotonic() < deadline
        work(site, pk, many).wait()


STAGED = "SELECT count(*) FROM imports_stagedline WHERE job_id = {pk}"
WHOLE = """
    SELECT place, sheet, number, outcome, look, title, key, values, shown, told, before, thing, version
      FROM imports_stagedline WHERE job_id = {} ORDER BY place
"""
FOUND = "SELECT counts, found, options, state, done FROM imports_import WHERE id = {}"


def test_two_processes_read_what_one_reads_also_when_one_of_them_is_killed(site):
    alone, two, told = (said(site, "begin", str(ROWS)) for _ in range(3))
    finish(site, alone)
    kill_when(site, two, STAGED, TWO)
    finish(site, two, TWO)
    assert site.ask(WHOLE.format(two)) == site.ask(WHOLE.format(alone))
    assert site.ask(FOUND.format(two)) == site.ask(FOUND.format(alone))
    # The other one is killed: the first ends with it, and the next attempt is whole again.
    process, deadline = work(site, told, TWO), time.monotonic() + 60
    while not site.ask(STAGED.format(pk=told))[0][0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(beside(told), signal.SIGKILL)
    assert process.wait(60)
    assert site.ask(STAGED.format(pk=told))[0][0] < ROWS
    finish(site, told, TWO)
    assert site.ask(WHOLE.format(told)) == site.ask(WHOLE.format(alone))


def test_nothing_is_written_of_a_file_that_was_let_go_while_it_is_read(site):
    pk = said(site, "begin", str(ROWS))
    process, deadline = work(site, pk, TWO), time.monotonic() + 60
    while not site.ask(STAGED.format(pk=pk))[0][0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    said(site, "leave", pk)
    assert process.wait(60) == 0
    assert site.ask(STAGED.format(pk=pk)) == [(0,)]
    assert site.ask(f"SELECT state, found FROM imports_import WHERE id = {pk}") == [("left", {})]


def beside(pk: str) -> int:
    """The process beside the one that works on an import."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "cmdline").read_bytes().endswith(f"\0{pk}\0beside\0".encode()):
                return int(folder.name)
    raise AssertionError("there is none")


def test_an_import_killed_while_it_is_read_and_taken_in_ends_whole(site):
    pk = said(site, "begin", str(ROWS))
    kill_when(site, pk, STAGED)
    finish(site, pk)
    assert site.ask(f"SELECT count(*) FROM imports_stagedline WHERE job_id = {pk}") == [(ROWS,)]
    said(site, "confirm", pk)
    taken = "SELECT count(*) FROM initiatives_initiative WHERE title LIKE '" + TITLE + "%'"
    kill_when(site, pk, taken)
    so_far = site.ask(taken)[0][0]
    assert 0 < so_far < ROWS
    assert so_far % PART == 0, "a part is whole or not there"
    finish(site, pk)
    named = "SELECT title FROM initiatives_initiative WHERE title LIKE '" + TITLE + "%'"
    titles = Counter(title for (title,) in site.ask(named))
    assert (len(titles), sum(titles.values())) == (ROWS, ROWS)
    became = site.ask(
        f"SELECT became, count(*) FROM imports_stagedline WHERE job_id = {pk} GROUP BY 1"
    )
    assert became == [("taken", ROWS)]
