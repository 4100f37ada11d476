"""A file sent again says exactly what it would change; what it brought can be taken back."""

from typing import Any

import pytest
from django.utils import translation

from banyan.imports import carrying
from banyan.imports import operations as imports
from banyan.initiatives import activity
from banyan.initiatives.importing import Models
from banyan.initiatives.models import Initiative, Registrant
from banyan.initiatives.operations import amend
from banyan.kernel.errors import Refusal
from tests.imports.sending import Sent, actor, send
from tests.initiatives.books import HEAD, line, workbook


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def read(
    kim_son: Any, rows: list[list[Any]], *, head: Any = (*HEAD, "Ghi chú"), **more: Any
) -> Sent:
    content = workbook([[*row, ""][: len(head)] for row in rows], head)
    by = actor(kim_son.mai)
    return send(
        kim_son.district, content, by=by, programme="dan-van-kheo", period="2024H1", **more
    ).must_be_read()


ROWS = [line(n, "Xã Hồi Ninh", f"Mô hình {n}") for n in (1, 2, 3)]


def test_a_changed_row_shows_what_stands_there_and_changes_that_alone(kim_son):
    read(kim_son, ROWS).confirm()
    changed = [ROWS[0], [*ROWS[1], "Đã có nhà văn hóa"], ROWS[2]]
    sent = read(kim_son, changed)
    assert [one.outcome for one in sent.lines] == ["same", "changed", "same"]
    assert sent.lines[1].before == {"note": ""}
    before = Initiative.objects.get(title="Mô hình 2").submission
    sent.confirm()
    after = Initiative.objects.get(title="Mô hình 2").submission
    assert after.answers == {**before.answers, "note": "Đã có nhà văn hóa"}
    assert after.version == before.version + 1
    assert sent.one.counts["taken"] == 1
    assert Initiative.objects.count() == 3


def test_a_file_sent_twice_at_once_brings_everything_once(kim_son, monkeypatch):
    first, second = read(kim_son, ROWS), read(kim_son, ROWS)
    hold = Models.hold

    def waits(self: Models, *, by: Any) -> None:
        """The other import has the round: it is whole before this one gets it."""
        monkeypatch.setattr(Models, "hold", hold)
        first.confirm()
        hold(self, by=by)

    monkeypatch.setattr(Models, "hold", waits)
    second.confirm()
    assert (first.one.counts["taken"], first.one.counts["refused"]) == (3, 0)
    assert (second.one.counts["taken"], second.one.counts["refused"]) == (0, 3)
    assert Initiative.objects.count() == 3


def test_a_model_tells_that_a_workbook_changed_it_and_that_this_was_taken_back(
    kim_son, monkeypatch
):
    monkeypatch.setattr(carrying, "AT_ONCE", 1)  # an event for each part, told once
    read(kim_son, ROWS).confirm()
    sent = read(kim_son, [[*ROWS[0], "Một"], [*ROWS[1], "Hai"], ROWS[2]]).confirm()
    sent.take_back()

    def said(title: str) -> list[str]:
        lines, _more = activity.newest(Initiative.objects.get(title=title), ())
        return [line["said"] for line in lines]

    changes = ["took back what a workbook had changed", "changed it by a workbook"]
    assert said("Mô hình 2")[:2] == said("Mô hình 1")[:2] == changes
    assert not {*said("Mô hình 3")} & {*changes}


def test_an_empty_cell_leaves_what_stands_there(kim_son):
    read(kim_son, [[*ROWS[0], "Giữ lại"]]).confirm()
    assert read(kim_son, [ROWS[0]]).line.outcome == "same"


def test_a_row_that_bears_a_code_changes_the_model_of_that_code_also_its_title(kim_son):
    read(kim_son, ROWS).confirm()
    code = Initiative.objects.get(title="Mô hình 2").code
    head = (*HEAD, "Mã mô hình")
    row = [*line(1, "Xã Hồi Ninh", "Tên mới"), code]
    sent = read(kim_son, [row], head=head)
    assert (sent.line.outcome, sent.line.before) == ("changed", {"title": "Mô hình 2"})
    sent.confirm()
    assert Initiative.objects.get(code=code).title == "Tên mới"


@pytest.mark.parametrize("code", ["MH-2024-9999", "MH-1999-0001"])
def test_a_code_that_nobody_bears_keeps_its_row_out(kim_son, code):
    head = (*HEAD, "Mã mô hình")
    sent = read(kim_son, [[*line(1, "Xã Hồi Ninh", "Tên mới"), code]], head=head)
    assert sent.line.outcome == "wrong"
    assert "code_unknown" in sent.codes()


def test_what_changed_since_the_preview_is_refused_by_name_and_the_rest_taken(kim_son):
    read(kim_son, ROWS).confirm()
    sent = read(kim_son, [[*ROWS[0], "Một"], [*ROWS[1], "Hai"]])
    one = Initiative.objects.get(title="Mô hình 1")
    answers = {**one.submission.answers, "note": "Người khác vừa sửa"}
    amend(one, answers=answers, version=one.submission.version, by=actor(kim_son.mai))
    sent.confirm()
    assert [line.became for line in sent.lines] == ["refused", "taken"]
    assert "changed here since the preview" in sent.lines[0].why
    assert Initiative.objects.get(title="Mô hình 1").submission.answers["note"] == answers["note"]


def test_somebody_registering_the_same_model_meanwhile_makes_no_second_one(kim_son):
    first, second = read(kim_son, ROWS), read(kim_son, ROWS[:2])
    first.confirm()
    second.confirm()
    assert [line.became for line in second.lines] == ["refused"] * 2
    assert Initiative.objects.count() == 3


def test_an_import_taken_back_leaves_nothing_behind(kim_son):
    sent = read(kim_son, ROWS).confirm().take_back()
    assert (sent.one.state, sent.one.counts["undone"]) == ("undone", 3)
    assert not Initiative.objects.exists()
    assert not Registrant.objects.exists()
    again = read(kim_son, ROWS)
    assert again.one.counts["new"] == 3
    assert again.confirm().one.counts["taken"] == 3


def test_what_an_import_changed_is_put_back(kim_son):
    read(kim_son, ROWS).confirm()
    before = {one.code: one.submission.answers for one in Initiative.objects.all()}
    sent = read(kim_son, [[*row, "Sửa"] for row in ROWS]).confirm()
    assert {one.submission.answers["note"] for one in Initiative.objects.all()} == {"Sửa"}
    sent.take_back()
    assert {one.code: one.submission.answers for one in Initiative.objects.all()} == before


def test_what_somebody_touched_since_is_kept_and_listed(kim_son):
    sent = read(kim_son, ROWS).confirm()
    one = Initiative.objects.get(title="Mô hình 2")
    amend(
        one, answers={**one.submission.answers, "note": "đã xem"}, version=1, by=actor(kim_son.mai)
    )
    sent.take_back()
    assert [line.became for line in sent.lines] == ["undone", "kept", "undone"]
    assert sent.lines[1].why
    assert [one.title for one in Initiative.objects.all()] == ["Mô hình 2"]


def test_nobody_takes_in_or_back_what_another_sent(kim_son):
    sent = read(kim_son, ROWS)
    for step in (imports.confirm, imports.leave):
        with pytest.raises(Refusal) as refused:
            step(sent.one, by=actor(kim_son.thu))
        assert refused.value.status == 403


def test_a_killed_process_goes_on_behind_the_last_part(kim_son, monkeypatch):
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    sent = read(kim_son, [line(n, "Xã Hồi Ninh", f"Mô hình {n}") for n in range(1, 6)])
    imports.confirm(sent.one, by=sent.by)

    parts = []

    def killed(real: Any) -> Any:
        def take(target: Any, part: Any) -> None:
            if parts:
                raise KeyboardInterrupt
            parts.append(part)
            real(target, part)

        return take

    monkeypatch.setattr(carrying, "_take", killed(carrying._take))
    with pytest.raises(KeyboardInterrupt):
        sent.work()
    monkeypatch.undo()
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    assert Initiative.objects.count() == 2
    sent.work()
    assert (sent.one.state, sent.one.counts["taken"]) == ("done", 5)
    assert Initiative.objects.count() == 5
