"""A zip written while it is sent: one piece of one file in memory at a time, the hash list at its end."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

CHUNK = 1024 * 1024
SUMS = "SHA256SUMS"
# The same state gives the same bytes: no file tells when it was packed.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o100644 << 16


@dataclass(frozen=True)
class Entry:
    """A file of the package: its path, and how to open its bytes. `squeeze`: they shrink."""

    path: str
    open: Callable[[], BinaryIO]
    squeeze: bool = False


class _Out(io.RawIOBase):
    """Where the zip is written to; what has gathered is taken out piece by piece."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """It takes bytes, and cannot go back."""
        return True

    def write(self, data: Any) -> int:
        """Gather."""
        piece = bytes(data)
        self._held.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was gathered since the last time."""
        piece, self._held = b"".join(self._held), []
        return piece


def _info(path: str, *, squeeze: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    info.create_system, info.external_attr = _UNIX, _MODE
    return info


def streamed(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The pieces of the zip. `SHA256SUMS` in it is what `sha256sum -c` reads."""
    out, sums = _Out(), []
    with zipfile.ZipFile(out, "w") as packed:
        for entry in entries:
            hasher = hashlib.sha256()
            info = _info(entry.path, squeeze=entry.squeeze)
            with entry.open() as source, packed.open(info, "w", force_zip64=True) as target:
                while piece := source.read(CHUNK):
                    hasher.update(piece)
                    target.write(piece)
                    yield out.taken()
            yield out.taken()
            sums.append(f"{hasher.hexdigest()}  {entry.path}\n")
        packed.writestr(_info(SUMS, squeeze=True), "".join(sums).encode())
    yield out.taken()
