"""A second PostgreSQL server that follows an installation's own by streaming replication."""

import os
import shutil
import signal
import subprocess
import time
from urllib.parse import quote

import psycopg

from banyan.site import home, server_user
from tests.faults.site import Site
from tests.house import PATIENCE


class Follower:
    """A replica of a site's database, on a socket of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.folder = site.cluster.folder / "replica"
        self.data, self.socket = self.folder / "data", self.folder / "run"
        for path in (self.folder, self.socket):
            path.mkdir(mode=0o700)
            os.chown(path, *server_user.ids())

    def begin(self) -> None:
        """Copy the primary while it runs, and follow it."""
        whence = ("-h", str(self.site.cluster.socket), "-p", str(home.PORT), "-U", "banyan_super")
        self._run(
            "pg_basebackup", *whence, "-D", str(self.data), "-R", "-X", "stream", "-c", "fast"
        )
        conf = (self.site.cluster.conf / "postgresql.conf").read_text()
        conf = conf.replace(str(self.site.cluster.socket), str(self.socket))
        (self.data / "postgresql.conf").write_text(conf)
        self.start()

    def start(self) -> None:
        """Start it, whatever a kill left; wait until it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._run("pg_ctl", "start", "-D", str(self.data), "-w", "-s", "-l", "/dev/null")
                psycopg.connect(self.url).close()
            except (subprocess.CalledProcessError, psycopg.OperationalError):
                # The remains of a killed server let go of its memory a little later.
                assert time.monotonic() < deadline, "the replica does not start"
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                time.sleep(0.5)
            else:
                return

    @property
    def url(self) -> str:
        """Its address for the role that works."""
        own, theirs = (
            quote(str(path), safe="") for path in (self.socket, self.site.cluster.socket)
        )
        return home.database_url("app").replace(theirs, own)

    def kill(self) -> None:
        """kill -9 of its postmaster."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def pause(self, on: bool) -> None:
        """Let it stop replaying, as a slow one would, or go on."""
        with psycopg.connect(self.url.replace(*self._as_superuser()), autocommit=True) as link:
            link.execute(f"SELECT pg_wal_replay_{'pause' if on else 'resume'}()")

    def _as_superuser(self) -> tuple[str, str]:
        user = home.USERS["app"]
        return f"{user}:{home.secret(user)}@", "banyan_super@"

    def remove(self) -> None:
        """Stop it and leave nothing."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "immediate", "-s", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        line = server_user.command(server_user.programs() / program, *words)
        subprocess.run(line, check=check, cwd="/", stdin=subprocess.DEVNULL, timeout=PATIENCE)
