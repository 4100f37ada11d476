"""The register as a workbook: to be filled in, or changed and sent back."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from banyan.imports.pack_sheet import STATE, TITLE, Plan
from banyan.imports.places import Places
from banyan.imports.target import UNIT, WITHIN
from banyan.initiatives.models import Initiative
from banyan.packs.kinds import from_json
from banyan.packs.schema import FieldSpec
from banyan.packs.texts import field_key
from banyan.submissions.models import Round
from banyan.web.template_book import BookColumn, BookRow

CODE = "@code"


def book_columns(plan: Plan, places: Places, code: str) -> list[BookColumn]:
    """The code, the unit, then what the form asks: with the choices, and the help beside each."""
    kinds = {column.id: column.kind for column in plan.columns}
    made = [
        BookColumn(CODE, code, "text", width=16),
        BookColumn(UNIT, plan.label(UNIT), "unit", True, [name for _pk, name in places.offered]),
    ]
    for spec in _fields(plan):
        key = field_key(plan.form.id, spec.id)
        made.append(
            BookColumn(
                spec.id,
                plan.label(spec.id),
                kinds[spec.id],
                spec.id == TITLE or plan.pack.required_at(spec, plan.begins),
                [name for _id, name in plan.choices_of(spec.id)],
                plan.pack.text(f"{key}.help", plan.language)
                if plan.pack.has_text(f"{key}.help")
                else "",
            )
        )
    states = [name for _state, name in plan.choices_of(STATE)]
    return [*made, BookColumn(STATE, plan.label(STATE), "choice", choices=states)]


def _fields(plan: Plan) -> list[FieldSpec]:
    """The fields that a cell can tell."""
    told = {column.id for column in plan.columns} - {UNIT, WITHIN, STATE}
    return [spec for spec in plan.form.fields if spec.id in told]


def book_rows(plan: Plan, places: Places, round: Round | None, actor: Any) -> Iterator[BookRow]:
    """The models of a round that the actor sees at units of these places, by code, streamed."""
    if round is None:
        return
    fields, names = _fields(plan), _unit_names(places)
    rows = Initiative.objects.visible_to(actor).filter(submission__round=round)
    asked = ("pk", "code", "unit", "submission__answers", "submission__version")
    found: Iterable[Any] = (
        rows.order_by("code").values_list(*asked, "submission__state").iterator(chunk_size=2_000)
    )
    for pk, code, unit, answers, version, state in found:
        if unit not in names:
            continue
        values = [_told(plan, spec, answers.get(spec.id)) for spec in fields]
        yield BookRow([code, names[unit], *values, plan.state(state)], pk, version)


def _unit_names(places: Places) -> dict[int, str]:
    """Units by id; of several with one name, with what they stand under."""
    named = dict(places.offered)
    often = Counter(named.values())
    return {
        int(pk): name if often[name] == 1 else places.with_parent(int(pk), name)
        for pk, name in named.items()
    }


def _told(plan: Plan, spec: FieldSpec, stored: Any) -> Any:
    """An answer as a cell holds it: a choice by its name, numbers and days as such."""
    if spec.kind == "choice" and stored is not None:
        return plan.value(spec, stored)
    return from_json(spec, stored)
