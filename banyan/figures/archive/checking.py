"""Whether an archive is what was exported: every file by its hash, every sum by its rows."""

from dataclasses import dataclass
from pathlib import Path

from banyan.figures.archive import duck
from banyan.figures.archive.exporting import sums_of
from banyan.figures.archive.manifest import File, Manifest, hash_of

MISSING, CHANGED, TOO_MANY, SUMS = "missing", "changed", "too_many", "sums"


@dataclass(frozen=True)
class Fault:
    """A file (or a programme's period) that is not what the manifest says, and how."""

    kind: str
    path: str


def check(folder: Path, manifest: Manifest) -> list[Fault]:
    """Everything that is wrong, by path; sums are looked at where all files of a period are whole."""
    faults = [fault for one in manifest.every_file if (fault := _fault(folder, one))]
    wrong = {fault.path for fault in faults}
    named = {one.path for one in manifest.every_file}
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    faults += [Fault(TOO_MANY, path) for path in there if path not in named]
    with duck.opened(folder) as link:
        for span in manifest.periods:
            own = [
                one.path
                for one in manifest.files
                if (one.programme, one.period) == (span.programme, span.period)
            ]
            if wrong.isdisjoint(own):
                found = sums_of(link, [folder / path for path in own])
                if found != span.sums:
                    faults.append(Fault(SUMS, f"programme={span.programme}/period={span.period}"))
    return sorted(faults, key=lambda one: (one.path, one.kind))


def _fault(folder: Path, file: File) -> Fault | None:
    path = folder / file.path
    if not path.is_file():
        return Fault(MISSING, file.path)
    if path.stat().st_size != file.bytes or hash_of(path) != file.sha256:
        return Fault(CHANGED, file.path)
    return None
