"""Permission is a filter: rows within an actor's reach."""

from typing import Any, Protocol, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q

import banyan.orgs.among  # noqa: F401  registers `among`


class Reaching(Protocol):
    """The side of an actor that scoping needs."""

    def reach(self, capability: str) -> Any:
        """The ids of the units the capability reaches, as a subquery."""

    def clearance(self) -> int:
        """The highest level of confidentiality the actor may read."""


class ScopedQuerySet(models.QuerySet[Any]):
    """Base of every QuerySet whose rows belong to a unit.

    The model says `view_capability`, `scope` when the unit is not its own column `unit`, and
    `placed` where placings may give a row to a unit that took over from its own.
    """

    def visible_to(self, actor: Reaching) -> Self:
        """Only rows at units the actor's post reaches with the model's view capability."""
        model: Any = self.model
        path = getattr(model, "scope", "unit")
        known = getattr(actor, "reach_known", lambda _capability: None)(model.view_capability)
        if known is not None:
            return self.filter(self._at(path, known))
        outside = getattr(actor, "outside", None)
        if outside is not None and outside[0] is model:
            # The reach leaves out no row of this model: the units beyond it are fewer to look up.
            beyond = outside[1]
            given = beyond if isinstance(beyond, list) else ArraySubquery(beyond)
            return self.exclude(**{f"{path}__among": given})
        reach = actor.reach(model.view_capability)
        within = Q(**{f"{path}__in": reach})
        if placed := getattr(model, "placed", ""):
            given = model._base_manager.filter(**{f"{placed}__unit__in": reach})
            within |= Q(pk__in=given.values("pk"))
        return self.filter(within)

    def _at(self, path: str, units: list[int]) -> Q:
        """At units whose ids are known: arrays, so that both sides of the `or` are read by index."""
        model: Any = self.model
        within = Q(**{f"{path}__among": units})
        if placed := getattr(model, "placed", ""):
            given = model._base_manager.filter(**{f"{placed}__unit__among": units})
            within |= Q(pk__among=ArraySubquery(given.values("pk")))
        return within
