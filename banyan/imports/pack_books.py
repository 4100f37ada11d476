"""Records of a pack's form as a workbook: to be filled in, or changed and sent back."""

from collections.abc import Sequence
from typing import Any

from banyan.imports.pack_sheet import STATE, TITLE, Plan
from banyan.imports.target import UNIT, WITHIN
from banyan.packs.kinds import from_json
from banyan.packs.schema import FieldSpec
from banyan.packs.texts import field_key
from banyan.web.template_book import BookColumn


def columns_of(plan: Plan, units: Sequence[str]) -> list[BookColumn]:
    """The unit, one of these, then what the form asks: with the choices, and the help beside each."""
    kinds = {column.id: column.kind for column in plan.columns}
    made = [BookColumn(UNIT, plan.label(UNIT), "unit", True, units)]
    for spec in fields_of(plan):
        key = field_key(plan.form.id, spec.id)
        made.append(
            BookColumn(
                spec.id,
                plan.label(spec.id),
                kinds[spec.id],
                spec.id == TITLE or plan.pack.required_at(spec, plan.begins, plan.life),
                [name for _id, name in plan.choices_of(spec.id)],
                plan.pack.text(f"{key}.help", plan.language)
                if plan.pack.has_text(f"{key}.help")
                else "",
            )
        )
    return made


def fields_of(plan: Plan) -> list[FieldSpec]:
    """The fields that a cell can tell."""
    told = {column.id for column in plan.columns} - {UNIT, WITHIN, STATE}
    return [spec for spec in plan.form.fields if spec.id in told]


def cells_of(plan: Plan, fields: Sequence[FieldSpec], answers: dict[str, Any]) -> list[Any]:
    """Answers to these fields as cells hold them: a choice by its name, numbers and days as such."""
    return [_cell(plan, spec, answers.get(spec.id)) for spec in fields]


def _cell(plan: Plan, spec: FieldSpec, stored: Any) -> Any:
    if spec.kind == "choice" and stored is not None:
        return plan.value(spec, stored)
    return from_json(spec, stored)
