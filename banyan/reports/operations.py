"""What can be done with reports: make one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from banyan.documents.models import Level
from banyan.documents.operations import Incoming, put
from banyan.figures.explore.pivot import Pivot
from banyan.figures.models import Figure
from banyan.figures.rollup import Reckoning
from banyan.figures.words import period_text, speaking
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.reports.annexes import frozen
from banyan.reports.models import Report

# The axis under which a report keeps what was not placed when it was made.
PLACING = "placing"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Written:
    """The Word file, its language, and what its annexes were made of."""

    content: bytes
    language: str
    annexes: Sequence[Pivot] = ()


@operation("report.made", needs="report.write", tells=("edition", "template"))
def make(
    unit: Unit,
    *,
    edition: Edition,
    template: str,
    reckoning: Reckoning,
    file: Written,
    by: Actor,
) -> Report:
    """Keep a report as it came out, with its figures frozen beside it, those of its annexes too.

    `file` is the Word file composed from this very reckoning; what it printed stays provable even
    when records change later.
    """
    language = file.language
    period = reckoning.period.key
    name = f"bao-cao-{edition.programme.key}-{period}.docx"
    with speaking(language):
        title = (
            f"{edition.text(f'reports.{template}.title', language)} {period_text(reckoning.period)}"
        )
    document = put(
        unit,
        file=Incoming(name, DOCX, [file.content]),
        title=title,
        level=Level.INTERNAL,
        synthetic=reckoning.synthetic,
        by=by,
    )
    report = Report.objects.create(
        edition=edition,
        template=template,
        unit=unit,
        group=reckoning.place.group,
        period=period,
        reading=reckoning.reading.key,
        language=language,
        document=document,
        synthetic=reckoning.synthetic,
    )
    figures = _frozen(report, reckoning)
    Figure.objects.bulk_create(figures)
    # A number that stands in two annexes is stated once.
    beside = {_told(one): one for pivot in file.annexes for one in frozen(pivot, figures[0])}
    Figure.objects.bulk_create(beside.values(), batch_size=1000)
    return report


def _told(one: Figure) -> tuple[object, ...]:
    return one.indicator, one.unit_id, one.group_id, one.period, one.axis, one.part


def _frozen(report: Report, reckoning: Reckoning) -> list[Figure]:
    def row(indicator: str, value: object, base: object, axis: str = "", part: str = "") -> Figure:
        return Figure(
            edition=report.edition,
            indicator=indicator,
            unit=report.unit,
            group=report.group,
            period=report.period,
            axis=axis,
            part=part,
            value=None if value is None else Decimal(str(value)),
            base=None if base is None else Decimal(str(base)),
            reading=report.reading,
            source_kind="reports.report",
            source_id=report.pk,
            as_of=reckoning.as_of,
            synthetic=report.synthetic,
        )

    rows = []
    for name, value in reckoning.values.items():
        rows.append(row(name, value.value, value.base))
        for axis, parts in value.parts.items():
            rows += [row(name, number, None, axis, part) for part, number in parts.items()]
    counted = next(iter(reckoning.values))
    rows.append(row(counted, reckoning.unplaced, None, PLACING, "may_belong_here"))
    rows.append(row(counted, reckoning.loose, None, PLACING, "in_no_unit_below"))
    return rows
