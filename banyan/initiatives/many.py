from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    initiative_id: int
    version: int
    answers: dict[str, Any]
