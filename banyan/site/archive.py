"""One file that holds an installation: `banyan backup` writes it, `banyan restore` reads it.

A tar of `database.dump` (pg_dump's custom format), `files/…` (the store as it lies on disk) and,
last, `manifest.json`: sha256 and size of each member, rows of each table, head of the ledger.
Secrets of the home are not in it: whoever restores gets new ones, and people sign in again.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

import psycopg

from banyan.kernel.errors import Refusal
from banyan.site import dump, home

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Member:
    """What a member of the archive must be: hexadecimal sha256, size in bytes."""

    sha256: str
    size: int


@dataclass
class Manifest:
    """What an archive holds, so that a restore can prove it brought back all of it."""

    made_at: str
    format: int = FORMAT
    members: dict[str, Member] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of each table."""
    head: str = ""
    """The ledger's last seal; empty before the first."""
    missing: list[str] = field(default_factory=list)
    """Hashes the database names and the store had lost already when the backup was made."""

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """From an archive; Refusal when this Banyan does not know the format."""
        raw = json.loads(text)
        if raw.get("format") != FORMAT:
            raise Refusal(
                f"This backup has format {raw.get('format')}.",
                f"This Banyan reads format {FORMAT}.",
                "Restore it with the Banyan that made it, or a newer one.",
            )
        raw["members"] = {name: Member(**member) for name, member in raw["members"].items()}
        return cls(**raw)


# -- writing ---------------------------------------------------------------------------------


def write(target: Path) -> Manifest:
    """Write a backup while everything runs: one snapshot of the database, then its files.

    Files are on disk before a row names them and are never changed, so every file of the snapshot
    is there when the store is read after it. The file appears under its name when it is whole.
    """
    if target.exists():
        raise Refusal(f"{target} exists.", "A backup never overwrites.", "Choose another name.")
    if not target.parent.is_dir():
        raise Refusal(f"There is no folder {target.parent}.", mend="Make it, or choose another.")
    manifest = Manifest(made_at=datetime.now(UTC).isoformat(timespec="seconds"))
    with tempfile.TemporaryDirectory(prefix=".banyan-backup-", dir=target.parent) as work:
        dumped = Path(work) / DUMP
        named = _dump(dumped, manifest)
        whole = Path(work) / "whole.tar"
        with open(whole, "xb", opener=_private) as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _add(tar, DUMP, dumped, manifest)
                for path in stored_files():
                    _add(tar, f"files/{path.relative_to(home.files())}", path, manifest)
                held = {PurePosixPath(name).name for name in manifest.members}
                manifest.missing = sorted(named - held)
                text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
                info = tarfile.TarInfo(MANIFEST)
                info.size, info.mode = len(text), 0o600
                tar.addfile(info, io.BytesIO(text))
            out.flush()
            os.fsync(out.fileno())
        os.link(whole, target)  # unlike rename, a link fails when the name was taken meanwhile
        _sync_folder(target.parent)
    return manifest


def _dump(target: Path, manifest: Manifest) -> set[str]:
    """Dump one snapshot, count in the same one; the hashes of the files it names."""
    with psycopg.connect(home.database_url("owner")) as link:
        link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        manifest.counts = dump.count_rows(link)
        if not manifest.counts:
            raise Refusal("There is nothing to back up.", "The database has no tables.")
        if manifest.counts.get("ledger_seal"):
            manifest.head = dump.value(
                link, "SELECT seal FROM ledger_seal ORDER BY id DESC LIMIT 1"
            )
        dump.save(link, target)
        return dump.blob_names(link)


def _add(tar: tarfile.TarFile, name: str, path: Path, manifest: Manifest) -> None:
    """Add a file, hashing what really goes into the archive."""
    with path.open("rb") as source:
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(source.fileno()).st_size, 0o600
        hashing = _Hashing(source)
        tar.addfile(info, hashing)
    manifest.members[name] = Member(hashing.hasher.hexdigest(), info.size)


class _Hashing(io.RawIOBase):
    """A reader that hashes what passes through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.hasher = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Bytes of the source."""
        part = self.source.read(size)
        self.hasher.update(part)
        return part


# -- reading ---------------------------------------------------------------------------------


def check(source: Path) -> Manifest:
    """Read a backup from end to end and compare every hash; Refusal names what is wrong."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            found = {info.name: info for info in tar.getmembers()}
            packed = tar.extractfile(found[MANIFEST])
            assert packed is not None
            manifest = Manifest.read(packed.read())
            problems = [
                name
                for name, member in manifest.members.items()
                if name not in found or _hash_member(tar, found[name]) != member
            ]
            problems += sorted(set(found) - set(manifest.members) - {MANIFEST})
    except (OSError, tarfile.TarError, KeyError, ValueError, AssertionError) as error:
        raise Refusal(
            f"{source} cannot be read as a backup.",
            f"{error}",
            "Nothing was changed. Use another copy of it, or an earlier backup.",
        ) from error
    if problems:
        raise Refusal(
            f"{source} is damaged.",
            f"Not as they were written: {', '.join(problems[:10])}.",
            "Nothing was changed. Use another copy of it, or an earlier backup.",
        )
    return manifest


def _hash_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member | None:
    """What a member is, or None for a name or kind that a backup never holds."""
    path = PurePosixPath(info.name)
    inside = info.name == DUMP or (path.parts[0] == "files" and ".." not in path.parts)
    reader = tar.extractfile(info) if info.isreg() and inside else None
    if reader is None:
        return None
    return Member(hashlib.file_digest(reader, "sha256").hexdigest(), info.size)  # type: ignore[arg-type]


def bring_back(source: Path, manifest: Manifest) -> None:
    """Fill database and store from a checked backup, and prove that all of it is there."""
    with unfinished(), tarfile.open(source, mode="r:") as tar:
        with tempfile.TemporaryDirectory(dir=home.folder("run")) as work:
            _unpack(tar, DUMP, Path(work) / DUMP)
            dump.load(Path(work) / DUMP)
        for name in manifest.members:
            if name != DUMP:
                _put_back(tar, name)
        _compare(manifest)
        _begin_era()


def _put_back(tar: tarfile.TarFile, name: str) -> None:
    """Write one stored file to its place, on disk before it has its name."""
    target = home.root() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".incoming-{target.name}")
    fresh.unlink(missing_ok=True)
    _unpack(tar, name, fresh)
    fresh.chmod(0o440)
    fresh.replace(target)
    _sync_folder(target.parent)


def _unpack(tar: tarfile.TarFile, name: str, target: Path) -> None:
    """Write one member to a new file and to the disk."""
    reader = tar.extractfile(name)
    assert reader is not None
    with open(target, "xb", opener=_private) as out:
        shutil.copyfileobj(reader, out, CHUNK)
        out.flush()
        os.fsync(out.fileno())


def _compare(manifest: Manifest) -> None:
    """Compare what is in the home now with what the backup says, bytes and rows."""
    wrong = [
        name
        for name, member in manifest.members.items()
        if name != DUMP and _hash_file(home.root() / name) != member
    ]
    with psycopg.connect(home.database_url("owner")) as link:
        counts = dump.count_rows(link)
    wrong += sorted(
        table
        for table in {*counts, *manifest.counts}
        if counts.get(table) != manifest.counts.get(table)
    )
    if wrong:
        raise Refusal(
            "The restore is not complete.",
            f"Otherwise than in the backup: {', '.join(wrong[:10])}.",
            "Check the disk, then run the same restore again.",
        )


def _begin_era() -> None:
    """Transaction numbers start anew on another server; the ledger must know that they did."""
    with psycopg.connect(home.database_url("owner")) as link:
        link.execute(
            "INSERT INTO ledger_era (number, why)"
            " SELECT coalesce(max(number), 0) + 1, 'restore' FROM ledger_era"
        )


def refuse_unless_empty() -> None:
    """Refuse to restore over anything: stored files, events or accounts."""
    if _unfinished_mark().exists():
        return
    used = next(iter(stored_files()), None) is not None
    with psycopg.connect(home.database_url("owner")) as link:
        counts = dump.count_rows(link)
    if used or counts.get("ledger_event") or counts.get("people_account"):
        raise Refusal(
            f"The home {home.root()} is in use.",
            "A restore never overwrites: it goes into an empty home only.",
            "Choose a new folder: `BANYAN_HOME=/a/new/folder banyan restore FILE`.",
        )


def _unfinished_mark() -> Path:
    return home.root() / "run" / "restoring"


def refuse_unfinished() -> None:
    """Refuse to work in a home whose restore was broken off: it holds only a part."""
    if _unfinished_mark().exists():
        raise Refusal(
            f"A restore into {home.root()} was not finished.",
            "What is there now is only a part of the backup.",
            "Run the same `banyan restore FILE` again; it starts from the beginning.",
        )


@contextmanager
def unfinished() -> Iterator[None]:
    """Mark the home while it is being filled; a restore that was killed may then be run again."""
    (home.folder("run") / "restoring").touch()
    yield
    _unfinished_mark().unlink()


# -- looking ---------------------------------------------------------------------------------


def stored_files() -> Iterator[Path]:
    """Every file of the store, in order; what is still being written does not count."""
    for path in sorted(home.files().rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path


def _hash_file(path: Path) -> Member | None:
    try:
        with path.open("rb") as reader:
            return Member(hashlib.file_digest(reader, "sha256").hexdigest(), path.stat().st_size)
    except FileNotFoundError:
        return None


def _private(path: str, flags: int) -> int:
    """Open so that nobody else may read: a backup holds personal data."""
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
