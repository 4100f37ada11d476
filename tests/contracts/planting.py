"""Rows of any scoped model at any unit, bearing a mark: what nobody may see by accident.

Tests elsewhere make things by the operations. Here a new model must be covered the moment it exists,
so its rows are made from what its fields say; `KEYS` holds the words that must mean something.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from banyan.documents import store
from banyan.kernel.period import Period
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Found, Newcomer, Split
from banyan.orgs.following import Way
from banyan.orgs.models import Placement, Succession, Unit
from banyan.orgs.scope import ScopedQuerySet
from tests.world import PERIOD, TODAY, World

SINCE = date(2024, 1, 1)
NUMBERS, MONTHS = count(1), count(0)
CENTURY = 100
# Words that are keys of something; everything else that holds text bears the mark.
KEYS = {
    "form": "register",
    "state": "registered",
    "period": PERIOD,
    "language": "vi",
    "indicator": "models",
    "template": "half-year",
    "reading": "then",
    "media_type": "text/plain",
    "source_kind": "planted",
    "tree": "state",
    "move": "send_back",
    "axis": "",
    "part": "",
}
OF_MODEL: dict[str, dict[str, Any]] = {
    "submissions.review": {"kind": "review"},
    "people.membership": {"kind": "party"},
    "reorganisations.reorganisation": {"state": "draft", "preview": None},
    "reorganisations.change": {"verb": "dissolve", "told": {"unit": 0, "heir": None}},
}


def sow(model: Any, n: int = 1, *, unit: Unit, mark: str, **given: Any) -> list[Any]:
    """Insert `n` rows of a model at a unit; every text in them bears the mark."""
    varied = _varied(model, n)
    given_keys = (models.CharField, models.TextField, models.OneToOneField)
    columns = [
        f for f in model._meta.concrete_fields if not f.primary_key or isinstance(f, given_keys)
    ]
    crops: dict[str, list[Any]] = {}
    for field in columns:
        if field.is_relation and field.name not in given:
            crops[field.name] = _related(model, field, n if field.name in varied else 1, unit, mark)
    rows = []
    for place in range(n):
        words: dict[str, Any] = _month() if model._meta.label_lower == "submissions.round" else {}
        for field in columns:
            if field.name in words:
                continue
            if field.name in given:
                words[field.name] = given[field.name]
            elif field.name in crops:
                crop = crops[field.name]
                words[field.name] = crop[place % len(crop)] if crop else None
            else:
                value = _value(model, field, mark)
                if value is not models.NOT_PROVIDED:
                    words[field.name] = value
        rows.append(model(**words))
    return list(model._default_manager.bulk_create(rows, batch_size=2_000))


def _is_text(field: Any) -> bool:
    return isinstance(field, models.CharField | models.TextField)


def _value(model: Any, field: Any, mark: str) -> Any:
    own = OF_MODEL.get(model._meta.label_lower, {})
    if field.name in own:
        return own[field.name]
    if field.name in KEYS:
        return KEYS[field.name]
    if getattr(field, "choices", None):
        return field.choices[0][0]
    if isinstance(field, models.EmailField):
        return f"{mark.lower()}{next(NUMBERS)}@planted.example"
    if isinstance(field, models.SlugField | models.CharField | models.TextField):
        words = f"{mark}-{next(NUMBERS):06d}"
        assert len(words) <= (field.max_length or 999), f"{model.__name__}.{field.name} is short"
        return words.lower() if field.name == "folded" else words
    return _plain(field, mark)


def _month() -> dict[str, Any]:
    """Planted rounds stand in months of their own, so that they meet no other round."""
    number = next(MONTHS) % (12 * CENTURY)
    span = Period.parse(f"{1900 + number // 12}-{number % 12 + 1:02d}")
    return {"period": span.key, "span": DateRange(span.first, span.after)}


def _plain(field: Any, mark: str) -> Any:
    """A value by the kind of the column; NOT_PROVIDED leaves it to the database."""
    if field.has_db_default() or isinstance(field, models.AutoField):
        return models.NOT_PROVIDED
    makers: list[tuple[Any, Any]] = [
        (ArrayField, []),
        (models.JSONField, {"title": mark, "registrant_name": mark, "note": mark, "result": mark}),
        (DateRangeField, DateRange(SINCE, None)),
        (models.DateTimeField, datetime(2024, 6, 1, 8, tzinfo=UTC)),
        (models.DateField, TODAY),
        (models.BooleanField, False),
        (models.DecimalField, None if field.null else Decimal(1)),
        (models.IntegerField, 1 if field.has_default() else next(NUMBERS)),
    ]
    return next((value for kind, value in makers if isinstance(field, kind)), models.NOT_PROVIDED)


def _related(model: Any, field: Any, n: int, unit: Unit, mark: str) -> list[Any]:
    """Rows that a foreign key may point to: new ones where they belong to the unit too."""
    target = field.related_model
    path = getattr(model, "scope", "unit")
    if target is Unit:
        return [unit]
    if field.null and not path.startswith(f"{field.name}__"):
        return []
    label = target._meta.label_lower
    if label == "packs.edition":
        return [World().edition]
    if label == "submissions.round" and model._meta.label_lower != "submissions.expectation":
        return [World().other_round]
    if label == "documents.blob":
        return [_blob(mark)]
    if n > 1 or isinstance(target._default_manager.get_queryset(), ScopedQuerySet):
        return sow(target, n, unit=unit, mark=mark)
    return list(target._default_manager.order_by("pk")[:1]) or sow(target, unit=unit, mark=mark)


def _blob(mark: str) -> Any:
    sha256, size = store.put([f"This file bears {mark}.".encode()])
    blob, _made = apps.get_model("documents.Blob").objects.get_or_create(
        sha256=sha256, defaults={"size": size}
    )
    return blob


@cache
def _unique_sets(model: Any) -> list[set[str]]:
    """Sets of columns of which no two rows may agree."""
    found = [{f.name} for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found.append(set(constraint.fields))
        elif isinstance(constraint, ExclusionConstraint):
            found.append({str(name) for name, _how in constraint.expressions})
    return found


def _varied(model: Any, n: int) -> set[str]:
    """Foreign keys that must differ from row to row."""
    varied: set[str] = set()
    if n == 1:
        return varied
    for names in _unique_sets(model):
        fields = [model._meta.get_field(name) for name in names if name != "id"]
        if any(_differs(field) for field in fields) or names & varied:
            continue
        keys = [f for f in fields if f.is_relation and f.related_model is not Unit]
        assert keys, f"{model.__name__}: nothing in {names} can differ; add it to planting.py"
        varied.add(
            sorted(keys, key=lambda f: (not f.one_to_one, f.name == "round", f.name))[0].name
        )
    return varied


def _differs(field: Any) -> bool:
    if field.is_relation or field.name in KEYS or getattr(field, "choices", None):
        return False
    if isinstance(field, models.IntegerField):
        return not field.has_default()
    return _is_text(field) and field.name not in ("kind",)


def divide(unit: Unit, on: date = date(2024, 6, 1)) -> dict[str, Unit]:
    """Divide a commune into two new ones of its district, East and West; done once."""
    standing = Placement.objects.filter(unit=unit, tree="state", valid__contains=on).first()
    if standing is not None:
        parent = standing.parent_id
        assert parent is not None
        halves = {"east": "Xã Nửa Đông", "west": "Xã Nửa Tây"}
        founded = [
            Found(key, Newcomer("commune", name), parent, "9/NQ") for key, name in halves.items()
        ]
        with transaction.atomic():
            split = Split(unit.pk, ("east", "west"), heir="east")
            carry_out([*founded, split], Way(on, "9/NQ"))
    heirs = Succession.objects.filter(from_unit=unit).select_related("to_unit").order_by("pk")
    return dict(zip(("east", "west"), (one.to_unit for one in heirs), strict=True))
