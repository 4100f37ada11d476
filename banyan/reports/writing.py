"""From a question (which unit, which period) to the bytes of a Word file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from banyan.figures.rollup import Reckoning
from banyan.kernel.documents_layout import shipped_layout
from banyan.kernel.errors import Refusal
from banyan.packs.schema import ReportSpec
from banyan.reports.compose import compose, template_of
from banyan.reports.party_docx import write
from banyan.reports.party_report import Annex


def spec_for(reckoning: Reckoning) -> ReportSpec:
    """The template that fits the period; Refusal when the pack has none."""
    spec = template_of(reckoning.pack, reckoning.period.kind)
    if spec is None:
        raise Refusal(f"“{reckoning.pack.id}” has no report template.", status=404)
    return spec


def word_file(
    reckoning: Reckoning,
    *,
    language: str,
    on: date | None,
    host: str = "",
    annexes: Sequence[Annex] = (),
) -> bytes:
    """The report as a .docx; the same figures on the same day give the same bytes."""
    report = compose(reckoning, spec_for(reckoning), language=language, on=on, host=host)
    return write(replace(report, annexes=tuple(annexes)), shipped_layout())
