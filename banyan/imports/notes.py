"""Notes as sentences in the reader's language, with dates and numbers as people write them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from banyan.imports.wordings import ALONE, MENDS, OWN, READER
from banyan.kernel.notes import Note
from banyan.packs.kinds import shown_number

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\d{4,}")
_NUMBERS = frozenset({"value", "small", "large", "size", "limit", "rows", "cells"})


def sentence(note: Note) -> str:
    """The words of one note."""
    words = READER.get(note.code) or OWN[note.code]
    if note.params.get("nearest") == "" and note.code in ALONE:
        words = ALONE[note.code]
    return str(words) % {name: _shown(name, value) for name, value in note.params.items()}


def sentences(notes: Iterable[Note]) -> str:
    """The words of several notes, the weightiest first."""
    return " ".join(dict.fromkeys(sentence(note) for note in notes))


def mend(which: str) -> str:
    """How a cell is mended: `later`, `again`, `check`; nothing for what needs no mending."""
    return str(MENDS[which]) if which else ""


def said(stored: Mapping[str, Any]) -> str:
    """A note stored with a model (`BatchRow.notes`), in the language of whoever reads it now."""
    notes = [Note(one["code"], one["params"]) for one in stored.get("said", ())]
    words = sentences(notes) if notes else str(stored.get("text", ""))
    return f"{stored['cell']}: {words}" if stored.get("cell") and words else words


def day_text(iso: str) -> str:
    """2024-06-30 as 30/06/2024."""
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


def _shown(name: str, value: str) -> str:
    if _DAY.fullmatch(value):
        return day_text(value)
    if name in _NUMBERS and _WHOLE.fullmatch(value):
        return shown_number(int(value))
    return value
