"""Permission is a filter: rows within an actor's reach."""

from typing import Any, Protocol, Self

from django.db import models


class Reaching(Protocol):
    """The side of an actor that scoping needs."""

    def reach(self, capability: str) -> Any:
        """The ids of the units the capability reaches, as a subquery."""

    def clearance(self) -> int:
        """The highest level of confidentiality the actor may read."""


class ScopedQuerySet(models.QuerySet[Any]):
    """Base of every QuerySet whose rows belong to a unit.

    The model says `view_capability`, and `scope` when the unit is not its own column `unit`.
    """

    def visible_to(self, actor: Reaching) -> Self:
        """Only rows at units the actor's post reaches with the model's view capability."""
        model: Any = self.model
        path = getattr(model, "scope", "unit")
        return self.filter(**{f"{path}__in": actor.reach(model.view_capability)})
