"""How printed documents look: sizes, margins, faces and fixed words, read from a TOML file.

A layout is data (`data/layouts/*.toml`), because guides on the form of documents are replaced from
time to time and a report keeps the form it was issued under. Units: lengths in millimetres, type
sizes and spacing in points. Every part of a layout names its source and whether it was checked.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "layouts"
PARTY = "party-36-hd-vptw"

_STATED = ("source", "verified")
_LENGTHS = ("page", "margins", "paragraph", "columns", "closing")


class BadLayout(ValueError):
    """A layout file lacks something or says something that is not understood."""


@dataclass(frozen=True)
class Face:
    """One style of type: size in points and its cuts."""

    size: float
    bold: bool = False
    italic: bool = False
    upper: bool = False
    underline: bool = False


@dataclass(frozen=True)
class Stated:
    """Where a part of the layout is known from, and whether it was checked against that source."""

    part: str
    source: str
    verified: bool


@dataclass(frozen=True)
class Layout:
    """A whole layout. `lengths[part][name]` in mm or pt, `words[language][name]` text."""

    id: str
    title: str
    font: str
    lengths: Mapping[str, Mapping[str, float]]
    faces: Mapping[str, Face]
    words: Mapping[str, Mapping[str, str]]
    stated: tuple[Stated, ...]

    def length(self, part: str, name: str) -> float:
        """Millimetres (page, margins, indents, columns) or points (line, after, signature)."""
        return self.lengths[part][name]

    @property
    def text_width(self) -> float:
        """Millimetres between the left and the right margin of an upright page."""
        margins = self.lengths["margins"]
        return self.lengths["page"]["width"] - margins["left"] - margins["right"]

    def unverified(self) -> tuple[Stated, ...]:
        """The parts an administrator is shown as 'not yet verified'."""
        return tuple(part for part in self.stated if not part.verified)


def read_layout(path: Path) -> Layout:
    """The layout in a TOML file; BadLayout says which part is missing or unknown."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        parts = {part: raw[part] for part in _LENGTHS} | {
            f"faces.{name}": face for name, face in raw["faces"].items()
        }
        return Layout(
            id=raw["id"],
            title=raw["title"],
            font=raw["font"],
            lengths={part: _lengths(raw[part]) for part in _LENGTHS},
            faces={name: Face(**_plain(face)) for name, face in raw["faces"].items()},
            words=raw["words"],
            stated=tuple(_stated(name, part, raw["sources"]) for name, part in parts.items()),
        )
    except (KeyError, TypeError) as fault:
        raise BadLayout(f"{path.name}: {fault}") from fault


def shipped_layout(layout_id: str = PARTY) -> Layout:
    """A layout that comes with the product, by its id."""
    return read_layout(SHIPPED / f"{layout_id}.toml")


def _plain(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in _STATED}


def _lengths(part: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in _plain(part).items()}


def _stated(name: str, part: Mapping[str, Any], sources: Mapping[str, str]) -> Stated:
    return Stated(name, sources[part["source"]], part["verified"])
