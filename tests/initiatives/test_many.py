"""What a sheet does with many models: registers, changes, and takes back what nobody touched since."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count

from banyan.documents import operations as documents
from banyan.documents.models import Level
from banyan.initiatives import operations, tallies
from banyan.initiatives.many import Change, Outdated, amend_many, undo_amend_many
from banyan.initiatives.models import Batch, Initiative, Registrant
from banyan.initiatives.operations import Row, Source, register_many
from banyan.initiatives.taking_back import undo_register_many
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.submissions import operations as submissions
from banyan.submissions import remarks, typed
from banyan.submissions.copying import FEW
from banyan.submissions.models import Answer, Draft, Sending, Step, Submission
from tests.world import ANSWERS

pytestmark = pytest.mark.django_db
GREAT = FEW + 1  # from so many on, rows are copied in


def told(**answers: Any) -> dict[str, Any]:
    """A whole form with some answers changed, or left out by None."""
    return {key: value for key, value in {**ANSWERS, **answers}.items() if value is not None}


def imported(world: Any, answers: Sequence[dict[str, Any]], state: str = "registered") -> Batch:
    """A batch of models of the commune, imported by the district's reviewer."""
    rows = [Row(world.commune, one, state, line) for line, one in enumerate(answers, 2)]
    source = Source("synthetic.xlsx", f"{Batch.objects.count():064d}")
    batch: Batch = register_many(
        world.district, round=world.round, rows=rows, source=source, summary={}, by=who(world)
    )
    return batch


def who(world: Any) -> Any:
    """Who imports at the district."""
    return world.actor(world.minh)


def models(batch: Batch) -> list[Initiative]:
    """The models of a batch, in the order of its lines."""
    rows = Initiative.objects.filter(origin__batch=batch).select_related("submission__round")
    return list(rows.order_by("origin__line"))


def agree() -> None:
    """Tallies count what is there; every record has exactly the typed answers of its answers."""
    found = Initiative.objects.values_list("submission__state").annotate(n=Count("pk"))
    counted = {state: one.n for state, one in tallies.read([""], None).items() if one.n}
    assert counted == dict(found.order_by())
    money = [c.sums["resources_money"][1] for c in tallies.read([""], None).values() if c.sums]
    known = Answer.objects.filter(field="resources_money", submission__initiative__isnull=False)
    assert sum(money, Decimal(0)) == sum((one.number for one in known), Decimal(0))
    for record in Submission.objects.select_related("round__edition__programme"):
        form = record.round.spec
        asked = {spec.id for spec in typed.written(form)}
        kept = record.typed.values_list("field", flat=True)
        assert (
            set(kept)
            == {field for field, said in record.answers.items() if said is not None} & asked
        )
    assert not Answer.objects.exclude(submission__in=Submission.objects.values("pk")).exists()


def change(one: Initiative, state: str = "", **answers: Any) -> Change:
    """What a sheet says of a model as it stands now."""
    one.submission.refresh_from_db()
    now = one.submission
    return Change(one.pk, now.version, {**now.answers, **answers}, state)


# Registering --------------------------------------------------------------------------------------

ODD = 'Mô hình\t"số 1"\\n \\. \\N với\ndòng mới\r, «ngoặc» 🌳 {a,b} \\'


@pytest.mark.parametrize("rows", [1, GREAT])
def test_what_is_registered_in_a_batch_is_stored_as_it_was_said(rows, world):
    said = told(
        title=ODD, content=ODD, registrant_name="Tổ \\ 3", first_year=2019, continuing=False
    )
    batch = imported(world, [said] * rows)
    made = models(batch)
    assert len(made) == rows
    for one in (made[0], made[-1]):
        assert one.submission.answers == said
        assert one.title == " ".join(ODD.split())
        assert one.registrant.name == "Tổ \\ 3"
        assert (one.submission.version, one.submission.submitted_by) == (1, world.minh.account)
        assert one.submission.counts_on == date(2024, 2, 5)
        kept = {row.field: row for row in one.submission.typed.all()}
        assert kept["level"].choice == "district"
        assert kept["continuing"].choice == "no"
        assert kept["first_year"].number == 2019
        assert kept["registered_on"].day == date(2024, 2, 5)
    assert len({one.registrant_id for one in made}) == 1
    assert [one.code for one in made] == sorted({one.code for one in made})
    agree()


def test_rows_without_a_name_have_a_registrant_of_their_own(world):
    made = models(imported(world, [told(registrant_name=None)] * GREAT))
    assert len({one.registrant_id for one in made}) == GREAT


def test_a_registrant_written_differently_is_the_same_one(world):
    names = ["Chi hội Phụ nữ", "CHI HỘI PHỤ NỮ", "Chi hoi phu nu"]
    made = models(imported(world, [told(registrant_name=name) for name in names]))
    assert len({one.registrant_id for one in made}) == 1
    assert made[0].registrant.name == "Chi hội Phụ nữ"


def test_files_are_answers_one_for_each(world, settings, tmp_path):
    settings.BANYAN_FILES = tmp_path
    papers = [
        documents.put(
            world.commune,
            file=documents.Incoming(f"{n}.txt", "text/plain", [b"synthetic %d" % n]),
            title="Minh chứng",
            level=Level.INTERNAL,
            synthetic=True,
            by=world.actor(world.lan),
        ).pk
        for n in range(2)
    ]
    one = models(imported(world, [told(evidence=papers)]))[0]
    kept = one.submission.typed.filter(field="evidence").order_by("document")
    assert list(kept.values_list("document", flat=True)) == papers
    amend_many(world.district, changes=[change(one, evidence=papers[:1])], by=who(world))
    assert list(kept.values_list("document", flat=True)) == papers[:1]


# Changing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [2, GREAT])
def test_a_sheet_changes_many_models_with_one_event(rows, world):
    made = models(imported(world, [told(title=f"Mô hình {n}") for n in range(rows)]))
    before = Event.objects.count()
    changes = [
        change(
            one,
            title=f"Tên mới {n}",
            resources_money=n,
            field="economy",
            beneficiary_households=None,
        )
        for n, one in enumerate(made)
    ]
    for one in changes:
        one.answers.pop("beneficiary_households")
    amend_many(world.district, changes=changes, by=who(world))
    assert Event.objects.count() == before + 1
    event = Event.objects.latest("pk")
    assert (event.verb, event.things, event.unit) == (
        "initiative.sheet_amended",
        rows,
        world.district.pk,
    )
    for n, one in enumerate(made):
        one.refresh_from_db()
        one.submission.refresh_from_db()
        assert (one.title, one.submission.version) == (f"Tên mới {n}", 2)
        assert one.measures["resources_money"] == n
        assert "field=economy" in one.facets
    agree()


def test_what_was_sent_in_before_is_kept_once(world):
    one = models(imported(world, [told()]))[0]
    amend_many(world.district, changes=[change(one, title="Lần một")], by=who(world))
    amend_many(world.district, changes=[change(one, title="Lần hai")], by=who(world))
    kept = Sending.objects.filter(submission=one.submission)
    assert [(s.version, s.answers["title"]) for s in kept] == [(1, ANSWERS["title"])]


def test_a_model_changed_since_the_sheet_was_read_stops_the_whole(world):
    first, second = models(imported(world, [told(title="Một"), told(title="Hai")]))
    changes = [change(first, title="Một mới"), change(second, title="Hai mới")]
    operations.amend(second, answers=told(title="Của lan"), version=1, by=world.actor(world.lan))
    with pytest.raises(Outdated) as refused:
        amend_many(world.district, changes=changes, by=who(world))
    assert set(refused.value.which) == {second.pk}
    assert refused.value.status == 409
    assert second.code in refused.value.why
    first.refresh_from_db()
    assert first.title == "Một"


def test_a_model_that_has_been_reviewed_is_not_changed(world):
    one = models(imported(world, [told()], state="reviewed"))[0]
    with pytest.raises(Outdated) as refused:
        amend_many(world.district, changes=[change(one, title="Mới")], by=who(world))
    assert set(refused.value.which) == {one.pk}


def test_a_sheet_makes_the_steps_that_whoever_edits_may_make(world):
    one = models(imported(world, [told()], state="in_progress"))[0]
    amend_many(world.district, changes=[change(one, "completed", result="Đã xong")], by=who(world))
    one.submission.refresh_from_db()
    step = Step.objects.get(submission=one.submission)
    assert (one.submission.state, step.source, step.target) == (
        "completed",
        "in_progress",
        "completed",
    )
    agree()


@pytest.mark.parametrize(("state", "to"), [("registered", "approved"), ("draft", "completed")])
def test_a_sheet_makes_no_step_that_is_somebody_elses(state, to, world):
    one = models(imported(world, [told()], state=state))[0]
    with pytest.raises(Outdated) as refused:
        amend_many(world.district, changes=[change(one, to)], by=who(world))
    assert set(refused.value.which) == {one.pk}


def test_a_sheet_names_only_models_that_exist_as_origins(world):
    one, other = models(imported(world, [told(), told(title="Khác")]))
    for code in ("MH-1999-0001", one.code):
        with pytest.raises(Outdated):
            amend_many(world.district, changes=[change(one, replicated_from=code)], by=who(world))
    amend_many(world.district, changes=[change(one, replicated_from=other.code)], by=who(world))
    one.refresh_from_db()
    assert one.replicated_from == other


def test_nobody_changes_or_takes_back_models_beyond_their_reach(world):
    there = world.other_initiative
    for act in (
        lambda by: amend_many(world.district, changes=[change(there, title="X")], by=by),
        lambda by: undo_amend_many(world.district, before=[change(there, title="X")], by=by),
        lambda by: undo_register_many(world.district, initiatives=[there.pk], by=by),
    ):
        with pytest.raises(Refusal) as refused:
            act(who(world))
        assert refused.value.status == 403
        with pytest.raises(Refusal):
            act(world.actor(world.hoa))
    there.refresh_from_db()
    assert there.title == ANSWERS["title"]


# Taking changes back ------------------------------------------------------------------------------


def test_changes_are_taken_back_where_nobody_changed_anything_since(world):
    made = models(imported(world, [told(title=f"Mô hình {n}") for n in range(3)]))
    earlier = [one.submission.answers for one in made]
    amend_many(
        world.district,
        changes=[change(one, title="Sai", registrant_name="Người khác") for one in made],
        by=who(world),
    )
    made[1].refresh_from_db()
    operations.amend(made[1], answers=told(title="Của lan"), version=2, by=world.actor(world.lan))
    back = [Change(one.pk, 2, answers) for one, answers in zip(made, earlier, strict=True)]
    left = undo_amend_many(world.district, before=back, by=who(world))
    assert list(left) == [made[1].pk]
    event = Event.objects.latest("pk")
    assert (event.verb, event.things) == ("initiative.sheet_undone", 2)
    titles = [Initiative.objects.get(pk=one.pk).title for one in made]
    assert titles == ["Mô hình 0", "Của lan", "Mô hình 2"]
    one = Initiative.objects.get(pk=made[0].pk)
    assert one.submission.answers == earlier[0]
    assert (one.submission.version, one.registrant.name) == (3, ANSWERS["registrant_name"])
    agree()


def test_a_step_that_a_sheet_made_is_taken_back_with_it(world):
    one = models(imported(world, [told()], state="in_progress"))[0]
    earlier = one.submission.answers
    amend_many(world.district, changes=[change(one, "completed", result="Xong")], by=who(world))
    back = [Change(one.pk, 2, earlier, "in_progress")]
    assert not undo_amend_many(world.district, before=back, by=who(world))
    one.submission.refresh_from_db()
    assert (one.submission.state, one.submission.answers) == ("in_progress", earlier)
    assert not Step.objects.filter(submission=one.submission).exists()
    agree()


# Taking an import back ----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [2, GREAT])
def test_an_import_nobody_touched_is_taken_back_without_a_trace_in_the_register(rows, world):
    assert world.initiative
    before = (Initiative.objects.count(), Submission.objects.count(), Answer.objects.count())
    people = Registrant.objects.count()
    said = [told(title=f"Mô hình {n}", registrant_name=f"Tổ {n}") for n in range(rows)]
    batch = imported(world, said)
    ids = [one.pk for one in models(batch)]
    assert not undo_register_many(world.district, initiatives=ids, by=who(world))
    assert before == (
        Initiative.objects.count(),
        Submission.objects.count(),
        Answer.objects.count(),
    )
    assert Registrant.objects.count() == people
    event = Event.objects.latest("pk")
    assert (event.verb, event.things) == ("initiative.import_undone", rows)
    batch.refresh_from_db()
    assert batch.things == 0
    agree()


def test_the_file_of_an_import_taken_back_can_be_imported_again(world):
    batch = imported(world, [told()])
    sha, code = batch.sha256, models(batch)[0].code
    undo_register_many(world.district, initiatives=[models(batch)[0].pk], by=who(world))
    again = register_many(
        world.district,
        round=world.round,
        rows=[Row(world.commune, told())],
        source=Source("synthetic.xlsx", sha),
        summary={},
        by=who(world),
    )
    assert (again.pk, again.things) == (batch.pk, 1)
    assert models(again)[0].code > code, "a number is never given twice"


def test_models_somebody_did_something_with_stay_and_are_named(world):
    names = ("untouched", "amended", "moved", "remarked", "scored", "typed", "copied", "continued")
    batch = imported(world, [told(title=name) for name in names], state="approved")
    made = {one.title: one for one in models(batch)}
    lan, minh = world.actor(world.lan), who(world)
    operations.amend(made["amended"], answers=told(title="amended"), version=1, by=lan)
    submissions.move(made["moved"].submission, move="begin", by=lan)
    remarks.remark(made["remarked"].submission, text="Xem lại", by=minh)
    scores = {item.id: "1" for item in world.edition.pack.criteria.items}
    remarks.score_own(made["scored"].submission, scores=scores, by=lan)
    submissions.save_draft(
        lan.post_id, lan.account_id, "amend", made["typed"].pk, {"title": "x"}, 0
    )
    copied = told(title="Sao chép", replicated_from=made["copied"].code)
    operations.register(world.commune, round=world.round, answers=copied, by=lan)
    later = submissions.open_round(
        world.district,
        edition=world.edition,
        form="register",
        period="2024H2",
        due=date(2024, 12, 15),
        by=world.actor(world.an),
    )
    operations.continue_in(made["continued"], round=later, by=lan)
    left = undo_register_many(
        world.district, initiatives=[one.pk for one in made.values()], by=minh
    )
    assert {one.title for one in made.values() if one.pk not in left} == {"untouched"}
    assert len(set(left.values())) == 7, "each says what was done"
    batch.refresh_from_db()
    assert batch.things == len(left) == 7
    agree()


def test_models_of_one_import_built_after_each_other_go_together_or_stay_together(world):
    first = models(imported(world, [told(title="Gốc")]))[0]
    second = models(imported(world, [told(title="Sao", replicated_from=first.code)]))[0]
    third = models(imported(world, [told(title="Sao nữa", replicated_from=second.code)]))[0]
    remarks.remark(third.submission, text="Tốt", by=who(world))
    all_three = [first.pk, second.pk, third.pk]
    assert set(undo_register_many(world.district, initiatives=all_three, by=who(world))) == set(
        all_three
    )
    Submission.objects.get(pk=third.submission_id).remarks.all().delete()
    assert not undo_register_many(world.district, initiatives=all_three, by=who(world))


def test_what_is_gone_already_is_named_too(world):
    ids = [one.pk for one in models(imported(world, [told()]))]
    undo_register_many(world.district, initiatives=ids, by=who(world))
    assert set(undo_register_many(world.district, initiatives=ids, by=who(world))) == set(ids)
    assert not Draft.objects.exists()
