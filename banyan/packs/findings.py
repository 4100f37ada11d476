"""What a check found, before it knows the line."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from banyan.packs.lines import Path


@dataclass(frozen=True)
class Finding:
    """Something wrong at `path` in the pack's file `file` (`forms/register`). `word` helps to find
    the line when the path alone leads to a longer passage."""

    file: str
    path: Path
    what: str
    write_instead: str = ""
    word: str = ""


def nearest(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word: the nearest known one, else all that are known."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return _("Write “%(word)s”.") % {"word": close[0]}
    if not names:
        return ""
    return _("Write one of: %(words)s.") % {"words": ", ".join(names)}
