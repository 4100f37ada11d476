"""Serving: one server a home, plain words when it cannot, and nothing stays down after kill -9."""

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.house import PATIENCE
from tests.setup.installation import Installation, alive_in, eventually

pytestmark = pytest.mark.fault


def answers(installation: Installation) -> bool:
    """Whether the web server gives any page that is no failure of its own."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{installation.port}/", timeout=60):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def serve(installation: Installation) -> "subprocess.Popen[str]":
    process = installation.start("-m", "banyan.site.cli", "up")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(f"banyan: Banyan is ready: http://127.0.0.1:{installation.port} "):
            break
    assert process.poll() is None, said
    assert answers(installation)
    return process


@pytest.fixture(scope="module")
def served(prepared: Installation) -> Installation:
    serve(prepared)
    return prepared


def test_a_second_server_of_the_same_home_says_so(served: Installation) -> None:
    same = served.banyan("up")
    assert same.returncode == 0
    assert f"already running at http://127.0.0.1:{served.port} (process " in same.stdout
    other = served.banyan("up", BANYAN_PORT=str(served.port + 1))
    assert other.returncode == 2
    assert "already running" in other.stderr
    assert "`kill " in other.stderr


def test_a_busy_port_is_refused_with_the_way_out(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        done = installation.banyan("up")
    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {installation.port} on 127.0.0.1 is busy.\n")
    assert f"`BANYAN_PORT={installation.port + 1} make run`" in done.stderr
    assert not (installation.home / "pg").exists()


def test_a_port_that_is_none_is_refused(installation: Installation) -> None:
    done = installation.banyan("up", BANYAN_PORT="http")
    assert done.returncode == 2
    assert "BANYAN_PORT is 'http'." in done.stderr


@pytest.mark.parametrize("which", [0, 1, 2], ids=["the web server", "the worker", "streams"])
def test_a_killed_child_comes_back(which: int, served: Installation) -> None:
    before = served.groups()
    os.kill(before[which], signal.SIGKILL)
    eventually(lambda: len(served.groups()) == 3 and served.groups() != before, "another child")
    eventually(lambda: answers(served), "an answer")
    others = [one for place, one in enumerate(before) if place != which]
    assert set(others) <= set(served.groups())


def test_a_killed_database_comes_back(served: Installation) -> None:
    pid = served.postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: served.postmaster() not in (None, pid), "another postmaster")
    eventually(lambda: answers(served), "an answer")
    # No worker hands a dead connection of its pool to a request.
    assert all(answers(served) for _ in range(12))


def test_after_kill_9_of_supervisor_and_server_a_new_start_serves_and_ends_in_order(
    served: Installation,
) -> None:
    """The orphaned processes of the killed web server still hold the port; the start ends them."""
    supervisor, web = served.started[-1], served.groups()[0]
    os.kill(supervisor.pid, signal.SIGKILL)
    os.kill(web, signal.SIGKILL)
    supervisor.wait()
    again = serve(served)
    groups, postmaster = served.groups(), served.postmaster()
    assert postmaster is not None
    assert web not in groups
    again.send_signal(signal.SIGINT)
    said = again.communicate(timeout=PATIENCE)[0]
    assert again.returncode == 0, said
    assert not answers(served)
    assert served.postmaster() is None
    for group in groups:
        assert alive_in(group) == []
