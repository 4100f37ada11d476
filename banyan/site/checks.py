"""What `banyan doctor` looks at: each check says what it found and, where needed, what to do."""

import hashlib
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import psycopg

from banyan.kernel.errors import Refusal
from banyan.site import archive, boot, cluster, dump, home, install, mail_server, up

ROOM_NEEDED = 200_000_000  # bytes; below it PostgreSQL soon stops
ROOM_WISHED = 2_000_000_000
SHOWN = 5  # names of files listed in one finding


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    about: str
    state: Literal["ok", "note", "broken"]
    """`note`: works without it; `broken`: something does not work until it is mended."""
    text: str
    mend: str = ""


def ok(about: str, text: str) -> Finding:
    """A finding that needs nothing."""
    return Finding(about, "ok", text)


def python() -> Iterator[Finding]:
    """The Python that runs this and the packages of the lock."""
    yield ok("python", f"{sys.version.split()[0]} in {sys.prefix}")
    missing = list(_missing_packages())
    if missing:
        yield Finding("packages", "broken", f"not as locked: {', '.join(missing)}", "`make setup`")
    else:
        yield ok("packages", "as locked")


def _missing_packages() -> Iterator[str]:
    """Locked packages that are not here, or in another version."""
    for line in (home.CLONE / "requirements" / "run.txt").read_text().splitlines():
        name, equals, rest = line.partition("==")
        if not equals or line.startswith((" ", "#")) or "sys_platform == 'win32'" in rest:
            continue
        try:
            found = version(name.partition("[")[0])
        except PackageNotFoundError:
            found = "missing"
        if found != rest.split()[0]:
            yield f"{name} ({found})"


def place() -> Iterator[Finding]:
    """The home folder: room, secrets, a restore that was broken off."""
    where = home.root()
    if not where.is_dir():
        yield Finding("home", "broken", f"{where} is not there yet", "`make setup`")
        return
    yield ok("home", str(where))
    free = shutil.disk_usage(where).free
    text = f"{free / 1e9:.1f} GB free"
    if free < ROOM_WISHED:
        state: Literal["note", "broken"] = "broken" if free < ROOM_NEEDED else "note"
        yield Finding("disk", state, text, f"make room on the disk of {where}")
    else:
        yield ok("disk", text)
    open_ones = [path for path in (where / "secret").glob("*") if path.stat().st_mode & 0o077]
    for path in open_ones:
        yield Finding("secrets", "broken", f"others may read {path}", f"`chmod 600 {path}`")
    try:
        archive.refuse_unfinished()
    except Refusal as refusal:
        yield Finding("restore", "broken", refusal.what, refusal.mend)


def browser() -> Iterator[Finding]:
    """The browser's files, their collected copies, and chromium for the tests."""
    fonts = list((install.VENDOR / "fonts").glob("*.woff2"))
    if fonts and (install.VENDOR / "htmx.min.js").is_file():
        yield ok("fonts", f"{len(fonts)} font files, htmx")
    else:
        yield Finding("fonts", "broken", "the browser's files are missing", "`make setup`")
    if up.static_is_fresh():
        yield ok("static files", "collected")
    else:
        yield Finding("static files", "broken", "not collected since they changed", "`make setup`")
    if install.has_chromium():
        yield ok("chromium", "here")
    else:
        mend = "only `make test` uses it: `apt-get install chromium` (make does it for root)"
        yield Finding("chromium", "note", "not here: the browser tests are not run", mend)


def catalogues() -> Iterator[Finding]:
    """Compiled translations."""
    stale = up.stale_catalogues()
    if stale:
        names = ", ".join(str(path.relative_to(home.CLONE)) for path in stale)
        yield Finding("catalogues", "broken", f"not compiled: {names}", "`make setup`")
    else:
        yield ok("catalogues", "compiled")


def port() -> Iterator[Finding]:
    """Whether the address is free, or served by this very home."""
    host, number = up.address()
    if running := up.served_by():
        yield ok("port", f"Banyan runs at {running['url']} (process {running['pid']})")
        return
    with closing(socket.socket()) as probe:
        probe.settimeout(2)
        busy = probe.connect_ex((host, number)) == 0
    if busy:
        mend = f"`BANYAN_PORT={number + 1} make run`"
        yield Finding("port", "note", f"{number} is used by another program", mend)
    else:
        yield ok("port", f"{number} is free")


def database() -> Iterator[Finding]:
    """Server, migrations, and the store against what the database names."""
    if not home.is_external() and not cluster.exists():
        yield Finding("database", "broken", "not made yet", "`make setup`")
        return
    try:
        cluster.ensure_running()
        with psycopg.connect(home.database_url("app")) as link:
            number = link.info.server_version
            names = dump.blob_names(link)
    except Refusal as refusal:
        yield Finding("database", "broken", f"{refusal.what} {refusal.why}", refusal.mend)
        return
    except psycopg.OperationalError as error:
        mend = "look at its log" if not home.is_external() else "check DATABASE_URL and the server"
        yield Finding("database", "broken", str(error).strip(), mend)
        return
    whose = "yours" if home.is_external() else "in the home"
    yield ok("database", f"PostgreSQL {number // 10000}.{number % 10000}, {whose}")
    yield from _migrations()
    yield from _store(names)


def _migrations() -> Iterator[Finding]:
    boot.setup()
    missing = boot.missing_migrations()
    if missing:
        yield Finding("migrations", "broken", f"missing: {_some(missing)}", "`make setup`")
    else:
        yield ok("migrations", "all applied")


def _store(names: set[str]) -> Iterator[Finding]:
    """Files lost, files nobody names, files whose bytes are not what their name says."""
    found = {path.name: path for path in archive.stored_files()}
    lost = sorted(names - set(found))
    orphans = sorted(set(found) - names)
    damaged = sorted(name for name in names & set(found) if _hash(found[name]) != name)
    if lost:
        mend = f"bring them back from a backup to {home.files()}"
        yield Finding("files", "broken", f"{len(lost)} lost: {_some(lost)}", mend)
    if damaged:
        mend = f"replace them in {home.files()} by those of a backup"
        yield Finding("files", "broken", f"{len(damaged)} damaged: {_some(damaged)}", mend)
    if orphans:
        text = f"{len(orphans)} that no document names: {_some(orphans)}"
        yield Finding("files", "note", text, "harmless: left by an upload that was broken off")
    if not lost and not damaged:
        yield ok("files", f"{len(names)} stored, every hash compared")


def _hash(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def mail() -> Iterator[Finding]:
    """Whether a mail server is set, understood and answering. Without one nothing is wrong."""
    server = mail_server.from_environment()
    if server.fault:
        text = f"{mail_server.VARIABLE} is not understood: {server.fault}"
        yield Finding("mail", "broken", text, f"write it like {mail_server.EXAMPLE}")
    elif not server.host:
        text = "no server is set: nobody is offered mail, the inbox tells everything"
        yield ok("mail", text)
    else:
        where = f"{server.host}:{server.port}"
        try:
            with closing(socket.create_connection((server.host, server.port), timeout=5)):
                yield ok("mail", f"{where} answers; mails come from {server.sender}")
        except OSError as error:
            mend = "check host and port with whoever runs it; unsent mails are tried again"
            yield Finding("mail", "broken", f"{where} does not answer: {error}", mend)


def abandoned() -> Iterator[Finding]:
    """As root: databases under /var/lib/banyan whose home is gone."""
    if os.geteuid() != 0:
        return
    for folder in (home.STATE / "clusters").glob("*"):
        note = folder / "home"
        owner = Path(note.read_text()) if note.is_file() else None
        if owner is None or Path(os.path.realpath(owner / "pg")) != folder:
            text = f"{folder} belongs to no home any more (it was {owner})"
            yield Finding("abandoned", "note", text, f"`rm -r {folder}` frees its space")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    place,
    browser,
    catalogues,
    port,
    database,
    mail,
    abandoned,
)


def everything() -> Iterator[Finding]:
    """All findings, in the order in which one would mend them."""
    for check in CHECKS:
        yield from check()
