"""`manifest.json`: what an archive of figures holds, as of when, and what each file must be."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period

NAME, UNITS = "manifest.json", "units.parquet"
FORMAT, VERSION = "banyan-figures", 1
ALL = "all"
"""The span of an export that named no period."""
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file: its path in the folder, what lies in it, what it must be. `province` is the code."""

    path: str
    rows: int
    bytes: int
    sha256: str
    programme: str = ""
    period: str = ""
    month: str = ""
    province: str = ""


@dataclass(frozen=True)
class Sum:
    """A measure over all files of a period: records, how many say the number, its sum."""

    measure: str
    n: int
    said: int
    total: str


@dataclass(frozen=True)
class Span:
    """The figures of a programme and a base period: as of when, and their sums."""

    programme: str
    period: str
    as_of: str
    rows: int
    sums: tuple[Sum, ...]


@dataclass(frozen=True)
class Counted:
    """A measure: its meaning, told apart, and the indicators of the edition that it serves."""

    measure: str
    conditions: list[list[Any]]
    fact: str
    axis: str
    indicators: list[str]


@dataclass(frozen=True)
class Programme:
    """A programme: under which edition it was exported, what is counted, which indicators are not (they
    do not add up), and which spans were exported as of when."""

    key: str
    edition: int
    edition_hash: str
    exported: dict[str, str]
    measures: list[Counted]
    not_told: list[str]

    def as_of(self, period: Period) -> str | None:
        """As of when the figures of a period are; None where it was not exported."""
        wide = [
            at
            for span, at in self.exported.items()
            if span == ALL or _holds(Period.parse(span), period)
        ]
        return max(wide, default=None)


@dataclass(frozen=True)
class Manifest:
    """The whole."""

    written_at: str
    as_of: str
    programmes: dict[str, Programme] = field(default_factory=dict)
    periods: list[Span] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    units: File | None = None

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """That of a folder; None where it has none. Refusal for one that this version cannot read."""
        try:
            raw = json.loads((folder / NAME).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, NotADirectoryError):
            raise _unreadable(folder) from None
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise _unreadable(folder)
        if raw.get("version") != VERSION:
            raise Refusal(
                _("This archive of figures has version %(v)s.") % {"v": raw.get("version")},
                _("This Banyan reads version %(v)s.") % {"v": VERSION},
                _("Read it with the Banyan that wrote it, or export the figures anew."),
            )
        try:
            made = cls._of(raw)
        except (AttributeError, KeyError, TypeError):
            raise _unreadable(folder) from None
        # Exporting removes files that a manifest names: none outside the folder.
        if any(".." in Path(one.path).parts or one.path[:1] == "/" for one in made.every_file):
            raise _unreadable(folder)
        return made

    @classmethod
    def _of(cls, raw: dict[str, Any]) -> Self:
        programmes = {
            key: Programme(**{**one, "measures": [Counted(**each) for each in one["measures"]]})
            for key, one in raw["programmes"].items()
        }
        periods = [
            Span(**{**one, "sums": tuple(Sum(**each) for each in one["sums"])})
            for one in raw["periods"]
        ]
        files = [File(**one) for one in raw["files"]]
        units = File(**raw["units"]) if raw["units"] else None
        return cls(raw["written_at"], raw["as_of"], programmes, periods, files, units)

    @property
    def every_file(self) -> list[File]:
        """The files of figures and that of the units."""
        return [*self.files, *([self.units] if self.units else [])]

    def save(self, folder: Path) -> None:
        """Write it whole or not at all."""
        told = {"format": FORMAT, "version": VERSION, **asdict(self)}
        new = new_name(folder / NAME)
        new.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        keep(new, folder / NAME)

    def without(self, programme: str, periods: Iterable[str] | None) -> "Manifest":
        """Without the figures of a programme in some base periods (None: in all)."""
        gone = None if periods is None else set(periods)

        def stays(one: File | Span) -> bool:
            return one.programme != programme or (gone is not None and one.period not in gone)

        return replace(
            self,
            periods=[one for one in self.periods if stays(one)],
            files=[one for one in self.files if stays(one)],
        )


def _holds(wide: Period, period: Period) -> bool:
    return wide.first <= period.first and period.after <= wide.after


def _unreadable(folder: Path) -> Refusal:
    return Refusal(
        _("%(folder)s holds no archive of figures.") % {"folder": folder},
        _("Its manifest cannot be read as one."),
        _("Name the folder that `banyan figures export --into` named, or export into a new one."),
        status=404,
    )


def new_name(path: Path) -> Path:
    """Where a file is written before it gets its name."""
    return path.with_name(f".{path.name}.new")


def keep(new: Path, path: Path) -> None:
    """Give a file that is on disk its name."""
    flush(new)
    os.replace(new, path)
    flush(path.parent)


def flush(path: Path) -> None:
    """See to it that a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hash_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    made = hashlib.sha256()
    with path.open("rb") as held:
        while part := held.read(CHUNK):
            made.update(part)
    return made.hexdigest()
