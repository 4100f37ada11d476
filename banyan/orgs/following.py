"""What hangs on units and follows them when they end: other apps register how theirs does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from banyan.orgs.changes import Done, Problem


@dataclass(frozen=True)
class Way:
    """How a decision is carried out: its day, its number, whether posts pass on to the successor."""

    on: date
    decision: str = ""
    pass_posts: bool = False


Follower = Callable[[Done, Way], list[Problem]]
FOLLOWERS: list[Follower] = []


def follows(follower: Follower) -> Follower:
    """Register what an app does when units end; it returns what stands in the way."""
    FOLLOWERS.append(follower)
    return follower
