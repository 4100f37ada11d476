"""kill -9 of the process that reads and takes in a file: it goes on, nothing twice and nothing half."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from tests.faults.halfway import PART, PARTS
from tests.faults.sender import TITLE
from tests.faults.site import Site, installed, until
from tests.house import CLONE, PATIENCE

pytestmark = pytest.mark.fault
ROWS = 1_200
ALONE, TWO = 10_000, 1
Process = subprocess.Popen[bytes]


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


def work(site: Site, pk: str, many: int, *place: str) -> Process:
    """The process that works on the import."""
    line = [sys.executable, "-m", "tests.faults.halfway", pk, str(many), *place]
    site.started.append(subprocess.Popen(line, cwd=CLONE, env=site.env()))
    return site.started[-1]


PLACES = count(1)


def halfway(site: Site, pk: str, many: int = ALONE) -> tuple[Process, Path]:
    """The process, which stopped halfway, and the file that lets it go on."""
    place = site.folder / f"halfway-{next(PLACES)}"
    process = work(site, pk, many, str(place))

    def is_there() -> bool:
        assert process.poll() is None, "it ended before it was halfway"
        return place.exists()

    until(is_there, "it is halfway")
    return process, place.with_suffix(".go")


def kill_halfway(site: Site, pk: str, many: int = ALONE) -> None:
    """kill -9 in the middle of its work."""
    process, _go = halfway(site, pk, many)
    process.kill()
    process.wait()


def finish(site: Site, pk: str, many: int = ALONE) -> None:
    """Let the next process do it, as soon as the database has let go of the killed one's lock."""
    state = f"SELECT state FROM imports_import WHERE id = {pk}"

    def is_done() -> bool:
        if site.ask(state)[0][0] not in ("reading", "committing"):
            return True
        work(site, pk, many).wait()
        return False

    until(is_done, "the import is done")


STAGED = "SELECT count(*) FROM imports_stagedline WHERE job_id = {pk}"
WHOLE = """
    SELECT place, sheet, number, outcome, look, title, key, values, shown, told, before, thing, version
      FROM imports_stagedline WHERE job_id = {} ORDER BY place
"""
FOUND = "SELECT counts, found, options, state, done FROM imports_import WHERE id = {}"


def staged(site: Site, pk: str) -> int:
    """How many lines are put down."""
    found: int = site.ask(STAGED.format(pk=pk))[0][0]
    return found


def test_two_processes_read_what_one_reads_also_when_one_of_them_is_killed(site):
    alone, two, told = (said(site, "begin", str(ROWS)) for _ in range(3))
    finish(site, alone)
    kill_halfway(site, two, TWO)
    finish(site, two, TWO)
    assert site.ask(WHOLE.format(two)) == site.ask(WHOLE.format(alone))
    assert site.ask(FOUND.format(two)) == site.ask(FOUND.format(alone))
    # The other one is killed: the first ends with it, and the next attempt is whole again.
    process, go = halfway(site, told, TWO)
    until(lambda: staged(site, told), "the other one puts lines down")
    os.kill(beside(told), signal.SIGKILL)
    go.touch()
    assert process.wait(PATIENCE)
    assert staged(site, told) < ROWS
    finish(site, told, TWO)
    assert site.ask(WHOLE.format(told)) == site.ask(WHOLE.format(alone))


def test_nothing_is_written_of_a_file_that_was_let_go_while_it_is_read(site):
    pk = said(site, "begin", str(ROWS))
    process, go = halfway(site, pk, TWO)
    until(lambda: staged(site, pk), "the other one puts lines down")
    said(site, "leave", pk)
    go.touch()
    assert process.wait(PATIENCE) == 0
    assert staged(site, pk) == 0
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
    kill_halfway(site, pk)
    assert 0 < staged(site, pk) < ROWS
    finish(site, pk)
    assert staged(site, pk) == ROWS
    said(site, "confirm", pk)
    kill_halfway(site, pk)
    taken = "SELECT count(*) FROM initiatives_initiative WHERE title LIKE '" + TITLE + "%'"
    assert site.ask(taken) == [((PARTS - 1) * PART,)], "a part is whole or not there"
    finish(site, pk)
    named = "SELECT title FROM initiatives_initiative WHERE title LIKE '" + TITLE + "%'"
    titles = Counter(title for (title,) in site.ask(named))
    assert (len(titles), sum(titles.values())) == (ROWS, ROWS)
    became = site.ask(
        f"SELECT became, count(*) FROM imports_stagedline WHERE job_id = {pk} GROUP BY 1"
    )
    assert became == [("taken", ROWS)]
