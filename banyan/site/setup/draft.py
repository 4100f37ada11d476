"""How far somebody has come in beginning an organisation.

Kept in the session, which lies in the database: a reload or a killed server loses nothing. No
password is ever in it: the step that asks for one is the step that does everything.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest

KEY = "begin"


@dataclass
class Draft:
    """The answers so far. `way` is shipped (then `unit` is a shipped unit's key) or workbook."""

    name: str = ""
    way: str = ""
    words: str = ""
    unit: str = ""
    tree: dict[str, Any] = field(default_factory=dict)
    tree_taken: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "Draft":
        """What this session has said so far."""
        return cls(**request.session.get(KEY, {}))

    def keep(self, request: HttpRequest) -> None:
        """Remember it."""
        request.session[KEY] = asdict(self)

    @property
    def has_unit(self) -> bool:
        """Whether the first step is done: it is known which unit the organisation runs."""
        return bool(self.name) and bool(self.unit if self.way == "shipped" else self.tree_taken)


def forget(request: HttpRequest) -> None:
    """The organisation stands; the answers are not needed any more."""
    request.session.pop(KEY, None)
