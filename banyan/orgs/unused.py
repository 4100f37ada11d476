"""Whether anything rests on a thing: asked of every table that names it, whichever app keeps it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import models


def _naming(model: type[models.Model], but: Collection[str]) -> Iterator[tuple[Any, str]]:
    """Every (model, field) that points to a model, save those named as `app.model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        other = relation.related_model
        if other._meta.label_lower not in but and other._meta.managed:
            yield other, relation.field.name


def rests_on(
    model: type[models.Model], ids: Sequence[int], *, but: Collection[str] = ()
) -> set[int]:
    """On which of these things something rests. One query a table.

    `but` names tables (`app.model`) whose rows belong to the thing itself.
    """
    found: set[int] = set()
    for other, name in _naming(model, but):
        rows = other._base_manager.filter(**{f"{name}__in": ids})
        found |= set(rows.values_list(name, flat=True).distinct())
    return found
