"""What is pointed out about a record (a photo like another, a text like another): never a verdict.

The readers of likeness arrive with `banyan.submissions.signals`; until then nothing is pointed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from banyan.submissions.models import Submission

READERS = "banyan.submissions.signals"


@dataclass(frozen=True)
class Signal:
    """One sentence, and where the two stand side by side."""

    text: str
    url: str = ""


def _readers() -> Any:
    return import_module(READERS) if find_spec(READERS) else None


def counts_of(submissions: Sequence[int]) -> dict[int, int]:
    """Submission → how many things are pointed out; one query for all."""
    readers = _readers()
    return dict(readers.signal_counts(submissions)) if readers and submissions else {}


def signals_of(submission: Submission, seen: Any) -> list[Signal]:
    """What is pointed out about one record, of rows that the reader may see."""
    readers = _readers()
    found = readers.signals_of(submission, seen=seen) if readers else []
    return [Signal(str(one.sentence), one.url_side_by_side) for one in found]
