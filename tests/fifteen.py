"""The database shelf on Debian's PostgreSQL 15: `make test-15`.

Makes a throw-away server for each of two workers, with the roles, extensions and grants of production,
names them in BANYAN_TEST_SERVERS (`tests/conftest.py` gives each worker its own), runs every test that
needs no server of its own and no browser, and takes the servers away. Where the package is not installed
it says so and is content.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
SUPERUSER = "banyan_super"
WORKERS = 2
# These start servers themselves, or look at the embedded one.
ELSEWHERE = ("tests/setup", "tests/faults", "tests/browser")
SETTINGS = """\
listen_addresses = ''
port = {port}
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
password_encryption = scram-sha-256
timezone = 'UTC'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'
"""
HBA = "local all {superuser} peer map=own\nlocal all all scram-sha-256\n"


def run(*words: str | Path) -> None:
    """Run one of the server's programs as the database's user."""
    from banyan.site import server_user

    line = server_user.command(*words)
    bare = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    subprocess.run(line, cwd="/", env=bare, check=True, stdin=subprocess.DEVNULL)


def initialise(folder: Path) -> Path:
    """Make an empty cluster that listens on a socket in this folder alone."""
    from banyan.site import home, server_user
    from tests.house import LOCAL

    users = {os.geteuid(), server_user.ids()[0]}
    data = folder / "data"
    run(
        PROGRAMS / "initdb",
        *("-D", data, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"),
        *("--auth-local=peer", "--auth-host=reject", "--no-sync", "--no-instructions"),
    )
    (data / "postgresql.conf").write_text(SETTINGS.format(port=home.PORT, folder=folder) + LOCAL)
    (data / "pg_hba.conf").write_text(HBA.format(superuser=SUPERUSER))
    named = "".join(f"own {server_user.name(uid)} {SUPERUSER}\n" for uid in sorted(users))
    (data / "pg_ident.conf").write_text(named)
    return data


def furnish(folder: Path) -> None:
    """Roles, extensions, grants and the database, by the code that makes them in production."""
    import psycopg

    from banyan.site import home, roles

    where = {"host": str(folder), "port": home.PORT, "user": SUPERUSER, "autocommit": True}
    with psycopg.connect(dbname="template1", **where) as link:  # type: ignore[arg-type]
        roles.make(link)
        roles.furnish(link)
    with psycopg.connect(dbname="postgres", **where) as link:  # type: ignore[arg-type]
        roles.create_database(link)
        # Only here: to drop a test's database while a server's thread still looks at it.
        link.execute("GRANT pg_signal_backend TO banyan_owner")


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """A running server and the two addresses that lead to it."""
    from banyan.site import home, server_user

    folder = Path(tempfile.mkdtemp(prefix="banyan-15-"))
    os.chown(folder, *server_user.ids())
    os.environ["BANYAN_HOME"] = str(folder / "home")
    data = initialise(folder)
    control = (PROGRAMS / "pg_ctl", "-D", data, "-s", "-w", "-l", folder / "log")
    try:
        run(*control, "start")
        furnish(folder)
        yield {
            name: f"postgresql://{home.USERS[role]}:{home.secret(home.USERS[role])}"
            f"@/{home.DATABASE}?host={quote(str(folder), safe='')}&port={home.PORT}"
            for name, role in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner"))
        }
    finally:
        if (data / "postmaster.pid").exists():
            run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def main(tests: list[str]) -> int:
    """Run the shelf; the exit status is pytest's."""
    if not (PROGRAMS / "initdb").is_file():
        print(
            "PostgreSQL 15 is not installed: the database shelf was NOT run on it"
            " (Debian: apt-get install postgresql-15)."
        )
        return 0
    with ExitStack() as servers:
        addresses = [servers.enter_context(server()) for _ in range(WORKERS)]
        words = ["-p", "pytest_django.plugin", "-p", "xdist.plugin", "-n", str(WORKERS)]
        words += ["--dist", "loadfile", "-m", "not browser and not fault"]
        apart = [f"--ignore={folder}" for folder in ELSEWHERE]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *apart, *(tests or ["tests"])],
            cwd=Path(__file__).resolve().parents[1],
            env={
                **os.environ,
                "BANYAN_TEST_SERVERS": json.dumps(addresses),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
