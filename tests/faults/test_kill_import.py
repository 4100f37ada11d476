"""kill -9 of the process that reads and takes in a file: it goes on, nothing twice and nothing half."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.sender import TITLE
from tests.faults.site import Site, installed
from tests.house import CLONE

pytestmark = pytest.mark.fault
ROWS, PART = 1_200, 150
# The process as the worker begins it, but with small parts, so that a kill falls between two.
WORK = (
    "import sys, django; django.setup();"
    f"from banyan.imports import carrying, reading; carrying.AT_ONCE = {PART}; reading.AT_ONCE = 100;"
    "from banyan.site import importer; importer.main(int(sys.argv[1]))"
)


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


def work(site: Site, pk: str) -> "subprocess.Popen[bytes]":
    """The process that works on the import."""
    line = [sys.executable, "-c", WORK, pk]
    site.started.append(subprocess.Popen(line, cwd=CLONE, env=site.env()))
    return site.started[-1]


def kill_when(site: Site, pk: str, question: str) -> None:
    """kill -9 once the question is answered with a number."""
    process, deadline = work(site, pk), time.monotonic() + 60
    while not site.ask(question.format(pk=pk))[0][0]:
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()


def finish(site: Site, pk: str) -> None:
    """Let the next process do it, as soon as the database has let go of the killed one's lock."""
    deadline = time.monotonic() + 60
    while site.ask(f"SELECT state FROM imports_import WHERE id = {pk}")[0][0] in (
        "reading",
        "committing",
    ):
        assert time.monotonic() < deadline
        work(site, pk).wait()


def test_an_import_killed_while_it_is_read_and_taken_in_ends_whole(site):
    pk = said(site, "begin", str(ROWS))
    kill_when(site, pk, "SELECT count(*) FROM imports_stagedline WHERE job_id = {pk}")
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
