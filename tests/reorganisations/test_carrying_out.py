"""A decision is looked at, carried out whole, and undone until it is closed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.figures.rollup import read
from banyan.figures.views import edition_asked, place_of
from banyan.kernel.period import Period
from banyan.ledger.models import Event
from banyan.orgs.models import Succession, Unit
from banyan.orgs.operations import cover, rename
from banyan.people.models import Post, Role
from banyan.people.operations import appoint
from banyan.reorganisations.models import Effect, State
from banyan.submissions.models import Submission
from banyan.submissions.operations import place
from tests.reorganisations.deciding import (
    DATED,
    FACTS,
    ON,
    added,
    begun,
    carried_out,
    looked_at,
    page,
    rows_of,
    stepped,
    sums,
)
from tests.threads import together
from tests.world import SINCE, TODAY, installer

pytestmark = pytest.mark.django_db
EVE = ON - timedelta(days=1)


def counts(told: dict[str, Any]) -> dict[str, Any]:
    """Everything a preview and the telling of what was done must agree on."""
    same = {name: told[name] for name in ("ended", "codes", "names", "links", "rounds", "records")}
    units = {name: one["n"] for name, one in told["units"].items() if name != "standing"}
    people = {name: (told[name]["ended"], told[name]["made"]) for name in ("posts", "members")}
    return {**same, **units, **people, "standing": sorted(told["units"]["standing"])}


class TestLooking:
    def test_the_preview_tells_what_carrying_out_then_does(self, world, officer, decision):
        told = looked_at(officer, decision)
        assert told["problems"] == []
        assert told["ended"] == 2
        assert told["units"]["founded"]["n"] == 2
        assert sorted(told["units"]["standing"]) == [
            ["commune", 3, 2], ["district", 2, 2], ["province", 1, 1], ["village", 1, 2],
        ]  # fmt: skip
        assert told["posts"]["ended"] == 1  # lan's
        assert told["members"]["made"] == 1
        assert [(row["period"], row["n"], row["to_place"]) for row in told["records"]] == [
            ("2024H1", 1, 0)
        ]
        carried_out(officer, decision)
        assert counts(decision.preview) == counts(told)
        top = world.province
        for on, communes in ((EVE, 3), (ON, 2)):
            below = Unit.objects.filter(pk__in=top.subtree(on=on))
            assert below.filter(kind="commune").count() == communes
        assert Succession.objects.filter(on=ON, kind="whole").count() == 2
        assert not Post.objects.held_on(ON).filter(unit=world.commune).exists()

    def test_looking_leaves_no_trace(self, world, officer, decision):
        before, facts = rows_of(DATED), sums()
        looked_at(officer, decision)
        assert rows_of(DATED) == before
        assert sums() == facts
        assert not Effect.objects.exists()
        assert decision.state == State.DRAFT
        verbs = Event.objects.order_by("-pk").values_list("verb", flat=True)
        assert verbs[0] == "reorganisation.previewed"

    def test_the_page_shows_names_kinds_posts_and_records(self, officer, decision):
        looked_at(officer, decision)
        said = page(officer, decision)
        for words in ("Phường Mới", "Xã Đồi Mẫu", "Thôn Bến Mẫu", "Tổ dân phố Bến Mẫu", "2 đơn vị"):
            assert words in said
        assert f"?on={EVE.isoformat()}" in said

    def test_every_problem_is_named_with_its_change_and_nothing_is_done(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "rename", unit="W112", name="Xã Đồng Mẫu")
        added(officer, decision, "dissolve", units="W111")
        before = rows_of(DATED)
        told = looked_at(officer, decision)
        assert {one["at"] for one in told["problems"]} == {1, 2}
        assert told["problems"][1]["line"] == "Giải thể Xã Đồi Mẫu."
        said = page(officer, decision)
        assert "Thôn Bến Mẫu" in said  # left without a parent
        assert "/apply" not in said
        answer = stepped(officer, decision, "apply", on=ON.isoformat(), seen=told["at"], sure="on")
        assert answer.status_code == 422
        assert rows_of(DATED) == before
        assert decision.state == State.DRAFT

    def test_records_of_a_divided_unit_must_be_placed(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "split", unit="W111", into="mới: Xã Một\nW112", heir="Xã Một")
        told = looked_at(officer, decision)
        assert [(row["n"], row["to_place"]) for row in told["records"]] == [(1, 1)]
        assert told["units"]["divided"]["n"] == 1

    def test_rounds_that_wait_for_a_unit_that_ends_are_named(self, world, officer):
        decision = begun(officer, on="2024-06-10")
        added(officer, decision, "merge", units="W111", into="W112")
        told = looked_at(officer, decision)
        assert [(row["period"], row["due"]) for row in told["rounds"]] == [("2024H1", "2024-06-15")]

    def test_links_across_trees_are_counted(self, world, officer):
        cover(world.district, covered=world.commune, on=SINCE, by=installer())
        decision = begun(officer)
        added(officer, decision, "merge", units="W111", into="W112")
        assert looked_at(officer, decision)["links"] == {"ended": 1, "made": 1}


class TestCarryingOut:
    def test_no_record_is_rewritten(self, world, officer, decision):
        before = sums(FACTS)
        carried_out(officer, decision)
        assert sums(FACTS) == before

    def test_figures_of_the_past_read_by_their_time_stay(self, world, officer, decision):
        period, pack = Period.parse("2024H1"), edition_asked("dan-van-kheo").pack

        def told() -> Any:
            return read(pack, place_of("W11", period), period).values

        before = told()
        carried_out(officer, decision)
        assert told() == before

    def test_a_page_says_where_to_look_next(self, world, officer, decision):
        carried_out(officer, decision)
        said = page(officer, decision)
        for on in (EVE, ON):
            assert f"/units/{world.district.pk}?on={on.isoformat()}" in said
        new = Unit.objects.get(names__name="Phường Mới")
        assert f"/units/{new.pk}?on={ON.isoformat()}" in said
        assert "/take-out" not in said

    def test_posts_pass_on_where_the_decision_says_so(self, world, officer):
        decision = begun(officer, posts="pass")
        added(officer, decision, "merge", units="W111", into="W112")
        role = Role.objects.get(key="dan-van-kheo-registrar")
        held, more = role.capabilities, [*role.capabilities, "submission.review"]
        Role.objects.filter(pk=role.pk).update(capabilities=more)
        told = looked_at(officer, decision)
        # An administrator may not review: he cannot hand on a post that may.
        refused = "Bạn không được chuyển tiếp các chức vụ này."
        assert [one["what"] for one in told["problems"]] == [refused]
        Role.objects.filter(pk=role.pk).update(capabilities=held)
        carried_out(officer, decision)
        posts = Post.objects.held_on(ON).filter(person=world.lan)
        assert [post.unit_id for post in posts] == [world.sister_commune.pk]

    def test_it_is_carried_out_only_as_it_was_looked_at(self, world, officer, decision):
        told = looked_at(officer, decision)
        said = {"on": ON.isoformat(), "seen": told["at"], "sure": "on"}
        unsure = stepped(officer, decision, "apply", on=said["on"], seen=said["seen"])
        assert unsure.status_code == 422
        added(officer, decision, "rename", unit="W11", name="Huyện Khác")
        assert stepped(officer, decision, "apply", **said).status_code == 409
        said["seen"] = looked_at(officer, decision)["at"]
        rename(world.other_commune, name="Xã Cầu Mới", on=TODAY, by=installer())
        assert "đã thay đổi từ lần xem" in page(officer, decision)
        refused = stepped(officer, decision, "apply", **said)
        assert refused.status_code == 409
        assert decision.state == State.DRAFT
        assert not Succession.objects.exists()

    def test_a_program_carries_it_out_by_json(self, world, officer, decision):
        where = f"/api/reorganisations/{decision.pk}"
        assert officer.post(f"{where}/look", {}, content_type="application/json").status_code == 201
        row = officer.get("/api/reorganisations").json()["rows"][0]
        body = {"on": row["on"], "seen": row["seen"], "sure": True}
        answer = officer.post(f"{where}/apply", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
        decision.refresh_from_db()
        assert decision.state == State.APPLIED

    def test_two_taps_carry_it_out_once(self, officer, decision):
        told = looked_at(officer, decision)
        said = {"on": ON.isoformat(), "seen": told["at"], "sure": "on", "key": "k-2"}
        for _tap in range(2):
            assert stepped(officer, decision, "apply", **said).status_code == 303
        assert Event.objects.filter(verb="reorganisation.applied").count() == 1

    def test_the_second_of_two_officers_hears_that_it_is_done(
        self, world, officer, chief, decision
    ):
        told = looked_at(officer, decision)
        carried_out(officer, decision)
        said = {"on": ON.isoformat(), "seen": told["at"], "sure": "on"}
        second = stepped(world.client(chief), decision, "apply", **said)
        assert second.status_code == 409
        assert "đã thực hiện" in second.content.decode()

    def test_a_decision_effective_earlier_than_today_is_carried_out_too(self, world, officer):
        decision = begun(officer, on="2024-03-01")
        added(officer, decision, "merge", units="W111", into="W112")
        carried_out(officer, decision)
        assert not Unit.objects.filter(
            pk__in=world.district.subtree(on=TODAY), names__name="Xã Đồi Mẫu"
        ).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_the_same_instant_one_is_refused_and_nothing_is_done_by_halves(
    world, chief
):
    first, second = world.client(world.an), world.client(chief)
    one, other = begun(first), begun(second)
    added(first, one, "merge", units="W111", into="W112")
    added(second, other, "merge", units="W112", into="W111")
    seen = {held.pk: looked_at(who, held)["at"] for who, held in ((first, one), (second, other))}

    def apply(client: Any, held: Any) -> Any:
        said = {"on": ON.isoformat(), "seen": seen[held.pk], "sure": "on"}
        return client.post(f"/reorganisations/{held.pk}/apply", said).status_code

    answers = together([lambda: apply(first, one), lambda: apply(second, other)])
    assert sorted(answers) == [303, 409]
    assert Succession.objects.count() == 1


class TestUndoing:
    def test_undoing_restores_every_dated_row(self, world, officer, decision):
        cover(world.district, covered=world.commune, on=SINCE, by=installer())
        before, facts = rows_of(DATED), sums(FACTS)
        carried_out(officer, decision)
        assert rows_of(DATED) != before
        assert "trả lại" in page(officer, decision)
        assert stepped(officer, decision, "undo").status_code == 303
        assert rows_of(DATED) == before
        assert sums(FACTS) == facts
        assert decision.state == State.DRAFT
        carried_out(officer, decision)

    def test_a_column_that_a_later_version_added_does_not_stand_in_the_way(self, officer, decision):
        before = rows_of(DATED)
        carried_out(officer, decision)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE reorganisations_effect SET before = before - 'ended_by',"
                " after = after - 'ended_by' WHERE of_table = 'orgs_placement'"
            )
        assert stepped(officer, decision, "undo").status_code == 303
        told = {table: set(rows) for table, rows in rows_of(DATED).items()}
        assert told["orgs_unitname"] == set(before["orgs_unitname"])
        assert len(told["orgs_placement"]) == len(before["orgs_placement"])

    def test_it_is_refused_where_somebody_holds_a_post_at_a_founded_unit(
        self, world, officer, decision
    ):
        carried_out(officer, decision)
        new = Unit.objects.get(names__name="Phường Mới")
        role = Role.objects.get(key="administrator")
        appoint(new, person=world.stranger, role=role, on=date(2024, 8, 1), by=installer())
        before = rows_of(DATED)
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 409
        assert "chức vụ: 1, tại Phường Mới" in refused.content.decode()
        assert rows_of(DATED) == before
        assert decision.state == State.APPLIED

    def test_it_is_refused_where_a_record_stands_at_a_founded_unit(self, world, officer, decision):
        carried_out(officer, decision)
        new = Unit.objects.get(names__name="Phường Mới")
        world.initiative.submission.__class__.objects.create(
            unit=new, round=world.round, state="registered", answers={}, counts_on=ON
        )
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 409
        assert "hồ sơ: 1, tại Phường Mới" in refused.content.decode()

    def test_it_is_refused_where_a_later_decision_rests_on_it(self, world, officer, decision):
        carried_out(officer, decision)
        new = Unit.objects.get(names__name="Phường Mới")
        rename(new, name="Phường Mới Nữa", on=date(2024, 9, 1), by=installer())
        before = rows_of(DATED)
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 409
        assert rows_of(DATED) == before

    def test_the_later_of_two_decisions_is_undone_first(self, world, officer, decision):
        carried_out(officer, decision)
        later = begun(officer, on="2024-09-01", number="15/NQ")
        added(officer, later, "rename", unit="W119", name="Phường Khác")
        carried_out(officer, later)
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 409
        said = refused.content.decode()
        assert "Chưa thể hoàn tác quyết định này." in said
        assert "quyết định số 15/NQ, có hiệu lực từ 01/09/2024 (đã thực hiện)" in said
        assert stepped(officer, later, "undo").status_code == 303
        assert stepped(officer, decision, "undo").status_code == 303

    def test_a_later_decision_that_is_closed_stays_and_is_named_as_such(self, world, officer):
        later = begun(officer, on="2024-09-01", number="15/NQ")
        added(officer, later, "rename", unit="W111", name="Xã Khác")
        carried_out(officer, later)
        earlier = begun(officer, number="11/NQ")
        added(officer, earlier, "merge", units="W111", into="W112")
        (told,) = looked_at(officer, earlier)["problems"]
        assert "01/09/2024" in told["what"]
        assert told["mend"].startswith("Trước hết hãy hoàn tác: quyết định số 15/NQ")
        stepped(officer, later, "close", sure="on")
        (told,) = looked_at(officer, earlier)["problems"]
        assert told["mend"].startswith("Không thể hoàn tác nữa: quyết định số 15/NQ")
        assert "đã khóa" in told["mend"]

    def test_placed_records_are_taken_back_first_and_the_page_leads_to_them(self, world, officer):
        decision = begun(officer)
        into = "mới: Xã Một\nmới: Xã Hai"
        added(officer, decision, "split", unit="W111", into=into, heir="Xã Một")
        carried_out(officer, decision)
        assert "?as_of=2024-07-01&amp;state=placed" not in page(officer, decision)
        new = Unit.objects.get(names__name="Xã Hai")
        record = Submission.objects.get(pk=world.initiative.submission.pk)
        paper = {"decision_number": "15/QĐ", "decided_on": ON}
        place([record], unit=new, on=ON, by=world.actor(world.minh), **paper)
        said = page(officer, decision)
        assert "phải hủy trước việc phân hồ sơ" in said
        assert "/placing/?as_of=2024-07-01&amp;state=placed" not in said, "he may not place"
        role = Role.objects.get(key="administrator")
        role.capabilities = [*role.capabilities, "submission.place"]
        role.save()
        url = "/placing/?as_of=2024-07-01&state=placed"
        assert f'<a href="{url.replace("&", "&amp;")}">1 hồ sơ đã phân về đơn vị</a>' in page(
            officer, decision
        )
        assert record.pk in [row.pk for row in officer.get(url).context["listing"].page_rows]
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 409
        said = refused.content.decode()
        assert "Chưa thể hoàn tác" in said
        assert "Không còn hoàn tác" not in said
        assert "Việc phân hồ sơ được hủy" in said

    def test_a_closed_decision_cannot_be_undone(self, officer, decision):
        carried_out(officer, decision)
        asked = stepped(officer, decision, "close")
        assert asked.status_code == 422  # it asks once more
        assert ".:" not in asked.content.decode()
        assert stepped(officer, decision, "close", sure="on").status_code == 303
        assert decision.state == State.CLOSED
        assert stepped(officer, decision, "undo").status_code == 409
        assert "/undo" not in page(officer, decision)

    def test_nobody_undoes_what_reaches_beyond_his_post(self, world, officer, chief):
        client = world.client(chief)
        decision = begun(client)
        added(client, decision, "move", units="W112", parent="W12")
        carried_out(client, decision)
        decision.unit = world.district
        decision.save()
        refused = stepped(officer, decision, "undo")
        assert refused.status_code == 403
        assert decision.state == State.APPLIED


def test_the_page_asks_few_questions(world, officer, decision):
    looked_at(officer, decision)
    for query in ("", "?q=mau", "?verb=merge"):
        page(officer, decision, query)
        with CaptureQueriesContext(connection) as asked:
            page(officer, decision, query)
        said = "\n".join(one["sql"][:150] for one in asked)
        assert len(asked) <= 12, said
