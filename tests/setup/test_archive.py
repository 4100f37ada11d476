"""Backup and restore: everything comes back, and nothing is ever overwritten."""

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.installation import Installation

LIVE = """
from datetime import datetime, timezone
from django.db import connection
from banyan.documents import store
from banyan.documents.models import Blob
from banyan.ledger import sealer
from banyan.ledger.models import Event
for n in range(20):
    sha256, size = store.put([f"Tệp số {n}".encode()])
    Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})
    event = Event(at=datetime(2026, 11, 21, tzinfo=timezone.utc), verb="document.kept",
                  thing_kind="document", thing_id=n, tells={"n": n})
    event.hash = event.own_hash()
    event.save()
assert sealer.seal_all() == 20
"""
LOOK = """
from django.db import connection
from banyan.documents import store
from banyan.documents.models import Blob
from banyan.ledger.models import Event
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, has_table_privilege('ledger_event', 'UPDATE'),"
                   " has_table_privilege('ledger_event', 'INSERT')")
    print(*cursor.fetchone())
    cursor.execute("SELECT has_table_privilege('ledger_era', 'INSERT'),"
                   " has_table_privilege('people_person', 'DELETE'),"
                   " (SELECT count(*) FROM pg_default_acl)")
    print(*cursor.fetchone())
names = Blob.objects.values_list("pk", flat=True)
print(Event.objects.count(), sum(store.hash_of(store.path_of(name)) == name for name in names))
"""


@pytest.fixture(scope="module")
def lived_in(prepared: Installation) -> Installation:
    """A prepared home with files and sealed events."""
    prepared.script(LIVE)
    return prepared


@pytest.fixture(scope="module")
def backup(lived_in: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("backups") / "banyan.tar"
    done = lived_in.banyan("backup", target)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "restored")
    yield made
    made.close()


def test_a_backup_comes_back_whole_in_an_empty_home(
    lived_in: Installation, backup: Path, empty: Installation
) -> None:
    before = lived_in.script(LOOK).split()
    assert before == ["banyan_app", "False", "True", "False", "True", "2", "20", "20"]
    done = empty.banyan("restore", backup)
    assert done.returncode == 0, done.stderr
    assert "20 files, 20 events" in done.stdout
    # Same rights as before: the app still cannot alter the ledger.
    assert empty.script(LOOK).split() == before
    verified = empty.banyan("ledger", "verify")
    assert verified.stdout.strip() == "20 events, 20 of them sealed: whole."
    # Life goes on: new events follow the old ones in a new era.
    empty.script(LIVE)
    assert empty.banyan("ledger", "verify").stdout.startswith("40 events, 40 of them sealed")
    again = empty.banyan("restore", backup)
    assert again.returncode == 2
    assert "is in use" in again.stderr


def test_the_manifest_names_every_member_with_its_hash(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert set(manifest["members"]) == set(tar.getnames()) - {"manifest.json"}
    assert manifest["counts"]["ledger_event"] == 20
    assert len(manifest["head"]) == 64
    for name, member in manifest["members"].items():
        if name.startswith("files/"):
            assert Path(name).name == member["sha256"]


def test_a_backup_never_overwrites(lived_in: Installation, backup: Path) -> None:
    before = backup.read_bytes()
    done = lived_in.banyan("backup", backup)
    assert done.returncode == 2
    assert "exists" in done.stderr
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


@pytest.mark.parametrize("which", [0, -2], ids=["the database", "a file"])
def test_a_damaged_backup_is_refused_and_nothing_is_changed(
    which: int, backup: Path, empty: Installation, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.tar"
    body = bytearray(backup.read_bytes())
    with tarfile.open(backup) as tar:
        member = tar.getmembers()[which]
    body[member.offset_data + member.size // 2] ^= 1
    damaged.write_bytes(body)
    done = empty.banyan("restore", damaged)
    assert done.returncode == 2
    assert member.name in done.stderr
    assert not (empty.home / "pg").exists()


def test_a_truncated_backup_is_refused(backup: Path, empty: Installation, tmp_path: Path) -> None:
    short = tmp_path / "short.tar"
    short.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    assert empty.banyan("restore", short).returncode == 2
    assert not (empty.home / "pg").exists()


def test_a_restore_that_was_killed_is_run_again_and_nobody_works_before(
    backup: Path, empty: Installation
) -> None:
    (empty.home / "run").mkdir(parents=True)
    (empty.home / "run" / "restoring").touch()
    refused = empty.banyan("up", "--prepare")
    assert refused.returncode == 2
    assert "was not finished" in refused.stderr
    done = empty.banyan("restore", backup)
    assert done.returncode == 0, done.stderr
    assert not (empty.home / "run" / "restoring").exists()


def test_doctor_names_lost_damaged_and_orphaned_files(lived_in: Installation) -> None:
    files = sorted(path for path in (lived_in.home / "files").rglob("*") if path.is_file())
    aside = lived_in.home / "aside"
    shutil.copytree(lived_in.home / "files", aside)
    lost, damaged = files[0], files[1]
    lost.unlink()
    damaged.chmod(0o600)
    damaged.write_bytes(b"other")
    orphan = lived_in.home / "files" / ("a" * 64)
    orphan.write_bytes(b"nobody's")
    try:
        said = lived_in.banyan("doctor")
        incomplete = lived_in.banyan("backup", lived_in.home / "incomplete.tar")
    finally:
        shutil.rmtree(lived_in.home / "files")
        aside.rename(lived_in.home / "files")
    assert said.returncode == 1
    assert f"1 lost: {lost.name}" in said.stdout
    assert f"1 damaged: {damaged.name}" in said.stdout
    assert f"1 that no document names: {orphan.name}" in said.stdout
    assert incomplete.returncode == 1
    assert "1 files are named in the database and not in the store" in incomplete.stdout


def test_doctor_says_what_to_do_before_anything_is_set_up(installation: Installation) -> None:
    said = installation.banyan("doctor")
    assert said.returncode == 1
    assert "BROKEN  database: not made yet\n        → `make setup`" in said.stdout
