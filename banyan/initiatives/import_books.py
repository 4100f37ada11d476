"""The register as a workbook: to be filled in, or changed and sent back."""

from collections.abc import Iterable, Iterator
from typing import Any

from banyan.imports.pack_books import cells_of, columns_of, fields_of
from banyan.imports.pack_sheet import STATE, Plan
from banyan.imports.places import Places
from banyan.initiatives.models import Initiative
from banyan.submissions.models import Round
from banyan.web.template_book import BookColumn, BookRow

CODE = "@code"


def book_columns(plan: Plan, places: Places, code: str) -> list[BookColumn]:
    """The code before what the form asks, the state behind it."""
    states = [name for _state, name in plan.choices_of(STATE)]
    return [
        BookColumn(CODE, code, "text", width=16),
        *columns_of(plan, [name for _pk, name in places.offered]),
        BookColumn(STATE, plan.label(STATE), "choice", choices=states),
    ]


def book_rows(plan: Plan, places: Places, round: Round | None, actor: Any) -> Iterator[BookRow]:
    """The models of a round that the actor sees at units of these places, by code, streamed."""
    if round is None:
        return
    names, fields = places.called, fields_of(plan)
    rows = Initiative.objects.visible_to(actor).filter(submission__round=round)
    asked = ("pk", "code", "unit", "submission__answers", "submission__version")
    found: Iterable[Any] = (
        rows.order_by("code").values_list(*asked, "submission__state").iterator(chunk_size=2_000)
    )
    for pk, code, unit, answers, version, state in found:
        if unit in names:
            cells = [code, names[unit], *cells_of(plan, fields, answers), plan.state(state)]
            yield BookRow(cells, pk, version)
