"""Where an installation keeps what is its own."""

import os
import stat
from pathlib import Path

import pytest

from banyan.kernel.errors import Refusal
from banyan.site import cluster, home
from tests.threads import together


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BANYAN_ROLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BANYAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_default_home_is_in_the_clone_and_for_root_where_a_dropped_user_can_reach_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BANYAN_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert home.root() == home.CLONE / ".banyan"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert home.root().parent == Path("/var/lib/banyan")
    assert home.root().name == home.short_hash(home.CLONE)


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(own_home: Path) -> None:
    first = home.secret_key()
    assert len(first) >= 50
    assert home.secret_key() == first
    assert home.secret("banyan_app") != first
    for path in (own_home / "secret").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((own_home / "secret").stat().st_mode) == 0o700


@pytest.mark.parametrize("time", range(20))
def test_many_who_need_a_new_home_and_secret_at_once_get_the_same_one(
    own_home: Path, time: int
) -> None:
    found = together([lambda: home.secret("fresh")] * 16)
    assert set(found) == {home.secret("fresh")}
    assert [path.name for path in (own_home / "secret").iterdir()] == ["fresh"]


@pytest.mark.parametrize("passable", [True, False], ids=["in the home", "behind a link"])
def test_many_who_need_a_place_for_the_database_at_once_get_the_same_one(
    passable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_is_passable", lambda _path: passable)
    monkeypatch.setattr(home, "STATE", tmp_path / "state")
    for time in range(20):
        monkeypatch.setenv("BANYAN_HOME", str(tmp_path / f"home-{time}"))
        found = together([lambda: cluster.Cluster.here().folder] * 16)
        assert set(found) == {home.cluster_folder()}
        assert home.cluster_folder().is_dir()


def test_roles_have_addresses_of_their_own() -> None:
    assert "banyan_app:" in home.database_url("app")
    assert "banyan_owner:" in home.database_url("owner")
    assert home.secret("banyan_app") not in home.database_url("owner")


def test_a_process_works_as_the_app_unless_told_to_migrate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert home.database_url() == home.database_url("app")
    monkeypatch.setenv("BANYAN_ROLE", "owner")
    assert home.database_url() == home.database_url("owner")


def test_a_server_of_ones_own_wins(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@db/banyan")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://o@db/banyan")
    assert home.is_external()
    assert home.database_url("app") == "postgresql://a@db/banyan"
    assert home.database_url("owner") == "postgresql://o@db/banyan"
    assert not own_home.exists()


@pytest.mark.parametrize("only", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_half_an_answer_about_the_database_is_refused(
    only: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(only, "postgresql://a@db/banyan")
    with pytest.raises(Refusal) as refused:
        home.database_url("app")
    missing = {"DATABASE_URL", "DATABASE_OWNER_URL"} - {only}
    assert refused.value.what == f"{missing.pop()} is not set."


def test_the_socket_has_a_short_path_however_deep_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shallow, deep = Path("/srv/b"), tmp_path / ("d" * 120) / "home"
    monkeypatch.setenv("BANYAN_HOME", str(shallow))
    assert home.socket_folder() == shallow / "pg" / "run"
    monkeypatch.setenv("BANYAN_HOME", str(deep))
    assert len(f"{home.socket_folder()}/.s.PGSQL.5432.lock") <= 107
    assert home.socket_folder() != home.socket_folder().parent / "run"
