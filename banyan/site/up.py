"""Prepare an installation and serve it: `banyan up`."""

import errno
import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from banyan.kernel.errors import Refusal
from banyan.site import archive, cluster, home
from banyan.site.children import GRACE, Child, end_leftovers, write_down

TICK = 0.5  # seconds between two looks at the children
START_LIMIT = 90.0  # seconds until the first answer
FALLS_AT_START = 3  # so many falls of the web server before its first answer are no accident
# Measured: two processes of two threads each serve most on two cores (docs/operating.md).
WORKERS, THREADS = 2, 2


def say(text: str) -> None:
    """One line about what is being done."""
    print(f"banyan: {text}", flush=True)


# -- preparing -------------------------------------------------------------------------------


def prepare_assets() -> None:
    """Compile translations and collect static files, each only when something changed."""
    _compile_catalogues()
    _collect_static()


def prepare_database() -> None:
    """Have the database running and every migration applied, as the role that owns the tables."""
    archive.refuse_unfinished()
    cluster.ensure_running()
    manage("migrate", role="owner")


def _compile_catalogues() -> None:
    """Make the `.mo` of every catalogue that is newer than it."""
    sources = stale_catalogues()
    if not sources:
        return
    for path in sources:
        with path.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
        fresh = path.with_suffix(".mo.new")
        with fresh.open("wb") as out:
            write_mo(out, catalogue)
        fresh.replace(path.with_suffix(".mo"))
    say(f"compiled {len(sources)} catalogues")


def stale_catalogues() -> list[Path]:
    """The `.po` files that are newer than what was compiled of them."""
    return [
        path
        for path in sorted(home.CLONE.glob("banyan/*/locale/*/LC_MESSAGES/*.po"))
        if not _is_newer(path.with_suffix(".mo"), path)
    ]


def _is_newer(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _collect_static() -> None:
    """Collect static files under names with their hash; old names stay for pages still open."""
    if static_is_fresh():
        return
    wanted = _static_print()
    home.make()
    manage("collectstatic")
    _static_stamp().write_text(wanted)


def static_is_fresh() -> bool:
    """Whether the collected files are those of this code."""
    stamp = _static_stamp()
    return stamp.is_file() and stamp.read_text() == _static_print()


def _static_stamp() -> Path:
    return home.root() / "static" / ".stamp"


def _static_print() -> str:
    """A hash over what static files are made from: ours by size and date, others by the lock."""
    found = sorted(home.CLONE.glob("banyan/*/static/**/*"))
    lines = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in found]
    lock = (home.CLONE / "requirements" / "run.txt").read_bytes()
    return hashlib.sha256("\n".join(lines).encode() + lock).hexdigest()


def manage(command: str, role: home.Role = "app") -> None:
    """Run one of Django's commands in a process of its own, as a role of the database."""
    # The system's checks are a matter of `.ci/run`, and would load every page before each start.
    quiet = ["--no-input", "--verbosity=0", "--skip-checks"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "django", command, *quiet],
        env=_environment(role),
        cwd=home.CLONE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(
            f"`{command}` did not succeed.",
            "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:]),
            "`banyan doctor` looks for the usual causes.",
        )


def _environment(role: home.Role = "app") -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "banyan.site.settings",
        "BANYAN_ROLE": role,
        "PYTHONUNBUFFERED": "1",
    }


# -- serving ---------------------------------------------------------------------------------


def serve() -> int:
    """Serve until Ctrl-C or SIGTERM: web server and worker are kept up, and the database too."""
    host, port = address()
    with only_one(f"http://{host}:{port}") as running:
        if running:
            return _already(running, f"http://{host}:{port}")
        noted = home.folder("run") / "children.json"
        end_leftovers(noted)
        _refuse_busy(host, port)
        prepare_assets()
        prepare_database()
        children = _children(host, port)
        stopping = _stop_event()
        try:
            _keep(children, f"http://{host}:{port}", noted, stopping)
        finally:
            _end(children)
            noted.unlink(missing_ok=True)
            cluster.release()
    return 0


def address() -> tuple[str, int]:
    """Host and port to serve on: BANYAN_HOST and BANYAN_PORT."""
    asked = os.environ.get("BANYAN_PORT", "8000")
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise Refusal(
            f"BANYAN_PORT is {asked!r}.",
            "A port is a number from 1 to 65535.",
            "For example `BANYAN_PORT=8001 make run`.",
        )
    return os.environ.get("BANYAN_HOST", "127.0.0.1"), int(asked)


@contextmanager
def only_one(url: str) -> Iterator[dict[str, str] | None]:
    """Be the only server of this home; yields who serves it already, if somebody does."""
    with open(home.folder("run") / "up.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield _read_lock(lock)
            return
        lock.truncate(0)
        lock.write(json.dumps({"pid": str(os.getpid()), "url": url}))
        lock.flush()
        yield None


def served_by() -> dict[str, str] | None:
    """Who serves this home now (`pid`, `url`); None when nobody does."""
    try:
        with open(home.root() / "run" / "up.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read_lock(lock)
    except FileNotFoundError:
        pass
    return None


def _read_lock(lock: IO[str]) -> dict[str, str]:
    lock.seek(0)
    try:
        found: dict[str, str] = json.loads(lock.read())
    except ValueError:  # it took the lock this instant and has not written yet
        return {"pid": "?", "url": "?"}
    return found


def _already(running: dict[str, str], wanted: str) -> int:
    """Say that this home is served; a refusal only when another address was asked for."""
    what = f"Banyan is already running at {running['url']} (process {running['pid']})."
    if running["url"] == wanted:
        say(what)
        return 0
    raise Refusal(
        what,
        f"It serves the same home, {home.root()}, which one server at a time may use.",
        f"Open that address, or stop it first: `kill {running['pid']}`."
        " A second installation needs a home of its own: `BANYAN_HOME=/another/folder`.",
    )


def _refuse_busy(host: str, port: int) -> None:
    """Refuse in plain words when somebody else listens where we want to."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {port} on {host} is busy.",
                "Another program listens there; it is not this home's Banyan.",
                f"Take another port: `BANYAN_PORT={port + 1} make run`.",
            ) from error
        raise Refusal(
            f"Banyan may not listen on {host}:{port}.",
            error.strerror or str(error),
            "Choose others by BANYAN_HOST and BANYAN_PORT; ports below 1024 are for root.",
        ) from error


def _children(host: str, port: int) -> list[Child]:
    """The web server, the worker and the streams."""
    python = [sys.executable, "-P", "-m"]
    web = [*python, "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    web += ["--respawn-failed-workers", "--workers-kill-timeout", "8", "--no-ws"]
    web += ["banyan.site.wsgi:application"]
    stream = live_port(host, port)
    live = [*python, "granian", "--interface", "asgi", "--host", host, "--port", str(stream)]
    live += ["--workers", "1", "--respawn-failed-workers", "--workers-kill-timeout", "2", "--no-ws"]
    live += ["banyan.site.live:application"]
    logs, around = home.folder("log"), {**_environment(), "BANYAN_LIVE_PORT": str(stream)}
    return [
        Child("web", web, around, logs / "web.log"),
        Child("worker", [*python, "banyan.site.worker"], around, logs / "worker.log"),
        Child("live", live, around, logs / "live.log"),
    ]


def live_port(host: str, port: int) -> int:
    """Where streams of changes are served: BANYAN_LIVE_PORT, which a proxy must know; else the
    pages' port and 10,000 more or less, or any free one."""
    named = os.environ.get("BANYAN_LIVE_PORT", "")
    if named.isdecimal() and 0 < int(named) < 65536:
        return int(named)
    usual = port + 10_000 if port < 55_536 else port - 10_000
    for wanted in (usual, 0):
        with suppress(OSError), socket.create_server((host, wanted)) as free:
            return int(free.getsockname()[1])
    return usual


def _stop_event() -> threading.Event:
    """An event that Ctrl-C, SIGTERM and a closed terminal set."""
    event = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: event.set())
    return event


def _keep(children: list[Child], url: str, noted: Path, stopping: threading.Event) -> None:
    """Look after the children and the database until told to stop."""
    web = children[0]
    started, answered = time.monotonic(), False
    while not stopping.is_set():
        changed = [child for child in children if child.tend()]
        if changed:
            write_down(children, noted)
            for child in changed:
                if child.falls:
                    say(f"{child.name} ended and was started again; see {child.log}")
        if not answered:
            answered = _first_answer(web, url, time.monotonic() - started)
        elif not cluster.is_alive():
            say("the database was down; starting it again")
            cluster.ensure_running()
        stopping.wait(TICK if answered else 0.1)


def _first_answer(web: Child, url: str, waited: float) -> bool:
    """Announce the address when the web server answers; refuse when it never will."""
    if web.falls >= FALLS_AT_START or waited > START_LIMIT:
        raise Refusal("The web server does not start.", web.last_lines(), f"Its log: {web.log}")
    try:
        with urllib.request.urlopen(url, timeout=20):
            pass
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            say(f"the first page fails with {error.code}; see {web.log}")
    except OSError:
        return False
    say(f"Banyan is ready: {url}   (Ctrl-C stops it)")
    return True


def _end(children: list[Child]) -> None:
    """End all children together, in order first and by force after the time of grace."""
    for child in children:
        child.end()
    until = time.monotonic() + GRACE
    for child in children:
        child.wait(until)
