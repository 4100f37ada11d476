"""The store: named by hash, written once, whole or not at all."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from banyan.documents import store

DATA = b"\x00\xff synthetic bytes \r\n" * 100


@pytest.fixture
def folder(tmp_path, settings):
    """A store of this test's own."""
    settings.BANYAN_FILES = tmp_path / "files"
    return settings.BANYAN_FILES


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_lies_under_its_hash_and_reads_back_byte_for_byte(folder):
    sha256, size = store.put([DATA[:7], DATA[7:], b""])
    assert sha256 == hashlib.sha256(DATA).hexdigest()
    assert size == len(DATA)
    with store.open_blob(sha256) as file:
        assert file.read() == DATA
    assert store.hash_of(store.path_of(sha256)) == sha256


def test_the_same_bytes_twice_are_one_file_written_once(folder):
    sha256, _size = store.put([DATA])
    before = store.path_of(sha256).stat()
    assert store.put([DATA[:1], DATA[1:]])[0] == sha256
    after = store.path_of(sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert everything(folder) == [store.path_of(sha256)]


def test_nobody_may_write_to_a_stored_file(folder):
    sha256, _size = store.put([DATA])
    mode = stat.S_IMODE(store.path_of(sha256).stat().st_mode)
    assert not mode & 0o222
    assert not mode & 0o007


def test_a_torn_upload_leaves_nothing(folder):
    def torn():
        yield DATA
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(torn())
    assert everything(folder) == []


def test_a_full_disk_leaves_nothing(folder, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put([DATA])
    assert everything(folder) == []


def test_bytes_are_on_disk_before_they_have_their_name_and_the_name_before_the_answer(
    folder, monkeypatch
):
    done = []
    fsync, replace = os.fsync, os.replace

    def syncing(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        fsync(handle)

    def naming(*paths):
        done.append("name")
        replace(*paths)

    monkeypatch.setattr(store.os, "fsync", syncing)
    monkeypatch.setattr(store.os, "replace", naming)
    store.put([DATA])
    assert done == ["bytes", "name", "folder"]


def test_a_stored_file_that_rotted_is_noticed_when_the_same_bytes_come_again(folder):
    sha256, _size = store.put([DATA])
    path = store.path_of(sha256)
    path.chmod(0o600)
    path.write_bytes(DATA[:-1] + b"?")
    with pytest.raises(OSError, match="does not hold"):
        store.put([DATA])


def test_a_lost_file_is_not_an_empty_one(folder):
    with pytest.raises(FileNotFoundError):
        store.open_blob("0" * 64)
