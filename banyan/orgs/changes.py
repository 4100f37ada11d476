"""The seven changes of units, as data: what a decision consists of.

Each names units by id, or by the key of one that the same decision founds. `carrying.py` makes all
changes of a decision at once. `decision`, where a change bears one, is the number of the particular
resolution it rests on; else it rests on the decision itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from banyan.kernel.errors import Refusal
from banyan.orgs.models import Tree

# A unit's id, or the key of one founded by the same decision.
Ref = int | str


@dataclass(frozen=True)
class Newcomer:
    """What is needed to found a unit: kind, name, code (may be empty), and in which tree it stands."""

    kind: str
    name: str
    code: str = ""
    tree: str = Tree.STATE
    source: str = ""
    scheme: str = "gso"


@dataclass(frozen=True)
class Found:
    """A unit is founded under a parent (None: as a root); others name it by its key."""

    key: str
    new: Newcomer
    parent: Ref | None
    decision: str = ""

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield from () if self.parent is None else (self.parent,)


@dataclass(frozen=True)
class Rename:
    """A unit bears another name, and another code where one is given."""

    unit: int
    name: str
    code: str = ""
    decision: str = ""

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield self.unit


@dataclass(frozen=True)
class Upgrade(Rename):
    """A unit is raised: a commune becomes a ward, a district a city. It stays the same unit."""


@dataclass(frozen=True)
class Move:
    """A unit stands under another parent."""

    unit: int
    parent: Ref
    tree: str = Tree.STATE
    decision: str = ""

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield from (self.unit, self.parent)


@dataclass(frozen=True)
class Merge:
    """Units end and go over wholly into one: a new one of this decision, or one that takes them in."""

    units: tuple[int, ...]
    into: Ref

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield from (*self.units, self.into)


@dataclass(frozen=True)
class Split:
    """A unit is divided among others; what stood under it goes to `heir` unless moved itself.

    With `stays` parts of it leave for others and the unit goes on with the rest.
    """

    unit: int
    into: tuple[Ref, ...]
    heir: Ref | None = None
    stays: bool = False

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield from (self.unit, *self.into, *(() if self.heir is None else (self.heir,)))


@dataclass(frozen=True)
class Dissolve:
    """A unit ends and nobody takes its place; what stood under it goes to `heir`."""

    unit: int
    heir: Ref | None = None

    def refs(self) -> Iterator[Ref]:
        """What it names."""
        yield from (self.unit, *(() if self.heir is None else (self.heir,)))


Change = Found | Rename | Move | Merge | Split | Dissolve
VERBS: dict[str, type[Any]] = {
    "found": Found,
    "rename": Rename,
    "move": Move,
    "merge": Merge,
    "split": Split,
    "upgrade": Upgrade,
    "dissolve": Dissolve,
}


@dataclass(frozen=True)
class Problem:
    """What stands in the way of one change: its place in the decision (None: of the whole).

    `later`: number and first day of a decision in force that must give way first.
    """

    at: int | None
    what: str
    why: str = ""
    mend: str = ""
    later: tuple[str, date] | None = None


class Unfit(Refusal):
    """Changes that cannot be made; `.problems` names every reason, the message the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.what, first.why, first.mend)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class End:
    """How a unit ended: who took over (with which share), and who takes in what stood under it."""

    unit: int
    successors: tuple[tuple[Ref, str], ...]
    heir: Ref | None
    at: int


@dataclass
class Done:
    """What was made: the founded units by key, and for each ended unit the id of its heir or None."""

    founded: dict[str, int] = field(default_factory=dict)
    ended: dict[int, int | None] = field(default_factory=dict)
    wholly: dict[int, int] = field(default_factory=dict)
