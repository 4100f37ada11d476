"""A life in states, as a small table of moves. The table is a pack's; no state is known here."""

from collections import deque
from dataclasses import dataclass

from banyan.kernel.errors import Refusal


class WrongMove(Refusal):
    """The move does not leave from this state. Layers above say it in the pack's words."""

    def __init__(self, move: str, state: str, possible: tuple[str, ...]) -> None:
        self.move, self.state, self.possible = move, state, possible
        super().__init__(
            f"“{move}” cannot be done now.",
            f"The record is in the state “{state}”.",
            f"Possible now: {', '.join(possible)}." if possible else "",
            status=409,
        )


@dataclass(frozen=True)
class State:
    """A state. `final`: nothing need follow. `aside`: off the line of life, as withdrawn is."""

    name: str
    final: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Move:
    """One arrow: from any of `sources` to `target`, by whoever has the capability `by`.

    `ask` names what must be told with the move, `rule` a tested Python function that may refuse it,
    `other_person` that whoever submitted the record may not make it.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: str
    ask: tuple[str, ...] = ()
    rule: str | None = None
    other_person: bool = False


@dataclass(frozen=True)
class Workflow:
    """States in the order of life, the first of all in `start`, and the moves between them."""

    start: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]

    def move(self, name: str) -> Move:
        """The move of that name; KeyError when the workflow has none."""
        for move in self.moves:
            if move.name == name:
                return move
        raise KeyError(name)

    def target(self, move: str, state: str) -> str:
        """The state that `move` leads to from `state`. Raises WrongMove."""
        for possible in self.moves_from(state):
            if possible.name == move:
                return possible.target
        raise WrongMove(move, state, tuple(possible.name for possible in self.moves_from(state)))

    def moves_from(self, state: str) -> list[Move]:
        """What can be done now, in the order of the table."""
        return [move for move in self.moves if state in move.sources]

    def has_reached(self, state: str, wanted: str) -> bool:
        """Is `state` at or past `wanted` in the order of life? A state aside is only itself."""
        names = [each.name for each in self.states]
        if state == wanted:
            return True
        here, there = self.states[names.index(state)], self.states[names.index(wanted)]
        return not here.aside and not there.aside and names.index(state) > names.index(wanted)

    def route(self, state: str, target: str) -> list[Move] | None:
        """The fewest moves from `state` to `target`; None when there is no way."""
        ways: dict[str, list[Move]] = {state: []}
        waiting = deque([state])
        while waiting:
            here = waiting.popleft()
            if here == target:
                return ways[here]
            for move in self.moves_from(here):
                if move.target not in ways:
                    ways[move.target] = [*ways[here], move]
                    waiting.append(move.target)
        return None

    def problems(self) -> list[str]:
        """What is wrong with the table itself, each as one sentence; empty when nothing is."""
        known = {state.name for state in self.states}
        names = [state.name for state in self.states] + [move.name for move in self.moves]
        said = [
            f"“{name}” stands twice." for name in sorted({n for n in names if names.count(n) > 1})
        ]
        if self.start not in known:
            said.append(f"The start “{self.start}” is not a state.")
        for move in self.moves:
            strangers = [name for name in (*move.sources, move.target) if name not in known]
            said += [f"“{move.name}” names “{name}”, which is not a state." for name in strangers]
            if not move.sources:
                said.append(f"“{move.name}” starts nowhere.")
        for state in self.states:
            if self.route(self.start, state.name) is None:
                said.append(f"“{state.name}” cannot be reached from “{self.start}”.")
            if not state.final and not self.moves_from(state.name):
                said.append(f"“{state.name}” is a dead end; mark it final or give it a move.")
        return said
