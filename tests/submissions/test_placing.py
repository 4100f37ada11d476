"""Records of a divided unit go where an officer places them; nothing stored is touched."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import register
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Dissolve, Found, Merge, Newcomer
from banyan.orgs.following import Way
from banyan.people.models import Role
from banyan.people.operations import appoint, register_person
from banyan.submissions.models import Placing, SomeoneWasFaster, Submission
from banyan.submissions.operations import place, take_back
from banyan.submissions.placing_rules import Chosen, heirs_of, whereabouts
from tests.contracts.planting import divide, sow
from tests.world import installer

DAY = date(2024, 6, 10)
DECISION = {"decision_number": "15/QĐ-UBND", "decided_on": date(2024, 6, 12)}
database = pytest.mark.django_db


class Divided:
    """The commune of the world, divided; its records, and an officer of each half."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.east, self.west = divide(world.commune, DAY).values()
        self.record = Submission.objects.get(pk=world.initiative.submission.pk)
        self.minh = world.actor(world.minh)

    def officer(self, unit: Any, name: str, role: str = "dan-van-kheo-reviewer") -> Any:
        """Somebody new, with a post at a unit."""
        by = installer()
        who = register_person(unit, name=name, email=f"{len(name)}{unit.pk}@w.example", by=by)
        appoint(unit, person=who, role=Role.objects.get(key=role), on=DAY, by=by)
        return who

    def place(self, unit: Any, *records: Any, by: Any = None, on: date = DAY) -> Any:
        """Place the world's record, or others, at a unit."""
        chosen = list(records or (self.record,))
        return place(chosen, unit=unit, on=on, by=by or self.minh, **DECISION)


@pytest.fixture
def divided(world: Any) -> Divided:
    return Divided(world)


# The operation -----------------------------------------------------------------------------------


@database
def test_a_record_is_placed_at_one_of_the_parts_and_stays_as_it_was(divided):
    before = Submission.objects.filter(pk=divided.record.pk).values().get()
    place([divided.record], unit=divided.west, on=DAY, by=divided.minh, **DECISION)
    kept = Placing.objects.get()
    assert (kept.submission_id, kept.unit_id, kept.on) == (
        divided.record.pk,
        divided.west.pk,
        DAY,
    )
    assert kept.placed_by_id == divided.world.minh.account_id
    assert Submission.objects.filter(pk=divided.record.pk).values().get() == before


@database
def test_placing_is_one_event_that_tells_decision_day_and_number_of_records(divided):
    more = sow(Submission, 30, unit=divided.world.commune, mark="Zqk")
    before = Event.objects.count()
    place(Chosen(more), unit=divided.east, on=DAY, by=divided.minh, **DECISION)
    assert Event.objects.count() == before + 1
    told = Event.objects.order_by("-pk")[0]
    assert (told.verb, told.things, told.unit) == ("submission.placed", 30, divided.east.pk)
    assert told.tells == {
        "on": "2024-06-10",
        "decision_number": "15/QĐ-UBND",
        "decided_on": "2024-06-12",
    }


@database
def test_many_records_are_placed_with_no_more_questions_than_few(divided):
    counted = []
    for n in (3, 300):
        more = sow(Submission, n, unit=divided.world.commune, mark="Zqk")
        with CaptureQueriesContext(connection) as asked:
            place(Chosen(more), unit=divided.east, on=DAY, by=divided.minh, **DECISION)
        counted.append(len(asked))
    assert counted[1] <= counted[0]


@database
def test_placed_again_it_goes_to_the_unit_named_last(divided):
    divided.place(divided.west)
    divided.place(divided.east)
    assert Placing.objects.get().unit == divided.east
    assert Event.objects.filter(verb="submission.placed").count() == 2


@database
def test_taken_back_it_waits_again_and_an_event_says_so(divided):
    divided.place(divided.west)
    take_back([divided.record], by=divided.minh)
    assert not Placing.objects.exists()
    assert Event.objects.order_by("-pk")[0].verb == "submission.placing_undone"
    with pytest.raises(SomeoneWasFaster):
        take_back([divided.record], by=divided.minh)


@database
def test_a_record_of_a_unit_that_still_stands_cannot_be_placed(divided):
    other = divided.world.sister_commune
    mine = sow(Submission, unit=other, mark="Zqk")
    with pytest.raises(Refusal, match=r"không bị chia|was not divided") as told:
        divided.place(divided.west, *mine)
    assert told.value.status == 409
    assert told.value.mend


@database
def test_a_record_cannot_be_placed_before_the_day_of_the_division(divided):
    with pytest.raises(Refusal):
        divided.place(divided.west, on=date(2024, 6, 9))
    assert not Placing.objects.exists()


@database
def test_a_unit_that_took_no_part_gets_nothing_and_those_that_did_are_named(divided):
    with pytest.raises(Refusal) as told:
        divided.place(divided.world.sister_commune)
    assert "Xã Nửa Tây" in told.value.mend
    assert "Xã Nửa Đông" in told.value.mend
    assert not Placing.objects.exists()


@database
def test_of_many_one_unfit_record_stops_all(divided):
    other = sow(Submission, unit=divided.world.sister_commune, mark="Zqk")
    with pytest.raises(Refusal):
        divided.place(divided.west, divided.record, *other)
    assert not Placing.objects.exists()


@database
def test_a_unit_that_went_over_wholly_needs_no_placing(world):
    new = Found("neu", Newcomer("commune", "Xã Mới"), world.district.pk)
    done = carry_out([new, Merge((world.sister_commune.pk,), "neu")], Way(DAY, "1/NQ"))
    mine = sow(Submission, unit=world.sister_commune, mark="Zqk")
    target = type(world.commune).objects.get(pk=done.founded["neu"])
    with pytest.raises(Refusal, match=r"Không cần|need not"):
        place(mine, unit=target, on=DAY, by=world.actor(world.minh), **DECISION)


@database
def test_a_decision_without_a_number_is_refused(divided):
    words = {**DECISION, "decision_number": "  "}
    with pytest.raises(Refusal):
        place([divided.record], unit=divided.west, on=DAY, by=divided.minh, **words)
    assert not Placing.objects.exists()


@database
def test_what_became_of_a_part_later_may_take_the_record_on_that_later_day(divided):
    later = date(2024, 6, 15)
    new = Found("sau", Newcomer("commune", "Xã Sau"), divided.world.district.pk)
    done = carry_out([new, Merge((divided.west.pk,), "sau")], Way(later, "2/NQ"))
    after = type(divided.west).objects.get(pk=done.founded["sau"])
    with pytest.raises(Refusal):  # on the day of the division it did not stand yet
        divided.place(after)
    divided.place(after, on=later)
    assert Placing.objects.get().unit == after


@database
def test_an_officer_of_a_part_may_not_place_nor_pass_on_what_he_was_given(divided):
    east = divided.world.actor(divided.officer(divided.east, "Cán bộ Đông"))
    with pytest.raises(Refusal) as told:
        divided.place(divided.east, by=east)
    assert told.value.status == 403
    divided.place(divided.east)
    with pytest.raises(Refusal) as told:
        divided.place(divided.west, by=east)
    assert told.value.status == 403
    assert Placing.objects.get().unit == divided.east


@database
def test_a_registrar_may_not_place(divided):
    lan = divided.officer(divided.world.district, "Người Đăng Ký", "dan-van-kheo-registrar")
    with pytest.raises(Refusal) as told:
        divided.place(divided.east, by=divided.world.actor(lan))
    assert told.value.status == 403


@database
def test_the_officer_of_the_part_sees_the_record_and_the_officer_of_the_other_part_does_not(
    divided,
):
    east, west = (
        divided.world.actor(divided.officer(unit, name))
        for unit, name in ((divided.east, "Cán bộ Đông"), (divided.west, "Cán bộ ở phía Tây"))
    )
    for actor in (east, west):
        assert not Submission.objects.visible_to(actor).filter(pk=divided.record.pk).exists()
    divided.place(divided.west)
    assert Submission.objects.visible_to(west).filter(pk=divided.record.pk).exists()
    assert Initiative.objects.visible_to(west).filter(submission=divided.record).exists()
    assert not Submission.objects.visible_to(east).filter(pk=divided.record.pk).exists()
    assert not Initiative.objects.visible_to(east).filter(submission=divided.record).exists()


@database
def test_nobody_is_guessed_for_a_unit_that_was_dissolved(world):
    carry_out([Dissolve(world.sister_commune.pk, world.district.pk)], Way(DAY, "3/NQ"))
    assert heirs_of([world.sister_commune.pk], DAY)[world.sister_commune.pk] == {}


# The page ----------------------------------------------------------------------------------------


def more_records(divided: Divided, *titles: str) -> list[int]:
    """Records of the commune, as it stood before its day; by the operation that registers them."""
    made = []
    for title in titles:
        answers = {**divided.world.answers, "title": title}
        row = sow(Submission, unit=divided.world.commune, mark="Zqk", answers=answers)[0]
        made.append(row.pk)
    return made


@database
def test_the_list_shows_what_waits_by_the_village_it_names(divided):
    more_records(divided, "Đường hoa thôn 3", "Camera an ninh thôn 03", "Nhà sạch tại xóm Đình")
    page = divided.world.client(divided.world.minh).get(reverse("placing"), {"period": "2024H1"})
    listing = page.context["listing"]
    said = {link.label: link.count for link in listing.groups}
    assert said["Thôn 3"] == 2
    assert said["Xóm Đình"] == 1
    assert listing.total == 4
    assert "Xã Nửa Tây" in page.content.decode()
    one = next(link for link in listing.groups if link.label == "Thôn 3")
    inside = divided.world.client(divided.world.minh).get(one.url).context["listing"]
    assert inside.total == 2


@database
def test_the_same_village_name_in_two_communes_is_two_villages(divided):
    divide(divided.world.sister_commune, DAY)
    more_records(divided, "Đường hoa thôn 3")
    answers = {**divided.world.answers, "title": "Đường hoa thôn 3"}
    sow(Submission, unit=divided.world.sister_commune, mark="Zqk", answers=answers)
    client = divided.world.client(divided.world.minh)
    units = client.get(reverse("placing")).context["listing"].groups
    assert len(units) == 2
    inside = client.get(units[0].url).context["listing"].groups
    assert [link.count for link in inside if link.label == "Thôn 3"] == [1]


@database
def test_an_officer_ticks_records_chooses_a_part_and_may_undo_it(divided):
    one, two, three = more_records(divided, "Mô hình thôn 1", "Mô hình thôn 1", "Mô hình thôn 2")
    client = divided.world.client(divided.world.minh)
    url = f"{reverse('placing_place')}?period=2024H1&r={one}&r={two}"
    form = client.get(url)
    assert [pk for pk, _name in form.context["form"].fields["unit"].choices] == sorted(
        [divided.east.pk, divided.west.pk], key=lambda pk: pk
    )
    body = {"unit": divided.west.pk, "decision_number": "7/QĐ", "decided_on": "2024-06-12", "n": 2}
    done = client.post(url, body, follow=True)
    assert done.redirect_chain[-1][0] == "/placing/?period=2024H1"
    assert "2 hồ sơ" in " ".join(str(said) for said in done.context["messages"])
    assert set(Placing.objects.values_list("submission", flat=True)) == {one, two}
    last = done.context["listing"].last
    assert last["n"] == 2
    client.post(last["url"], {"n": 2})
    assert not Placing.objects.exists()
    assert three in {row.pk for row in client.get("/placing/").context["listing"].page_rows}


@database
def test_all_that_match_the_filter_are_placed_at_once(divided):
    more_records(divided, *["Mô hình thôn 5"] * 60, "Mô hình thôn 6")
    client = divided.world.client(divided.world.minh)
    village = f"{divided.world.commune.pk}:thôn 5"
    url = f"{reverse('placing_place')}?how=all&unit={divided.world.commune.pk}&village={village}"
    client.post(
        url, {"unit": divided.east.pk, "decision_number": "7/QĐ", "decided_on": "2024-06-12"}
    )
    assert Placing.objects.filter(unit=divided.east).count() == 60


@database
def test_whoever_was_slower_hears_that_others_are_meant_now(divided):
    (one,) = more_records(divided, "Mô hình thôn 1")
    client = divided.world.client(divided.world.minh)
    divided.place(divided.east, Submission.objects.get(pk=one))
    ticked = client.get(f"{reverse('placing_place')}?r={one}")
    assert ticked.status_code == 409
    body = {"unit": divided.west.pk, "decision_number": "7/QĐ", "decided_on": "2024-06-12", "n": 2}
    changed = client.post(f"{reverse('placing_place')}?how=all", body)
    assert changed.status_code == 409
    assert Placing.objects.get().unit == divided.east


@database
def test_records_of_several_units_get_only_what_all_may_go_to(divided):
    divide(divided.world.sister_commune, DAY)
    other = sow(Submission, unit=divided.world.sister_commune, mark="Zqk")[0]
    client = divided.world.client(divided.world.minh)
    answer = client.get(f"{reverse('placing_place')}?r={divided.record.pk}&r={other.pk}")
    assert answer.status_code == 409
    assert "Xã Đồi Mẫu" in answer.content.decode()


@database
def test_no_tick_no_form(divided):
    client = divided.world.client(divided.world.minh)
    for url in ("placing_place", "placing_take_back"):
        assert client.get(reverse(url)).status_code == 404
        assert client.get(f"{reverse(url)}?r=abc&at=never").status_code == 404


@database
def test_a_record_out_of_reach_cannot_be_ticked(divided):
    client = divided.world.client(divided.world.minh)
    foreign = divided.world.other_initiative.submission_id
    assert client.get(f"{reverse('placing_place')}?r={foreign}").status_code == 409


@database
def test_placed_records_are_shown_with_their_place_and_decision(divided):
    divided.place(divided.west)
    page = divided.world.client(divided.world.minh).get("/placing/?state=placed")
    assert page.context["listing"].total == 1
    assert "Xã Nửa Tây" in page.content.decode()
    assert "15/QĐ-UBND" in page.content.decode()


@database
def test_where_no_source_knows_a_successor_the_list_says_so_and_offers_no_box(world):
    sow(Submission, unit=world.sister_commune, mark="Zqk")
    carry_out([Dissolve(world.sister_commune.pk, world.district.pk)], Way(DAY, "3/NQ"))
    client = world.client(world.minh)
    assert client.get("/placing/").context["listing"].total == 0
    page = client.get("/placing/?state=unknown")
    assert page.context["listing"].total == 1
    assert 'type="checkbox" name="r"' not in page.content.decode()


@database
def test_the_records_own_page_tells_where_it_is_now(divided):
    client = divided.world.client(divided.world.minh)
    url = divided.world.initiative.get_absolute_url()
    waiting = client.get(url).content.decode()
    assert "Chưa phân về đơn vị" in waiting
    assert reverse("placing") in waiting
    divided.place(divided.west)
    placed = client.get(url).content.decode()
    assert "Xã Nửa Tây" in placed
    assert "15/QĐ-UBND" in placed


@database
def test_a_record_whose_unit_stands_says_nothing_of_another(world):
    assert whereabouts(world.initiative.submission, world.today) is None


@database
def test_a_new_record_of_a_part_is_not_asked_about(divided):
    lan = divided.officer(divided.east, "Cán bộ Đông", "dan-van-kheo-registrar")
    actor = divided.world.actor(lan)
    made = register(
        divided.east, round=divided.world.round, answers=dict(divided.world.answers), by=actor
    )
    listing = divided.world.client(divided.world.minh).get("/placing/").context["listing"]
    assert made.submission_id not in {one.pk for one in listing.scanned}
