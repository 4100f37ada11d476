"""Sending files to the import as officers do, and what came of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from banyan.documents.operations import Incoming
from banyan.imports import operations, work
from banyan.imports.forms import media_type
from banyan.imports.models import Import, StagedLine
from banyan.imports.target import target_of
from banyan.imports.told import CellTold
from banyan.kernel.errors import Refusal
from banyan.orgs.models import Unit
from banyan.people.actor import Actor
from tests.world import TODAY


def actor(who: Any, day: date = TODAY) -> Actor:
    """Somebody in the first of his posts."""
    return Actor.in_first_post(who.account, day)


@dataclass
class Sent:
    """An import as it stands after its process has worked on it."""

    one: Import
    by: Actor

    @property
    def lines(self) -> list[StagedLine]:
        """Its lines in the order of the file."""
        return list(self.one.lines.order_by("place"))

    @property
    def line(self) -> StagedLine:
        """Its only line."""
        (only,) = self.lines
        return only

    def told(self, place: int = 0) -> list[CellTold]:
        """What is told of a line."""
        return [CellTold.of(one) for one in self.lines[place].told]

    def codes(self) -> set[str]:
        """The codes of everything that is told."""
        notes = {one["code"] for one in self.one.found.get("notes", [])}
        return notes | {
            n.code for at in range(len(self.lines)) for t in self.told(at) for n in t.notes
        }

    def work(self) -> "Sent":
        """Let the process do what waits."""
        work.run(self.one.pk)
        self.one.refresh_from_db()
        return self

    def confirm(self) -> "Sent":
        """Take in what the preview shows."""
        operations.confirm(self.one, by=self.by)
        return self.work()

    def take_back(self) -> "Sent":
        """Take back what was taken in."""
        operations.take_back(self.one, by=self.by)
        return self.work()

    def must_be_read(self) -> "Sent":
        """Raise the refusal of a file that could not be read."""
        if self.one.state == "failed":
            raise Refusal(**self.one.said)
        return self


def send(
    unit: Unit,
    content: bytes,
    *,
    by: Actor,
    target: str = "models",
    name: str = "so.xlsx",
    **options: str,
) -> Sent:
    """Send a file and let it be read."""
    day = target_of(target).day_of(options, by.today)
    file = Incoming(name, media_type(name), [content])
    one = operations.begin(unit, order=operations.Order(target, options, day), file=file, by=by)
    return Sent(one, by).work()
