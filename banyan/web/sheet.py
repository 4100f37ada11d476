"""Rows out as a file while they are read: CSV with a byte-order mark, XLSX, JSON.

No file waits on disk or in memory, so one that nobody takes to its end leaves nothing behind. What
breaks off says so in the file: a list that merely ends early would be taken for all of it.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from banyan.web.xlsx_stream import streamed

# What a spreadsheet takes for the beginning of a formula or of a command, also in full width and
# behind blanks that it drops.
_FORMULA = re.compile(r"[\s\u00a0\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"-[0-9]+(?:[.,][0-9]+)*")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {
    "xlsx": ("xlsx", XLSX),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "rows": ("json", "application/json"),
    "jsonl": ("jsonl", "application/jsonl; charset=utf-8"),
}
"""What `?as=` may ask as a file of every row: its ending and its type."""
LINES = 200


@dataclass(frozen=True)
class Heading:
    """The head of a column and the kind of what stands under it; the key by which the API knows it."""

    label: str
    kind: str = "text"
    key: str = ""


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers never."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


class _Lines:
    """What the CSV writer writes to."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def write(self, line: str) -> None:
        self.held.append(line)

    def take(self) -> bytes:
        told, self.held = "".join(self.held).encode("utf-8", "replace"), []
        return told


def _plain(value: Any) -> Any:
    """A value as a CSV says it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return harmless(value)


def broken_off() -> str:
    """The last line of a file that could not be finished."""
    return _("This file is not complete: reading broke off here. Download it again.")


def _csv(headings: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    lines = _Lines()
    writer = csv.writer(lines)
    lines.write("\ufeff")
    writer.writerow([harmless(h.label) for h in headings])
    try:
        for row in rows:
            writer.writerow([_plain(value) for value in row])
            if len(lines.held) >= LINES:
                yield lines.take()
    except Exception:
        writer.writerow([broken_off()])
        yield lines.take()
        raise
    yield lines.take()


def _objects(headings: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Each row as the API gives it; the first value is its id."""
    keys = ["id", *(heading.key for heading in headings)]
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    for row in rows:
        yield encode(dict(zip(keys, row, strict=True)))


def _json(headings: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """All rows as one answer of the API; broken off, it is no JSON."""
    held, total = ['{"rows": ['], 0
    for told in _objects(headings, rows):
        held.append((",\n" if total else "\n") + told)
        total += 1
        if len(held) >= LINES:
            yield "".join(held).encode("utf-8", "replace")
            held = []
    held.append(f'\n], "total": {total}, "next": null}}\n')
    yield "".join(held).encode("utf-8", "replace")


def _jsonl(headings: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """One row a line."""
    held: list[str] = []
    try:
        for told in _objects(headings, rows):
            held.append(told + "\n")
            if len(held) >= LINES:
                yield "".join(held).encode("utf-8", "replace")
                held = []
    except Exception:
        held.append(json.dumps({"error": broken_off()}, ensure_ascii=False) + "\n")
        yield "".join(held).encode("utf-8", "replace")
        raise
    if held:
        yield "".join(held).encode("utf-8", "replace")


def _spoken(pieces: Iterator[bytes], language: str) -> Iterator[bytes]:
    """Pieces made under the reader's language, whichever thread asks for them."""
    while True:
        with translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


class _Closing:
    """Pieces with the rows they are made of closed as soon as nobody takes them any more."""

    def __init__(self, pieces: Iterator[bytes], *sources: Any) -> None:
        self._pieces, self._sources = pieces, (pieces, *sources)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Called by the server at the end, and when the reader has gone."""
        for source in self._sources:
            if hasattr(source, "close"):
                source.close()


def download(
    kind: str,
    name: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
    title: str = "",
) -> HttpResponseBase:
    """The rows as an attachment. For JSON each row begins with its id."""
    ending, content_type = FILES[kind]
    if kind == "csv":
        pieces = _csv(headings, rows)
    elif kind == "xlsx":
        pieces = streamed([(h.label, h.kind) for h in headings], rows, title or name)
    else:
        pieces = (_json if kind == "rows" else _jsonl)(headings, rows)
    language = translation.get_language() or "vi"
    told = _Closing(_spoken(pieces, language), pieces, rows)
    answer = StreamingHttpResponse(told, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer
