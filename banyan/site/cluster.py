"""The PostgreSQL that comes with Banyan: made, started, healed and stopped here.

It listens on a unix socket only. `banyan_owner` owns the database and runs migrations;
`banyan_app` owns nothing and may only read and write rows. Both prove themselves by SCRAM. The
superuser has no password: the socket knows it by the system user that owns the data folder.

Layout of the `pg` folder: `conf/` what the server may not change, `data/` its own, `run/` socket.
"""

import atexit
import fcntl
import hashlib
import os
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from banyan.kernel.errors import Refusal
from banyan.site import home, memory, roles, server_user

MAJOR = "18"
SUPERUSER = "banyan_super"
PATIENCE = 20.0  # seconds; a killed postmaster's remains are gone after one or two

SETTINGS = """\
# Written by Banyan at every start. Your own settings belong into local.conf beside this file.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
hba_file = '{conf}/hba.conf'
ident_file = '{conf}/ident.conf'
password_encryption = scram-sha-256
fsync = on
full_page_writes = on
synchronous_commit = on
max_connections = 100
shared_buffers = {buffers}MB
wal_buffers = 16MB
max_wal_size = 4GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
include_if_exists = 'local.conf'
"""

HBA = """\
# Who may come in, and how they prove it. Nothing else is let in.
local all {superuser} peer map=banyan
local all {owner},{app} scram-sha-256
local replication {superuser} peer map=banyan
"""


@dataclass(frozen=True)
class Cluster:
    """One database server in one home."""

    folder: Path
    """The `pg` folder, links followed."""
    socket: Path
    locks: Path
    """Folder of the two lock files: `cluster.lock` for starting and stopping, `users.lock`."""

    @classmethod
    def here(cls) -> "Cluster":
        """The cluster of this home; its folders are made when missing."""
        home.make()
        _choose_folder()
        return cls(home.cluster_folder(), home.socket_folder(), home.folder("run"))

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def conf(self) -> Path:
        """Settings and access rules, which the server reads and may not write."""
        return self.folder / "conf"

    # -- starting ---------------------------------------------------------------------------

    def ensure_running(self) -> None:
        """Make, start and furnish the server, whatever of it is there already."""
        self._refuse_other_major()
        self._make_folders()
        if not self.data.is_dir():
            self._initialise()
        if not self.answers():
            self._write_settings()
            self._start()
        self._furnish_once()

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        probe = str(server_user.programs() / "pg_isready")
        where = ["-q", "-h", str(self.socket), "-p", str(home.PORT)]
        whom = ["-U", SUPERUSER, "-d", "postgres"]
        return subprocess.run([probe, *where, *whom], env=_bare(), check=False).returncode == 0

    def _refuse_other_major(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return
        if found != MAJOR:
            raise Refusal(
                f"The data in {self.data} belongs to PostgreSQL {found}.",
                f"This Banyan brings PostgreSQL {MAJOR}, which cannot read it.",
                "Nothing was changed. With the Banyan that made it: `banyan backup FILE`."
                " Then here: `BANYAN_HOME=/a/new/folder banyan restore FILE`.",
            )

    def _make_folders(self) -> None:
        uid, gid = server_user.ids()
        self.conf.mkdir(mode=0o755, exist_ok=True)
        for path in (self.folder / "run", self.folder / "log"):
            _make_own(path, uid, gid)
        if self.socket != self.folder / "run":
            _make_own(self.socket, uid, gid)
        owner = self.socket.lstat()
        if owner.st_uid != uid or owner.st_mode & 0o077 or self.socket.is_symlink():
            raise Refusal(
                f"{self.socket} is not safe for the database's socket.",
                "It belongs to somebody else, or others may enter it.",
                f"Remove it (`rm -r {self.socket}`), or set BANYAN_HOME to a shorter path.",
            )

    def _initialise(self) -> None:
        """Make an empty cluster beside the place and move it there: whole or not at all."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _make_own(fresh, *server_user.ids())
        self._run(
            server_user.programs() / "initdb",
            *("-D", fresh, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"),
            *("--auth-local=peer", "--auth-host=reject", "--data-checksums"),
        )
        fresh.rename(self.data)

    def _write_settings(self) -> None:
        names = {"superuser": SUPERUSER, "owner": home.USERS["owner"], "app": home.USERS["app"]}
        places = {"socket": f'"{self.socket}"', "conf": self.conf, "logs": self.folder / "log"}
        quoted = {name: str(place).replace("'", "''") for name, place in places.items()}
        settings = SETTINGS.format(port=home.PORT, buffers=memory.buffers(), **quoted)
        _write(self.conf / "postgresql.conf", settings)
        _write(self.conf / "hba.conf", HBA.format(**names))
        users = {os.geteuid(), server_user.ids()[0]}
        lines = [f"banyan {server_user.name(uid)} {SUPERUSER}\n" for uid in sorted(users)]
        _write(self.conf / "ident.conf", "".join(lines))

    def _start(self) -> None:
        """Start the server; after a kill -9, wait until its remains let go of the data."""
        options = f"-c config_file={shlex.quote(str(self.conf / 'postgresql.conf'))}"
        log = self.folder / "log" / "start.log"
        deadline = time.monotonic() + PATIENCE
        while True:
            self._clear_dead_lock_file()
            done = self._pg_ctl("start", "-l", log, "-o", options, "-t", "120")
            if done.returncode == 0 and self.answers():
                return
            if time.monotonic() > deadline:
                raise Refusal(
                    "The database does not start.",
                    _last_lines(log) or done.stdout.strip(),
                    f"Its log is in {log.parent}. `banyan doctor` looks for the usual causes.",
                )
            time.sleep(0.3)

    def _clear_dead_lock_file(self) -> None:
        """Remove `postmaster.pid` when the process it names is not this cluster's postmaster.

        After a reboot another program may have that number, and a killed postmaster whose parent
        never asks for it stays a zombie for ever; PostgreSQL takes both for a running server.
        The shared memory segment still guards the data against a second server.
        """
        if not self.is_alive():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def is_alive(self) -> bool:
        """Whether a living postmaster stands in the data folder; cheap enough to ask often."""
        try:
            text = (self.data / "postmaster.pid").read_text()
            pid = int(text.split("\n", 1)[0])
            return os.path.samefile(f"/proc/{pid}/cwd", self.data)
        except (ValueError, OSError):  # no such file or process, a zombie, another user's process
            return False

    # -- furnishing -------------------------------------------------------------------------

    def _furnish_once(self) -> None:
        """Roles, extensions and grants, again only when they or the passwords are others."""
        mark = self.conf / "furnished"
        passwords = "".join(home.secret(user) for user in home.USERS.values())
        wanted = hashlib.sha256(f"{roles.VERSION} {passwords}".encode()).hexdigest()
        if mark.is_file() and mark.read_text() == wanted:
            return
        with self.superuser("template1") as link:
            roles.make(link)
            roles.furnish(link)
            known = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [home.DATABASE])
            exists = known.fetchone() is not None
        if not exists:
            with self.superuser("postgres") as link:
                roles.create_database(link)
        with self.superuser(home.DATABASE) as link:
            roles.furnish(link)
        _write(mark, wanted)

    @contextmanager
    def superuser(self, database: str) -> Iterator[psycopg.Connection]:
        """A connection as superuser, for set-up only; the socket knows us by our system user."""
        with psycopg.connect(
            host=str(self.socket),
            port=home.PORT,
            user=SUPERUSER,
            dbname=database,
            autocommit=True,
        ) as link:
            yield link

    # -- stopping ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the server in order; open transactions are rolled back."""
        if (self.data / "postmaster.pid").exists():
            self._pg_ctl("stop", "-m", "fast", "-t", "60")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Only one process at a time starts, furnishes or stops this cluster."""
        with open(self.locks / "cluster.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def hold(self) -> int:
        """Say that this process uses the cluster; answers a file number to close at the end."""
        handle = os.open(self.locks / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle

    def is_used(self) -> bool:
        """Whether any process holds the cluster."""
        with open(self.locks / "users.lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    # -- running programs -------------------------------------------------------------------

    def _pg_ctl(self, act: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run pg_ctl to its end; its output goes to a file: the server would keep a pipe open."""
        line = server_user.command(
            server_user.programs() / "pg_ctl", act, "-D", self.data, "-w", "-s", *words
        )
        with open(self.locks / "pg_ctl.log", "w+") as out:
            done = subprocess.run(
                line,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env=_bare(),
                check=False,
            )
            out.seek(0)
            return subprocess.CompletedProcess(line, done.returncode, out.read())

    def _run(self, *words: str | Path) -> None:
        line = server_user.command(*words)
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=_bare(),
            check=False,
        )
        if done.returncode:
            raise Refusal(
                f"{Path(words[0]).name} did not succeed.",
                (done.stderr or done.stdout).strip(),
                "Mend what it names and start again; nothing half-made is kept.",
            )


# Clusters this process uses, with the lock that says so and the process that took it.
_held: dict[Cluster, tuple[int, int]] = {}


def ensure_running() -> None:
    """Have the database running for the rest of this process; the last one to end stops it."""
    if home.is_external():
        return
    cluster = Cluster.here()
    with cluster.turn():
        if cluster not in _held:
            _held[cluster] = (cluster.hold(), os.getpid())
        cluster.ensure_running()


@atexit.register
def release() -> None:
    """Stop using the database; whoever is last stops the server."""
    for cluster, (handle, process) in list(_held.items()):
        del _held[cluster]
        if process != os.getpid():  # a forked child ends; its parent still works
            continue
        os.close(handle)
        if not cluster.locks.is_dir():
            continue
        with cluster.turn():
            if not cluster.is_used():
                cluster.stop()


def exists() -> bool:
    """Whether this home's database was made; asking makes nothing."""
    return (home.cluster_folder() / "data" / "PG_VERSION").is_file()


def is_alive() -> bool:
    """Whether the database's server runs, without starting it; somebody else's is not looked at."""
    return home.is_external() or Cluster.here().is_alive()


def _choose_folder() -> None:
    """Make the `pg` folder, as root where the database's own user can reach it.

    Folders above the home are never opened up for that user: when it cannot pass, or when the
    path is too long for a socket, `pg` is a link to a folder of its own under /var/lib/banyan.
    """
    place = home.root() / "pg"
    # One process at a time: a second one would take the first one's new link for a dead one.
    with open(home.folder("run") / "place.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            _make_folder(place)


def _make_folder(place: Path) -> None:
    place.unlink(missing_ok=True)  # a link whose end was removed
    if not home.is_root() or (_is_passable(home.root()) and home.socket_folder().parent == place):
        place.mkdir(mode=0o711 if home.is_root() else 0o700)
        return
    own = home.STATE / "clusters" / secrets.token_hex(6)
    own.mkdir(parents=True, mode=0o711)
    _write(own / "home", str(home.root()))
    place.symlink_to(own)


def _is_passable(path: Path) -> bool:
    """Whether any user can walk to this folder."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def _make_own(path: Path, uid: int, gid: int) -> None:
    """A folder that belongs to the database's user alone."""
    if not path.exists():
        path.mkdir(mode=0o700)
        os.chown(path, uid, gid)


def _write(path: Path, text: str) -> None:
    """Replace a small file in one step; everybody may read it, nothing secret is written here."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(path)


def _bare() -> dict[str, str]:
    """The environment of PostgreSQL's programs: none of ours, least of all PG* and secrets."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


def _last_lines(path: Path, count: int = 5) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""
