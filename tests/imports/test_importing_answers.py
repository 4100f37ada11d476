"""A district fills a round in for its communes from one workbook: seen before, sent in, taken back."""

import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone, translation

from banyan.imports.books import template
from banyan.imports.target import Asked, target_of
from banyan.packs.texts import field_key
from banyan.submissions.answers_target import Answers
from banyan.submissions.models import Expectation, Submission
from banyan.submissions.operations import change_answers
from tests.imports.sending import Sent, send
from tests.initiatives.books import workbook
from tests.submissions.rounds_of_tests import REVIEW, review

pytestmark = pytest.mark.django_db
TITLE = "TỔNG HỢP SƠ KẾT 6 THÁNG ĐẦU NĂM 2024"


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def round(world: Any) -> Any:
    return review(world)


def head(round: Any) -> list[str]:
    pack = round.edition.pack
    labels = [pack.text(f"{field_key(round.form, name)}.label", "vi") for name in REVIEW]
    return ["Xã, thị trấn", *labels]


def row(unit: Any, round: Any, **more: str) -> list[str]:
    pack = round.edition.pack
    told = {**REVIEW, **more}
    told["figures_right"] = pack.text(
        f"{field_key(round.form, 'figures_right')}.choices.right", "vi"
    )
    return [unit.name_on(None), *told.values()]


def read(world: Any, round: Any, rows: list[list[str]], **options: str) -> Sent:
    content = workbook(rows, head(round), TITLE)
    by = world.actor(world.minh)
    told = {"round": str(round.pk), **options}
    return send(world.district, content, by=by, target="answers", **told).must_be_read()


def test_each_row_answers_for_its_unit_and_is_sent_in(world, round):
    sent = read(
        world, round, [row(world.commune, round), row(world.sister_commune, round)], send="yes"
    )
    assert [one.outcome for one in sent.lines] == ["new", "new"], sent.one.found
    sent.confirm()
    assert sent.one.counts["taken"] == 2, sent.one.said
    made = Submission.objects.filter(round=round)
    assert {one.unit for one in made} == {world.commune, world.sister_commune}
    assert all(one.answers == REVIEW for one in made)
    assert not Expectation.objects.filter(round=round, answered_on=None).exists()
    assert [one.outcome for one in read(world, round, [row(world.commune, round)]).lines] == [
        "same"
    ]


def test_kept_answers_are_changed_and_shown_with_what_stood_there(world, round):
    read(world, round, [row(world.commune, round)]).confirm()
    sent = read(world, round, [row(world.commune, round, limits="Còn chậm.")])
    assert (sent.line.outcome, sent.line.before) == ("changed", {"limits": REVIEW["limits"]})
    sent.confirm()
    assert Submission.objects.get(round=round).answers["limits"] == "Còn chậm."
    sent.take_back()
    assert Submission.objects.get(round=round).answers == REVIEW


def test_what_was_sent_in_is_not_overwritten(world, round):
    read(world, round, [row(world.commune, round)], send="yes").confirm()
    sent = read(world, round, [row(world.commune, round, limits="Còn chậm.")])
    assert sent.line.outcome == "wrong"
    assert "answered_already" in sent.codes()


def test_a_unit_that_is_not_asked_keeps_its_row_out(world, round):
    sent = read(world, round, [row(world.village, round)])
    assert sent.line.outcome == "wrong"


@pytest.mark.parametrize("how", ["", "yes"])
def test_answers_are_taken_back_unless_somebody_worked_on_them(world, round, how):
    rows = [row(world.commune, round), row(world.sister_commune, round)]
    sent = read(world, round, rows, send=how).confirm()
    one = Submission.objects.get(round=round, unit=world.commune)
    change_answers(one, {**one.answers, "limits": "Đã sửa."}, one.version)
    sent.take_back()
    assert [line.became for line in sent.lines] == ["kept", "undone"], sent.one.said
    assert [one.unit for one in Submission.objects.filter(round=round)] == [world.commune]


# --- the workbook of the round, filled with what was answered -------------------------------------


def filled(world: Any, round: Any) -> Any:
    """The workbook made of the round, as the district changes it."""
    by = world.actor(world.minh)
    asked = Asked(world.district, by.today, "vi", by, {"round": str(round.pk)})
    made = template(target_of("answers")(asked), timezone.now(), filled=True)
    return openpyxl.load_workbook(io.BytesIO(made.read()))


def back(world: Any, round: Any, book: Any) -> Sent:
    out = io.BytesIO()
    book.save(out)
    told = {"round": str(round.pk), "empty": "clear"}
    by = world.actor(world.minh)
    return send(world.district, out.getvalue(), by=by, target="answers", **told).must_be_read()


def cell(book: Any, unit: Any, label: str) -> Any:
    """The cell of a unit's row under a heading."""
    (sheet,) = [one for one in book.worksheets if one.sheet_state == "visible"][:1]
    for row in sheet.iter_rows():
        if any(one.value == unit.name_on(None) for one in row):
            heads = next(
                line for line in sheet.iter_rows() if any(label in str(one.value) for one in line)
            )
            place = next(at for at, one in enumerate(heads) if label in str(one.value))
            return row[place]
    raise AssertionError(unit)


def test_the_workbook_of_a_round_says_exactly_what_was_changed_in_it(world, round):
    read(world, round, [row(world.commune, round)]).confirm()
    book = filled(world, round)
    assert {one.outcome for one in back(world, round, book).lines} == {"same"}
    limits = round.edition.pack.text(f"{field_key(round.form, 'limits')}.label", "vi")
    cell(book, world.commune, limits).value = "Còn chậm."
    sent = back(world, round, book)
    changed = [one for one in sent.lines if one.outcome == "changed"]
    assert [one.before for one in changed] == [{"limits": REVIEW["limits"]}]
    sent.confirm()
    assert Submission.objects.filter(round=round).count() == 1  # units left blank answered nothing
    assert Submission.objects.get(round=round).answers["limits"] == "Còn chậm."


def test_an_answer_changed_since_the_workbook_was_made_is_not_overwritten(world, round):
    read(world, round, [row(world.commune, round)]).confirm()
    book = filled(world, round)
    one = Submission.objects.get(round=round)
    change_answers(one, {**one.answers, "tasks": "Việc khác."}, one.version)
    assert {line.outcome for line in back(world, round, book).lines} == {"same", "wrong"}
    assert "answered_since_export" in back(world, round, book).codes()


def test_what_is_not_sent_in_yet_may_lack_what_is_needed(world, round):
    part = row(world.commune, round, tasks="")
    assert read(world, round, [part], send="yes").line.outcome == "wrong"
    sent = read(world, round, [part])
    assert sent.line.outcome == "new", sent.told()
    sent.confirm()
    assert sent.one.counts["taken"] == 1, sent.one.said
    assert read(world, round, [part]).line.outcome == "same"


def test_the_workbook_of_a_round_names_the_units_it_asks_and_what_is_needed(world, round):
    options = {"round": str(round.pk), "send": "yes"}
    by = world.actor(world.minh)
    made = Answers(Asked(world.district, world.today, "en", by, options)).book_columns()
    assert set(made[0].choices) == {
        one.unit.name_on(None) for one in Expectation.objects.filter(round=round)
    }
    assert {one.id for one in made if one.required} > {"@unit"}
    assert not {one.id for one in made} & {"@state", "@within"}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_workbook_of_a_round_can_be_had(world, round, language):
    asked = {"unit": world.district.pk, "round": round.pk}
    client = world.client(world.minh)
    client.cookies["django_language"] = language
    made = client.get("/imports/template/answers", asked)
    assert made.status_code == 200
