"""What is told of a cell that was not taken as is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from banyan.imports import notes as words
from banyan.kernel.notes import How, Note

# What was understood from elsewhere than the cell: kept with the record, as doubts are.
FROM_CONTEXT = frozenset(
    {"as_above", "choice_by_legend", "phrase_read", "state_not_told", "unit_known_from"}
    | {"unit_known_until", "unit_same_code", "twice_in_file", "answered_before"}
)
LONGEST = 500


@dataclass(frozen=True, slots=True)
class CellTold:
    """One cell that was not taken as is: where, what is written, as what, why, how to mend it."""

    cell: str
    column: str
    label: str
    raw: str
    read_as: str
    how: How
    notes: tuple[Note, ...]
    keeps_out: bool = False

    @property
    def text(self) -> str:
        """The explanation."""
        return words.sentences(self.notes)

    @property
    def warns(self) -> bool:
        """Whether a value that was taken should still be looked at."""
        return any(one.warns or one.code == "twice_in_file" for one in self.notes)

    @property
    def unclear(self) -> bool:
        """Whether somebody must say what was meant."""
        return self.how in ("doubtful", "wrong")

    @property
    def mend(self) -> str:
        """How to mend it; of what is told of a whole row the sentence itself says what to do."""
        if self.keeps_out:
            return words.mend("again" if self.cell else "row")
        if self.unclear:
            return words.mend("later")
        return words.mend("check" if self.warns else "")

    def mend_of(self, outcome: str) -> str:
        """The same, of a row with this outcome: what is unclear empties nothing that stands there."""
        stays = outcome == "changed" and self.unclear and not self.keeps_out
        return words.mend("stays") if stays else self.mend

    @property
    def stays(self) -> bool:
        """Whether it is kept with what was made."""
        from_context = any(one.code in FROM_CONTEXT for one in self.notes)
        return self.unclear or self.warns or from_context

    def stored(self) -> dict[str, Any]:
        """As it is staged, and kept with what was made: codes and parameters, so that it can be told
        in the language of whoever reads it."""
        return {
            "cell": self.cell,
            "field": self.column,
            "label": self.label,
            "raw": self.raw[:LONGEST],
            "read_as": self.read_as[:LONGEST],
            "how": self.how,
            "out": self.keeps_out,
            "said": [{"code": one.code, "params": dict(one.params)} for one in self.notes],
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "CellTold":
        """From how it was staged."""
        return cls(
            stored["cell"],
            stored["field"],
            stored.get("label", ""),
            stored["raw"],
            stored.get("read_as", ""),
            stored["how"],
            tuple(Note(one["code"], one["params"]) for one in stored.get("said", ())),
            stored.get("out", False),
        )
