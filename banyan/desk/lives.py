"""What a reviewer may decide, read from each edition's workflow: no state of a programme is known here."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from banyan.kernel.workflow import Move, Workflow
from banyan.packs.models import Edition
from banyan.packs.schema import Pack

REVIEW, RECOGNISE = "submission.review", "initiative.recognise"


@dataclass(frozen=True)
class Life:
    """The moves of one workflow that belong to the desk, and the states they leave from."""

    workflow_start: str
    takes: tuple[Move, ...]  # approve, review: by another officer, nothing asked with them
    gives_back: tuple[Move, ...]
    recognises: tuple[Move, ...]

    @property
    def waiting(self) -> set[str]:
        """States in which a reviewer is awaited."""
        return {state for move in self.takes for state in move.sources}

    @property
    def returned(self) -> set[str]:
        """States in which a record stands that was sent back."""
        return {move.target for move in self.gives_back}

    @property
    def to_recognise(self) -> set[str]:
        """States in which a decision of recognition is awaited."""
        return {state for move in self.recognises for state in move.sources}

    def take(self, state: str) -> Move | None:
        """The move that accepts a record in this state."""
        return next((move for move in self.takes if state in move.sources), None)

    def back(self, state: str) -> Move | None:
        """The move that sends a record in this state back."""
        return next((move for move in self.gives_back if state in move.sources), None)


@lru_cache(maxsize=64)
def life_of(workflow: Workflow) -> Life:
    """The desk's part of a workflow."""
    reviewed = [move for move in workflow.moves if move.by == REVIEW and move.other_person]
    return Life(
        workflow_start=workflow.start,
        takes=tuple(move for move in reviewed if not move.ask),
        gives_back=tuple(move for move in reviewed if move.ask == ("reason",)),
        recognises=tuple(
            move
            for move in workflow.moves
            if move.by == RECOGNISE and "decision_number" in move.ask
        ),
    )


@dataclass(frozen=True)
class Lives:
    """The lives of all installed editions, as conditions on rows of the register."""

    by_edition: dict[int, Life]
    packs: dict[int, Pack]

    @classmethod
    def installed(cls) -> "Lives":
        """One query; the packs themselves are compiled once per process."""
        packs = {one.pk: one.pack for one in Edition.objects.defer("content")}
        return cls({edition: life_of(pack.workflow) for edition, pack in packs.items()}, packs)

    def _in(self, kind: str) -> Q:
        grouped: dict[frozenset[str], list[int]] = {}
        for edition, life in self.by_edition.items():
            grouped.setdefault(frozenset(getattr(life, kind)), []).append(edition)
        found = Q(pk__in=[])
        for states, editions in grouped.items():
            if states:
                found |= Q(
                    submission__state__in=sorted(states), submission__round__edition__in=editions
                )
        return found

    @property
    def waiting(self) -> Q:
        """Records that wait for a reviewer."""
        return self._in("waiting")

    @property
    def returned(self) -> Q:
        """Records in a state to which one is sent back (the step itself is asked for apart)."""
        return self._in("returned")

    @property
    def to_recognise(self) -> Q:
        """Records that wait for a decision of recognition."""
        return self._in("to_recognise")

    @property
    def moves_back(self) -> set[str]:
        """The names of the moves that send back."""
        return {move.name for life in self.by_edition.values() for move in life.gives_back}
