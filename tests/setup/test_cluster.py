"""The database that comes with Banyan: its locks, its roles, and how it heals."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from banyan.kernel.errors import Refusal
from banyan.site import cluster, home, server_user
from tests.house import PATIENCE
from tests.setup.installation import Installation, eventually

HOLD = """
import sys
from banyan.site import cluster
cluster.ensure_running()
print("up", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A home whose database some process holds all the time."""
    made = Installation(tmp_path_factory.mktemp("cluster") / "home")
    holder = made.start("-c", HOLD)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    yield made
    holder.communicate(timeout=PATIENCE)
    made.close()


@pytest.fixture
def here(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> cluster.Cluster:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BANYAN_HOME", str(installed.home))
    return cluster.Cluster.here()


def test_the_app_owns_nothing_and_may_only_read_and_write_rows(here: cluster.Cluster) -> None:
    with psycopg.connect(home.database_url("owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (id int primary key)")
    with psycopg.connect(home.database_url("app"), autocommit=True) as app:
        app.execute("INSERT INTO kept VALUES (1) ON CONFLICT DO NOTHING")
        app.execute("UPDATE kept SET id = id")
        assert app.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        for forbidden in (
            "TRUNCATE kept",
            "DROP TABLE kept",
            "ALTER TABLE kept ADD x int",
            "CREATE TABLE mine (id int)",
            "CREATE TEMP TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE DATABASE mine",
            "SET ROLE banyan_owner",
            "COPY kept TO PROGRAM 'cat'",
            "SELECT pg_read_file('/etc/passwd')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)
    with psycopg.connect(home.database_url("owner"), autocommit=True) as owner:
        owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        assert owner.execute(f"{owned} WHERE rolname = 'banyan_app'").fetchone() == (0,)


def test_nobody_comes_in_without_proof(here: cluster.Cluster) -> None:
    right = home.database_url("app")
    wrong = right.replace(home.secret("banyan_app"), "guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    no_password = right.replace(f":{home.secret('banyan_app')}", "")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(no_password)


def test_a_stranger_on_the_machine_cannot_reach_the_socket(here: cluster.Cluster) -> None:
    for path in (here.socket, here.data):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == server_user.ids()[0]


def test_no_network_port_is_opened(here: cluster.Cluster) -> None:
    with psycopg.connect(home.database_url("owner")) as owner:
        assert owner.execute("SHOW listen_addresses").fetchone() == ("",)
        assert owner.execute("SHOW fsync").fetchone() == ("on",)
        assert owner.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_it_knows_vietnamese_letters_and_has_the_extensions(here: cluster.Cluster) -> None:
    with psycopg.connect(home.database_url("app")) as app:
        assert app.execute("SELECT upper('đường ấp'), lower('ĐƯỜNG ẤP')").fetchone() == (
            "ĐƯỜNG ẤP",
            "đường ấp",
        )
        found = {row[0] for row in app.execute("SELECT extname FROM pg_extension")}
    assert found >= {"btree_gist", "unaccent", "pg_trgm"}


def test_a_database_made_for_tests_inherits_extensions_and_grants(here: cluster.Cluster) -> None:
    url = home.database_url("owner")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP DATABASE IF EXISTS another")
        owner.execute("CREATE DATABASE another")
    with psycopg.connect(url.replace("/banyan?", "/another?"), autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (id int, name text, EXCLUDE USING gist (id WITH =))")
    app_url = home.database_url("app").replace("/banyan?", "/another?")
    with psycopg.connect(app_url, autocommit=True) as app:
        app.execute("INSERT INTO kept VALUES (1, unaccent('ấp'))")
        assert app.execute("SELECT name FROM kept").fetchone() == ("ap",)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP DATABASE another")


@pytest.mark.fault
def test_after_kill_9_of_the_server_every_committed_row_is_there(
    installed: Installation, here: cluster.Cluster
) -> None:
    with psycopg.connect(home.database_url("owner")) as owner:
        owner.execute("CREATE TABLE counted AS SELECT generate_series(1, 50000) AS n")
    unfinished = psycopg.connect(home.database_url("owner"))
    unfinished.execute("DELETE FROM counted")
    pid = installed.postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with here.turn():
        here.ensure_running()
    unfinished.close()
    with psycopg.connect(home.database_url("owner")) as owner:
        assert owner.execute("SELECT count(*) FROM counted").fetchone() == (50000,)
        owner.execute("DROP TABLE counted")
    assert installed.postmaster() not in (None, pid)


@pytest.mark.fault
def test_a_lock_file_that_names_a_stranger_is_no_obstacle(
    installed: Installation, here: cluster.Cluster
) -> None:
    """After a reboot another program of the same user may have the postmaster's old number."""
    with here.turn():
        here.stop()
        (here.data / "postmaster.pid").write_text(f"{os.getpid()}\n{here.data}\n0\n5432\n\n\n")
        os.chown(here.data / "postmaster.pid", *server_user.ids())
        here.ensure_running()
    assert installed.postmaster() is not None


def test_the_last_user_stops_the_server(installation: Installation) -> None:
    first, second = (installation.start("-c", HOLD) for _ in range(2))
    for user in (first, second):
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
    pid = installation.postmaster()
    first.communicate(timeout=PATIENCE)
    assert installation.postmaster() == pid
    second.communicate(timeout=PATIENCE)
    assert second.returncode == 0
    assert installation.postmaster() is None


def test_a_home_below_a_closed_folder_works_and_the_folder_stays_closed(
    installation: Installation,
) -> None:
    closed = installation.home.parent
    closed.chmod(0o700)
    done = installation.python("-c", "from banyan.site import cluster; cluster.ensure_running()")
    assert done.returncode == 0, done.stderr
    assert closed.stat().st_mode & 0o777 == 0o700
    assert installation.postmaster() is None


def test_a_set_up_that_was_killed_is_done_anew(installation: Installation) -> None:
    (installation.home / "run").mkdir(parents=True)
    process = installation.start("-c", HOLD)
    eventually(lambda: (installation.data.parent / "data.new").is_dir(), "initdb begins")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = installation.python("-c", "from banyan.site import cluster; cluster.ensure_running()")
    assert again.returncode == 0, again.stderr
    assert not (installation.data.parent / "data.new").exists()


def test_data_of_another_major_version_stops_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANYAN_HOME", str(tmp_path / "home"))
    older = cluster.Cluster(tmp_path / "pg", tmp_path / "pg" / "run", tmp_path)
    older.data.mkdir(parents=True)
    (older.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Refusal) as refused:
        older.ensure_running()
    assert "PostgreSQL 17" in refused.value.what
    assert "banyan restore" in refused.value.mend
    assert [path.name for path in older.data.iterdir()] == ["PG_VERSION"]
