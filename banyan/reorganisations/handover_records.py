"""The records of an ended unit as a workbook: one sheet for each form that they answer."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

import xlsxwriter
from django.db.models import OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from banyan.figures.sources import known_by
from banyan.figures.words import period_text
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.orgs.places import name_of
from banyan.packs.forms import answer_text
from banyan.packs.models import Edition
from banyan.packs.schema import FieldSpec, FormSpec, Pack
from banyan.packs.texts import field_key
from banyan.reorganisations.handover_minutes import LANGUAGE
from banyan.submissions.models import Submission

CHUNK = 500
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SHEET_NAME = 31


def named(counted: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """(programme's name, period, how many) for (programme's key, period, how many)."""
    newest = Edition.objects.select_related("programme").order_by("number")
    names = {one.programme.key: one.text("short", LANGUAGE) for one in newest}
    with override(LANGUAGE):
        return [(names[key], _first_up(period), n) for key, period, n in counted]


def _first_up(period: str) -> str:
    """A period in words, as a cell of a table begins."""
    words = period_text(Period.parse(period))
    return words[:1].upper() + words[1:]


def write(out: BinaryIO, rows: Any, unit: Unit) -> None:
    """Write the workbook. The same records give the same bytes."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _UNDATED})
    bold = book.add_format({"bold": True, "bottom": 1})
    asked = rows.order_by("round__edition", "round__form")
    pairs = list(asked.values_list("round__edition", "round__form").distinct())
    editions = Edition.objects.select_related("programme").in_bulk([one for one, _form in pairs])
    for place, (edition, form) in enumerate(pairs, 1):
        pack = editions[edition].pack
        sheet = book.add_worksheet(f"{place} {pack.id}"[:_SHEET_NAME])
        of_form = rows.filter(round__edition=edition, round__form=form)
        for line, texts in enumerate(_lines(of_form, pack, pack.form(form))):
            for column, text in enumerate(texts):
                if text:
                    sheet.write_string(line, column, text, bold if line == 0 else None)
        sheet.freeze_panes(1, 0)
    if not pairs:
        book.add_worksheet(_("Records")).write_string(0, 0, _("The unit has no records."))
    book.close()


def _lines(rows: Any, pack: Pack, form: FormSpec) -> Iterator[list[str]]:
    fields = list(form.fields)
    keys = {spec.id: field_key(form.id, spec.id) for spec in fields}
    labels = [pack.text(f"{keys[spec.id]}.label", LANGUAGE) for spec in fields]
    yield [
        _("Unit"),
        _("Code"),
        _("Period"),
        _("State"),
        *labels,
        _("Reviews"),
        _("Synthetic record"),
    ]
    known = rows.select_related("round").prefetch_related("reviews").annotate(
        unit_own=name_of(OuterRef("unit_id"), OuterRef("counts_on")),
        known=known_by(OuterRef("pk")),
    )  # fmt: skip
    for one in known.order_by("pk").iterator(chunk_size=CHUNK):
        answers = [_answer(pack, spec, one.answers.get(spec.id), keys[spec.id]) for spec in fields]
        state = pack.text(f"states.{one.state}", LANGUAGE)
        code = one.known["code"] if one.known else ""
        own, made_up = one.unit_own or "", _("Yes") if one.synthetic else ""
        yield [own, code, one.round.period, state, *answers, _reviews(pack, one), made_up]


def _answer(pack: Pack, spec: FieldSpec, value: Any, key: str) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return answer_text(pack, spec, value, key=key, language=LANGUAGE)


def _reviews(pack: Pack, one: Submission) -> str:
    """What was decided on it, in the order in which it was; not by whom."""
    said = []
    for review in sorted(one.reviews.all(), key=lambda each: each.pk):
        words = [pack.text(f"moves.{review.move}", LANGUAGE)]
        if review.total is not None:
            words.append(_("%(points)s points") % {"points": f"{review.total.normalize():f}"})
        if review.remark:
            words.append(review.remark)
        said.append(f"{localdate(review.at):%d/%m/%Y}: {' – '.join(words)}")
    return "\n".join(said)
