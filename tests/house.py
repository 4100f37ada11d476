"""Where tests run: a server for each worker, migrated templates, and a clone for whoever needs one.

A worker shares its server with nobody: an open transaction anywhere on a server holds the sealer
back. Two templates stand on the server: `empty` (migrated, nothing in it) and `world` (with what
`tests/world.py` makes). Each is named by a hash of what it was made from, so a change makes a new
one and nothing is ever brought up to date. Every worker gets one clone of each; a test that commits
gets a clone of its own, dropped after it. Nothing is flushed, no trigger is switched off.
"""

import fcntl
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from banyan.site import cluster, home

CLONE = Path(__file__).resolve().parents[1]
BANYAN = CLONE / "banyan"
# The pages do not make the world: changing one of these files does not make a new template.
UNMADE = {"views.py", "lists.py", "forms.py", "urls.py", "apps.py", "api.py", "listing.py"}
KEPT = 3
# Seconds to wait for what comes sooner or later: how fast a machine is, is no test.
PATIENCE = 180
SLOTS = 64

# Speed before safety: these data are made anew at will. The fault shelf has a server of its own.
LOCAL = """\
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 60
shared_buffers = 64MB
# An ANALYZE at any moment would hold the sealer back, and change plans in the middle of a test.
autovacuum = off
"""


def folder_of_tests() -> Path:
    """A folder beside the developer's own home, never the developer's own."""
    usual = home.STATE / home.short_hash(CLONE) if home.is_root() else CLONE / ".banyan"
    return usual.with_name(usual.name + "-test")


def take_home() -> Path:
    """A home of this process alone, for as long as it lives; the first one free."""
    folder = folder_of_tests()
    folder.mkdir(parents=True, exist_ok=True, mode=0o711 if home.is_root() else 0o700)
    for number in range(SLOTS):
        lock = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return folder / str(number)  # the lock stays open until the process ends
    raise RuntimeError(f"All {SLOTS} homes of tests in {folder} are in use.")


_ports = count()


def free_port() -> int:
    """A port for a server that is started a while later.

    Below the range from which the system lends a port to every connection, and in an order of this
    worker's own: else somebody may have it meanwhile.
    """
    own = f"{CLONE} {os.environ['BANYAN_HOME']}".encode()
    first = int.from_bytes(hashlib.sha256(own).digest()[:4])
    for number in _ports:
        port = 12_000 + (first + number) % 10_000  # streams are served 10,000 above
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("No port is free.")


def start_server() -> None:
    """Have this worker's server running."""
    if home.is_external():
        return
    conf = cluster.Cluster.here().conf
    conf.mkdir(mode=0o755, exist_ok=True)
    local = conf / "local.conf"
    if not local.is_file():
        local.write_text(LOCAL)
        local.chmod(0o644)
    cluster.ensure_running()


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """A connection that may make and drop databases."""
    if home.is_external():
        address = make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname="postgres")
        with psycopg.connect(address, autocommit=True) as link:
            yield link
    else:
        with cluster.Cluster.here().superuser("postgres") as link:
            yield link


def address(database: str, role: home.Role) -> str:
    """The address of a database for one of the two roles."""
    return make_conninfo(home.database_url(role), dbname=database)


def unseen(link: psycopg.Connection, statement: sql.Composed) -> None:
    """Do what wants a database that nobody looks at.

    The server waits five seconds for whoever was sent away or ended just now; a busy one needs more.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            link.execute(statement)
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
        else:
            return


def copy(template: str, name: str) -> str:
    """Make a database like the template; both may be used by the app role."""
    owner = conninfo_to_dict(home.database_url("owner"))["user"]
    app = conninfo_to_dict(home.database_url("app"))["user"]
    with server() as link:
        made = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"
        ids = [sql.Identifier(str(word)) for word in (name, template, owner, app)]
        unseen(link, sql.SQL(made).format(*ids[:3]))
        link.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(ids[0], ids[3]))
    return name


def drop(name: str) -> None:
    """Drop a database, whoever still looks at it."""
    with server() as link:
        unseen(
            link, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _hash(paths: Iterator[Path]) -> str:
    made = hashlib.sha256()
    for path in sorted(paths):
        made.update(str(path.relative_to(CLONE)).encode() + path.read_bytes())
    return made.hexdigest()[:12]


def _migrations() -> Iterator[Path]:
    yield from BANYAN.glob("*/migrations/*.py")


def _makers() -> Iterator[Path]:
    yield from (path for path in BANYAN.rglob("*.py") if path.name not in UNMADE)
    yield from (path for path in (CLONE / "packs").rglob("*.toml"))
    yield from (CLONE / "tests" / name for name in ("world.py", "house.py"))


def _run(*words: str, database: str) -> None:
    """Run a Python program on a database, as owner for migrations."""
    environment = {
        **os.environ,
        "DATABASE_URL": address_url(database, "app"),
        "DATABASE_OWNER_URL": address_url(database, "owner"),
        "DJANGO_SETTINGS_MODULE": "banyan.site.settings",
    }
    if "migrate" in words:
        environment["BANYAN_ROLE"] = "owner"
    done = subprocess.run(
        [sys.executable, *words],
        cwd=CLONE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-6000:]}")


def address_url(database: str, role: home.Role) -> str:
    """The same address written as a URL, as the environment wants it."""
    return re.sub(rf"/{home.DATABASE}(?=\?|$)", f"/{database}", home.database_url(role))


class House:
    """The databases of one test session."""

    def __init__(self) -> None:
        self.ready = False
        self.target: tuple[str, bool] = ("empty", False)
        self._shared: dict[str, str] = {}
        self._own: str | None = None
        self._numbers = count(1)
        self._broken: str | None = None

    def prepare(self) -> None:
        """Start the server, make missing templates, sweep what killed sessions left."""
        start_server()
        self._sweep()
        self.template("empty")
        self.ready = True

    def template(self, kind: str) -> str:
        """The name of a template, made if it is missing."""
        if kind == "empty":
            name = f"tpl_empty_{_hash(_migrations())}"
            return self._made(name, "template1", ("-m", "django", "migrate", "-v0"))
        name = f"tpl_world_{_hash(_makers())}"
        return self._made(name, self.template("empty"), ("-m", "tests.world"))

    def _made(self, name: str, base: str, program: tuple[str, ...]) -> str:
        with server() as link:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if link.execute(known, [name]).fetchone():
                return name
        fresh = f"{name}_{os.getpid()}"
        drop(fresh)
        copy(base, fresh)
        try:
            _run(*program, database=fresh)
        except RuntimeError:
            drop(fresh)
            raise
        with server() as link:
            ids = map(sql.Identifier, (fresh, name))
            unseen(link, sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*ids))
        return name

    def enter(self, kind: str, alone: bool) -> None:
        """Choose the database of the next test."""
        self.target = (kind, alone)
        if self.ready:
            self.apply()

    def apply(self) -> None:
        """Point Django at the chosen database."""
        kind, alone = self.target
        if alone:
            self._own = self.clone(kind)
            point_django_at(self._own)
            return
        if kind not in self._shared:
            self._shared[kind] = self.clone(kind)
        point_django_at(self._shared[kind])

    def clone(self, kind: str) -> str:
        """A new database like a template; the caller drops it, at the latest `close` does."""
        if kind == "world" and self._broken:
            raise RuntimeError(self._broken)
        try:
            template = self.template(kind)
        except RuntimeError as broken:
            self._broken = str(broken)
            raise
        return copy(template, f"t_{os.getpid()}_{next(self._numbers)}")

    def leave(self) -> None:
        """Drop the test's own database, if it had one."""
        if self._own is not None:
            point_django_at(None)
            drop(self._own)
            self._own = None

    def close(self) -> None:
        """Drop all this session made."""
        if not self.ready:
            return
        point_django_at(None)
        with server() as link:
            mine = "SELECT datname FROM pg_database WHERE datname LIKE %s"
            names = [row[0] for row in link.execute(mine, [f"t\\_{os.getpid()}\\_%"])]
        for name in names:
            drop(name)

    def _sweep(self) -> None:
        with server() as link:
            rows = link.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
        for kind in ("empty", "world"):
            made = [row[0] for row in rows if re.fullmatch(rf"tpl_{kind}_\w{{12}}", row[0])]
            for name in made[KEPT:]:
                drop(name)
        for (name,) in rows:
            found = re.fullmatch(r"(?:t|tpl_\w+_\w{12})_(\d+)(?:_\d+)?", name)
            if found and not Path(f"/proc/{found[1]}").exists():
                drop(name)


def point_django_at(database: str | None) -> None:
    """Let every connection made from now on go to this database; None closes the present one."""
    from django.db import connections

    connection: Any = connections["default"]
    connection.close()
    if database is not None:
        connections.settings["default"]["NAME"] = database
        connection.settings_dict["NAME"] = database


HOUSE = House()
