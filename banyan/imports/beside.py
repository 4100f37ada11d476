"""Lines made and put down in a second process: a great file then takes two cores.

The first process keeps the workbook and reads its rows, of which each may depend on those above;
records go to the other in their order, and become lines there as ever. When it is behind, the first
makes lines of the next records itself: settled and written they are by the other alone.
"""

import pickle
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from queue import Queue
from threading import Thread
from typing import IO, Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation

from banyan.imports.models import Import
from banyan.imports.staging import Stager
from banyan.imports.target import Target
from banyan.kernel.layouts import OpenTable
from banyan.kernel.notes import Note
from banyan.kernel.rows import SheetRow

Begin = Callable[[int], "subprocess.Popen[bytes]"]
MANY = 5_000  # rows from which beginning a process pays
AHEAD = 1  # chunks that wait while one is handed to the other process
SENT = ("options", "on", "meant", "language")


class MovedOn(Exception):
    """Somebody let the import go, or another process is at it: nothing more is to be written."""


class Beside:
    """A stager in another process, to whoever reads. `begin` begins it for an import; `here` makes
    lines while the other is behind."""

    def __init__(self, here: Stager, of: int, tables: Sequence[OpenTable], begin: Begin) -> None:
        self.here, one = here, here.one
        self.place, self.notes = 0, list[Note]()
        self.counts: Counter[str] = Counter()
        self.unknown: dict[tuple[str, str], dict[str, Any]] = {}
        self._tables = {id(table): at for at, table in enumerate(tables)}
        self._process = begin(one.pk)
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._answer = self._process.stdin, self._process.stdout
        self._waiting: Queue[bytes] = Queue(AHEAD)
        self._is_gone = False
        self._sender = Thread(target=self._write, daemon=True)
        self._sender.start()
        attempts = Import.objects.values_list("attempts", flat=True).get(pk=one.pk)
        about = {name: getattr(one, name) for name in SENT}
        self._send((about, attempts, of, [_bare(table) for table in tables]))

    def take(self, table: OpenTable, rows: Sequence[SheetRow]) -> None:
        """The next records: sent, not waited for; as lines when others wait before them."""
        if self._waiting.full():
            lines = self.here.made(table, rows)
            self._send((None, lines, self.here.target.notes()))
        else:
            self._send((self._tables[id(table)], rows, None))

    def done(self) -> None:
        """Wait until all is written; the counts are then whole."""
        self._send(None)
        self._ended()

    def end(self) -> None:
        """Let the other process go, whatever it was at."""
        self._process.kill()
        self._process.wait()
        self._waiting.put(b"")
        self._sender.join()
        with suppress(BrokenPipeError):
            self._to.close()
        self._answer.close()

    def _send(self, told: Any) -> None:
        if self._is_gone:
            self._ended()
        self._waiting.put(pickle.dumps(told, protocol=5))

    def _write(self) -> None:
        """Hand over what waits; once the other is gone, nothing more."""
        while packed := self._waiting.get():
            try:
                if not self._is_gone:
                    self._to.write(len(packed).to_bytes(8) + packed)
                    self._to.flush()
            except BrokenPipeError:
                self._is_gone = True

    def _ended(self) -> None:
        answer = self._answer.read()
        if self._process.wait() or not answer:
            raise RuntimeError("the process that writes lines down ended before it was done")
        told = pickle.loads(answer)  # of our own process
        if told is None:
            raise MovedOn
        self.place, self.counts, self.unknown, self.notes = told


def _bare(table: OpenTable) -> OpenTable:
    """What is known of a table, without its rows."""
    return replace(table, reader=None)  # type: ignore[arg-type]  # the other process reads none


def serve(pk: int, asked: IO[bytes], answer: IO[bytes], made: Callable[[Import], Target]) -> None:
    """Be the other process: stage what comes until it is all; says how much it was.

    Nothing is written once the first process is gone and the import begun anew (or let go): each
    part looks whether it is still the same attempt, and holds that while it writes.
    """
    one = Import.objects.select_related("unit", "document").get(pk=pk)
    about, attempts, of, tables = _next(asked)
    for name, value in about.items():
        setattr(one, name, value)
    mine = Import.objects.filter(pk=pk, state="reading", attempts=attempts)
    with translation.override(one.language):
        stager = Stager(one, made(one))
        while (piece := _next(asked)) is not None:
            at, rows, said = piece
            lines = rows if at is None else stager.made(tables[at], rows)
            with transaction.atomic():
                met = stager.place + len(lines)
                if not mine.update(done=met, of=max(of, met), changed_at=Now()):
                    answer.write(pickle.dumps(None))
                    return
                stager.put(lines, said)
    answer.write(pickle.dumps((stager.place, stager.counts, stager.unknown, stager.notes)))


def _exactly(asked: IO[bytes], size: int) -> bytes:
    """So many bytes; none where it ended before."""
    told = bytearray()
    while len(told) < size:
        part = asked.read(size - len(told))
        if not part:
            return b""
        told += part
    return bytes(told)


def _next(asked: IO[bytes]) -> Any:
    packed = _exactly(asked, int.from_bytes(_exactly(asked, 8)))
    if not packed:
        raise SystemExit("the reading process is gone")
    return pickle.loads(packed)  # of our own process
