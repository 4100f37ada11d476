"""The store of files: content-addressed, written once, on disk before the database knows it."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1024 * 1024


def path_of(sha256: str) -> Path:
    """Where the bytes of this hash lie."""
    return Path(settings.BANYAN_FILES) / sha256[:2] / sha256[2:4] / sha256


def put(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store bytes and return (sha256, size).

    They are written to a temporary file in the store, fsynced, renamed to their hash, the folder
    fsynced, and read back: only then may a row name them. The same bytes twice are one file.
    """
    root = Path(settings.BANYAN_FILES)
    root.mkdir(parents=True, exist_ok=True)
    hasher, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=root, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                hasher.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        sha256 = hasher.hexdigest()
        target = path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.chmod(temporary, 0o440)
            os.replace(temporary, target)
            _sync_folder(target.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)
    if hash_of(target) != sha256:
        raise OSError(f"{target} does not hold what was written")
    return sha256, size


def arriving(upload: str) -> Path:
    """Where a file lies that is still coming in piece by piece: beside the store, not in it."""
    return Path(settings.BANYAN_FILES).with_name("uploads") / upload


def append(upload: str, offset: int, piece: bytes) -> None:
    """Write a piece at its place and see it on disk. Whatever a killed process left behind it goes."""
    path = arriving(upload)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, offset)
        os.pwrite(handle, piece, offset)
        os.fsync(handle)
    finally:
        os.close(handle)


def arrived(upload: str) -> Iterable[bytes]:
    """The bytes that came in so far."""
    with arriving(upload).open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def forget(upload: str) -> None:
    """Let go of what came in."""
    arriving(upload).unlink(missing_ok=True)


def hash_of(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_blob(sha256: str) -> BinaryIO:
    """The bytes, for reading; FileNotFoundError when the store lost them."""
    return path_of(sha256).open("rb")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
